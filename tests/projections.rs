//! Projectors among others that add to the same totals, and over commits that other code wrote.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use app::{
    commit::Commit,
    ledger::settle_deposit,
    ports::{Clock, PortError},
    projection::{
        Applied, Change, Projection, ProjectionError, Projector, RowKey, Rows,
        accounts::{Accounts, account_key},
        operations::Operations,
    },
    store::StoreError,
    views::LedgerViews as _,
};
use aws::{DynamoRows, DynamoViews};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    aggregate::Aggregate as _,
    error::{Class, Classify as _},
    ids::{AccountId, StreamId, Version},
    ledger::{account::Account, journal::InternalAccount},
};
use futures::future::BoxFuture;
use granary::services::{KeyAttribute, KeyKind, Outgoing, TableSpec};
use money::Asset;
use serde_json::json;
use time::OffsetDateTime;

use crate::{
    event_store::world::{EVENTS, World, cause, credit, operation, payment, reference},
    support::{BEGINNING, Bank},
};

pub const ROWS: &str = "rows-of-tests";
const OTHER_CODE: u32 = Account::STATE_VERSION + 1;

/// A world that projects as well.
pub fn world() -> World {
    let world = World::new();
    let key = |name: &str| KeyAttribute { name: name.to_owned(), kind: KeyKind::S };
    let table =
        TableSpec { name: ROWS.to_owned(), partition: key("pk"), sort: Some(key("sk")), stream: None, ttl: None };
    world.aws.dynamodb.create_table(&table).unwrap();
    world
}

/// Rows whose first writes collide with somebody else's transaction.
struct Contended {
    rows: DynamoRows,
    collisions: AtomicU32,
}

impl Rows for Contended {
    fn shown<'a, 'b, 'c>(&'a self, key: &'b RowKey) -> BoxFuture<'c, Result<Option<(Applied, String)>, PortError>>
    where
        Self: 'c,
        'a: 'c,
        'b: 'c,
    {
        self.rows.shown(key)
    }

    fn apply<'a, 'b>(&'a self, change: Change) -> BoxFuture<'b, Result<bool, PortError>>
    where
        Self: 'b,
        'a: 'b,
    {
        let less_one = |left: u32| left.checked_sub(1);
        match self.collisions.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less_one) {
            Ok(_) => Box::pin(async { Ok(false) }),
            Err(_) => self.rows.apply(change),
        }
    }
}

/// Notes each wait.
#[derive(Default)]
struct Waits(Mutex<Vec<u32>>);

impl Clock for Waits {
    fn now(&self) -> OffsetDateTime {
        BEGINNING
    }

