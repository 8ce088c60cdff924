use money::Money;
use proptest::prelude::*;

use super::*;
use crate::aggregate::{Aggregate, fold};
use crate::error::{Class, Classify};
use crate::ids::Fingerprint;
use crate::ledger::deposit::{DepositTarget, Settlement};
use crate::ledger::operation::{Operation, OperationCommand, decide};
use crate::testing::{account, any_money, customer, gbp, given, operation, payer, survives_storage};

fn staff(number: u128) -> StaffId {
    StaffId::new(*customer(number).as_uuid())
}

fn by_staff() -> ReleaseGround {
    ReleaseGround::Staff { by: staff(9), reason: VaultRef::of_customer(customer(1), "release-1").unwrap() }
}

fn release(to: u128, ground: ReleaseGround) -> OperationCommand {
    OperationCommand::Release(Release { operation: operation(1), customer: customer(to), ground })
}

fn settle(amount: Money, target: DepositTarget, payer: VaultRef) -> OperationCommand {
    let direction = match &target {
        DepositTarget::Account(_) => Direction::Credit,
        DepositTarget::Suspense(reason) => reason.direction(),
    };
    OperationCommand::Settle(Settlement {
        operation: operation(1),
        fingerprint: Fingerprint::of(b"1"),
        amount,
        direction,
        payer,
        target,
    })
}

fn suspended(reason: SuspenseReason, payer: VaultRef) -> Vec<OperationEvent> {
    let settle = settle(gbp(500), DepositTarget::Suspense(reason), payer);
    decide(&OperationState::None, &settle).unwrap()
}

fn of_nobody() -> Vec<OperationEvent> {
    suspended(SuspenseReason::UnknownReference, payer(1))
}

fn of_somebody_frozen() -> Vec<OperationEvent> {
    suspended(SuspenseReason::CustomerFrozen, VaultRef::of_customer(customer(1), "payer-1").unwrap())
}

fn released_to(history: &[OperationEvent], command: &OperationCommand) -> Vec<OperationEvent> {
    let events = decide(&fold::<Operation>(history), command).unwrap();
    history.iter().cloned().chain(events).collect()
}

#[test]
fn money_whose_owner_was_found_out_is_owed_to_them_and_no_longer_to_nobody() {
    let history = released_to(&of_nobody(), &release(1, by_staff()));
    let [_, OperationEvent::DepositReleased { account: to, amount, payer: from, ground, entry, .. }] = &history[..]
    else {
        panic!("{history:?}")
    };
    assert_eq!((to, *amount), (&account(1, money::Asset::Gbp), gbp(500)));
    assert_eq!((from, ground), (&payer(1), &by_staff()));
    let suspense = LedgerAccount::Internal(InternalAccount::Suspense, money::Asset::Gbp);
    let expected = JournalEntry::transfer(suspense, LedgerAccount::Customer(to.clone()), gbp(500)).unwrap();
    assert_eq!(entry, &expected);
}

#[test]
fn it_is_released_once() {
    let history = released_to(&of_nobody(), &release(1, by_staff()));
    given::<Operation>(history.clone()).when(release(1, by_staff())).stays_quiet();
    given::<Operation>(history).when(release(2, by_staff())).refuses(OperationError::ReleasedBefore);
    assert_eq!(OperationError::ReleasedBefore.code(), "SUSPENSE_RELEASED");
}

#[test]
fn what_was_released_is_not_booked_again_when_the_bank_tells_of_it_again() {
    let history = released_to(&of_nobody(), &release(1, by_staff()));
    let told = settle(gbp(500), DepositTarget::Suspense(SuspenseReason::UnknownReference), payer(1));
    given::<Operation>(history.clone()).when(told).stays_quiet();
    let fail = OperationCommand::Fail { operation: operation(1), fingerprint: Fingerprint::of(b"1") };
    given::<Operation>(history).when(fail).refuses(OperationError::SettledBefore);
}

#[test]
fn what_never_waited_is_not_released() {
    let settle = settle(gbp(500), DepositTarget::Account(account(1, money::Asset::Gbp)), payer(1));
    let settled = decide(&OperationState::None, &settle).unwrap();
    for history in [vec![], settled] {
        given::<Operation>(history).when(release(1, by_staff())).refuses(OperationError::NotSuspended);
    }
    assert_eq!(
        (OperationError::NotSuspended.code(), OperationError::NotSuspended.class()),
        ("SUSPENSE_UNKNOWN", Class::Invalid)
    );
}

#[test]
fn what_left_the_bank_is_owed_to_nobody() {
    let history = suspended(SuspenseReason::UnexpectedDebit, payer(1));
    given::<Operation>(history).when(release(1, by_staff())).refuses(OperationError::NotOwed);
}

#[test]
fn what_waits_for_somebody_frozen_goes_to_them_alone() {
    for ground in [by_staff(), ReleaseGround::Unfrozen] {
        let other = release(2, ground.clone());
        given::<Operation>(of_somebody_frozen()).when(other).refuses(OperationError::WaitsForOwner);
        let history = released_to(&of_somebody_frozen(), &release(1, ground.clone()));
        given::<Operation>(history).when(release(1, ground)).stays_quiet();
    }
}

#[test]
fn nobody_releases_money_to_themselves() {
    given::<Operation>(of_nobody()).when(release(9, by_staff())).refuses(OperationError::OwnRelease);
}

#[test]
fn what_it_waited_as_and_was_released_as_is_kept_in_a_few_letters() {
    let stored = |events: &[OperationEvent]| serde_json::to_value(fold::<Operation>(events)).unwrap();
    let expected = serde_json::json!({"r": {
        "f": Fingerprint::of(b"1").to_string(),
        "a": "GBP 500",
        "t": account(1, money::Asset::Gbp).to_string(),
        "p": payer(1).to_string(),
    }});
    assert_eq!(stored(&released_to(&of_nobody(), &release(1, by_staff()))), expected);
}

proptest! {
    #[test]
    fn a_deposit_and_its_release_together_are_a_deposit(amount in any_money()) {
        let settle = settle(amount, DepositTarget::Suspense(SuspenseReason::UnknownReference), payer(1));
        let Ok(mut history) = decide(&OperationState::None, &settle) else { return Ok(()) };
        let state = fold::<Operation>(&history);
        history.extend(decide(&state, &release(1, by_staff())).unwrap());
        prop_assert!(survives_storage(&history));
        prop_assert!(survives_storage(&history.iter().fold(OperationState::None, Operation::evolve)));
        let postings = history.iter().filter_map(OperationEvent::entry).flat_map(JournalEntry::postings);
        let mut sums = std::collections::BTreeMap::new();
        for posting in postings {
            *sums.entry(posting.ledger.to_string()).or_insert(0) += posting.amount.units();
        }
        sums.retain(|_, sum| *sum != 0);
        let kept = LedgerAccount::Internal(InternalAccount::that_keeps(amount.asset()), amount.asset());
        let owed = LedgerAccount::Customer(account(1, amount.asset()));
        let expected = [(owed.to_string(), amount.units()), (kept.to_string(), -amount.units())];
        prop_assert_eq!(sums, expected.into());
    }
}
