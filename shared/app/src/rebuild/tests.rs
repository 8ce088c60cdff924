//! Rebuilds over a lively bank in memory. Every call to a port gives way to the others now and then, by a seed.

mod world;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, atomic::Ordering},
};

use domain::{
    aggregate::Aggregate,
    ids::{AccountId, CustomerId, Fingerprint, OperationId, OperationOwner, StreamId, VaultRef},
    ledger::{
        account::{Account, AccountEvent},
        journal::{InternalAccount, JournalEntry, LedgerAccount, Posting},
        operation::{Operation, OperationEvent},
    },
};
use futures::{executor::block_on, future::join_all};
use money::{Asset, Money};
use uuid::Uuid;

use super::*;
use crate::{
    commit::{Actor, Cause},
    projection::{
        Generations as _, Projection, RowKey, Rows as _,
        accounts::{Accounts, account_key},
        operations::Operations,
    },
    streams::Streams,
};
use world::{Row, World};

const ACCOUNTS: u32 = 3;
const COMMITS: u32 = 24;

fn account(number: u32) -> AccountId {
    AccountId::new(CustomerId::new(Uuid::from_u128(number.into())), Asset::Gbp)
}

async fn record<A: Aggregate>(world: &Arc<World>, stream: StreamId, event: A::Event) -> Commit {
    let streams = Streams::new(Arc::clone(world) as _, Arc::clone(world) as _);
    let after = streams.record::<A>(&stream, &Cause::by(Actor::System("tests")), &[event]).await.unwrap();
    let commits = world.all_commits();
    commits.into_iter().rev().find(|it| it.stream == stream && Some(it.version) == after.version).unwrap()
}

/// One more thing that happens to one of the accounts, as an operation or on the account's own stream.
async fn happening(world: &Arc<World>, number: u32) -> Commit {
    let owner = OperationOwner::try_new("clearbank").unwrap();
    let operation = OperationId::new(owner, Uuid::from_u128(number.into()));
    let (id, amount) = (account(number % ACCOUNTS), Money::new(Asset::Gbp, i128::from(number) + 1));
    if number.is_multiple_of(2) {
        let available = amount;
        let event = match number < 2 * ACCOUNTS {
            true => AccountEvent::Opened { account: id.clone(), reference: None },
            false => AccountEvent::Credited { operation, amount, available },
        };
        return record::<Account>(world, (&id).into(), event).await;
    }
    let settlement = LedgerAccount::Internal(InternalAccount::BankSettlement, Asset::Gbp);
    let postings = vec![
        Posting::new(LedgerAccount::Customer(id.clone()), amount),
        Posting::new(settlement, amount.checked_neg().unwrap()),
    ];
    let event = OperationEvent::DepositSettled {
        operation: operation.clone(),
        fingerprint: Fingerprint::of(b""),
        account: id.clone(),
        amount,
        payer: VaultRef::of_customer(id.customer, "payer").unwrap(),
        entry: JournalEntry::balanced(postings).unwrap(),
    };
    record::<Operation>(world, (&operation).into(), event).await
}

/// Writes, and leaves messages in no order, some of them twice.
async fn write(world: Arc<World>, queue: Arc<Mutex<Vec<Commit>>>, numbers: impl Iterator<Item = u32>) {
    for number in numbers {
        let commit = happening(&world, number).await;
        for _ in 0..=world.any(2) {
            let mut queue = queue.lock().unwrap();
            let place = usize::try_from(world.any(queue.len() as u64 + 1)).unwrap();
            queue.insert(place, commit.clone());
        }
        world.give_way().await;
    }
    world.writers.fetch_sub(1, Ordering::SeqCst);
}

/// A projector at work: receives a few messages, and then begins.
async fn work(world: Arc<World>, queue: Arc<Mutex<Vec<Commit>>>, projector: Projector) {
    loop {
        let received: Vec<_> = {
            let mut queue = queue.lock().unwrap();
            let few = queue.len().min(3);
            queue.drain(..few).collect()
        };
        if received.is_empty() && world.writers.load(Ordering::SeqCst) == 0 {
            return;
        }
        world.give_way().await;
        let batch = projector.batch();
        for commit in received {
            match batch.project(&commit).await {
                Ok(()) | Err(ProjectionError::ForeignStream(_)) => {}
                Err(ProjectionError::Contended(_) | ProjectionError::Gap { .. }) => queue.lock().unwrap().push(commit),
                Err(other) => panic!("{other:?}"),
            }
        }
        world.give_way().await;
    }
}

/// Somebody who looks at an account all the time, and never sees it go back.
async fn watch(world: Arc<World>) {
    let mut last = None;
    while world.writers.load(Ordering::SeqCst) > 0 {
        let pointer = world.pointer(Accounts.name()).await.unwrap();
        let seen = world.shown(&pointer.current.key(&account_key(&account(0)))).await.unwrap();
        let seen = seen.map(|(applied, _)| applied.version);
        assert!(seen >= last, "{seen:?} after {last:?}");
        last = seen;
    }
}

/// What projecting the same history at one stretch leads to.
fn expected(world: &World, projection: impl Projection + Clone) -> BTreeMap<RowKey, Row> {
    let quiet = World::new(0);
    *quiet.commits.lock().unwrap() = world.all_commits();
    for commit in world.all_commits() {
        if projection.key(&commit.stream).is_some() {
            let projector = quiet.projector(projection.clone());
            while block_on(projector.project(&commit)).is_err() {}
        }
    }
    quiet.read(&projection)
}

