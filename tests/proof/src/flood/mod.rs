//! Floods: far more of something than the bank was made for, and what that costs it.
//!
//! The whole bank runs in memory, and its clock is held. What is counted is what AWS would bill: write units, table by table.

mod sign_ups;

use crate::Failed;

/// How it is run.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many robots sign up and never come back.
    #[arg(long, default_value_t = 10_000)]
    sign_ups: usize,
}

/// Runs the proof.
///
/// # Errors
/// When a flood reaches what it must not reach, or leaves anything behind.
pub fn run(args: &Args) -> Result<(), Failed> {
    sign_ups::run(args.sign_ups)
}
