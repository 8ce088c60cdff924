use super::*;

#[test]
fn a_case_is_opened_once() {
    given::<Case>([]).when(open(40)).then([opened(40)]).and_repeating_stays_quiet();
    given::<Case>([opened(40)]).when(open(80)).stays_quiet();
    for history in closed() {
        given::<Case>(history).when(open(40)).stays_quiet();
    }
}

#[test]
fn a_great_risk_is_urgent_and_takes_two() {
    given::<Case>([]).when(open(69)).then([opened(69)]);
    given::<Case>([]).when(open(70)).then([opened(70)]);
    assert_eq!((review(vec![opened(69)]).due, review(vec![opened(70)]).due), (at(hour(72)), at(hour(24))));
    assert_eq!((review(vec![opened(69)]).approvals, review(vec![opened(70)]).approvals), (1, 2));
}

#[test]
fn the_reason_is_the_gravest_kind_of_list() {
    let (sanctions, fraud, pep) = (found(Check::Sanctions, 1), found(Check::Fraud, 50), found(Check::Pep, 99));
    assert_eq!(CaseReason::of(&[pep.clone(), fraud.clone(), sanctions]), CaseReason::Sanctions);
    assert_eq!(CaseReason::of(&[pep.clone(), fraud]), CaseReason::Fraud);
    assert_eq!(CaseReason::of(&[pep]), CaseReason::Pep);
    assert_eq!(CaseReason::of(&[]), CaseReason::Risk);
}

#[test]
fn a_case_is_assigned_and_assigned_anew() {
    given::<Case>([opened(50)]).when(assign(ADA, BEN)).then([assigned(ADA, BEN)]).and_repeating_stays_quiet();
    given::<Case>([opened(50), assigned(ADA, BEN)]).when(assign(CY, BEN)).then([assigned(CY, BEN)]);
    given::<Case>([opened(50), assigned(ADA, ADA)]).when(assign(ADA, BEN)).then([assigned(ADA, BEN)]);
    given::<Case>([opened(50), asked(1)]).when(assign(ADA, BEN)).then([assigned(ADA, BEN)]);
    given::<Case>([]).when(assign(ADA, ADA)).refuses(CaseError::Unknown);
    for history in closed() {
        given::<Case>(history).when(assign(BEN, ADA)).refuses(CaseError::Closed);
    }
}

#[test]
fn a_note_is_written_down() {
    given::<Case>([opened(50)]).when(add_note(1, ADA)).then([note_added(1, ADA)]).and_repeating_stays_quiet();
    given::<Case>([opened(50), asked(2)]).when(add_note(1, ADA)).then([note_added(1, ADA)]);
    given::<Case>([]).when(add_note(1, ADA)).refuses(CaseError::Unknown);
    for history in closed() {
        given::<Case>(history).when(add_note(1, ADA)).refuses(CaseError::Closed);
    }
    given::<Case>([opened(50), note_added(1, ADA), withdrawn()]).when(add_note(1, ADA)).stays_quiet();
}

#[test]
fn an_id_names_one_text() {
    let history = [opened(50), note_added(1, ADA)];
    given::<Case>(history.clone()).when(add_note(1, BEN)).refuses(CaseError::TextReused);
    given::<Case>(history.clone()).when(ask(1)).refuses(CaseError::TextReused);
    let other = CaseCommand::AddNote { id: id(1), note: text("note", 2), by: staff(ADA) };
    given::<Case>(history).when((other, at(2))).refuses(CaseError::TextReused);
}

#[test]
fn the_customer_is_asked_and_answers() {
    given::<Case>([opened(50)]).when(ask(1)).then([asked(1)]).and_repeating_stays_quiet();
    given::<Case>([opened(50), asked(1)]).when(answer(1, 1)).then([answered(1, 1)]).and_repeating_stays_quiet();
    let answered_once = vec![opened(50), asked(1), answered(1, 1)];
    assert_eq!(review(answered_once.clone()).standing, Standing::Open);
    given::<Case>(answered_once.clone()).when(ask(1)).stays_quiet();
    given::<Case>(answered_once).when(ask(2)).then([asked(2)]);
}

#[test]
fn the_customer_is_asked_one_thing_at_a_time() {
    given::<Case>([opened(50), asked(1)]).when(ask(2)).refuses(CaseError::AwaitsCustomer);
    given::<Case>([]).when(ask(1)).refuses(CaseError::Unknown);
    for history in closed() {
        given::<Case>(history).when(ask(1)).refuses(CaseError::Closed);
    }
}

#[test]
fn only_what_was_asked_can_be_answered_and_only_once() {
    given::<Case>([]).when(answer(1, 1)).refuses(CaseError::Unknown);
    given::<Case>([opened(50)]).when(answer(1, 1)).refuses(CaseError::QuestionUnknown);
    given::<Case>([opened(50), asked(1)]).when(answer(2, 1)).refuses(CaseError::QuestionUnknown);
    let twice = [opened(50), asked(1), answered(1, 1), asked(2)];
    given::<Case>(twice.clone()).when(answer(1, 1)).stays_quiet();
    given::<Case>(twice.clone()).when(answer(1, 2)).refuses(CaseError::AnsweredBefore);
    given::<Case>(twice).when(answer(2, 2)).then([answered(2, 2)]);
}