fn assert_all_shown(world: &Arc<World>, projection: impl Projection + Clone) {
    assert_eq!(world.read(&projection), expected(world, projection.clone()));
    let projector = world.projector(projection.clone());
    block_on(sweep(&projector)).unwrap();
    let rows = world.rows.lock().unwrap().clone();
    let current = world.pointers.lock().unwrap().get(projection.name()).copied().unwrap_or(Pointer::FIRST).current;
    let older = rows.keys().map(Generation::split).filter(|(it, key)| *it < current && projection.owns(key));
    assert_eq!(older.count(), 0, "something older is left");
}

/// Writers, projectors and rebuilds all at once. Answers what became of the rebuilds.
fn lively(world: &Arc<World>, rebuilds: usize) -> Vec<Result<Rebuilt, RebuildError>> {
    let queues: [Arc<Mutex<Vec<Commit>>>; 2] = Default::default();
    let outcomes = Arc::new(Mutex::new(Vec::new()));
    let mut tasks: Vec<futures::future::BoxFuture<'static, ()>> = Vec::new();
    world.writers.store(queues.len(), Ordering::SeqCst);
    let [accounts, operations] = &queues;
    tasks.push(Box::pin(write(Arc::clone(world), Arc::clone(accounts), (0..COMMITS).filter(|it| it % 2 == 0))));
    tasks.push(Box::pin(write(Arc::clone(world), Arc::clone(operations), (0..COMMITS).filter(|it| it % 2 == 1))));
    for _ in 0..2 {
        tasks.push(Box::pin(work(Arc::clone(world), Arc::clone(accounts), world.projector(Accounts))));
        tasks.push(Box::pin(work(Arc::clone(world), Arc::clone(operations), world.projector(Operations))));
    }
    tasks.push(Box::pin(watch(Arc::clone(world))));
    for number in 0..rebuilds {
        let (world, outcomes) = (Arc::clone(world), Arc::clone(&outcomes));
        tasks.push(Box::pin(async move {
            for _ in 0..world.any(60) {
                world.give_way().await;
            }
            let projector = if number % 2 == 0 { world.projector(Accounts) } else { world.projector(Operations) };
            let outcome = rebuild(&projector).await;
            outcomes.lock().unwrap().push(outcome);
        }));
    }
    block_on(join_all(tasks));
    let outcomes = outcomes.lock().unwrap();
    outcomes.clone()
}

#[test]
fn a_rebuild_amid_projectors_shows_every_commit_once_and_takes_nothing_back() {
    for seed in 0..300 {
        let world = World::new(seed);
        let outcomes = lively(&world, 2);
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        assert_all_shown(&world, Accounts);
        assert_all_shown(&world, Operations);
        let pointer = block_on(world.pointer(Accounts.name())).unwrap();
        assert_eq!(pointer, Pointer { current: Generation(1), building: None });
    }
}

#[test]
fn of_many_rebuilds_at_once_each_is_done_or_refused_and_nothing_is_lost() {
    let mut refused = 0;
    for seed in 1_000..1_200 {
        let world = World::new(seed);
        for outcome in lively(&world, 6) {
            match outcome {
                Ok(_) => {}
                Err(RebuildError::Superseded(_)) => refused += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_all_shown(&world, Accounts);
        assert_all_shown(&world, Operations);
    }
    assert!(refused > 0, "they never met");
}

#[test]
fn a_rebuild_that_was_broken_off_is_started_over() {
    let world = World::new(7);
    lively(&world, 0);
    let projector = world.projector(Accounts);
    let broken_off = Pointer { current: Generation::FIRST, building: Some(Generation(1)) };
    assert!(block_on(world.move_pointer("accounts", Pointer::FIRST, broken_off)).unwrap());
    // What other code left of it is wrong, and must not be taken over.
    let half = RowKey::new(Generation(1).pk(&account_key(&account(0)).pk), "account#GBP");
    world.rows.lock().unwrap().insert(half.clone(), Row::Document("wrong".to_owned()));
    let rebuilt = block_on(rebuild(&projector)).unwrap();
    assert_eq!(rebuilt.generation, Generation(2));
    assert_eq!(rebuilt.commits, u64::from(COMMITS / 2));
    assert_all_shown(&world, Accounts);
    assert!(!world.rows.lock().unwrap().contains_key(&half));
}

#[test]
fn a_rebuild_without_a_history_reads_nothing_and_ends() {
    let world = World::new(1);
    let rebuilt = block_on(rebuild(&world.projector(Accounts))).unwrap();
    assert_eq!(rebuilt, Rebuilt { generation: Generation(1), commits: 0 });
}

#[test]
fn a_sweep_leaves_what_is_read_what_is_built_and_what_is_not_its_own() {
    let world = World::new(3);
    lively(&world, 0);
    let before = world.rows.lock().unwrap().clone();
    assert_eq!(block_on(sweep(&world.projector(Accounts))).unwrap(), 0);
    let building = Pointer { current: Generation::FIRST, building: Some(Generation(1)) };
    assert!(block_on(world.move_pointer("accounts", Pointer::FIRST, building)).unwrap());
    let built = RowKey::new("g1!customer#1", "account#GBP");
    world.rows.lock().unwrap().insert(built.clone(), Row::Document("built".to_owned()));
    assert_eq!(block_on(sweep(&world.projector(Accounts))).unwrap(), 0);
    assert_eq!(world.rows.lock().unwrap().len(), before.len() + 1);
    block_on(rebuild(&world.projector(Accounts))).unwrap();
    let removed = block_on(sweep(&world.projector(Accounts))).unwrap();
    let accounts = before.keys().filter(|key| Accounts.owns(key)).count();
    assert_eq!(removed, accounts as u64 + 1);
    let operations: Vec<_> = before.keys().filter(|key| Operations.owns(key)).collect();
    assert!(operations.iter().all(|key| world.rows.lock().unwrap().contains_key(key)));
    assert_eq!(operations.len() + accounts, before.len(), "every row is somebody's");
}
