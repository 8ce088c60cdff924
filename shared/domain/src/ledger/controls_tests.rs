use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::aggregate::fold;
use crate::testing::{customer, given, state_after, survives_storage};

const ADA: StaffId = StaffId::new(Uuid::from_u128(0xADA));

fn at() -> Moment {
    "2026-11-20T12:04:05.678Z".parse().unwrap()
}

fn case(number: u128) -> CaseId {
    CaseId::new(Uuid::from_u128(number))
}

fn reason(number: u128) -> VaultRef {
    VaultRef::of_customer(customer(1), &format!("freeze-{number}")).unwrap()
}

fn staff(number: u128) -> Ground {
    Ground::Staff { by: ADA, reason: reason(number) }
}

fn policy(number: u128) -> Ground {
    Ground::Policy { case: case(number) }
}

fn frozen(freeze: FreezeId, side: FreezeSide, ground: Ground) -> ControlsEvent {
    ControlsEvent::Frozen { freeze, side, ground, at: at() }
}

fn unfrozen(freeze: FreezeId, ground: Ground) -> ControlsEvent {
    ControlsEvent::Unfrozen { freeze, ground, at: at() }
}

fn freeze(freeze: FreezeId, side: FreezeSide, ground: Ground) -> (ControlsCommand, Moment) {
    (ControlsCommand::Freeze { customer: customer(1), freeze, side, ground }, at())
}

fn unfreeze(freeze: FreezeId, by: StaffId) -> (ControlsCommand, Moment) {
    (ControlsCommand::Unfreeze { customer: customer(1), freeze, by, reason: reason(9) }, at())
}

fn lift(number: u128) -> (ControlsCommand, Moment) {
    (ControlsCommand::LiftPolicy { case: case(number) }, at())
}

fn by_hand(number: u128) -> FreezeId {
    FreezeId::new(Uuid::from_u128(0xF0_0000 + number))
}

fn of_case(number: u128) -> FreezeId {
    FreezeId::of_case(case(number))
}

#[test]
fn a_freeze_stops_its_side_until_it_is_lifted() {
    let side = FreezeSide::Debits;
    given::<Controls>([])
        .when(freeze(by_hand(1), side, staff(1)))
        .then([frozen(by_hand(1), side, staff(1))])
        .and_repeating_stays_quiet();
    let before = [frozen(by_hand(1), side, staff(1))];
    let state = state_after::<Controls>(before.clone());
    assert_eq!(state.check_debits(), Err(ControlsError::Frozen));
    assert!(!state.stops_credits());
    given::<Controls>(before.clone())
        .when(unfreeze(by_hand(1), ADA))
        .then([unfrozen(by_hand(1), staff_lift())])
        .and_repeating_stays_quiet();
    let [before] = before;
    let state = state_after::<Controls>([before, unfrozen(by_hand(1), staff_lift())]);
    assert_eq!((state.side(), state.check_debits()), (None, Ok(())));
    let [lifted] = &state.freezes[..] else { panic!("{state:?}") };
    assert_eq!((&lifted.ground, &lifted.lifted_by), (&staff(1), &Some(staff_lift())), "both reasons can be read back");
}

fn staff_lift() -> Ground {
    staff(9)
}

#[test]
fn each_of_several_grounds_has_to_be_lifted() {
    let both = [
        frozen(of_case(1), FreezeSide::Both, policy(1)),
        frozen(by_hand(1), FreezeSide::Debits, staff(1)),
        frozen(of_case(2), FreezeSide::Credits, policy(2)),
    ];
    let after = |lifted: &[FreezeId]| {
        let lifts = lifted.iter().map(|it| unfrozen(*it, staff_lift()));
        state_after::<Controls>(both.clone().into_iter().chain(lifts)).side()
    };
    assert_eq!(after(&[]), Some(FreezeSide::Both));
    assert_eq!(after(&[by_hand(1)]), Some(FreezeSide::Both));
    assert_eq!(after(&[of_case(1)]), Some(FreezeSide::Both), "debits by hand and credits by another case");
    assert_eq!(after(&[of_case(1), by_hand(1)]), Some(FreezeSide::Credits));
    assert_eq!(after(&[of_case(1), by_hand(1), of_case(2)]), None);
}

#[test]
fn a_freeze_of_policy_is_lifted_by_its_case_only() {
    let before = [frozen(of_case(1), FreezeSide::Both, policy(1)), frozen(of_case(2), FreezeSide::Both, policy(2))];
    given::<Controls>(before.clone()).when(unfreeze(of_case(1), ADA)).refuses(ControlsError::ByPolicy);
    given::<Controls>(before).when(lift(1)).then([unfrozen(of_case(1), policy(1))]).and_repeating_stays_quiet();
}

