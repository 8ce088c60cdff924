//! Operation streams: whatever is asked again under one id has happened once.

use app::ledger::{LedgerError, open_accounts, settle_deposit};
use domain::{
    error::{Class, Classify as _},
    ids::{AccountId, CustomerId, StreamId, Version},
    ledger::{
        deposit::{DepositTarget, SuspenseReason},
        operation::{Operation, OperationError, OperationState},
    },
};
use money::Asset;
use uuid::Uuid;

use super::world::{EVENTS, World, cause, gbp, operation, payment, reference};

fn target(state: &OperationState) -> DepositTarget {
    match state {
        OperationState::Settled { account, .. } => DepositTarget::Account(account.clone()),
        OperationState::Suspended { reason, .. } => DepositTarget::Suspense(*reason),
        other => panic!("not settled: {other:?}"),
    }
}

#[tokio::test]
async fn an_operation_again_answers_the_stored_outcome_and_moves_nothing() {
    let world = World::new();
    let id = world.account().await;
    let payment = payment(operation(), 100, &reference(&id));
    let first = settle_deposit(&world.streams, &world.vault(), &payment, &cause()).await.unwrap().into_state();
    assert_eq!(target(&first), DepositTarget::Account(id.clone()));
    let before = world.written();
    for _ in 0..3 {
        let again = settle_deposit(&world.streams, &world.vault(), &payment, &cause()).await.unwrap().into_state();
        assert_eq!(again, first);
    }
    assert_eq!((world.written(), world.available(&id).await), (before, 100));
}

#[tokio::test]
async fn the_same_id_with_other_content_is_refused_and_changes_nothing() {
    let world = World::new();
    let (id, other) = (world.account().await, world.account().await);
    let booked = operation();
    settle_deposit(&world.streams, &world.vault(), &payment(booked.clone(), 100, &reference(&id)), &cause())
        .await
        .unwrap();
    let before = world.written();
    let mut debit = payment(booked.clone(), 100, &reference(&id));
    debit.direction = domain::ledger::deposit::Direction::Debit;
    let mut euros = payment(booked.clone(), 100, &reference(&id));
    euros.amount = money::Money::new(Asset::Eur, 100);
    let amount = payment(booked.clone(), 101, &reference(&id));
    let account = payment(booked.clone(), 100, &reference(&other));
    for different in [amount, account, debit, euros] {
        let error = settle_deposit(&world.streams, &world.vault(), &different, &cause()).await.unwrap_err();
        assert_eq!(error, LedgerError::Operation(OperationError::DifferentRequest));
        assert_eq!((error.code(), error.class()), ("OPERATION_REUSED", Class::Invalid));
    }
    assert_eq!((world.written(), world.available(&id).await, world.available(&other).await), (before, 100, 0));
}

#[tokio::test]
async fn an_outcome_stands_even_when_the_same_would_be_decided_differently_by_now() {
    let world = World::new();
    let id = AccountId::new(CustomerId::new(Uuid::new_v4()), Asset::Gbp);
    let payment = payment(operation(), 100, &reference(&id));
    let suspended = settle_deposit(&world.streams, &world.vault(), &payment, &cause()).await.unwrap().into_state();
    assert_eq!(target(&suspended), DepositTarget::Suspense(SuspenseReason::UnknownReference));
    open_accounts(&world.streams, id.customer, &cause()).await.unwrap();
    let again = settle_deposit(&world.streams, &world.vault(), &payment, &cause()).await.unwrap().into_state();
    assert_eq!((again, world.available(&id).await), (suspended, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_operation_many_times_at_once_is_booked_once() {
    let world = World::new();
    let id = world.account().await;
    let booked = operation();
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (streams, vault) = (world.streams.clone(), world.vault());
            let payment = payment(booked.clone(), 100, &reference(&id));
            tokio::spawn(async move { settle_deposit(&streams, &vault, &payment, &cause()).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(target(&task.await.unwrap().unwrap().into_state()), DepositTarget::Account(id.clone()));
    }
    assert_eq!(world.available(&id).await, 100);
    assert_eq!(world.history(&StreamId::from(&booked)).await.len(), 1);
    assert_eq!(world.history(&StreamId::from(&id)).await.len(), 2);
}

#[tokio::test]
async fn a_reference_that_the_payer_wrote_twice_is_one_reference() {
    let world = World::new();
    let id = world.account().await;
    let twice = format!("{0} and again {0}", reference(&id));
    let booked = payment(operation(), 100, &twice);
    let outcome = settle_deposit(&world.streams, &world.vault(), &booked, &cause()).await.unwrap();
    assert_eq!(target(&outcome.into_state()), DepositTarget::Account(id.clone()));
    assert_eq!(world.available(&id).await, 100);
}

#[tokio::test]
async fn both_sides_of_a_deposit_are_written_in_one_transaction() {
    let world = World::new();
    let id = world.account().await;
    let before = world.aws.dynamodb.last_sequence(EVENTS).unwrap();
    let booked = operation();
    settle_deposit(&world.streams, &world.vault(), &payment(booked.clone(), 7, &reference(&id)), &cause())
        .await
        .unwrap();
    let records = world.aws.dynamodb.stream_records(EVENTS, before, 10).unwrap();
    assert_eq!(records.len(), 2);
    let state = world.streams.load::<Operation>((&booked).into()).await.unwrap();
    assert_eq!(state.version, Some(Version(0)));
    let OperationState::Settled { amount, .. } = state.state else { panic!("not settled") };
    assert_eq!(amount, gbp(7));
}
