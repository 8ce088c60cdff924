use proptest::prelude::*;
use time::macros::datetime;
use uuid::Uuid;

use super::*;
use crate::aggregate::fold;
use crate::testing::{application, customer, given, state_after, survives_storage};

type Asked = (CaseCommand, Moment);

const ADA: u128 = 1;
const BEN: u128 = 2;
const CY: u128 = 3;

fn at(minute: i64) -> Moment {
    Moment::of(datetime!(2026-11-20 12:00 UTC) + Duration::minutes(minute))
}

const fn hour(hours: i64) -> i64 {
    hours * 60
}

fn staff(number: u128) -> StaffId {
    StaffId::new(Uuid::from_u128(0x57af_0000 + number))
}

fn id(number: u128) -> TextId {
    TextId::new(Uuid::from_u128(0x7e87_0000 + number))
}

fn text(slot: &str, number: u128) -> VaultRef {
    VaultRef::of_customer(customer(1), &format!("case-{slot}-{}-0123456789abcdef", id(number))).unwrap()
}

fn found(check: Check, score: u8) -> Evidence {
    Evidence { check, entity: "NK-1".parse().unwrap(), score }
}

fn open(risk: u8) -> Asked {
    let evidence = vec![found(Check::Pep, risk)];
    (CaseCommand::Open { customer: customer(1), application: application(1), risk, evidence }, at(0))
}

fn opened(risk: u8) -> CaseEvent {
    let is_grave = risk >= 70;
    CaseEvent::Opened {
        customer: customer(1),
        application: application(1),
        reason: CaseReason::Pep,
        risk,
        evidence: vec![found(Check::Pep, risk)],
        approvals: if is_grave { 2 } else { 1 },
        due: at(if is_grave { hour(24) } else { hour(72) }),
        at: at(0),
    }
}

fn open_monitoring(risk: u8) -> Asked {
    let (evidence, freeze) = (vec![found(Check::Sanctions, risk)], Some(FreezeSide::Both));
    (CaseCommand::OpenMonitoring { customer: customer(1), risk, evidence, freeze }, at(0))
}

fn monitoring_opened(risk: u8) -> CaseEvent {
    CaseEvent::MonitoringOpened {
        customer: customer(1),
        reason: CaseReason::Sanctions,
        risk,
        evidence: vec![found(Check::Sanctions, risk)],
        approvals: 2,
        freeze: Some(FreezeSide::Both),
        due: at(hour(24)),
        at: at(0),
    }
}

fn assign(to: u128, by: u128) -> Asked {
    (CaseCommand::Assign { to: staff(to), by: staff(by) }, at(1))
}

fn assigned(to: u128, by: u128) -> CaseEvent {
    CaseEvent::Assigned { to: staff(to), by: staff(by), at: at(1) }
}

fn add_note(number: u128, by: u128) -> Asked {
    (CaseCommand::AddNote { id: id(number), note: text("note", number), by: staff(by) }, at(2))
}

fn note_added(number: u128, by: u128) -> CaseEvent {
    CaseEvent::NoteAdded { id: id(number), note: text("note", number), by: staff(by), at: at(2) }
}

fn ask(number: u128) -> Asked {
    let question = text("question", number);
    (CaseCommand::RequestInformation { id: id(number), question, by: staff(ADA) }, at(3))
}

fn asked(number: u128) -> CaseEvent {
    CaseEvent::InformationRequested {
        customer: customer(1),
        application: application(1),
        id: id(number),
        question: text("question", number),
        by: staff(ADA),
        at: at(3),
    }
}

fn answer(question: u128, answer: u128) -> Asked {
    let (question, answer) = (text("question", question), text("answer", answer));
    (CaseCommand::ReceiveInformation { question, answer }, at(4))
}

fn answered(question: u128, answer: u128) -> CaseEvent {
    let (question, answer) = (text("question", question), text("answer", answer));
    CaseEvent::InformationReceived { question, answer, at: at(4) }
}

/// Each person writes each of their two opinions under an id of its own.
fn written(by: u128, verdict: Opinion) -> u128 {
    by * 10 + u128::from(verdict == Opinion::Decline)
}

fn give(by: u128, verdict: Opinion) -> Asked {
    give_as(written(by, verdict), by, verdict)
}

fn give_as(number: u128, by: u128, verdict: Opinion) -> Asked {
    (CaseCommand::GiveOpinion { id: id(number), by: staff(by), verdict, reason: text("reason", number) }, at(5))
}

fn given_by(by: u128, verdict: Opinion) -> CaseEvent {
    let number = written(by, verdict);
    CaseEvent::OpinionGiven { id: id(number), by: staff(by), verdict, reason: text("reason", number), at: at(5) }
}

fn approve(by: u128) -> Asked {
    give(by, Opinion::Approve)
}

fn approves(by: u128) -> CaseEvent {
    given_by(by, Opinion::Approve)
}

fn decline(by: u128) -> Asked {
    give(by, Opinion::Decline)
}

