use crate::compliance::screening::*;
use crate::freeze::FreezeSide;
use crate::ids::VaultRef;
use crate::testing::{application, customer, given, state_after, survives_storage};

fn at() -> Moment {
    "2026-11-21T00:25:07.000Z".parse().unwrap()
}

fn content() -> VaultRef {
    VaultRef::of_customer(customer(1), "application-1").unwrap()
}

fn round(day: &str, index: &str) -> Round {
    Round { day: day.parse().unwrap(), index: index.parse().unwrap() }
}

fn alike(entity: &str, score: u8, lists: &[&str]) -> Match {
    Match { entity: entity.parse().unwrap(), score, lists: lists.iter().map(|it| it.parse().unwrap()).collect() }
}

fn hit(check: Check, entity: &str, score: u8, lists: &[&str]) -> Hit {
    let Match { entity, score, lists } = alike(entity, score, lists);
    Hit { check, entity, score, lists }
}

fn noted() -> ScreeningEvent {
    ScreeningEvent::SubjectNoted { application: application(1), content: content() }
}

fn began() -> ScreeningEvent {
    ScreeningEvent::MonitoringBegan { application: application(1), content: content(), at: at() }
}

/// A customer who was let in although somebody exposed is alike.
fn customer_since() -> Vec<ScreeningEvent> {
    let matches = vec![alike("Q7", 80, &["wd_peps"])];
    let found = ScreeningEvent::CheckCompleted { application: application(1), check: Check::Pep, matches, at: at() };
    vec![noted(), found, began()]
}

fn rescreen(round: Option<Round>, found: &[(Check, Match)]) -> (ScreeningCommand, Moment) {
    let found = found.iter().map(|(check, it)| (*check, vec![it.clone()])).collect();
    (ScreeningCommand::Rescreen { customer: customer(1), round, found }, at())
}

fn rescreened(round: Option<Round>, hits: Vec<Hit>, case: Option<u32>) -> ScreeningEvent {
    let case = case.map(|number| CaseId::of_monitoring(customer(1), number));
    ScreeningEvent::Rescreened { round, hits, case, at: at() }
}

#[test]
fn whoever_becomes_a_customer_is_looked_for_ever_after() {
    let note = ScreeningCommand::NoteSubject { application: application(1), content: content() };
    given::<Screening>([]).when((note, at())).then([noted()]).and_repeating_stays_quiet();
    let begin = || (ScreeningCommand::BeginMonitoring { application: application(1) }, at());
    given::<Screening>([noted()]).when(begin()).then([began()]).and_repeating_stays_quiet();
    given::<Screening>([]).when(begin()).refuses(ScreeningError::SubjectUnknown);
    given::<Screening>([]).when(rescreen(None, &[(Check::Sanctions, alike("Q1", 99, &[]))])).stays_quiet();
}

#[test]
fn a_round_is_done_once_and_an_older_one_not_any_more() {
    let today = || Some(round("2026-11-21", "a"));
    given::<Screening>(customer_since())
        .when(rescreen(today(), &[]))
        .then([rescreened(today(), vec![], None)])
        .and_repeating_stays_quiet();
    let done = || customer_since().into_iter().chain([rescreened(today(), vec![], None)]);
    given::<Screening>(done()).when(rescreen(Some(round("2026-11-20", "b")), &[])).stays_quiet();
    let changed = Some(round("2026-11-21", "b"));
    given::<Screening>(done()).when(rescreen(changed.clone(), &[])).then([rescreened(changed, vec![], None)]);
}

#[test]
fn somebody_new_over_policy_makes_a_case_and_is_known_from_then_on() {
    let found = [(Check::Sanctions, alike("NK-1", 91, &["us_ofac_sdn"]))];
    let hits = vec![hit(Check::Sanctions, "NK-1", 91, &["us_ofac_sdn"])];
    let event = rescreened(Some(round("2026-11-21", "a")), hits.clone(), Some(0));
    given::<Screening>(customer_since())
        .when(rescreen(Some(round("2026-11-21", "a")), &found))
        .then([event.clone()])
        .and_repeating_stays_quiet();
    let after = || customer_since().into_iter().chain([event.clone()]);
    let tomorrow = || Some(round("2026-11-22", "a"));
    given::<Screening>(after()).when(rescreen(tomorrow(), &found)).then([rescreened(tomorrow(), vec![], None)]);
    assert_eq!((risk_of(&hits), freeze_for(&hits)), (91, Some(FreezeSide::Both)));
    assert!(survives_storage(&state_after::<Screening>(after())));
}

