//! `granary rebuild`.

use std::{sync::Arc, time::Duration};

use app::{
    projection::{self, Projector},
    rebuild::{OUTLIVES, rebuild, sweep},
};
use aws::{DynamoEventStore, DynamoRows, SdkClock};
use clap::Args;

use super::{CliError, Data, open};
use crate::{
    runner::{LocalBank, RunnerError},
    services::OPERATOR,
};

/// Writes a projection anew beside the one that is read, out of the whole history, and lets queries read that.
#[derive(Args)]
pub struct Rebuild {
    /// Which projection, e.g. `accounts`.
    #[arg(value_parser = name)]
    name: String,
    #[command(flatten)]
    data: Data,
    /// Removes what was read until now at once. While the bank runs, give queries that are under way the time to end.
    #[arg(long)]
    at_once: bool,
}

fn name(text: &str) -> Result<String, String> {
    let names: Vec<_> = projection::all().into_iter().map(|shown| shown.projection.name()).collect();
    if names.contains(&text) { Ok(text.to_owned()) } else { Err(format!("the projections are {}", names.join(", "))) }
}

impl Rebuild {
    pub async fn run(self) -> Result<(), CliError> {
        let bank = open(self.data.existing()?, "http://127.0.0.1:4000".to_owned()).await?;
        let projector = projector(&bank, &self.name)?;
        let rebuilt = rebuild(&projector).await?;
        println!("{} is read from generation {}, {} commits.", self.name, rebuilt.generation, rebuilt.commits);
        if !self.at_once {
            let wait = Duration::try_from(OUTLIVES).unwrap_or_default();
            println!("What was read until now is removed in {} seconds.", wait.as_secs());
            tokio::time::sleep(wait).await;
        }
        println!("{} rows of older generations are removed.", sweep(&projector).await?);
        Ok(())
    }
}

/// The projector of a projection of this bank, by the projection's name.
///
/// # Errors
/// When there is none.
pub fn projector(bank: &LocalBank, name: &str) -> Result<Projector, CliError> {
    let shown = projection::all().into_iter().find(|shown| shown.projection.name() == name);
    let shown = shown.ok_or(RunnerError::Absent("projection of that name"))?;
    let config = bank.sdk_config(OPERATOR);
    let client = aws_sdk_dynamodb::Client::new(&config);
    let table = |what: &'static str| {
        let table = bank.plan().table(&format!("{}{what}", shown.context)).map(|table| table.name.clone());
        table.ok_or(RunnerError::Absent(what))
    };
    let rows = Arc::new(DynamoRows::new(client.clone(), table("Projections")?));
    let store = Arc::new(DynamoEventStore::new(client, table("Events")?));
    Ok(Projector::new(shown.projection, Arc::clone(&rows) as _, rows, store, Arc::new(SdkClock::new(&config))))
}
