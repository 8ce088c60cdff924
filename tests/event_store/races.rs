//! Many writers at once lose nothing.

use app::ledger::LedgerError;
use domain::{
    error::{Class, Classify as _},
    ids::StreamId,
    ledger::account::{Account, AccountEvent},
};
use proptest::prelude::*;

use super::world::{World, credit};

/// What a queue does with a message whose function gave up: it comes again.
async fn credit_in_the_end(world: &World, id: &domain::ids::AccountId, pence: i128) -> Result<u32, LedgerError> {
    let mut redeliveries = 0;
    loop {
        match credit(&world.streams, id, pence).await {
            Ok(_) => return Ok(redeliveries),
            Err(error) if error.class() == Class::Conflict && redeliveries < 100 => redeliveries += 1,
            Err(error) => return Err(error),
        }
    }
}

/// Every writer's amounts, all at once on one account.
async fn race(writers: Vec<Vec<i128>>) {
    let world = std::sync::Arc::new(World::new());
    let id = world.account().await;
    let tasks: Vec<_> = writers
        .iter()
        .cloned()
        .map(|amounts| {
            let (world, id) = (std::sync::Arc::clone(&world), id.clone());
            tokio::spawn(async move {
                for pence in amounts {
                    credit_in_the_end(&world, &id, pence).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }

    let mut amounts: Vec<i128> = writers.into_iter().flatten().collect();
    assert_eq!(world.available(&id).await, amounts.iter().sum::<i128>());
    let history = world.history(&StreamId::from(&id)).await;
    assert_eq!(history.len(), amounts.len() + 1);
    assert!(history.iter().zip(0..).all(|(commit, version)| commit.version.0 == version));
    let mut balance = 0;
    let mut applied = Vec::new();
    for event in history.iter().flat_map(|commit| commit.body::<Account>().unwrap().events) {
        let AccountEvent::Credited { amount, available, .. } = event else { continue };
        balance += amount.units();
        assert_eq!(available.units(), balance, "each credit was decided on the one before it");
        applied.push(amount.units());
    }
    amounts.sort_unstable();
    applied.sort_unstable();
    assert_eq!(applied, amounts);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn sixteen_writers_of_one_account_lose_no_credit() {
    race((0..16).map(|writer| (1..=12).map(|credit| writer * 1_000 + credit).collect()).collect()).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 50, ..ProptestConfig::default() })]

    #[test]
    fn whoever_writes_whatever_at_once_nothing_is_lost(
        writers in prop::collection::vec(prop::collection::vec(1_i128..1_000_000, 1..8), 2..8)
    ) {
        tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap().block_on(race(writers));
    }
}
