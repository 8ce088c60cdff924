//! Whose money is where.

pub mod account;
pub mod deposit;
pub mod journal;
pub mod reference;
