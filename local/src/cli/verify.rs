//! `granary verify`.

use std::collections::BTreeSet;

use app::{
    projection,
    verify::{Report, verify},
};
use aws::{DynamoEventStore, DynamoRows};
use clap::Args;

use super::{CliError, Data, open};
use crate::{
    runner::{LocalBank, RunnerError},
    services::OPERATOR,
};

/// Folds every stream again, walks every hash chain, and compares both with the projections.
#[derive(Args)]
pub struct Verify {
    #[command(flatten)]
    data: Data,
}

impl Verify {
    pub async fn run(self) -> Result<(), CliError> {
        let bank = open(self.data.existing()?, "http://127.0.0.1:4000".to_owned()).await?;
        let report = whole_bank(&bank).await?;
        println!("{} streams, {} commits, {} lagging", report.streams, report.commits, report.lagging.len());
        for finding in &report.findings {
            println!("  {finding}");
        }
        if report.findings.is_empty() {
            println!(
                "Every chain holds, every state is its fold, every projection is of this history as far as it goes."
            );
            return Ok(());
        }
        Err(CliError::Findings(report.findings.len()))
    }
}

/// Verifies every context of a bank.
///
/// # Errors
/// When a table cannot be read.
pub async fn whole_bank(bank: &LocalBank) -> Result<Report, CliError> {
    let client = aws_sdk_dynamodb::Client::new(&bank.sdk_config(OPERATOR));
    let table = |logical_id: String| bank.plan().table(&logical_id).map(|table| table.name.clone());
    let mut report = Report::default();
    let contexts: BTreeSet<_> = projection::all().into_iter().map(|shown| shown.context).collect();
    for context in contexts {
        let events = table(format!("{context}Events")).ok_or(RunnerError::Absent("events table"))?;
        let projections = table(format!("{context}Projections")).ok_or(RunnerError::Absent("projections table"))?;
        let rows = DynamoRows::new(client.clone(), projections);
        let store = DynamoEventStore::new(client.clone(), events);
        verify(&store, &rows, &rows, &rows.all_applied().await?, &mut report).await?;
    }
    if !bank.in_flight()? {
        report.nothing_is_in_flight();
    }
    Ok(report)
}
