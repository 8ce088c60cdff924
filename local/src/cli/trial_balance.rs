//! `granary trial-balance`.

use app::trial_balance::{Projected, TrialBalance, trial_balance};
use aws::{DynamoEventStore, DynamoRows, DynamoViews};
use clap::Args;
use time::{Duration, OffsetDateTime};

use super::{CliError, Data, open};
use crate::{
    runner::{LocalBank, RunnerError},
    services::OPERATOR,
};

/// Adds up every posting again, and holds the sums against account states and projections.
#[derive(Args)]
pub struct Draw {
    #[command(flatten)]
    data: Data,
    /// Leaves out what was decided in the last minutes: while the bank works, a scan may see half of it.
    #[arg(long, default_value_t = 0)]
    minutes_back: u32,
}

impl Draw {
    pub async fn run(self) -> Result<(), CliError> {
        let bank = open(self.data.existing()?, "http://127.0.0.1:4000".to_owned()).await?;
        let balance = whole_ledger(&bank, Duration::minutes(i64::from(self.minutes_back))).await?;
        println!("{} operations, {} streams lagging", balance.operations, balance.lagging.len());
        for (asset, line) in &balance.lines {
            let internal = line.internal.iter().map(|(account, amount)| (account.code(), *amount));
            let columns = [("customers", line.customers), ("savings", line.savings)]
                .into_iter()
                .chain(internal)
                .chain([("sum", line.sum)]);
            let columns = columns.map(|(name, amount)| format!("{name} {}", amount.to_decimal_string()));
            println!("{asset:<5} {}", columns.collect::<Vec<_>>().join("   "));
        }
        for discrepancy in &balance.discrepancies {
            println!("  {discrepancy}");
        }
        match balance.discrepancies.len() {
            0 => Ok(()),
            count => Err(CliError::Findings(count)),
        }
    }
}

/// The trial balance of a bank, leaving out the last `back`.
///
/// # Errors
/// When a table cannot be read.
pub async fn whole_ledger(bank: &LocalBank, back: Duration) -> Result<TrialBalance, CliError> {
    let client = aws_sdk_dynamodb::Client::new(&bank.sdk_config(OPERATOR));
    let table = |logical_id| bank.plan().table(logical_id).map(|table| table.name.clone());
    let events = table("LedgerEvents").ok_or(RunnerError::Absent("events table"))?;
    let projections = table("LedgerProjections").ok_or(RunnerError::Absent("projections table"))?;
    let views = DynamoViews::new(client.clone(), projections.clone());
    let applied = DynamoRows::new(client.clone(), projections).all_applied().await?;
    let (accounts, positions) = (views.all_accounts().await?, views.all_positions().await?);
    let now_ns = i128::from(bank.aws().engine().now_ms()) * 1_000_000;
    let now = OffsetDateTime::from_unix_timestamp_nanos(now_ns).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let store = DynamoEventStore::new(client, events);
    let projected = Projected { accounts: &accounts, positions: &positions, applied: &applied };
    Ok(trial_balance(&store, &views, &projected, now - back).await?)
}
