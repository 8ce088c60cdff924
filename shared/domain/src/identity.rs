//! Who the customers are.

pub mod customer;
pub mod erasure;
