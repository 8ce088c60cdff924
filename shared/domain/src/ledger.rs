//! Whose money is where.

pub mod account;
pub mod address;
pub mod controls;
pub mod custody;
pub mod deposit;
pub mod earned;
pub mod funds;
pub mod holder;
pub mod journal;
pub mod operation;
pub mod product;
pub mod rates;
pub mod reference;
pub mod release;
pub mod savings;
pub mod waiting;
