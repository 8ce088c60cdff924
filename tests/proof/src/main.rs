//! The proofs by name.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use proof::{Failed, breaking, burst, conformance, crash_points, emulate, flood, permissions, restart, sim};

#[derive(Parser)]
#[command(name = "proof", about = "What is proved by running the bank many times")]
struct Cli {
    #[command(subcommand)]
    proof: Proof,
}

#[derive(Subcommand)]
enum Proof {
    /// Virtual weeks of many customers under seeded faults, audited.
    Sim(sim::Args),
    /// Many applications at once, and providers that ask to slow down.
    Burst(burst::Args),
    /// Every call of every function, with the function dying before it and after it.
    CrashPoints(crash_points::Args),
    /// Every statement of the template removed in turn.
    Permissions(permissions::Args),
    /// kill -9 at any moment, again and again.
    Restart(restart::Args),
    /// The same bank on an AWS that we did not write.
    Emulate(emulate::Args),
    /// Every task of the workflow, broken in every way.
    Breaking(breaking::Args),
    /// Far more of something than the bank was made for.
    Flood(flood::Args),
    /// The same questions to every engine.
    Conformance(conformance::Args),
}

fn main() -> ExitCode {
    // Quiet unless `RUST_LOG` asks: a proof makes thousands of things fail.
    let filter = tracing_subscriber::EnvFilter::try_from_default_env();
    if let Ok(filter) = filter {
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    }
    let outcome: Result<(), Failed> = match Cli::parse().proof {
        Proof::Sim(args) => sim::run(&args),
        Proof::Burst(args) => burst::run(&args),
        Proof::CrashPoints(args) => crash_points::run(&args),
        Proof::Permissions(args) => permissions::run(&args),
        Proof::Restart(args) => restart::run(&args),
        Proof::Emulate(args) => emulate::run(&args),
        Proof::Breaking(args) => breaking::run(&args),
        Proof::Flood(args) => flood::run(&args),
        Proof::Conformance(args) => conformance::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("{failed}");
            ExitCode::FAILURE
        }
    }
}
