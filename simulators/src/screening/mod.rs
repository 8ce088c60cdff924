//! OpenSanctions, by the matching API of its server `yente`: says who on its lists is how much like somebody.
//!
//! Formats are those of the server's source and documentation: <https://www.opensanctions.org/docs/api/matching/>. The lists are
//! invented, and so is the measure of likeness, as the real one is a program of its own; what it has in common with it is that
//! it knows every script, that words may come in any order, and that another birth date or country makes a namesake less likely.

mod api;
mod kept;
mod likeness;
mod provider;
mod query;
mod watchlist;

pub use provider::{Call, Fault, Screening, ScreeningError};
pub use watchlist::Entity;
