//! Deposits on their way into suspense while the freeze that sends them there is lifted.

use std::sync::Arc;

use app::ledger::{LedgerError, lift_freeze, open_accounts, order_freeze, release_waiting, settle_deposit};
use domain::{
    error::{Class, Classify as _},
    freeze::FreezeSide,
    ids::{AccountId, AwaitedId, CaseId, CustomerId},
    ledger::waiting::Waiting,
};
use money::Asset;
use uuid::Uuid;

use super::world::{World, cause, operation, payment, reference};

/// What an attempt came to; nothing if others wrote first: a queue would bring it again.
fn unless_overtaken<T>(attempt: Result<T, LedgerError>) -> Option<T> {
    match attempt {
        Err(error) if error.class() == Class::Conflict => None,
        outcome => Some(outcome.unwrap()),
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
                let (streams, cause) = (&world.streams, cause());
                while unless_overtaken(settle_deposit(streams, &vault, &payment, &cause).await).is_none() {}
            }));
        }
        for _ in 0..2 {
            let world = Arc::clone(&world);
            tasks.push(tokio::spawn(async move {
                while unless_overtaken(lift_freeze(&world.streams, customer, case, &cause()).await).is_none() {}
                while unless_overtaken(release_waiting(&world.streams, customer, &cause()).await).is_none() {}
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