fn declines(by: u128) -> CaseEvent {
    given_by(by, Opinion::Decline)
}

fn decided(decision: CaseDecision, by: &[u128]) -> CaseEvent {
    let by = by.iter().map(|it| staff(*it)).collect();
    CaseEvent::Decided { customer: customer(1), application: application(1), decision, by, at: at(5) }
}

fn approved(by: &[u128]) -> CaseEvent {
    decided(CaseDecision::Approved, by)
}

fn declined(by: &[u128]) -> CaseEvent {
    decided(CaseDecision::Declined, by)
}

const fn escalate(minute_at: Moment) -> Asked {
    (CaseCommand::Escalate, minute_at)
}

fn escalated(level: u8, due: i64, minute: i64) -> CaseEvent {
    CaseEvent::Escalated { level, due: at(due), at: at(minute) }
}

fn withdraw() -> Asked {
    (CaseCommand::Withdraw, at(6))
}

fn withdrawn() -> CaseEvent {
    CaseEvent::Withdrawn { at: at(6) }
}

fn closed() -> [Vec<CaseEvent>; 2] {
    [vec![opened(50), approves(ADA), approved(&[ADA])], vec![opened(50), withdrawn()]]
}

fn review(events: Vec<CaseEvent>) -> Review {
    state_after::<Case>(events).opened().unwrap().clone()
}

mod life;
mod opinions;

fn some_staff() -> impl Strategy<Value = u128> {
    1_u128..5
}

fn some_opinion() -> impl Strategy<Value = Opinion> {
    prop_oneof![Just(Opinion::Approve), Just(Opinion::Decline)]
}

fn any_command() -> impl Strategy<Value = Asked> {
    let minute = 0..hour(24 * 9);
    let command = prop_oneof![
        1 => (0_u8..=100).prop_map(open),
        2 => (some_staff(), some_staff()).prop_map(|(to, by)| assign(to, by)),
        1 => (0_u128..4, some_staff()).prop_map(|(number, by)| add_note(number, by)),
        1 => (0_u128..4).prop_map(ask),
        2 => (0_u128..4, 0_u128..2).prop_map(|(number, text)| answer(number, text)),
        5 => (some_staff(), some_opinion()).prop_map(|(by, verdict)| give(by, verdict)),
        1 => (0_u128..40, some_staff(), some_opinion()).prop_map(|(number, by, verdict)| give_as(number, by, verdict)),
        1 => Just(escalate(at(0))),
        1 => Just(withdraw()),
    ];
    (command, minute).prop_map(|((command, _), minute)| (command, at(minute)))
}

/// What comes of any commands that are asked one after the other, those that are refused left out.
fn any_history() -> impl Strategy<Value = Vec<CaseEvent>> {
    (any::<bool>(), 0_u8..=100, proptest::collection::vec(any_command(), 0..12)).prop_map(|(is_opened, risk, asked)| {
        let mut events = if is_opened { vec![opened(risk)] } else { vec![] };
        for (command, at) in asked {
            events.extend(decide(&fold::<Case>(&events), &command, at).unwrap_or_default());
        }
        events
    })
}

proptest! {
    #[test]
    fn every_command_is_idempotent(history in any_history(), (command, at) in any_command()) {
        let state = fold::<Case>(&history);
        if let Ok(events) = decide(&state, &command, at) {
            let after = events.iter().fold(state, evolve);
            prop_assert_eq!(decide(&after, &command, at), Ok(vec![]));
        }
    }

    #[test]
    fn a_state_survives_storage(history in any_history()) {
        prop_assert!(survives_storage(&fold::<Case>(&history)));
    }

    #[test]
    fn a_closed_case_never_changes(history in any_history(), (command, at) in any_command()) {
        let state = fold::<Case>(&history);
        if state.opened().is_some_and(Review::is_closed) {
            prop_assert!(decide(&state, &command, at).unwrap_or_default().is_empty());
        }
    }

    #[test]
    fn nobody_is_let_in_by_fewer_people_than_the_risk_asks_for(history in any_history()) {
        let state = fold::<Case>(&history);
        for event in &history {
            if let CaseEvent::Decided { decision, by, .. } = event {
                let review = state.opened().unwrap();
                let people: std::collections::BTreeSet<_> = by.iter().collect();
                prop_assert_eq!(people.len(), by.len());
                prop_assert!(by.len() >= usize::from(review.approvals));
                prop_assert!(by.len() * 2 > review.opinions.len());
                let alone = by.len() == 1 && by.iter().all(|it| review.volunteers.contains(it));
                prop_assert!(!(alone && *decision == CaseDecision::Approved));
            }
        }
    }

    #[test]
    fn every_event_leaves_a_line_in_the_history(history in any_history()) {
        let state = fold::<Case>(&history);
        let lines = state.opened().map_or(usize::from(state == CaseState::Barred), |it| it.history.len());
        prop_assert_eq!(lines, history.len());
    }
}
