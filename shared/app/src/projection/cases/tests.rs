use domain::{
    compliance::{
        case::{CaseCommand, CaseDecision, CaseEvent, Evidence, Opinion, decide, evolve},
        screening::Check,
    },
    ids::{ApplicationId, CustomerId, StaffId, TextId, VaultRef, Version},
};
use std::collections::BTreeMap;
use time::{Duration, macros::datetime};
use uuid::Uuid;

use super::*;
use crate::{
    commit::{Body, Hash},
    views::{TimelineActor, TimelineKind},
};

const ALICE: CustomerId = CustomerId::new(Uuid::from_u128(0xA11CE));
const ADA: StaffId = StaffId::new(Uuid::from_u128(0xADA));
const BEN: StaffId = StaffId::new(Uuid::from_u128(0xBE4));

fn at(hour: i64) -> Moment {
    Moment::of(datetime!(2026-11-20 12:00 UTC) + Duration::hours(hour))
}

fn id() -> CaseId {
    CaseId::new(Uuid::from_u128(0xCA5E))
}

fn text(slot: &str) -> VaultRef {
    VaultRef::of_customer(ALICE, slot).unwrap()
}

fn open(risk: u8) -> CaseCommand {
    let evidence = vec![Evidence { check: Check::Sanctions, entity: "NK-1".parse().unwrap(), score: risk }];
    CaseCommand::Open { customer: ALICE, application: ApplicationId::new(Uuid::from_u128(0xA1)), risk, evidence }
}

fn assign(to: StaffId) -> CaseCommand {
    CaseCommand::Assign { to, by: BEN }
}

fn request() -> CaseCommand {
    CaseCommand::RequestInformation { id: TextId::new(Uuid::from_u128(1)), question: text("question-1"), by: ADA }
}

fn approve(by: StaffId) -> CaseCommand {
    let (id, reason) = (TextId::new(*by.as_uuid()), text(&format!("reason-{by}")));
    CaseCommand::GiveOpinion { id, by, verdict: Opinion::Approve, reason }
}

/// What the rows show after each of these commands, an hour apart, and the last view.
fn shown(commands: &[(i64, CaseCommand)]) -> (BTreeMap<RowKey, String>, CaseView) {
    let (mut state, mut rows, mut before) = (domain::compliance::case::CaseState::default(), BTreeMap::new(), None);
    for (version, (hour, command)) in (0..).zip(commands) {
        let events: Vec<CaseEvent> = decide(&state, command, at(*hour)).unwrap();
        assert!(!events.is_empty(), "{command:?}");
        state = events.iter().fold(state, evolve);
        let commit = Commit {
            stream: StreamId::from(id()),
            version: Version(version),
            previous: Hash::NONE,
            body: String::new(),
            state: serde_json::to_string(&state).unwrap(),
            state_version: 2,
        };
        let (document, others) = Cases.change(&commit, before.as_deref()).unwrap();
        let mut touched: Vec<_> = others.iter().map(RowChange::key).collect();
        let count = touched.len();
        touched.sort();
        touched.dedup();
        assert_eq!(touched.len(), count, "a row is changed twice");
        for other in others {
            match other {
                RowChange::Put(key, document) => drop(rows.insert(key, document)),
                RowChange::Remove(key) => drop(rows.remove(&key)),
                RowChange::Add(..) => panic!("no totals here"),
            }
        }
        before = Some(document);
    }
    (rows, serde_json::from_str(&before.unwrap()).unwrap())
}

fn lists(rows: &BTreeMap<RowKey, String>) -> Vec<String> {
    rows.keys().map(|key| key.pk.clone()).collect()
}

#[test]
fn an_open_case_is_in_everybodys_list_and_due() {
    let (rows, view) = shown(&[(0, open(50))]);
    assert_eq!(lists(&rows), [DUE, "cases#open"]);
    assert!(rows.keys().any(|key| key.sk == format!("{}#{}", at(72), id())));
    assert!(rows.keys().all(|key| Cases.owns(key)) && Cases.owns(&case_key(id())));
    assert_eq!((view.status, view.due, view.approvals), (CaseStatus::Open, at(72), 1));
}

#[test]
fn an_assigned_case_is_in_its_assignees_list_only() {
    let (rows, _) = shown(&[(0, open(50)), (1, assign(ADA)), (2, assign(BEN))]);
    assert_eq!(lists(&rows), [DUE.to_owned(), "cases#open".to_owned(), format!("cases#open#{BEN}")]);
}

#[test]
fn every_row_of_a_list_shows_the_case_as_it_is() {
    let (rows, view) = shown(&[(0, open(70)), (1, assign(ADA)), (2, approve(ADA))]);
    for (_, document) in rows.iter().filter(|(key, _)| key.sk.starts_with(LIST_PREFIX)) {
        let listed: ListedCase = serde_json::from_str(document).unwrap();
        assert_eq!((listed.version, &listed.view), (2, &view));
    }
}

