use money::Asset;
use proptest::prelude::*;

use super::*;
use crate::aggregate::fold;
use crate::error::{Class, Classify};
use crate::ledger::journal::Posting;
use crate::ledger::operation::{Operation, OperationCommand, OperationState, decide, evolve};
use crate::testing::{
    account, any_money, eur, gbp, given, operation, payer, some_account, some_fingerprint, some_operation, some_payer,
    survives_storage,
};

const POUNDS: AccountTarget = AccountTarget(Asset::Gbp);

struct AccountTarget(Asset);

impl From<AccountTarget> for DepositTarget {
    fn from(AccountTarget(asset): AccountTarget) -> Self {
        Self::Account(account(1, asset))
    }
}

impl From<SuspenseReason> for DepositTarget {
    fn from(reason: SuspenseReason) -> Self {
        Self::Suspense(reason)
    }
}

fn request(number: u8) -> Fingerprint {
    Fingerprint::of(&[number])
}

fn settle(amount: Money, direction: Direction, target: impl Into<DepositTarget>) -> OperationCommand {
    OperationCommand::Settle(settlement(amount, direction, target))
}

fn settlement(amount: Money, direction: Direction, target: impl Into<DepositTarget>) -> Settlement {
    Settlement {
        operation: operation(1),
        fingerprint: request(1),
        amount,
        direction,
        payer: payer(1),
        target: target.into(),
    }
}

fn entry(ledger: LedgerAccount, amount: i128) -> JournalEntry {
    let settlement = LedgerAccount::Internal(InternalAccount::BankSettlement, Asset::Gbp);
    JournalEntry::balanced(vec![Posting::new(ledger, gbp(amount)), Posting::new(settlement, gbp(-amount))]).unwrap()
}

fn settled(amount: i128) -> OperationEvent {
    OperationEvent::DepositSettled {
        operation: operation(1),
        fingerprint: request(1),
        account: account(1, Asset::Gbp),
        amount: gbp(amount),
        payer: payer(1),
        entry: entry(LedgerAccount::Customer(account(1, Asset::Gbp)), amount),
    }
}

fn suspended(reason: SuspenseReason, amount: i128, owed: i128) -> OperationEvent {
    OperationEvent::DepositSuspended {
        operation: operation(1),
        fingerprint: request(1),
        reason,
        amount: gbp(amount),
        payer: payer(1),
        entry: entry(LedgerAccount::Internal(InternalAccount::Suspense, Asset::Gbp), owed),
    }
}

#[test]
fn money_that_came_in_for_a_customer_is_owed_to_them() {
    given::<Operation>([])
        .when(settle(gbp(100_000), Direction::Credit, POUNDS))
        .then([settled(100_000)])
        .and_repeating_stays_quiet();
}

#[test]
fn money_that_matches_nobody_waits_in_suspense() {
    for reason in SuspenseReason::ALL.into_iter().filter(|reason| reason.direction() == Direction::Credit) {
        given::<Operation>([])
            .when(settle(gbp(500), Direction::Credit, reason))
            .then([suspended(reason, 500, 500)])
            .and_repeating_stays_quiet();
    }
}

#[test]
fn money_that_left_unasked_is_suspended_with_the_signs_reversed() {
    given::<Operation>([])
        .when(settle(gbp(500), Direction::Debit, SuspenseReason::UnexpectedDebit))
        .then([suspended(SuspenseReason::UnexpectedDebit, 500, -500)])
        .and_repeating_stays_quiet();
}

#[test]
fn another_request_under_the_same_id_is_refused() {
    let other = Settlement { fingerprint: request(2), ..settlement(gbp(100_000), Direction::Credit, POUNDS) };
    let other = OperationCommand::Settle(other);
    given::<Operation>([settled(100_000)]).when(other).refuses(OperationError::DifferentRequest);
    assert_eq!(OperationError::DifferentRequest.class(), Class::Invalid);
    assert_eq!(OperationError::DifferentRequest.code(), "OPERATION_REUSED");
}

#[test]
fn nothing_and_less_than_nothing_cannot_move() {
    for units in [0, -1, i128::MIN] {
        given::<Operation>([])
            .when(settle(gbp(units), Direction::Credit, POUNDS))
            .refuses(OperationError::AmountNotPositive);
    }
}

#[test]
fn an_account_in_another_asset_is_refused() {
    given::<Operation>([])
        .when(settle(eur(500), Direction::Credit, POUNDS))
        .refuses(OperationError::WrongAsset { held: Asset::Gbp, given: Asset::Eur });
}

#[test]
fn only_a_debit_is_an_unexpected_debit() {
    let unexpected = SuspenseReason::UnexpectedDebit;
    given::<Operation>([]).when(settle(gbp(1), Direction::Credit, unexpected)).refuses(OperationError::WrongDirection);
    given::<Operation>([]).when(settle(gbp(1), Direction::Debit, POUNDS)).refuses(OperationError::WrongDirection);
    for reason in SuspenseReason::ALL.into_iter().filter(|reason| *reason != unexpected) {
        given::<Operation>([]).when(settle(gbp(1), Direction::Debit, reason)).refuses(OperationError::WrongDirection);
    }
}

#[test]
fn the_same_payment_told_again_changes_nothing() {
    given::<Operation>([settled(100_000)]).when(settle(gbp(100_000), Direction::Credit, POUNDS)).stays_quiet();
}

#[test]
fn a_repeat_stands_by_suspense_even_if_the_account_is_known_by_now() {
    given::<Operation>([suspended(SuspenseReason::UnknownReference, 500, 500)])
        .when(settle(gbp(500), Direction::Credit, POUNDS))
        .stays_quiet();
}

