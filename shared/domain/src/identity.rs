//! Who the customers are.

pub mod customer;
