//! The bank in memory, as the proofs have it too.

pub use proof::world::*;
