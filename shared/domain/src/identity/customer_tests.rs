use proptest::prelude::*;

use super::*;
use crate::aggregate::fold;
use crate::testing::{email, given, some_email, survives_storage};

fn signed_up(number: u128) -> CustomerEvent {
    CustomerEvent::SignedUp { email: email(number) }
}

fn activated() -> CustomerEvent {
    CustomerEvent::Activated {}
}

fn sign_up(number: u128) -> CustomerCommand {
    CustomerCommand::SignUp { email: email(number) }
}

#[test]
fn a_person_signs_up() {
    given::<Customer>([]).when(sign_up(1)).then([signed_up(1)]).and_repeating_stays_quiet();
}

#[test]
fn a_customer_does_not_sign_up_with_a_second_address() {
    given::<Customer>([signed_up(1)]).when(sign_up(2)).refuses(CustomerError::DifferentEmail);
    given::<Customer>([signed_up(1), activated()]).when(sign_up(2)).refuses(CustomerError::DifferentEmail);
}

#[test]
fn signing_up_again_changes_nothing() {
    given::<Customer>([signed_up(1)]).when(sign_up(1)).stays_quiet();
    given::<Customer>([signed_up(1), activated()]).when(sign_up(1)).stays_quiet();
}

#[test]
fn whoever_signed_up_is_activated() {
    given::<Customer>([signed_up(1)]).when(CustomerCommand::Activate).then([activated()]).and_repeating_stays_quiet();
}

#[test]
fn nobody_is_activated_before_signing_up() {
    given::<Customer>([]).when(CustomerCommand::Activate).refuses(CustomerError::NotSignedUp);
}

#[test]
fn activating_again_changes_nothing() {
    given::<Customer>([signed_up(1), activated()]).when(CustomerCommand::Activate).stays_quiet();
}

#[test]
fn the_state_is_stored_in_a_few_letters() {
    let state = fold::<Customer>(&[signed_up(1), activated()]);
    let stored = serde_json::to_string(&state).unwrap();
    assert_eq!(stored, r#"{"s":"a","e":"customer:3f2b8c1e-5a77-4d09-9e10-000000000001/email"}"#);
    assert_eq!(serde_json::to_string(&CustomerState::default()).unwrap(), r#"{"s":"n"}"#);
}

fn any_event() -> impl Strategy<Value = CustomerEvent> {
    prop_oneof![some_email().prop_map(|email| CustomerEvent::SignedUp { email }), Just(activated())]
}

fn any_command() -> impl Strategy<Value = CustomerCommand> {
    prop_oneof![some_email().prop_map(|email| CustomerCommand::SignUp { email }), Just(CustomerCommand::Activate)]
}

proptest! {
    #[test]
    fn every_command_is_idempotent(commands in proptest::collection::vec(any_command(), 0..8)) {
        let mut state = CustomerState::default();
        for command in commands {
            if let Ok(events) = decide(&state, &command) {
                state = events.iter().fold(state, evolve);
                prop_assert_eq!(decide(&state, &command), Ok(vec![]));
            }
        }
    }

    #[test]
    fn an_address_is_known_from_the_sign_up_on_and_never_changes(
        commands in proptest::collection::vec(any_command(), 0..8),
    ) {
        let mut state = CustomerState::default();
        for command in commands {
            let before = state.clone();
            state = decide(&state, &command).unwrap_or_default().iter().fold(state, evolve);
            prop_assert_eq!(state.email.is_none(), state.status == CustomerStatus::None);
            prop_assert!(before.email.is_none() || before.email == state.email);
        }
    }

    #[test]
    fn any_history_folds_and_everything_survives_storage(history in proptest::collection::vec(any_event(), 0..8)) {
        prop_assert!(survives_storage(&fold::<Customer>(&history)));
        prop_assert!(survives_storage(&history));
    }
}