#[test]
fn what_is_on_a_chain_lies_at_the_custodian_and_not_at_the_bank() {
    let ether = Money::new(Asset::Eth, 5);
    let events = decide(&OperationState::None, &settle(ether, Direction::Credit, AccountTarget(Asset::Eth))).unwrap();
    let custody = LedgerAccount::Internal(InternalAccount::CustodyHot, Asset::Eth);
    let owed = LedgerAccount::Customer(account(1, Asset::Eth));
    let expected = [Posting::new(owed, ether), Posting::new(custody, Money::new(Asset::Eth, -5))];
    assert_eq!(events[0].entry().unwrap().postings(), expected);
}

#[test]
fn the_state_is_stored_in_a_few_letters() {
    let stored = |events: &[OperationEvent]| serde_json::to_value(fold::<Operation>(events)).unwrap();
    assert_eq!(stored(&[]), serde_json::json!("n"));
    assert_eq!(
        stored(&[settled(100_000)]),
        serde_json::json!({"s": {
            "f": request(1).to_string(),
            "a": "GBP 100000",
            "t": "3f2b8c1e-5a77-4d09-9e10-000000000001#GBP",
        }})
    );
    assert_eq!(
        stored(&[suspended(SuspenseReason::WrongAsset, 5, 5)]),
        serde_json::json!({"w": {
            "f": request(1).to_string(),
            "a": "GBP 5",
            "r": "wrong-asset",
            "p": payer(1).to_string(),
        }})
    );
}

/// A commit item costs one write unit up to 1,024 bytes: body, state, and about 100 bytes of key, hash and names.
#[test]
fn a_settled_deposit_fits_in_one_write_unit() {
    const ITEM_BYTES_MAX: usize = 1_024;
    let metadata = concat!(
        r#"{"at":"2026-01-05T12:34:56.789Z","by":"settle-deposit","ca":"3f2b8c1e-5a77-4d09-9e10-000000000001","#,
        r#""co":"3f2b8c1e-5a77-4d09-9e10-000000000001","#,
        r#""tp":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","ev":[]}"#
    );
    assert!(metadata.len() > 200);
    // A thousand million pounds, and all the ether there is.
    for amount in [gbp(100_000_000_000), Money::new(Asset::Eth, 125_000_000 * 10_i128.pow(18))] {
        let command = settle(amount, Direction::Credit, AccountTarget(amount.asset()));
        let events = decide(&OperationState::None, &command).unwrap();
        let state = serde_json::to_string(&fold::<Operation>(&events)).unwrap();
        let event = serde_json::to_string(&events[0]).unwrap();
        let body_and_state = metadata.len() + event.len() + state.len();
        assert!(body_and_state < 1_000, "{body_and_state}: {event} {state}");

        let (stream, version, hash, kind) = (crate::ids::StreamId::from(operation(1)).as_str().len(), 2, 32, 2);
        let names = ["pk", "sk", "c", "p", "s", "sv", "k"].concat().len();
        let item = names + stream + version + body_and_state + hash + 2 + kind;
        assert!(item <= ITEM_BYTES_MAX, "{item}");
    }
}

fn any_target() -> impl Strategy<Value = DepositTarget> {
    let reason = proptest::sample::select(SuspenseReason::ALL.to_vec());
    prop_oneof![some_account().prop_map(DepositTarget::Account), reason.prop_map(DepositTarget::Suspense)]
}

fn any_command() -> impl Strategy<Value = OperationCommand> {
    let direction = proptest::sample::select(vec![Direction::Credit, Direction::Debit]);
    (some_operation(), some_fingerprint(), any_money(), direction, some_payer(), any_target(), any::<bool>()).prop_map(
        |(operation, fingerprint, amount, direction, payer, target, fits)| {
            let amount = match &target {
                DepositTarget::Account(account) if fits => Money::new(account.asset, amount.units()),
                DepositTarget::Account(_) | DepositTarget::Suspense(_) => amount,
            };
            OperationCommand::Settle(Settlement { operation, fingerprint, amount, direction, payer, target })
        },
    )
}

proptest! {
    #[test]
    fn every_command_is_idempotent_and_only_the_first_counts(
        commands in proptest::collection::vec(any_command(), 0..8),
    ) {
        let mut state = OperationState::default();
        for command in commands {
            let before = state.clone();
            if let Ok(events) = decide(&state, &command) {
                state = events.iter().fold(state, evolve);
                prop_assert_eq!(decide(&state, &command), Ok(vec![]));
            }
            prop_assert!(before == OperationState::None || before == state);
        }
    }

    #[test]
    fn what_is_decided_moves_exactly_the_amount_against_where_it_is_kept(command in any_command()) {
        let OperationCommand::Settle(Settlement { amount, direction, .. }) = &command else { panic!("{command:?}") };
        let events = decide(&OperationState::None, &command).unwrap_or_default();
        for event in &events {
            let Some([owed, owned]) = event.entry().map(JournalEntry::postings) else { panic!("{event:?}") };
            let expected = match direction {
                Direction::Credit => *amount,
                Direction::Debit => amount.checked_neg().unwrap(),
            };
            prop_assert_eq!(owed.amount, expected);
            let kept = InternalAccount::that_keeps(amount.asset());
            prop_assert_eq!(&owned.ledger, &LedgerAccount::Internal(kept, amount.asset()));
        }
        prop_assert!(survives_storage(&fold::<Operation>(&events)));
        prop_assert!(survives_storage(&events));
    }

    #[test]
    fn any_history_folds(commands in proptest::collection::vec(any_command(), 0..8)) {
        let decided = commands.iter().map(|command| decide(&OperationState::None, command).unwrap_or_default());
        let history: Vec<_> = decided.flatten().collect();
        prop_assert!(survives_storage(&fold::<Operation>(&history)));
    }
}