#[test]
fn an_answer_to_a_withdrawn_case_comes_too_late() {
    given::<Case>([opened(50), asked(1), withdrawn()]).when(answer(1, 1)).refuses(CaseError::Closed);
}

#[test]
fn a_case_that_is_not_due_is_not_escalated() {
    given::<Case>([opened(50)]).when(escalate(at(hour(72) - 1))).stays_quiet();
    given::<Case>([opened(70)]).when(escalate(at(hour(24) - 1))).stays_quiet();
    given::<Case>([]).when(escalate(at(hour(72)))).refuses(CaseError::Unknown);
}

#[test]
fn a_case_that_is_due_is_escalated_and_due_a_day_later() {
    let due = hour(72);
    given::<Case>([opened(50)])
        .when(escalate(at(due)))
        .then([escalated(1, due + hour(24), due)])
        .and_repeating_stays_quiet();
    given::<Case>([opened(50), escalated(1, due + hour(24), due)])
        .when(escalate(at(due + hour(24) + 7)))
        .then([escalated(2, due + hour(48), due + hour(24) + 7)]);
}

#[test]
fn waiting_for_the_customer_does_not_stop_the_clock() {
    given::<Case>([opened(70), asked(1)]).when(escalate(at(hour(24)))).then([escalated(1, hour(48), hour(24))]);
}

#[test]
fn after_an_outage_a_case_goes_up_by_one_level() {
    given::<Case>([opened(70)])
        .when(escalate(at(hour(24 * 4) + 30)))
        .then([escalated(1, hour(24 * 5), hour(24 * 4) + 30)])
        .and_repeating_stays_quiet();
}

#[test]
fn a_case_is_escalated_three_times_at_most() {
    let history = [
        opened(70),
        escalated(1, hour(48), hour(24)),
        escalated(2, hour(72), hour(48)),
        escalated(3, hour(96), hour(72)),
    ];
    given::<Case>(history.clone()).when(escalate(at(hour(1000)))).stays_quiet();
    assert!(!review(history.to_vec()).can_escalate());
}

#[test]
fn a_closed_case_is_not_escalated() {
    for history in closed() {
        given::<Case>(history).when(escalate(at(hour(1000)))).stays_quiet();
    }
}

#[test]
fn a_case_is_withdrawn_unless_it_is_closed() {
    given::<Case>([opened(50)]).when(withdraw()).then([withdrawn()]).and_repeating_stays_quiet();
    given::<Case>([opened(50), asked(1)]).when(withdraw()).then([withdrawn()]);
    given::<Case>(closed()[0].clone()).when(withdraw()).stays_quiet();
}

#[test]
fn a_full_case_can_still_be_decided() {
    let notes = (1..).map(|number| note_added(1000 + number, ADA)).take(ENTRIES_MAX - 1);
    let full: Vec<_> = [opened(50)].into_iter().chain(notes).collect();
    given::<Case>(full.clone()).when(add_note(1, ADA)).refuses(CaseError::Full);
    given::<Case>(full.clone()).when(ask(1)).refuses(CaseError::Full);
    given::<Case>(full.clone()).when(assign(ADA, BEN)).refuses(CaseError::Full);
    given::<Case>(full).when(approve(ADA)).then([approves(ADA), approved(&[ADA])]);
}

#[test]
fn a_late_opening_finds_that_the_application_ended() {
    given::<Case>([]).when(withdraw()).then([withdrawn()]).and_repeating_stays_quiet();
    given::<Case>([withdrawn()]).when(open(50)).stays_quiet();
    given::<Case>([withdrawn()]).when(open_monitoring(91)).stays_quiet();
    given::<Case>([withdrawn()]).when(assign(ADA, BEN)).refuses(CaseError::Unknown);
    assert_eq!(state_after::<Case>([withdrawn()]), CaseState::Barred);
}

#[test]
fn a_case_about_a_customer_says_what_is_frozen_until_it_is_decided() {
    given::<Case>([]).when(open_monitoring(91)).then([monitoring_opened(91)]).and_repeating_stays_quiet();
    let before = [monitoring_opened(91), given_by(ADA, Opinion::Approve)];
    let decided = CaseEvent::MonitoringDecided {
        customer: customer(1),
        decision: CaseDecision::Approved,
        freeze: Some(FreezeSide::Both),
        by: vec![staff(ADA), staff(BEN)],
        at: at(5),
    };
    given::<Case>(before)
        .when(give(BEN, Opinion::Approve))
        .then([given_by(BEN, Opinion::Approve), decided.clone()])
        .and_repeating_stays_quiet();
    let after = [monitoring_opened(91), decided];
    assert_eq!(state_after::<Case>(after).opened().unwrap().standing, Standing::Decided(CaseDecision::Approved));
}

#[test]
fn nobody_is_asked_in_a_case_about_no_application() {
    given::<Case>([monitoring_opened(91)]).when(ask(1)).refuses(CaseError::NoApplication);
}