#[test]
fn a_case_that_waits_for_the_customer_changes_lists_and_stays_due() {
    let (rows, _) = shown(&[(0, open(50)), (1, assign(ADA)), (2, request())]);
    let lists = lists(&rows);
    assert_eq!(lists, ["cases#awaits-customer".to_owned(), format!("cases#awaits-customer#{ADA}"), DUE.to_owned()]);
}

#[test]
fn a_decided_case_is_due_no_more() {
    let (rows, view) = shown(&[(0, open(50)), (1, approve(ADA))]);
    assert_eq!(lists(&rows), ["cases#decided"]);
    assert_eq!((view.status, view.decision), (CaseStatus::Decided, Some(CaseDecision::Approved)));
    let (rows, view) = shown(&[(0, open(50)), (1, CaseCommand::Withdraw)]);
    assert_eq!(lists(&rows), ["cases#withdrawn"]);
    assert_eq!(view.closed_at, Some(at(1)));
}

#[test]
fn an_escalated_case_is_due_later_and_after_the_last_level_no_more() {
    let escalate = |hour| (hour, CaseCommand::Escalate);
    let (rows, view) = shown(&[(0, open(70)), escalate(24)]);
    let due: Vec<_> = rows.keys().filter(|key| key.pk == DUE).map(|key| key.sk.clone()).collect();
    assert_eq!((due, view.level), (vec![format!("{}#{}", at(48), id())], 1));
    let (rows, view) = shown(&[(0, open(70)), escalate(24), escalate(48), escalate(72)]);
    assert_eq!((lists(&rows), view.level), (vec!["cases#open".to_owned()], 3));
}

#[test]
fn what_is_due_by_now_comes_before_what_is_not() {
    let row = |hour| format!("{}#{}", at(hour), id());
    assert!(row(0) < due_until(at(1)) && row(1) < due_until(at(1)));
    assert!(row(2) > due_until(at(1)));
}

#[test]
fn the_timeline_tells_who_did_what() {
    let answer = CaseCommand::ReceiveInformation { question: text("question-1"), answer: text("answer-1") };
    let (_, view) = shown(&[(0, open(50)), (1, assign(ADA)), (2, request()), (3, answer), (4, approve(ADA))]);
    let told: Vec<_> = view.timeline.iter().map(|it| (it.kind, it.actor.to_string())).collect();
    assert_eq!(
        told,
        [
            (TimelineKind::Opened, "system".to_owned()),
            (TimelineKind::Assigned, BEN.to_string()),
            (TimelineKind::InformationRequested, ADA.to_string()),
            (TimelineKind::InformationReceived, "customer".to_owned()),
            (TimelineKind::ApprovalGiven, ADA.to_string()),
            (TimelineKind::Decided, "system".to_owned()),
        ]
    );
    assert_eq!(view.timeline[1].to, Some(ADA));
    assert_eq!(view.timeline[0].actor, TimelineActor::System);
    assert_eq!(view.text("answer-1"), Some(&text("answer-1")));
    assert_eq!(view.text("answer-2"), None);
}

/// What a commit of somebody's screening changes in the rows of others.
fn listed(events: Vec<ScreeningEvent>) -> Vec<RowChange> {
    let at = at(0).to_string();
    let body =
        Body { at, by: "system:tests".to_owned(), causation: None, correlation: None, traceparent: None, events };
    let commit = Commit {
        stream: StreamId::from(ScreenedId(ALICE)),
        version: Version(0),
        previous: Hash::NONE,
        body: serde_json::to_string(&body).unwrap(),
        state: String::new(),
        state_version: Screening::STATE_VERSION,
    };
    Cases.change(&commit, None).unwrap().1
}

#[test]
fn whoever_is_looked_for_is_listed_until_they_are_to_be_forgotten() {
    let application = ApplicationId::new(Uuid::from_u128(0xA1));
    let noted = || ScreeningEvent::SubjectNoted { application, content: text("application-1") };
    let began = || ScreeningEvent::MonitoringBegan { application, content: text("application-1"), at: at(0) };
    let ended = || ScreeningEvent::MonitoringEnded { at: at(1) };
    let key = RowKey::new(MONITORED, ALICE.to_string());
    assert!(listed(vec![noted()]).is_empty());
    let rows = listed(vec![noted(), began()]);
    assert!(matches!(rows.as_slice(), [RowChange::Put(put, _)] if *put == key), "{rows:?}");
    for events in [vec![ended()], vec![began(), ended()]] {
        let rows = listed(events);
        assert!(matches!(rows.as_slice(), [RowChange::Remove(removed)] if *removed == key), "{rows:?}");
    }
}
