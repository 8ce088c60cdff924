//! No write skew: a decision that read two streams and writes one does not stand if the other moved on.
//!
//! Two watchmen share a gate. Each may leave while the other stays; both reading "the other stays" at once is the skew.

use std::sync::Arc;

use app::{store::StoreError, streams::Streams};
use domain::{
    aggregate::Aggregate,
    error::Classify as _,
    ids::StreamId,
    ledger::account::{Account, AccountEvent},
};
use serde::{Deserialize, Serialize};
use tokio::sync::Barrier;

use super::{
    lost_answers::{Fate, meddled},
    world::{Refusal, World, cause, operation, payment, reference, stream},
};

#[derive(Debug)]
struct Watchman;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
enum WatchmanEvent {
    #[serde(rename = "watchman.came.v1")]
    Came {},
    #[serde(rename = "watchman.left.v1")]
    Left {},
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
enum Place {
    #[default]
    Away,
    AtTheGate,
}

impl Aggregate for Watchman {
    const KIND: &'static str = "watchman";
    const STATE_VERSION: u32 = 1;
    type State = Place;
    type Event = WatchmanEvent;

    fn evolve(_: Place, event: &WatchmanEvent) -> Place {
        match event {
            WatchmanEvent::Came {} => Place::AtTheGate,
            WatchmanEvent::Left {} => Place::Away,
        }
    }
}

/// Whether the decision says what it read.
#[derive(Clone, Copy, PartialEq)]
enum Guard {
    Unchanged,
    Nothing,
}

/// `loaded` is called between the reads and the write of each attempt.
async fn leave(
    streams: &Streams,
    [me, other]: [&StreamId; 2],
    guard: Guard,
    loaded: impl AsyncFn(),
) -> Result<(), Refusal> {
    streams
        .retrying(|| async {
            let mine = streams.load::<Watchman>(me.clone()).await?;
            let others = streams.load::<Watchman>(other.clone()).await?;
            loaded().await;
            if others.state == Place::Away {
                return Err(Refusal::No);
            }
            let mut unit = streams.unit(&cause());
            unit.commit(mine, vec![WatchmanEvent::Left {}])?;
            if guard == Guard::Unchanged {
                unit.unchanged(&others);
            }
            Ok(streams.append(unit).await?)
        })
        .await
}

async fn both_at_the_gate(streams: &Streams) -> [StreamId; 2] {
    let pair = [stream("watchman"), stream("watchman")];
    for watchman in &pair {
        streams.record::<Watchman>(watchman, &cause(), &[WatchmanEvent::Came {}]).await.unwrap();
    }
    pair
}

async fn at_the_gate(streams: &Streams, pair: &[StreamId; 2]) -> usize {
    let mut count = 0;
    for watchman in pair {
        let watchman = streams.load::<Watchman>(watchman.clone()).await.unwrap();
        count += usize::from(watchman.state == Place::AtTheGate);
    }
    count
}

/// Both load before either appends, in every round; answers at how many gates nobody is left.
async fn unguarded_gates_after(rounds: u32, guard: Guard) -> u32 {
    let world = World::new();
    let mut unguarded = 0;
    for _ in 0..rounds {
        let pair = both_at_the_gate(&world.streams).await;
        let [left, right] = &pair;
        let barrier = Barrier::new(2);
        let first = async |waits: &std::cell::Cell<bool>| {
            if waits.replace(false) {
                barrier.wait().await;
            }
        };
        let (waits_left, waits_right) = (std::cell::Cell::new(true), std::cell::Cell::new(true));
        let outcomes = tokio::join!(
            leave(&world.streams, [left, right], guard, async || first(&waits_left).await),
            leave(&world.streams, [right, left], guard, async || first(&waits_right).await),
        );
        let still_there = at_the_gate(&world.streams, &pair).await;
        if guard == Guard::Unchanged {
            assert!(matches!(outcomes, (Ok(()), Err(Refusal::No)) | (Err(Refusal::No), Ok(()))), "{outcomes:?}");
        }
        unguarded += u32::from(still_there == 0);
    }
    unguarded
}

#[tokio::test]
async fn two_who_read_each_other_at_once_do_not_both_leave() {
    assert_eq!(unguarded_gates_after(25, Guard::Unchanged).await, 0);
}

#[tokio::test]
async fn without_the_guard_both_leave_so_this_test_can_fail() {
    assert_eq!(unguarded_gates_after(25, Guard::Nothing).await, 25);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn however_many_leave_at_once_no_gate_is_ever_unguarded() {
    let world = Arc::new(World::new());
    let mut tasks = Vec::new();
    let mut pairs = Vec::new();
    for _ in 0..24 {
        let pair = both_at_the_gate(&world.streams).await;
        pairs.push(pair.clone());
        for turn in 0..4 {
            let (world, mut pair) = (Arc::clone(&world), pair.clone());
            if turn % 2 == 1 {
                pair.reverse();
            }
            tasks.push(tokio::spawn(async move {
                let [me, other] = &pair;
                for _ in 0..4 {
                    match leave(&world.streams, [me, other], Guard::Unchanged, async || ()).await {
                        // A queue would bring the conflict again; here the next turn does.
                        Ok(()) | Err(Refusal::No | Refusal::Store(StoreError::Conflict)) => {}
                        Err(error) => panic!("{error:?}"),
                    }
                    // Nobody comes back, so two reads are as good as one moment.
                    assert_ne!(at_the_gate(&world.streams, &pair).await, 0);
                }
            }));
        }
    }
    for task in tasks {
        task.await.unwrap();
    }
    for pair in &pairs {
        assert_eq!(at_the_gate(&world.streams, pair).await, 1, "one could leave, and one could not");
    }
}

#[tokio::test]
async fn a_reference_that_is_claimed_while_its_payment_is_decided_gets_the_money() {
    let world = World::new();
    let id = domain::ids::AccountId::new(domain::ids::CustomerId::new(uuid::Uuid::new_v4()), money::Asset::Gbp);
    let (others, customer) = (world.streams.clone(), id.customer);
    // The payment has read that nobody owns the reference, and is about to say so.
    let (streams, fates) = meddled(
        &world,
        "TransactWriteItems",
        vec![Fate::After(Box::pin(async move {
            app::ledger::open_accounts(&others, customer, &cause()).await.unwrap();
        }))],
    );
    let payment = payment(operation(), 100, &reference(&id));
    app::ledger::settle_deposit(&streams, &world.vault(), &payment, &cause()).await.unwrap();
    assert_eq!(fates.left(), 0);
    assert_eq!(world.available(&id).await, 100);
}

/// Somebody with something to save.
async fn saver(world: &World) -> domain::ids::CustomerId {
    let customer = domain::ids::CustomerId::new(uuid::Uuid::new_v4());
    app::ledger::open_accounts(&world.streams, customer, &cause()).await.unwrap();
    let id = domain::ids::AccountId::new(customer, money::Asset::Usdc);
    let funded = AccountEvent::Credited {
        operation: operation(),
        amount: money::Money::new(money::Asset::Usdc, 100),
        available: money::Money::new(money::Asset::Usdc, 100),
    };
    world.streams.record::<Account>(&StreamId::from(&id), &cause(), &[funded]).await.unwrap();
    customer
}

fn saving(customer: domain::ids::CustomerId) -> app::ledger::SavingsMove {
    app::ledger::SavingsMove {
        customer,
        operation: uuid::Uuid::new_v4(),
        product: "usdc-savings".parse().unwrap(),
        amount: money::Money::new(money::Asset::Usdc, 1),
    }
}

async fn freeze(streams: &Streams, customer: domain::ids::CustomerId) {
    let case = domain::ids::CaseId::of_monitoring(customer, 0);
    let side = domain::freeze::FreezeSide::Debits;
    app::ledger::order_freeze(streams, customer, case, side, &cause()).await.unwrap();
}

#[tokio::test]
async fn a_freeze_that_comes_while_a_move_is_decided_beats_it() {
    let world = World::new();
    let customer = saver(&world).await;
    let others = world.streams.clone();
    // The move has read that nobody is frozen, and is about to be stored.
    let fate = Fate::After(Box::pin(async move { freeze(&others, customer).await }));
    let (streams, fates) = meddled(&world, "TransactWriteItems", vec![fate]);
    let refused = app::ledger::save_to_savings(&streams, &saving(customer), &cause()).await.unwrap_err();
    assert_eq!((fates.left(), refused.code()), (0, "CUSTOMER_FROZEN"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn however_a_freeze_and_many_moves_race_nothing_moves_after_it() {
    let world = Arc::new(World::new());
    for _ in 0..8 {
        let customer = saver(&world).await;
        let moves: Vec<_> = (0..6)
            .map(|_| {
                let world = Arc::clone(&world);
                tokio::spawn(async move {
                    let mut moved = 0;
                    for _ in 0..4 {
                        match app::ledger::save_to_savings(&world.streams, &saving(customer), &cause()).await {
                            Ok(_) => moved += 1,
                            Err(error) => {
                                assert!(["CUSTOMER_FROZEN", "STREAM_CONFLICT"].contains(&error.code()), "{error:?}")
                            }
                        }
                    }
                    moved
                })
            })
            .collect();
        freeze(&world.streams, customer).await;
        let id = domain::ids::AccountId::new(customer, money::Asset::Usdc);
        let when_frozen = world.available(&id).await;
        let mut moved = 0;
        for task in moves {
            moved += task.await.unwrap();
        }
        assert_eq!(world.available(&id).await, when_frozen, "what was frozen did not move");
        assert_eq!(when_frozen, 100 - moved);
    }
}
