//! The bank's rules: what may happen, what then has happened, and what that adds up to.
//!
//! Pure functions over plain data, one module an aggregate: events, state, commands, errors, `decide`, `evolve`.
//! This crate must not know any clock, random source, IO or cloud service: time and ids arrive in the command.

pub mod aggregate;
pub mod compliance;
pub mod error;
pub mod freeze;
pub mod identity;
pub mod ids;
pub mod ledger;
pub mod moment;
pub mod onboarding;

#[cfg(test)]
mod stored_examples;
#[cfg(test)]
mod testing;
