//! The outside parties, played for real: same bytes, same signatures, same patience.
//!
//! It must not know this bank: it depends on no crate of ours, so that a signer never shares code with its verifier.

pub mod chance;
pub mod clearbank;
pub mod delivery;
pub mod fireblocks;
pub mod onfido;
mod private;
pub mod screening;
