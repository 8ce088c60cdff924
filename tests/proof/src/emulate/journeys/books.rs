//! The whole bank, added up and verified by its own use cases over the emulator's tables.

use app::{
    projection,
    trial_balance::{Projected, trial_balance},
    verify::{Report, verify},
};
use aws::{DynamoEventStore, DynamoRows};
use serde_json::json;
use time::OffsetDateTime;

use crate::{
    Failed,
    emulate::{
        ordered::Ordered,
        person::list,
        stack::failed,
        world::{World, expect},
    },
};

/// Nothing is in flight, nothing was set aside, and nothing is off.
pub async fn balanced(world: &World) -> Result<(), Failed> {
    world.settle().await?;
    let (client, physical) = (&world.dynamodb, |name: &str| world.stack.physical(name).map(str::to_owned));
    let mut report = Report::default();
    let contexts: std::collections::BTreeSet<_> = projection::all().into_iter().map(|shown| shown.context).collect();
    for context in contexts {
        let rows = DynamoRows::new(client.clone(), physical(&format!("{context}Projections"))?);
        let store = Ordered::new(DynamoEventStore::new(client.clone(), physical(&format!("{context}Events"))?));
        let applied = rows.all_applied().await.map_err(failed("read projections"))?;
        verify(&store, &rows, &rows, &applied, &mut report).await.map_err(failed("verify"))?;
    }
    report.nothing_is_in_flight();
    let findings: Vec<_> = report.findings.iter().map(ToString::to_string).collect();
    expect("what verification found", findings, Vec::new())?;

    let views = world.ledger_views()?;
    let rows = DynamoRows::new(client.clone(), physical("LedgerProjections")?);
    let applied = rows.all_applied().await.map_err(failed("read projections"))?;
    let accounts = views.all_accounts().await.map_err(failed("read accounts"))?;
    let positions = views.all_positions().await.map_err(failed("read positions"))?;
    let projected = Projected { accounts: &accounts, positions: &positions, applied: &applied };
    let store = Ordered::new(DynamoEventStore::new(client.clone(), physical("LedgerEvents")?));
    let balance = trial_balance(&store, &views, &projected, OffsetDateTime::now_utc()).await;
    let balance = balance.map_err(failed("draw the trial balance"))?;
    let off: Vec<_> = balance.discrepancies.iter().map(ToString::to_string).collect();
    expect("what the trial balance found", off, Vec::new())?;
    println!(
        "                  {} streams, {} commits, {} operations; {} accounts, {} positions",
        report.streams,
        report.commits,
        balance.operations,
        accounts.len(),
        positions.len()
    );
    let kept = world.stack.call("s3", "list_objects_v2", json!({ "Bucket": physical("RelayFailures")? })).await?;
    expect("what relays gave up on", list(&kept, "/Contents").len(), 0)?;
    world.nothing_is_set_aside().await
}
