use proptest::prelude::*;

use super::*;
use crate::aggregate::fold;
use crate::testing::{
    account, any_money, any_reference, eur, gbp, given, operation, some_account, some_operation, state_after,
    survives_storage,
};

fn reference(salt: u32) -> Option<DepositReference> {
    Some(DepositReference::derive(&account(1, Asset::Gbp), salt))
}

fn opened() -> AccountEvent {
    AccountEvent::Opened { account: account(1, Asset::Gbp), reference: reference(0) }
}

fn credited(number: u128, amount: i128, available: i128) -> AccountEvent {
    AccountEvent::Credited { operation: operation(number), amount: gbp(amount), available: gbp(available) }
}

fn open() -> AccountCommand {
    AccountCommand::Open { id: account(1, Asset::Gbp), reference: reference(0) }
}

fn credit(number: u128, amount: Money) -> AccountCommand {
    AccountCommand::Credit { operation: operation(number), amount }
}

#[test]
fn an_account_is_opened() {
    given::<Account>([]).when(open()).then([opened()]).and_repeating_stays_quiet();
}

#[test]
fn an_account_is_not_opened_a_second_time_as_something_else() {
    for (id, reference) in [
        (account(1, Asset::Gbp), reference(1)),
        (account(1, Asset::Gbp), None),
        (account(1, Asset::Eur), reference(0)),
        (account(2, Asset::Gbp), reference(0)),
    ] {
        given::<Account>([opened()])
            .when(AccountCommand::Open { id, reference })
            .refuses(AccountError::OpenedDifferently);
    }
}

#[test]
fn opening_again_changes_nothing() {
    given::<Account>([opened()]).when(open()).stays_quiet();
    given::<Account>([opened(), credited(1, 5, 5)]).when(open()).stays_quiet();
}

#[test]
fn money_comes_in_and_may_be_spent() {
    given::<Account>([opened()]).when(credit(1, gbp(100_000))).then([credited(1, 100_000, 100_000)]);
    given::<Account>([opened(), credited(1, 100_000, 100_000)]).when(credit(2, gbp(1))).then([credited(2, 1, 100_001)]);
}

#[test]
fn an_account_that_is_not_open_takes_no_money() {
    given::<Account>([]).when(credit(1, gbp(100))).refuses(AccountError::NotOpen);
}

#[test]
fn an_account_takes_no_other_asset() {
    given::<Account>([opened()])
        .when(credit(1, eur(100)))
        .refuses(AccountError::WrongAsset { held: Asset::Gbp, given: Asset::Eur });
}

#[test]
fn nothing_and_less_than_nothing_cannot_come_in() {
    for units in [0, -1, i128::MIN] {
        given::<Account>([opened()]).when(credit(1, gbp(units))).refuses(AccountError::AmountNotPositive);
    }
}

#[test]
fn a_balance_that_does_not_fit_is_refused() {
    given::<Account>([opened(), credited(1, i128::MAX, i128::MAX)])
        .when(credit(2, gbp(1)))
        .refuses(AccountError::Money(MoneyError::Overflow));
}

/// There is no quiet credit here: see [`AccountCommand::Credit`].
#[test]
fn a_credit_is_repeated_if_it_is_decided_again() {
    given::<Account>([opened(), credited(1, 5, 5)]).when(credit(1, gbp(5))).then([credited(1, 5, 10)]);
}

#[test]
fn the_state_is_stored_in_a_few_letters() {
    let stored = serde_json::to_value(state_after::<Account>([opened(), credited(1, 5, 5)])).unwrap();
    let expected = serde_json::json!({"o": {
        "i": "3f2b8c1e-5a77-4d09-9e10-000000000001#GBP",
        "r": reference(0),
        "a": "GBP 5",
        "p": "GBP 0",
        "h": "GBP 0",
    }});
    assert_eq!(stored, expected);
    assert_eq!(serde_json::to_string(&AccountState::default()).unwrap(), r#""n""#);
}

fn any_event() -> impl Strategy<Value = AccountEvent> {
    prop_oneof![
        (some_account(), proptest::option::of(any_reference()))
            .prop_map(|(account, reference)| AccountEvent::Opened { account, reference }),
        (some_operation(), any_money(), any_money())
            .prop_map(|(operation, amount, available)| AccountEvent::Credited { operation, amount, available }),
    ]
}

proptest! {
    #[test]
    fn what_is_available_is_the_sum_of_what_came_in(
        amounts in proptest::collection::vec(prop_oneof![-5_i128..=1_000_000_000, any::<i128>()], 0..12),
    ) {
        let mut state = state_after::<Account>([opened()]);
        let mut expected = gbp(0);
        for amount in amounts.into_iter().map(gbp) {
            let outcome = decide(&state, &credit(1, amount));
            match expected.checked_add(amount) {
                Ok(sum) if amount.is_positive() => expected = sum,
                _ => prop_assert!(outcome.is_err()),
            }
            state = outcome.unwrap_or_default().iter().fold(state, evolve);
            let AccountState::Open { available, pending, held, .. } = &state else { panic!("{state:?}") };
            prop_assert_eq!((*available, *pending, *held), (expected, gbp(0), gbp(0)));
        }
    }

    #[test]
    fn opening_is_idempotent(
        history in proptest::collection::vec(any_event(), 0..4),
        id in some_account(),
        reference in proptest::option::of(any_reference()),
    ) {
        let (state, command) = (fold::<Account>(&history), AccountCommand::Open { id, reference });
        if let Ok(events) = decide(&state, &command) {
            let state = events.iter().fold(state, evolve);
            prop_assert_eq!(decide(&state, &command), Ok(vec![]));
        }
    }

    #[test]
    fn any_history_folds_and_everything_survives_storage(history in proptest::collection::vec(any_event(), 0..8)) {
        prop_assert!(survives_storage(&fold::<Account>(&history)));
        prop_assert!(survives_storage(&history));
    }

    #[test]
    fn no_command_panics(
        history in proptest::collection::vec(any_event(), 0..4),
        operation in some_operation(),
        amount in any_money(),
    ) {
        let _ = decide(&fold::<Account>(&history), &AccountCommand::Credit { operation, amount });
    }
}
