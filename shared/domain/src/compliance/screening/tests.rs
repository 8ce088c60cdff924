use proptest::prelude::*;
use time::Duration;
use time::macros::datetime;

use super::*;
use crate::aggregate::fold;
use crate::testing::{application, given, some_application, state_after, survives_storage};

fn at(minute: i64) -> Moment {
    Moment::of(datetime!(2026-11-20 12:00 UTC) + Duration::minutes(minute))
}

fn matched(entity: &str, score: u8) -> Match {
    Match { entity: entity.parse().unwrap(), score, lists: vec!["us_ofac_sdn".parse().unwrap()] }
}

fn complete(check: Check, matches: &[Match]) -> (ScreeningCommand, Moment) {
    (ScreeningCommand::CompleteCheck { application: application(1), check, matches: matches.to_vec() }, at(1))
}

fn completed(check: Check, matches: &[Match]) -> ScreeningEvent {
    ScreeningEvent::CheckCompleted { application: application(1), check, matches: matches.to_vec(), at: at(1) }
}

fn assess() -> (ScreeningCommand, Moment) {
    (ScreeningCommand::AssessRisk { application: application(1) }, at(2))
}

fn assessed(score: u8, verdict: RiskVerdict) -> ScreeningEvent {
    ScreeningEvent::RiskAssessed { application: application(1), score, verdict, at: at(2) }
}

/// All three checks, with these scores of one match each. A score of nothing is no match.
fn found(sanctions: u8, pep: u8, fraud: u8) -> Vec<ScreeningEvent> {
    let of = |score: u8| if score == 0 { vec![] } else { vec![matched("Q1", score)] };
    let answers = [(Check::Sanctions, sanctions), (Check::Pep, pep), (Check::Fraud, fraud)];
    answers.map(|(check, score)| completed(check, &of(score))).to_vec()
}

