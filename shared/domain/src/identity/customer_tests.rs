use proptest::prelude::*;

use super::*;
use crate::aggregate::fold;
use crate::testing::{application, email, given, some_application, some_email, survives_storage};

fn signed_up(number: u128) -> CustomerEvent {
    CustomerEvent::SignedUp { email: email(number) }
}

fn activated() -> CustomerEvent {
    CustomerEvent::Activated {}
}

fn applied(number: u128) -> CustomerEvent {
    CustomerEvent::Applied { application: application(number) }
}

fn ended(number: u128) -> CustomerEvent {
    CustomerEvent::ApplicationEnded { application: application(number) }
}

fn apply(number: u128) -> CustomerCommand {
    CustomerCommand::Apply { application: application(number) }
}

fn end(number: u128) -> CustomerCommand {
    CustomerCommand::EndApplication { application: application(number) }
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
fn whoever_signed_up_applies() {
    given::<Customer>([signed_up(1)]).when(apply(1)).then([applied(1)]).and_repeating_stays_quiet();
    given::<Customer>([signed_up(1), applied(1)])
        .when(CustomerCommand::Activate)
        .then([activated()])
        .and_repeating_stays_quiet();
}

#[test]
fn nobody_applies_before_signing_up() {
    given::<Customer>([]).when(apply(1)).refuses(CustomerError::NotSignedUp);
    given::<Customer>([]).when(end(1)).refuses(CustomerError::NotSignedUp);
}

#[test]
fn an_application_that_ends_leaves_a_customer_who_may_apply_again() {
    given::<Customer>([signed_up(1), applied(1)]).when(end(1)).then([ended(1)]).and_repeating_stays_quiet();
    let state = fold::<Customer>(&[signed_up(1), applied(1), ended(1)]);
    assert_eq!(state.status, CustomerStatus::SignedUp);
    given::<Customer>([signed_up(1), applied(1), ended(1)]).when(apply(2)).then([applied(2)]);
}

#[test]
fn news_of_a_submission_that_come_after_its_end_change_nothing() {
    given::<Customer>([signed_up(1)]).when(end(1)).then([ended(1)]).and_repeating_stays_quiet();
    given::<Customer>([signed_up(1), ended(1)]).when(apply(1)).stays_quiet();
    given::<Customer>([signed_up(1), activated()]).when(apply(1)).stays_quiet();
    given::<Customer>([signed_up(1), activated()]).when(end(1)).stays_quiet();
}

#[test]
fn the_state_is_stored_in_a_few_letters() {
    let state = fold::<Customer>(&[signed_up(1), activated()]);
    let stored = serde_json::to_string(&state).unwrap();
    assert_eq!(stored, r#"{"s":"a","e":"customer:3f2b8c1e-5a77-4d09-9e10-000000000001/email"}"#);
    assert_eq!(serde_json::to_string(&CustomerState::default()).unwrap(), r#"{"s":"n"}"#);
}

fn erase(day: u32) -> CustomerCommand {
    CustomerCommand::RequestErasure { by: staff(), reason: email(1), at: on(day) }
}

fn staff() -> StaffId {
    StaffId::new(uuid::Uuid::from_u128(7))
}

/// Days after one in November 2026.
fn on(day: u32) -> Moment {
    Moment::of(time::macros::datetime!(2026-11-20 12:00 UTC) + time::Duration::days(day.into()))
}

fn erasure_requested(status: CustomerStatus) -> CustomerEvent {
    CustomerEvent::ErasureRequested { by: staff(), reason: email(1), at: on(0), kept: erasure::kept(status, on(0)) }
}

fn destroyed(class: RetentionClass, day: u32) -> CustomerEvent {
    CustomerEvent::KeyDestroyed { class, at: on(day), key: Some(Fingerprint::of(b"wrapped")) }
}

fn note(class: RetentionClass, day: u32) -> CustomerCommand {
    CustomerCommand::NoteDestroyed { class, at: on(day), key: Some(Fingerprint::of(b"wrapped")) }
}

#[test]
fn a_customer_is_erased_once_and_then_takes_no_part() {
    given::<Customer>([signed_up(1), activated()])
        .when(erase(0))
        .then([erasure_requested(CustomerStatus::Active)])
        .and_repeating_stays_quiet();
    let erased = [signed_up(1), activated(), erasure_requested(CustomerStatus::Active)];
    given::<Customer>(erased.clone()).when(erase(40)).stays_quiet();
    given::<Customer>(erased.clone()).when(sign_up(1)).refuses(CustomerError::Erased);
    given::<Customer>(erased.clone()).when(apply(1)).refuses(CustomerError::Erased);
    given::<Customer>(erased.clone()).when(CustomerCommand::Activate).refuses(CustomerError::Erased);
    given::<Customer>(erased).when(end(1)).stays_quiet();
    given::<Customer>([]).when(erase(0)).refuses(CustomerError::NotSignedUp);
}

#[test]
fn a_key_is_noted_as_destroyed_once_it_may_go_and_not_before() {
    let erased = [signed_up(1), activated(), erasure_requested(CustomerStatus::Active)];
    given::<Customer>(erased.clone())
        .when(note(RetentionClass::Contact, 0))
        .then([destroyed(RetentionClass::Contact, 0)])
        .and_repeating_stays_quiet();
    for class in [RetentionClass::Identity, RetentionClass::Case, RetentionClass::Payment] {
        given::<Customer>(erased.clone()).when(note(class, 1825)).refuses(CustomerError::StillRequired);
        given::<Customer>(erased.clone()).when(note(class, 1826)).then([destroyed(class, 1826)]);
    }
    given::<Customer>([signed_up(1)]).when(note(RetentionClass::Contact, 0)).refuses(CustomerError::NotErased);
}

#[test]
fn of_somebody_who_never_was_a_customer_every_key_may_go_at_once() {
    let erased = [signed_up(1), erasure_requested(CustomerStatus::SignedUp)];
    for class in RetentionClass::ALL {
        given::<Customer>(erased.clone()).when(note(class, 0)).then([destroyed(class, 0)]);
    }
    let mut all: Vec<_> = erased.to_vec();
    all.extend(RetentionClass::ALL.map(|class| destroyed(class, 0)));
    let state = fold::<Customer>(&all);
    let erasure = state.erasure.as_ref().unwrap();
    assert_eq!((erasure.outstanding(), erasure.gone.get(&RetentionClass::Contact)), (vec![], Some(&on(0))));
    assert!(RetentionClass::ALL.into_iter().all(|class| erasure.ground(class).is_none()));
    assert!(survives_storage(&state) && survives_storage(&all));
}

fn any_event() -> impl Strategy<Value = CustomerEvent> {
    prop_oneof![
        some_email().prop_map(|email| CustomerEvent::SignedUp { email }),
        some_application().prop_map(|application| CustomerEvent::Applied { application }),
        some_application().prop_map(|application| CustomerEvent::ApplicationEnded { application }),
        Just(activated()),
    ]
}

fn any_command() -> impl Strategy<Value = CustomerCommand> {
    prop_oneof![some_email().prop_map(|email| CustomerCommand::SignUp { email }), any_news()]
}

/// What other contexts tell of a customer's applications.
fn any_news() -> impl Strategy<Value = CustomerCommand> {
    prop_oneof![
        some_application().prop_map(|application| CustomerCommand::Apply { application }),
        some_application().prop_map(|application| CustomerCommand::EndApplication { application }),
        Just(CustomerCommand::Activate),
    ]
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
    fn news_lead_to_the_same_customer_in_whatever_order_they_come(
        (news, shuffled) in proptest::collection::vec(any_news(), 0..6)
            .prop_flat_map(|news| (Just(news.clone()), Just(news).prop_shuffle())),
    ) {
        let after = |news: &[CustomerCommand]| {
            let signed_up = fold::<Customer>(&[signed_up(1)]);
            news.iter().fold(signed_up, |state, it| decide(&state, it).unwrap().iter().fold(state.clone(), evolve))
        };
        prop_assert_eq!(after(&news), after(&shuffled));
    }

    #[test]
    fn any_history_folds_and_everything_survives_storage(history in proptest::collection::vec(any_event(), 0..8)) {
        prop_assert!(survives_storage(&fold::<Customer>(&history)));
        prop_assert!(survives_storage(&history));
    }
}
