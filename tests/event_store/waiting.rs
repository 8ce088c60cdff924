//! Deposits on their way into suspense while the freeze that sends them there is lifted.

use std::sync::Arc;

use app::ledger::{Progress, lift_freeze, open_accounts, order_freeze, release_waiting, settle_deposit};
use domain::{
    error::{Class, Classify as _},
    freeze::FreezeSide,
    ids::{AccountId, AwaitedId, CaseId, CustomerId},
    ledger::waiting::Waiting,
};
use money::Asset;
use uuid::Uuid;

use super::world::{World, cause, operation, payment, reference};

/// Runs something as often as others write first: a queue would bring it again.
async fn at_last<T, E: domain::error::Classify + std::fmt::Debug>(mut attempt: impl AsyncFnMut() -> Result<T, E>) -> T {
    loop {
        match attempt().await {
            Err(error) if error.class() == Class::Conflict => {}
            outcome => return outcome.unwrap(),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn no_deposit_is_forgotten_or_credited_twice_while_a_freeze_is_lifted() {
    const ROUNDS: usize = 12;
    const DEPOSITS: usize = 4;
    let world = Arc::new(World::new());
    for _ in 0..ROUNDS {
        let customer = CustomerId::new(Uuid::new_v4());
        let id = AccountId::new(customer, Asset::Gbp);
        open_accounts(&world.streams, customer, &cause()).await.unwrap();
        let case = CaseId::of_monitoring(customer, 0);
        order_freeze(&world.streams, customer, case, FreezeSide::Both, &cause()).await.unwrap();
        let mut tasks = Vec::new();
        for _ in 0..DEPOSITS {
            let (world, payment) = (Arc::clone(&world), payment(operation(), 100, &reference(&id)));
            tasks.push(tokio::spawn(async move {
                let vault = world.vault();
                at_last(async || settle_deposit(&world.streams, &vault, &payment, &cause()).await.map(drop)).await;
            }));
        }
        for _ in 0..2 {
            let world = Arc::clone(&world);
            tasks.push(tokio::spawn(async move {
                at_last(async || lift_freeze(&world.streams, customer, case, &cause()).await).await;
                let released = at_last(async || release_waiting(&world.streams, customer, &cause()).await).await;
                assert!(matches!(released, Progress::Done { .. }), "{released:?}");
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        // Nobody looks again: what began to wait before the lift was found by whoever lifted.
        assert_eq!(world.available(&id).await, 100 * i128::try_from(DEPOSITS).unwrap());
        assert!(world.streams.load::<Waiting>(AwaitedId(customer).into()).await.unwrap().state.is_empty());
    }
}