fn risk_of(sanctions: u8, pep: u8, fraud: u8) -> (u8, RiskVerdict) {
    let state = state_after::<Screening>(found(sanctions, pep, fraud));
    match decide(&state, &assess().0, at(2)).unwrap().as_slice() {
        [ScreeningEvent::RiskAssessed { score, verdict, .. }] => (*score, *verdict),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_answer_is_recorded_once() {
    let matches = [matched("Q1", 71)];
    given::<Screening>([])
        .when(complete(Check::Pep, &matches))
        .then([completed(Check::Pep, &matches)])
        .and_repeating_stays_quiet();
}

#[test]
fn the_first_answer_to_a_check_stands() {
    given::<Screening>([completed(Check::Pep, &[])]).when(complete(Check::Pep, &[matched("Q1", 99)])).stays_quiet();
}

#[test]
fn another_check_is_recorded_beside_it() {
    given::<Screening>([completed(Check::Pep, &[])])
        .when(complete(Check::Fraud, &[]))
        .then([completed(Check::Fraud, &[])]);
}

#[test]
fn another_application_is_checked_anew() {
    let command = ScreeningCommand::CompleteCheck { application: application(2), check: Check::Pep, matches: vec![] };
    let event =
        ScreeningEvent::CheckCompleted { application: application(2), check: Check::Pep, matches: vec![], at: at(9) };
    given::<Screening>(found(0, 0, 0)).when((command, at(9))).then([event]);
}

#[test]
fn the_best_matches_are_kept_each_person_once_the_most_alike_first() {
    let mut matches: Vec<_> = (0..12).map(|number| matched(&format!("Q{number:02}"), 50 + number)).collect();
    matches.push(matched("Q03", 90));
    let mut kept = vec![matched("Q03", 90)];
    kept.extend((3..12).rev().map(|number| matched(&format!("Q{number:02}"), 50 + number)));
    kept.retain(|it| it.entity.as_str() != "Q03" || it.score == 90);
    kept.push(matched("Q02", 52));
    kept.truncate(MATCHES_MAX);
    given::<Screening>([]).when(complete(Check::Pep, &matches)).then([completed(Check::Pep, &kept)]);
}

#[test]
fn a_match_keeps_a_bounded_number_of_lists() {
    let mut many = matched("Q1", 80);
    many.lists = (0..LISTS_MAX + 5).rev().map(|number| format!("list_{number:03}").parse().unwrap()).collect();
    let mut kept = many.clone();
    kept.lists = (0..LISTS_MAX).map(|number| format!("list_{number:03}").parse().unwrap()).collect();
    given::<Screening>([]).when(complete(Check::Pep, &[many])).then([completed(Check::Pep, &[kept])]);
}

#[test]
fn more_than_the_same_is_no_score() {
    given::<Screening>([])
        .when(complete(Check::Sanctions, &[matched("Q1", 101)]))
        .refuses(ScreeningError::ScoreTooHigh);
}

#[test]
fn somebody_who_is_on_no_list_is_approved() {
    given::<Screening>(found(0, 0, 0))
        .when(assess())
        .then([assessed(0, RiskVerdict::Approve)])
        .and_repeating_stays_quiet();
}

#[test]
fn a_risk_is_assessed_once_all_checks_have_an_answer() {
    given::<Screening>([]).when(assess()).refuses(ScreeningError::ChecksMissing);
    for missing in 0..Check::ALL.len() {
        let mut there = found(0, 0, 0);
        there.remove(missing);
        given::<Screening>(there).when(assess()).refuses(ScreeningError::ChecksMissing);
    }
}

#[test]
fn the_checks_of_another_application_do_not_count() {
    let other = ScreeningCommand::AssessRisk { application: application(2) };
    given::<Screening>(found(0, 0, 0)).when((other, at(2))).refuses(ScreeningError::ChecksMissing);
}

#[test]
fn the_risk_is_that_of_the_match_that_weighs_most_rounded_down() {
    for ((sanctions, pep, fraud), risk) in [
        ((39, 0, 0), (39, RiskVerdict::Approve)),
        ((40, 0, 0), (40, RiskVerdict::Review)),
        ((97, 0, 0), (97, RiskVerdict::Review)),
        ((98, 0, 0), (98, RiskVerdict::Decline)),
        ((100, 100, 100), (100, RiskVerdict::Decline)),
        ((0, 66, 0), (39, RiskVerdict::Approve)), // 39.6
        ((0, 67, 0), (40, RiskVerdict::Review)),  // 40.2
        ((0, 100, 0), (60, RiskVerdict::Review)),
        ((0, 0, 49), (39, RiskVerdict::Approve)), // 39.2
        ((0, 0, 50), (40, RiskVerdict::Review)),
        ((0, 0, 100), (80, RiskVerdict::Review)),
        ((30, 60, 50), (40, RiskVerdict::Review)),
    ] {
        assert_eq!(risk_of(sanctions, pep, fraud), risk, "{sanctions} {pep} {fraud}");
    }
}

#[test]
fn only_a_sanctioned_person_is_declined_unseen() {
    let (_, verdict) = risk_of(97, 100, 100);
    assert_eq!(verdict, RiskVerdict::Review);
}

#[test]
fn ids_of_the_provider_are_short_plain_texts() {
    for text in ["NK-2FpVVpzDGT2dgLD1ANUJvU", "Q7747", "us_ofac_sdn", "eu.fsf:2", &"a".repeat(128)] {
        assert_eq!(text.parse::<EntityId>().unwrap().to_string(), text);
        assert_eq!(text.parse::<ListId>().unwrap().as_str(), text);
    }
    for text in ["", "Juan Perez", "Q7747\n", "Ünal", "a/b", "a#b", &"a".repeat(129)] {
        assert!(text.parse::<EntityId>().is_err(), "{text}");
        assert!(text.parse::<ListId>().is_err(), "{text}");
    }
}

#[test]
fn a_check_is_stored_by_its_name() {
    for check in Check::ALL {
        assert_eq!(serde_json::to_value(check).unwrap(), check.name());
    }
}

fn any_match() -> impl Strategy<Value = Match> {
    (0_u8..4, 0_u8..=100).prop_map(|(entity, score)| matched(&format!("Q{entity}"), score))
}

fn any_command() -> impl Strategy<Value = (ScreeningCommand, Moment)> {
    let check = proptest::sample::select(Check::ALL.to_vec());
    let complete = (some_application(), check, proptest::collection::vec(any_match(), 0..4))
        .prop_map(|(application, check, matches)| ScreeningCommand::CompleteCheck { application, check, matches });
    let assess = some_application().prop_map(|application| ScreeningCommand::AssessRisk { application });
    (prop_oneof![4 => complete, 1 => assess], 0_i64..100).prop_map(|(command, minute)| (command, at(minute)))
}

/// What these commands lead to. Those that are refused lead to nothing.
fn history_of(commands: &[(ScreeningCommand, Moment)]) -> Vec<ScreeningEvent> {
    let mut events = Vec::new();
    for (command, at) in commands {
        let state = fold::<Screening>(&events);
        events.extend(decide(&state, command, *at).unwrap_or_default());
    }
    events
}

proptest! {
    #[test]
    fn every_command_is_idempotent(
        history in proptest::collection::vec(any_command(), 0..20),
        command in any_command(),
    ) {
        let state = fold::<Screening>(&history_of(&history));
        if let Ok(events) = decide(&state, &command.0, command.1) {
            let state = events.iter().fold(state, evolve);
            prop_assert_eq!(decide(&state, &command.0, at(999)), Ok(vec![]));
        }
    }

    #[test]
    fn what_was_found_and_assessed_never_changes(history in proptest::collection::vec(any_command(), 0..30)) {
        let mut state = ScreeningState::default();
        for event in history_of(&history) {
            let after = evolve(state.clone(), &event);
            for subject in &state.subjects {
                let later = after.find(subject.application).unwrap();
                prop_assert!(subject.checks.iter().all(|(check, found)| later.checks.get(check) == Some(found)));
                prop_assert!(subject.risk.is_none() || later.risk == subject.risk);
            }
            state = after;
        }
    }

    #[test]
    fn the_order_of_an_answer_does_not_matter(
        (matches, shuffled) in proptest::collection::vec(any_match(), 0..20).prop_flat_map(|matches| {
            (Just(matches.clone()), Just(matches).prop_shuffle())
        }),
    ) {
        let none = ScreeningState::default();
        let of = |matches: &[Match]| decide(&none, &complete(Check::Fraud, matches).0, at(1));
        prop_assert_eq!(of(&matches), of(&shuffled));
    }

    #[test]
    fn a_worse_match_never_lowers_the_risk(
        sanctions in 0_u8..=100, pep in 0_u8..=100, fraud in 0_u8..=100, more in 0_u8..=100,
    ) {
        let (risk, _) = risk_of(sanctions, pep, fraud);
        prop_assert!(risk_of(sanctions.max(more), pep, fraud).0 >= risk);
        prop_assert!(risk_of(sanctions, pep.max(more), fraud).0 >= risk);
        prop_assert!(risk_of(sanctions, pep, fraud.max(more)).0 >= risk);
    }

    #[test]
    fn every_state_survives_storage(history in proptest::collection::vec(any_command(), 0..20)) {
        let events = history_of(&history);
        for event in &events {
            prop_assert!(survives_storage(event));
        }
        prop_assert!(survives_storage(&fold::<Screening>(&events)));
    }
}
