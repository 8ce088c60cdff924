//! Personal data is in the vault, in the identity pool and in the raw-webhook bucket, and nowhere else.

mod keys;
mod leaks;
mod search;
pub mod tap;
