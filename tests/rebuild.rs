//! Projections that are written anew, over the engine and through the whole bank.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use app::{
    ledger::settle_deposit,
    projection::{
        Generation, Generations, Pointer, Projection, Projector, RowKey,
        accounts::{Accounts, account_key},
        operations::Operations,
    },
    rebuild::{OUTLIVES, POINTER_CACHE, RebuildError, rebuild, sweep},
    views::LedgerViews as _,
};
use aws::{DynamoRows, SdkClock};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::ids::AccountId;
use granary::{cli, services::Outgoing};
use money::Asset;

use crate::{
    event_store::world::{WRITER, World, cause, credit, operation, payment, reference},
    projections::{ROWS, credited, message_of_other_code, views, world},
    support::Bank,
};

type Row = BTreeMap<String, AttributeValue>;

fn rows(world: &World) -> Arc<DynamoRows> {
    Arc::new(DynamoRows::new(world.client(), ROWS))
}

fn projector(world: &World, projection: impl Projection) -> Projector {
    let (rows, clock) = (rows(world), Arc::new(SdkClock::new(&world.config)));
    Projector::new(Arc::new(projection), Arc::clone(&rows) as _, rows, Arc::clone(world.store()), clock)
}

fn pass(world: &World, time: time::Duration) {
    world.aws.engine().clock().advance(Duration::try_from(time).unwrap()).unwrap();
}

/// A table, by generation and by what the projections call their rows; without pointers.
fn by_generation(items: Vec<std::collections::HashMap<String, AttributeValue>>) -> BTreeMap<(Generation, RowKey), Row> {
    let split = |item: std::collections::HashMap<String, AttributeValue>| {
        let mut row: Row = item.into_iter().collect();
        let text = |row: &mut Row, name| row.remove(name).unwrap().as_s().unwrap().clone();
        let stored = RowKey::new(text(&mut row, "pk"), text(&mut row, "sk"));
        (Generation::split(&stored), row)
    };
    items.into_iter().map(split).filter(|((_, key), _)| key.sk != "pointer").collect()
}

async fn stored(world: &World) -> BTreeMap<(Generation, RowKey), Row> {
    let answer = world.client().scan().table_name(ROWS).consistent_read(true).send().await.unwrap();
    assert!(answer.last_evaluated_key().is_none(), "the test reads one page only");
    by_generation(answer.items().to_vec())
}

/// What one generation of a projection holds.
fn of(
    table: &BTreeMap<(Generation, RowKey), Row>,
    projection: &dyn Projection,
    generation: u32,
) -> BTreeMap<RowKey, Row> {
    let own = table.iter().filter(|((it, key), _)| it.0 == generation && projection.owns(key));
    own.map(|((_, key), row)| (key.clone(), row.clone())).collect()
}

/// Accounts with deposits, all of it projected as it happened.
async fn lively() -> (World, AccountId) {
    let world = world();
    let id = world.account().await;
    for pence in 1..=5 {
        let payment = payment(operation(), pence, &reference(&id));
        settle_deposit(&world.streams, &world.vault(), &payment, &cause()).await.unwrap();
    }
    let (accounts, operations) = (projector(&world, Accounts), projector(&world, Operations));
    for commit in world.store().scan(None).await.unwrap().0 {
        let projector = if commit.stream.kind() == "op" { &operations } else { &accounts };
        projector.project(&commit).await.unwrap();
    }
    (world, id)
}