#[test]
fn a_lift_that_comes_before_its_freeze_is_respected() {
    given::<Controls>([]).when(lift(1)).then([unfrozen(of_case(1), policy(1))]).and_repeating_stays_quiet();
    given::<Controls>([unfrozen(of_case(1), policy(1))])
        .when(freeze(of_case(1), FreezeSide::Both, policy(1)))
        .stays_quiet();
}

#[test]
fn a_late_repeat_of_a_lifted_freeze_freezes_nothing() {
    given::<Controls>([frozen(by_hand(1), FreezeSide::Both, staff(1)), unfrozen(by_hand(1), staff_lift())])
        .when(freeze(by_hand(1), FreezeSide::Both, staff(1)))
        .stays_quiet();
}

#[test]
fn an_id_names_one_freeze() {
    let before = [frozen(by_hand(1), FreezeSide::Both, staff(1))];
    for other in [freeze(by_hand(1), FreezeSide::Debits, staff(1)), freeze(by_hand(1), FreezeSide::Both, staff(2))] {
        given::<Controls>(before.clone()).when(other).refuses(ControlsError::Reused);
    }
    given::<Controls>(before).when(unfreeze(by_hand(2), ADA)).refuses(ControlsError::Unknown);
}

#[test]
fn nobody_freezes_or_unfreezes_themselves() {
    let themselves = StaffId::new(*customer(1).as_uuid());
    let ground = Ground::Staff { by: themselves, reason: reason(1) };
    given::<Controls>([]).when(freeze(by_hand(1), FreezeSide::Both, ground)).refuses(ControlsError::Own);
    given::<Controls>([frozen(by_hand(1), FreezeSide::Both, staff(1))])
        .when(unfreeze(by_hand(1), themselves))
        .refuses(ControlsError::Own);
}

#[test]
fn policy_freezes_however_often_staff_did() {
    let full = (0..STAFF_FREEZES_MAX).map(|number| {
        let number = u128::try_from(number).unwrap();
        frozen(by_hand(number), FreezeSide::Debits, staff(number))
    });
    let full: Vec<_> = full.collect();
    given::<Controls>(full.clone())
        .when(freeze(by_hand(1_000), FreezeSide::Debits, staff(1_000)))
        .refuses(ControlsError::Full);
    given::<Controls>(full).when(freeze(of_case(1), FreezeSide::Both, policy(1))).then([frozen(
        of_case(1),
        FreezeSide::Both,
        policy(1),
    )]);
}

#[test]
fn a_closure_is_ordered_once() {
    let order = |number| (ControlsCommand::OrderClosure { case: case(number) }, at());
    let ordered = ControlsEvent::ClosureOrdered { case: case(1), at: at() };
    given::<Controls>([]).when(order(1)).then([ordered.clone()]).and_repeating_stays_quiet();
    given::<Controls>([ordered]).when(order(2)).stays_quiet();
}

fn any_command() -> impl Strategy<Value = (ControlsCommand, Moment)> {
    let side = prop_oneof![Just(FreezeSide::Debits), Just(FreezeSide::Credits), Just(FreezeSide::Both)];
    prop_oneof![
        (0_u128..4, side.clone()).prop_map(|(number, side)| freeze(by_hand(number), side, staff(number))),
        (0_u128..4, side).prop_map(|(number, side)| freeze(of_case(number), side, policy(number))),
        (0_u128..4).prop_map(|number| unfreeze(by_hand(number), ADA)),
        (0_u128..4).prop_map(lift),
        (0_u128..4).prop_map(|number| (ControlsCommand::OrderClosure { case: case(number) }, at())),
    ]
}

proptest! {
    #[test]
    fn every_command_is_idempotent_and_what_freezes_is_what_was_frozen_and_not_lifted(
        commands in proptest::collection::vec(any_command(), 0..24),
    ) {
        let (mut state, mut history) = (ControlsState::default(), vec![]);
        for command in commands {
            if let Ok(events) = decide(&state, &command.0, command.1) {
                state = events.iter().fold(state, evolve);
                history.extend(events);
                prop_assert_eq!(decide(&state, &command.0, command.1), Ok(vec![]));
            }
        }
        let lifted = |id| history.iter().any(|it| matches!(it, ControlsEvent::Unfrozen { freeze, .. } if *freeze == id));
        for event in &history {
            if let ControlsEvent::Frozen { freeze, .. } = event {
                prop_assert_eq!(state.in_force().any(|it| it.id == *freeze), !lifted(*freeze));
            }
        }
        prop_assert!(survives_storage(&fold::<Controls>(&history)));
        prop_assert!(survives_storage(&history));
    }
}
