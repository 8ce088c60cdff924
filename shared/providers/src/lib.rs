//! The outside parties as this bank sees them: wire types and signature checks.
//!
//! It must not share code with the simulators that play them, and it decides nothing: it reads, checks and normalises.
//! Personal data leaves here only as secrets.

pub mod clearbank;
pub mod fireblocks;
pub mod onfido;
pub mod screening;
