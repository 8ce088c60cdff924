//! The outside parties' simulators against this bank's view of them.

#[cfg(test)]
mod clearbank;
