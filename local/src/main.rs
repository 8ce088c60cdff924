//! The `granary` binary.

use std::process::ExitCode;

use clap::Parser as _;
use granary::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("granary: {}", lambda_kit::sqs::chain(&error));
            ExitCode::FAILURE
        }
    }
}