#[tokio::test]
async fn a_rebuild_leads_to_the_same_rows_byte_for_byte() {
    let (world, id) = lively().await;
    let before = stored(&world).await;
    let statement = views(&world).account(&id).await.unwrap();
    let projections: [&dyn Projection; 2] = [&Accounts, &Operations];
    for (_, key) in before.keys() {
        assert_eq!(projections.iter().filter(|it| it.owns(key)).count(), 1, "{key:?} is of one projection");
    }
    for projector in [projector(&world, Accounts), projector(&world, Operations)] {
        let rebuilt = rebuild(&projector).await.unwrap();
        assert_eq!(rebuilt.generation, Generation(1));
    }
    let after = stored(&world).await;
    for projection in projections {
        assert_eq!(of(&after, projection, 0), of(&before, projection, 0), "what was read is left alone");
        assert_eq!(of(&after, projection, 1), of(&before, projection, 0), "{}", projection.name());
    }
    assert_eq!(sweep(&projector(&world, Accounts)).await.unwrap(), of(&before, &Accounts, 0).len() as u64);
    let swept = stored(&world).await;
    assert!(of(&swept, &Accounts, 0).is_empty());
    assert_eq!(of(&swept, &Accounts, 1), of(&before, &Accounts, 0));
    assert_eq!(of(&swept, &Operations, 0), of(&before, &Operations, 0), "the other projection's rows are not its own");
    // Two pages of keys a call and more: nothing is left over.
    sweep(&projector(&world, Operations)).await.unwrap();
    assert!(stored(&world).await.keys().all(|(generation, _)| *generation == Generation(1)));
    assert_eq!(views(&world).account(&id).await.unwrap(), statement);
    assert_eq!(views(&world).internal("bank-settlement", Asset::Gbp).await.unwrap().units(), -15);
    let history = world.store().scan(None).await.unwrap().0;
    let streams: BTreeSet<_> = history.into_iter().map(|commit| commit.stream).collect();
    let applied = rows(&world).all_applied().await.unwrap();
    assert_eq!(applied.into_keys().collect::<BTreeSet<_>>(), streams);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn commits_that_come_in_the_middle_are_there_and_counted_once() {
    let world = Arc::new(world());
    let (id, _) = credited(&world, 20).await;
    let writer = tokio::spawn({
        let (world, id) = (Arc::clone(&world), id.clone());
        async move {
            for _ in 0..30 {
                credit(&world.streams, &id, 1).await.unwrap();
                let commit = world.streams.store().head(&(&id).into()).await.unwrap().unwrap();
                projector(&world, Accounts).project(&commit).await.unwrap();
            }
        }
    });
    let mut generations = Vec::new();
    while !writer.is_finished() {
        generations.push(rebuild(&projector(&world, Accounts)).await.unwrap().generation);
    }
    writer.await.unwrap();
    assert!(!generations.is_empty());
    let shown = of(&stored(&world).await, &Accounts, generations.last().unwrap().0);
    let entries = shown.keys().filter(|key| key.sk.starts_with("entry#")).count();
    assert_eq!(entries, 50);
    assert_eq!(shown[&account_key(&id)]["v"], AttributeValue::N("50".to_owned()));
}

#[tokio::test]
async fn queries_go_by_the_pointer_of_a_second_ago_at_most_and_its_rows_are_still_there() {
    let (world, id) = lively().await;
    let views = views(&world);
    let shown = views.account(&id).await.unwrap();
    rebuild(&projector(&world, Accounts)).await.unwrap();
    // What is no longer read is no longer written, so it can be told apart.
    credit(&world.streams, &id, 1_000).await.unwrap();
    let commit = world.store().head(&(&id).into()).await.unwrap().unwrap();
    projector(&world, Accounts).project(&commit).await.unwrap();
    assert_eq!(views.account(&id).await.unwrap(), shown, "the pointer is kept for a moment");
    pass(&world, POINTER_CACHE);
    assert_eq!(views.account(&id).await.unwrap().unwrap().view.available.units(), 1_015);
    assert!(OUTLIVES > POINTER_CACHE + time::Duration::seconds(10), "a function may run for ten seconds");
    assert_eq!(views.entries(&id, &app::views::PageRequest { first: 2, after: None }).await.unwrap().items.len(), 2);
}

#[tokio::test]
async fn the_pointer_moves_from_where_it_is_and_nowhere_else() {
    let world = world();
    let rows = rows(&world);
    let at =
        |current, building: Option<u32>| Pointer { current: Generation(current), building: building.map(Generation) };
    assert_eq!(rows.pointer("accounts").await.unwrap(), Pointer::FIRST);
    assert!(rows.move_pointer("accounts", at(0, None), at(0, Some(1))).await.unwrap());
    // Somebody who wants the same number was too late.
    assert!(!rows.move_pointer("accounts", at(0, None), at(0, Some(1))).await.unwrap());
    assert!(!rows.move_pointer("accounts", at(0, Some(2)), at(2, None)).await.unwrap());
    assert!(rows.move_pointer("accounts", at(0, Some(1)), at(0, Some(2))).await.unwrap());
    assert!(rows.move_pointer("accounts", at(0, Some(2)), at(2, None)).await.unwrap());
    assert_eq!(rows.pointer("accounts").await.unwrap(), at(2, None));
    assert_eq!(rows.pointer("operations").await.unwrap(), Pointer::FIRST, "each projection has its own");
}

#[tokio::test]
async fn a_rebuild_that_another_one_overtook_is_refused() {
    let (world, _) = lively().await;
    let projector = projector(&world, Accounts);
    let (one, other) = futures::join!(rebuild(&projector), rebuild(&projector));
    let refused = [one, other].into_iter().filter(|it| *it == Err(RebuildError::Superseded("accounts"))).count();
    assert!(refused <= 1, "at least one is done");
    let current = rows(&world).pointer("accounts").await.unwrap();
    assert_eq!(current.building, None);
    let before = of(&stored(&world).await, &Accounts, 0);
    assert_eq!(of(&stored(&world).await, &Accounts, current.current.0), before);
}

#[tokio::test]
async fn a_batch_reads_the_pointer_once() {
    let world = world();
    let (_, history) = credited(&world, 9).await;
    let batch = projector(&world, Accounts).batch();
    world.aws.dynamodb.reset_meter();
    for commit in &history {
        batch.project(commit).await.unwrap();
    }
    let meter = world.aws.dynamodb.meter();
    assert_eq!(meter.of(WRITER, "GetItem").calls, 1 + 10, "the pointer, and the view row for each commit");
}

#[tokio::test]
async fn a_function_reads_the_pointer_once_a_batch() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    bank.pay(&bank.reference(&ada, "GBP").await, "GBP", "1.00").await;
    let commits = bank.items("LedgerEvents").await;
    let accounts: Vec<_> = commits.iter().filter(|item| item["k"].as_s().unwrap() == "account").take(5).collect();
    for item in &accounts {
        let outgoing = Outgoing { body: message_of_other_code(item), ..Default::default() };
        bank.local.aws().sqs.send(&bank.queue("ProjectAccountsQueue"), &outgoing).unwrap();
    }
    bank.local.aws().dynamodb.reset_meter();
    bank.settle().await;
    // They have been applied before: the pointer once, and what each row shows.
    assert_eq!(bank.local.aws().dynamodb.meter().by("ProjectAccounts").calls, 1 + accounts.len() as u64);
    bank.assert_nothing_set_aside();
}

