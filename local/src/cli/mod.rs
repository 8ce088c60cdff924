//! The commands of the `granary` binary.

pub mod client;
mod demo;
mod rebuild;
mod run;
mod trial_balance;
mod verify;

pub use rebuild::projector;
pub use run::Served;
pub use trial_balance::whole_ledger;
pub use verify::whole_bank;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::{
    engine::clock::RealClock,
    runner::{LocalBank, Options, RunnerError},
};

/// The template that is deployed is the one that runs here.
const TEMPLATE: &str = include_str!("../../../infra/template.yaml");

/// The state machines that are deployed with it, by file name.
#[must_use]
pub fn definitions() -> BTreeMap<String, String> {
    let onboarding = include_str!("../../../statemachines/onboarding.asl.json");
    BTreeMap::from([("onboarding.asl.json".to_owned(), onboarding.to_owned())])
}

/// A bank on this machine.
#[derive(Parser)]
#[command(name = "granary", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the bank until Ctrl-C.
    Run(run::Run),
    /// Plays a customer's first day through the public doors, and fails if anything differs from what it expects.
    Demo(demo::Demo),
    /// Folds every stream again, walks every hash chain, and compares both with the projections.
    Verify(verify::Verify),
    /// Adds up every posting again, and holds the sums against account states and projections.
    TrialBalance(trial_balance::Draw),
    /// Writes a projection anew beside the one that is read, out of the whole history, and lets queries read that.
    Rebuild(rebuild::Rebuild),
}

/// Where the bank's data is.
#[derive(Args, Clone)]
struct Data {
    /// The folder that data is kept in.
    #[arg(long, default_value = ".granary", conflicts_with = "in_memory")]
    data: PathBuf,
    /// Keeps nothing.
    #[arg(long)]
    in_memory: bool,
}

impl Data {
    fn folder(&self) -> Option<PathBuf> {
        if self.in_memory { None } else { Some(self.data.clone()) }
    }

    /// The folder, which must be there: looking into a bank must not make one.
    fn existing(&self) -> Result<Option<PathBuf>, CliError> {
        let folder = self.folder();
        match folder.as_ref().filter(|folder| !folder.is_dir()) {
            None => Ok(folder),
            Some(absent) => Err(CliError::Io {
                attempted: format!("look into {}", absent.display()),
                source: std::io::ErrorKind::NotFound.into(),
            }),
        }
    }
}

/// What ends a command.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The bank.
    #[error(transparent)]
    Runner(#[from] RunnerError),
    /// The demo saw something that it did not expect.
    #[error("the demo failed: {0}")]
    Unexpected(String),
    /// The verification found something.
    #[error("{0} findings")]
    Findings(usize),
    /// The verification could not be finished.
    #[error(transparent)]
    Verify(#[from] app::verify::VerifyError),
    /// The trial balance could not be finished.
    #[error(transparent)]
    TrialBalance(#[from] app::trial_balance::TrialBalanceError),
    /// The rebuild was not finished.
    #[error(transparent)]
    Rebuild(#[from] app::rebuild::RebuildError),
    /// Reading what was projected.
    #[error(transparent)]
    Port(#[from] app::ports::PortError),
    /// A socket or a signal.
    #[error("{attempted}: {source}")]
    Io {
        /// What was attempted.
        attempted: String,
        /// The cause.
        source: std::io::Error,
    },
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// See [`CliError`]; the process then ends with a non-zero status.
    pub async fn run(self) -> Result<(), CliError> {
        match self.command {
            Command::Run(run) => {
                log("info");
                run.run().await
            }
            Command::Demo(demo) => {
                log("error");
                demo.run().await
            }
            Command::Verify(verify) => {
                log("error");
                verify.run().await
            }
            Command::TrialBalance(draw) => {
                log("error");
                draw.run().await
            }
            Command::Rebuild(rebuild) => {
                log("error");
                rebuild.run().await
            }
        }
    }
}

/// People read this log, so it is no JSON. `GRANARY_LOG` sets its filter.
fn log(level: &str) {
    let filter = EnvFilter::try_from_env("GRANARY_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(colours)
        .with_writer(std::io::stderr)
        .init();
}

/// Opens the bank in a folder, or in memory.
///
/// # Errors
/// When the folder cannot be used, or the bank does not open.
pub async fn open(data: Option<PathBuf>, public_url: String) -> Result<Arc<LocalBank>, CliError> {
    if let Some(folder) = &data {
        std::fs::create_dir_all(folder)
            .map_err(|source| CliError::Io { attempted: format!("make {}", folder.display()), source })?;
    }
    let clock = match &data {
        None => RealClock::default(),
        Some(folder) => RealClock::kept(folder.join("clock"))
            .map_err(|source| CliError::Io { attempted: "read the clock's offset".to_owned(), source })?,
    };
    let options = Options {
        data,
        public_url,
        clock: Arc::new(clock),
        template: TEMPLATE.to_owned(),
        definitions: definitions(),
        keys: None,
        faults: None,
        permissions: None,
    };
    Ok(LocalBank::open(&options).await?)
}
