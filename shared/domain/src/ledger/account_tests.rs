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

fn debited(number: u128, amount: i128, available: i128) -> AccountEvent {
    AccountEvent::Debited { operation: operation(number), amount: gbp(amount), available: gbp(available) }
}

fn raised(number: u128, amount: i128, pending: i128) -> AccountEvent {
    AccountEvent::PendingRaised { operation: operation(number), amount: gbp(amount), pending: gbp(pending) }
}

fn released(number: u128, amount: i128, pending: i128) -> AccountEvent {
    AccountEvent::PendingReleased { operation: operation(number), amount: gbp(amount), pending: gbp(pending) }
}

fn debit(number: u128, amount: Money) -> AccountCommand {
    AccountCommand::Debit { operation: operation(number), amount }
}

fn raise(number: u128, amount: Money) -> AccountCommand {
    AccountCommand::RaisePending { operation: operation(number), amount }
}

fn release(number: u128, amount: Money) -> AccountCommand {
    AccountCommand::ReleasePending { operation: operation(number), amount }
}

/// Each command that moves an amount.
fn moves(amount: Money) -> [AccountCommand; 4] {
    [credit(1, amount), debit(1, amount), raise(1, amount), release(1, amount)]
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
fn money_goes_out_to_the_last_penny_and_no_further() {
    let history = || [opened(), credited(1, 100, 100)];
    given::<Account>(history()).when(debit(2, gbp(30))).then([debited(2, 30, 70)]);
    given::<Account>(history()).when(debit(2, gbp(100))).then([debited(2, 100, 0)]);
    given::<Account>(history()).when(debit(2, gbp(101))).refuses(AccountError::Insufficient(InsufficientFunds));
    given::<Account>([opened()]).when(debit(2, gbp(1))).refuses(AccountError::Insufficient(InsufficientFunds));
}

#[test]
fn what_is_on_its_way_is_shown_and_cannot_be_spent() {
    given::<Account>([opened()]).when(raise(1, gbp(100))).then([raised(1, 100, 100)]);
    given::<Account>([opened(), raised(1, 100, 100)]).when(raise(2, gbp(5))).then([raised(2, 5, 105)]);
    let refused = AccountError::Insufficient(InsufficientFunds);
    given::<Account>([opened(), raised(1, 100, 100)]).when(debit(2, gbp(1))).refuses(refused);
}

#[test]
fn what_was_on_its_way_is_released_and_only_that() {
    let history = || [opened(), raised(1, 100, 100), raised(2, 5, 105)];
    given::<Account>(history()).when(release(1, gbp(100))).then([released(1, 100, 5)]);
    given::<Account>(history()).when(release(1, gbp(106))).refuses(AccountError::NotPending);
    given::<Account>([opened(), credited(1, 100, 100)]).when(release(1, gbp(1))).refuses(AccountError::NotPending);
}

#[test]
fn nothing_moves_on_an_account_that_is_not_open() {
    for command in moves(gbp(100)) {
        given::<Account>([]).when(command).refuses(AccountError::NotOpen);
    }
}

#[test]
fn an_account_takes_no_other_asset() {
    for command in moves(eur(100)) {
        let refused = AccountError::WrongAsset { held: Asset::Gbp, given: Asset::Eur };
        given::<Account>([opened(), credited(1, 500, 500), raised(1, 500, 500)]).when(command).refuses(refused);
    }
}

#[test]
fn nothing_and_less_than_nothing_cannot_move() {
    for command in [0, -1, i128::MIN].into_iter().flat_map(|units| moves(gbp(units))) {
        given::<Account>([opened(), credited(1, 500, 500), raised(1, 500, 500)])
            .when(command)
            .refuses(AccountError::AmountNotPositive);
    }
}

#[test]
fn a_balance_that_does_not_fit_is_refused() {
    given::<Account>([opened(), credited(1, i128::MAX, i128::MAX)])
        .when(credit(2, gbp(1)))
        .refuses(AccountError::Money(MoneyError::Overflow));
    given::<Account>([opened(), raised(1, i128::MAX, i128::MAX)])
        .when(raise(2, gbp(1)))
        .refuses(AccountError::Money(MoneyError::Overflow));
}

/// There is no quiet credit and no quiet debit here: see [`AccountCommand::Credit`].
#[test]
fn what_moves_is_repeated_if_it_is_decided_again() {
    given::<Account>([opened(), credited(1, 5, 5)]).when(credit(1, gbp(5))).then([credited(1, 5, 10)]);
    given::<Account>([opened(), credited(1, 5, 5), debited(2, 2, 3)]).when(debit(2, gbp(2))).then([debited(2, 2, 1)]);
}

#[test]
fn the_state_is_stored_in_a_few_letters() {
    let stored = serde_json::to_value(state_after::<Account>([opened(), credited(1, 5, 5), raised(2, 7, 7)])).unwrap();
    let expected = serde_json::json!({"o": {
        "i": "3f2b8c1e-5a77-4d09-9e10-000000000001#GBP",
        "r": reference(0),
        "a": "GBP 5",
        "p": "GBP 7",
        "h": "GBP 0",
    }});
    assert_eq!(stored, expected);
    assert_eq!(serde_json::to_string(&AccountState::default()).unwrap(), r#""n""#);
}

fn any_event() -> impl Strategy<Value = AccountEvent> {
    let change = |change: fn(OperationId, Money, Money) -> AccountEvent| {
        (some_operation(), any_money(), any_money())
            .prop_map(move |(operation, amount, after)| change(operation, amount, after))
    };
    prop_oneof![
        (some_account(), proptest::option::of(any_reference()))
            .prop_map(|(account, reference)| AccountEvent::Opened { account, reference }),
        change(|operation, amount, available| AccountEvent::Credited { operation, amount, available }),
        change(|operation, amount, available| AccountEvent::Debited { operation, amount, available }),
        change(|operation, amount, pending| AccountEvent::PendingRaised { operation, amount, pending }),
        change(|operation, amount, pending| AccountEvent::PendingReleased { operation, amount, pending }),
    ]
}

/// A command that moves an amount, most of the time one that an account may have.
fn any_move() -> impl Strategy<Value = AccountCommand> {
    let units = prop_oneof![-5_i128..=100, -5_i128..=1_000_000_000, any::<i128>()];
    (units, 0_usize..4).prop_map(|(units, which)| moves(gbp(units))[which].clone())
}

proptest! {
    #[test]
    fn balances_are_the_sums_of_what_moved_and_never_negative(
        commands in proptest::collection::vec(any_move(), 0..24),
    ) {
        let mut state = state_after::<Account>([opened()]);
        let (mut spendable, mut announced) = (0_i128, 0_i128);
        for command in commands {
            let (balance, units) = match &command {
                AccountCommand::Credit { amount, .. } => (&mut spendable, amount.units()),
                AccountCommand::Debit { amount, .. } => (&mut spendable, amount.units().saturating_neg()),
                AccountCommand::RaisePending { amount, .. } => (&mut announced, amount.units()),
                AccountCommand::ReleasePending { amount, .. } => (&mut announced, amount.units().saturating_neg()),
                AccountCommand::Open { .. } => unreachable!("moves only"),
            };
            let raises = matches!(command, AccountCommand::Credit { .. } | AccountCommand::RaisePending { .. });
            let expected = balance.checked_add(units).filter(|sum| *sum >= 0 && units != 0 && (units > 0) == raises);
            let outcome = decide(&state, &command);
            prop_assert_eq!(outcome.is_ok(), expected.is_some(), "{:?} {:?}", &command, &outcome);
            *balance = expected.unwrap_or(*balance);
            state = outcome.unwrap_or_default().iter().fold(state, evolve);
            let AccountState::Open { available, pending, held, .. } = &state else { panic!("{state:?}") };
            prop_assert_eq!((*available, *pending, *held), (gbp(spendable), gbp(announced), gbp(0)));
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
        let state = fold::<Account>(&history);
        for command in [
            AccountCommand::Credit { operation: operation.clone(), amount },
            AccountCommand::Debit { operation: operation.clone(), amount },
            AccountCommand::RaisePending { operation: operation.clone(), amount },
            AccountCommand::ReleasePending { operation: operation.clone(), amount },
        ] {
            let _ = decide(&state, &command);
        }
    }
}
