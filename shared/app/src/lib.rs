//! Use cases and ports: load, decide, append.
//!
//! It must not know AWS, HTTP or a provider's format. Effects are traits here and live elsewhere.

pub mod commit;
pub mod compliance;
pub mod erasure;
pub mod executions;
pub mod identity;
pub mod ledger;
pub mod onboarding;
pub mod ports;
pub mod projection;
pub mod rebuild;
pub mod reveal;
pub mod sign_ups;
pub mod store;
pub mod streams;
pub mod trial_balance;
pub mod verify;
pub mod views;