    fn back_off<'a, 'b>(&'a self, attempt: u32) -> BoxFuture<'b, ()>
    where
        Self: 'b,
        'a: 'b,
    {
        self.0.lock().unwrap().push(attempt);
        Box::pin(async {})
    }
}

fn projector(world: &World, projection: impl Projection, collisions: u32) -> (Projector, Arc<Waits>) {
    let waits = Arc::new(Waits::default());
    let rows = DynamoRows::new(world.client(), ROWS);
    let contended = Arc::new(Contended { rows: rows.clone(), collisions: collisions.into() });
    let (store, clock) = (Arc::clone(world.store()), Arc::clone(&waits) as Arc<dyn Clock>);
    (Projector::new(Arc::new(projection), contended, Arc::new(rows), store, clock), waits)
}

async fn project_accounts(world: &World, commit: &Commit) -> Result<(), ProjectionError> {
    projector(world, Accounts, 0).0.project(commit).await
}

pub fn views(world: &World) -> DynamoViews {
    DynamoViews::new(world.client(), ROWS)
}

async fn settled(world: &World) -> i128 {
    views(world).internal(InternalAccount::BankSettlement.code(), Asset::Gbp).await.unwrap().units()
}

#[tokio::test]
async fn a_total_that_others_add_to_all_the_time_is_added_to_once_after_waits() {
    let world = world();
    let id = world.account().await;
    let payment = payment(operation(), 100, &reference(&id));
    settle_deposit(&world.streams, &world.vault(), &payment, &cause()).await.unwrap();
    let commit = world.history(&(&payment.operation).into()).await.remove(0);

    let (never, waits) = projector(&world, Operations, 8);
    let error = never.project(&commit).await.unwrap_err();
    assert_eq!((error.class(), error.code()), (Class::Transient, "VIEW_CONTENDED"));
    assert_eq!((settled(&world).await, waits.0.lock().unwrap().as_slice()), (0, [1, 2, 3, 4, 5, 6, 7].as_slice()));

    let (at_last, waits) = projector(&world, Operations, 7);
    for _ in 0..2 {
        at_last.project(&commit).await.unwrap();
    }
    assert_eq!((settled(&world).await, waits.0.lock().unwrap().len()), (-100, 7));
}

/// An open account with this many credits of one penny, and its commits.
pub async fn credited(world: &World, credits: usize) -> (AccountId, Vec<Commit>) {
    let id = world.account().await;
    for _ in 0..credits {
        credit(&world.streams, &id, 1).await.unwrap();
    }
    let history = world.history(&(&id).into()).await;
    (id, history)
}

fn of_other_code(commit: &Commit) -> Commit {
    Commit { state: "{\"from\":\"another time\"}".to_owned(), state_version: OTHER_CODE, ..commit.clone() }
}

async fn assert_shown(world: &World, id: &AccountId, pence: i128) {
    let seen = views(world).account(id).await.unwrap().unwrap();
    assert_eq!((i128::from(seen.version), seen.view.available.units()), (pence, pence));
}

#[tokio::test]
async fn a_commit_with_a_state_of_other_code_is_shown_as_this_code_folds_it() {
    let world = world();
    let (id, history) = credited(&world, 3).await;
    for (commit, pence) in history.iter().zip(0..) {
        project_accounts(&world, &of_other_code(commit)).await.unwrap();
        assert_shown(&world, &id, pence).await;
    }
}

#[tokio::test]
async fn a_gap_of_commits_with_states_of_other_code_is_folded_in_one_go() {
    let world = world();
    let (id, history) = credited(&world, 30).await;
    // The code changed over in the middle, and back.
    for commit in history.iter().filter(|commit| commit.version.0 % 3 > 0) {
        world.put(&of_other_code(commit)).await;
    }
    project_accounts(&world, &history[0]).await.unwrap();
    world.aws.dynamodb.reset_meter();
    project_accounts(&world, &of_other_code(&history[30])).await.unwrap();
    assert_shown(&world, &id, 30).await;
    // Two pages of the gap, the first commit for the first state, and one commit for each that needed no folding.
    assert_eq!(world.aws.dynamodb.meter().of(crate::event_store::world::WRITER, "Query").calls, 2 + 1 + 9);
}

#[tokio::test]
async fn a_state_of_this_code_that_cannot_be_read_is_not_folded_over() {
    let world = world();
    let (_, history) = credited(&world, 0).await;
    let damaged = Commit { state: "{}".to_owned(), ..history[0].clone() };
    let error = project_accounts(&world, &damaged).await.unwrap_err();
    assert_eq!(error.code(), "COMMIT_UNDECODABLE");
}

async fn remove(world: &World, commit: &Commit) {
    let delete = world.client().delete_item().table_name(EVENTS);
    let delete = delete.key("pk", AttributeValue::S(commit.stream.to_string()));
    delete.key("sk", AttributeValue::N(commit.version.to_string())).send().await.unwrap();
}

#[tokio::test]
async fn nothing_is_folded_past_a_hole() {
    for missing in [0, 2] {
        let world = world();
        let (id, history) = credited(&world, 4).await;
        let stream = StreamId::from(&id);
        for commit in &history[..4] {
            project_accounts(&world, commit).await.unwrap();
        }
        remove(&world, &history[missing]).await;
        let newest = of_other_code(&history[4]);
        world.put(&newest).await;

        let hole = StoreError::Incomplete { stream: stream.to_string(), attribute: "every commit before it" };
        assert_eq!(hole.class(), Class::Bug);
        assert_eq!(world.streams.load::<Account>(stream.clone()).await.unwrap_err(), hole);
        assert_eq!(project_accounts(&world, &newest).await.unwrap_err(), ProjectionError::Store(hole));
        let rows = DynamoRows::new(world.client(), ROWS);
        assert_eq!(rows.shown(&account_key(&id)).await.unwrap().map(|(it, _)| it.version), Some(Version(3)));
    }
}

#[tokio::test]
async fn nothing_is_folded_when_the_newest_commits_are_missing() {
    let world = world();
    let (_, history) = credited(&world, 4).await;
    for commit in &history[..3] {
        project_accounts(&world, commit).await.unwrap();
    }
    for commit in &history[2..] {
        remove(&world, commit).await;
    }
    let error = project_accounts(&world, &of_other_code(&history[3])).await.unwrap_err();
    assert_eq!((error.class(), error.code()), (Class::Bug, "COMMIT_INCOMPLETE"));
}

pub type Item = HashMap<String, AttributeValue>;

async fn rows(bank: &Bank) -> Vec<Item> {
    let mut rows = bank.items("LedgerProjections").await;
    rows.sort_by_key(|row| (row["pk"].as_s().unwrap().clone(), row["sk"].as_s().unwrap().clone()));
    rows
}

/// A stored commit as the relay sends it, with a state that other code left.
pub fn message_of_other_code(item: &Item) -> String {
    let text = |name: &str| item[name].as_s().unwrap();
    let previous = item["p"].as_b().unwrap().as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let version: u32 = item["sk"].as_n().unwrap().parse().unwrap();
    json!({ "stream": text("pk"), "version": version, "kind": text("k"), "prev": previous, "commit": text("c"),
        "state": "neither JSON nor anything", "stateVersion": OTHER_CODE })
    .to_string()
}

#[tokio::test]
async fn queues_full_of_commits_of_other_code_lead_to_the_same_rows() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let reference = bank.reference(&ada, "GBP").await;
    for amount in ["1.00", "2.00", "3.00"] {
        bank.pay(&reference, "GBP", amount).await;
    }
    let before = rows(&bank).await;
    let table = bank.table("LedgerProjections");
    for row in &before {
        let delete = bank.dynamodb().delete_item().table_name(&table);
        delete.key("pk", row["pk"].clone()).key("sk", row["sk"].clone()).send().await.unwrap();
    }
    for item in bank.items("LedgerEvents").await {
        let queue = bank.queue(match item["k"].as_s().unwrap().as_str() {
            "op" => "ProjectOperationsQueue",
            "savings" => "ProjectSavingsQueue",
            _ => "ProjectAccountsQueue",
        });
        let outgoing = Outgoing { body: message_of_other_code(&item), ..Default::default() };
        bank.local.aws().sqs.send(&queue, &outgoing).unwrap();
    }
    bank.settle().await;
    assert_eq!(rows(&bank).await, before);
    bank.assert_nothing_set_aside();
}