/// Payments come in and are projected while both of the ledger's busiest projections are rebuilt.
#[tokio::test]
async fn a_bank_at_work_is_rebuilt_without_a_difference() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let reference = bank.reference(&ada, "GBP").await;
    bank.pay(&reference, "GBP", "1.00").await;
    for name in ["accounts", "operations"] {
        let projector = cli::projector(&bank.local, name).unwrap();
        let payments = async {
            for _ in 0..3 {
                bank.pay(&reference, "GBP", "2.00").await;
            }
        };
        let (rebuilt, ()) = futures::join!(rebuild(&projector), payments);
        assert_eq!(rebuilt.unwrap().generation, Generation(1));
    }
    bank.advance(OUTLIVES).await;
    assert_eq!(bank.available(&ada).await, "13.00");
    let entries = bank.pounds(&ada).await["entries"]["nodes"].as_array().unwrap().len();
    assert_eq!(entries, 7);
    assert_eq!(bank.internal("bank-settlement", Asset::Gbp).await, -1_300);
    for shown in app::projection::all() {
        let projector = cli::projector(&bank.local, shown.projection.name()).unwrap();
        sweep(&projector).await.unwrap();
    }
    let report = cli::whole_bank(&bank.local).await.unwrap();
    assert_eq!((report.findings, report.lagging), (vec![], vec![]));
    let balance = cli::whole_ledger(&bank.local, time::Duration::ZERO).await.unwrap();
    assert_eq!(balance.discrepancies, vec![]);
    bank.assert_nothing_set_aside();

    // Once more, with nothing going on: the same rows again.
    let before = by_generation(bank.items("LedgerProjections").await);
    for name in ["accounts", "operations", "savings"] {
        let projector = cli::projector(&bank.local, name).unwrap();
        let from = of(&before, projector.projection(), if name == "savings" { 0 } else { 1 });
        let rebuilt = rebuild(&projector).await.unwrap();
        let after = by_generation(bank.items("LedgerProjections").await);
        assert_eq!(of(&after, projector.projection(), rebuilt.generation.0), from, "{name}");
    }
}
