//! Exact money: a count of an asset's smallest unit, together with that asset; and the days and weeks that it is counted by.
//!
//! There is no floating point, no rounding and no conversion here: an amount is either exact or an error.
//! This crate must not know what the bank does with money. It has no IO, no clock and no settings.

mod amount;
mod asset;
mod date;
mod error;

pub use amount::{DIGITS_MAX, Money};
pub use asset::{Asset, AssetKind};
pub use date::{BusinessDate, DateError, Week};
pub use error::MoneyError;