#[test]
fn whoever_was_decided_about_is_somebody_else_once_they_have_changed() {
    let today = || Some(round("2026-11-21", "a"));
    let quiet = |it: Match| {
        given::<Screening>(customer_since()).when(rescreen(today(), &[(Check::Pep, it)])).then([rescreened(
            today(),
            vec![],
            None,
        )]);
    };
    quiet(alike("Q7", 80, &["wd_peps"]));
    quiet(alike("Q7", 80 + SCORE_CHANGES_BY - 1, &["wd_peps"]));
    quiet(alike("Q7", 70, &[]));
    quiet(alike("Q8", 66, &["wd_peps"])); // Below policy, as being exposed counts for less.
    for it in [alike("Q7", 85, &["wd_peps"]), alike("Q7", 80, &["eu_peps", "wd_peps"]), alike("Q8", 80, &["wd_peps"])] {
        let hits = vec![Hit { check: Check::Pep, entity: it.entity.clone(), score: it.score, lists: it.lists.clone() }];
        assert_eq!(freeze_for(&hits), None);
        given::<Screening>(customer_since()).when(rescreen(today(), &[(Check::Pep, it)])).then([rescreened(
            today(),
            hits,
            Some(0),
        )]);
    }
    // The same person, found by a graver check.
    let graver = [(Check::Fraud, alike("Q7", 80, &["wd_peps"]))];
    let hits = vec![hit(Check::Fraud, "Q7", 80, &["wd_peps"])];
    assert_eq!((risk_of(&hits), freeze_for(&hits)), (64, Some(FreezeSide::Debits)));
    given::<Screening>(customer_since()).when(rescreen(today(), &graver)).then([rescreened(today(), hits, Some(0))]);
}

#[test]
fn news_without_a_round_are_recorded_only_if_they_are_news() {
    let found = [(Check::Sanctions, alike("onfido-1", UNSCORED, &[]))];
    let event = rescreened(None, vec![hit(Check::Sanctions, "onfido-1", UNSCORED, &[])], Some(0));
    given::<Screening>(customer_since()).when(rescreen(None, &found)).then([event.clone()]).and_repeating_stays_quiet();
    given::<Screening>(customer_since()).when(rescreen(None, &[])).stays_quiet();
    let after = customer_since().into_iter().chain([event]);
    let more = [(Check::Sanctions, alike("onfido-2", UNSCORED, &[]))];
    let next = rescreened(None, vec![hit(Check::Sanctions, "onfido-2", UNSCORED, &[])], Some(1));
    given::<Screening>(after).when(rescreen(None, &more)).then([next]);
}

fn ended() -> ScreeningEvent {
    ScreeningEvent::MonitoringEnded { at: at() }
}

#[test]
fn whoever_is_to_be_forgotten_is_looked_for_no_more() {
    let end = || (ScreeningCommand::EndMonitoring, at());
    given::<Screening>(customer_since()).when(end()).then([ended()]).and_repeating_stays_quiet();
    let over = || customer_since().into_iter().chain([ended()]);
    let found = [(Check::Sanctions, alike("NK-1", 91, &["us_ofac_sdn"]))];
    for round in [None, Some(round("2026-11-22", "a"))] {
        given::<Screening>(over()).when(rescreen(round, &found)).stays_quiet();
    }
    let state = state_after::<Screening>(over());
    assert_eq!((state.monitoring.as_ref(), state.ended), (None, Some(at())));
    assert!(survives_storage(&state) && survives_storage(&ended()));
}

#[test]
fn an_approval_that_is_heard_of_after_the_end_begins_nothing() {
    let begin = || (ScreeningCommand::BeginMonitoring { application: application(1) }, at());
    given::<Screening>(customer_since().into_iter().chain([ended()])).when(begin()).stays_quiet();
    // Not even where the end was heard of first, or nobody knows whom to look for.
    given::<Screening>([noted()]).when((ScreeningCommand::EndMonitoring, at())).then([ended()]);
    given::<Screening>([noted(), ended()]).when(begin()).stays_quiet();
    given::<Screening>([ended()]).when(begin()).stays_quiet();
}
