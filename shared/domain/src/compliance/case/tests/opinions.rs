use super::*;

#[test]
fn one_approval_is_enough_for_a_small_risk() {
    given::<Case>([opened(50)]).when(approve(ADA)).then([approves(ADA), approved(&[ADA])]).and_repeating_stays_quiet();
}

#[test]
fn one_person_may_decline_a_small_risk() {
    given::<Case>([opened(69)]).when(decline(ADA)).then([declines(ADA), declined(&[ADA])]).and_repeating_stays_quiet();
}

#[test]
fn a_great_risk_takes_two_people_to_approve() {
    given::<Case>([opened(70)]).when(approve(ADA)).then([approves(ADA)]).and_repeating_stays_quiet();
    given::<Case>([opened(70), approves(ADA)]).when(approve(BEN)).then([approves(BEN), approved(&[ADA, BEN])]);
}

#[test]
fn a_great_risk_takes_two_people_to_decline() {
    given::<Case>([opened(100)]).when(decline(ADA)).then([declines(ADA)]);
    given::<Case>([opened(100), declines(ADA)]).when(decline(BEN)).then([declines(BEN), declined(&[ADA, BEN])]);
}

#[test]
fn the_same_person_counts_once_whatever_they_write() {
    given::<Case>([opened(70), approves(ADA)]).when(give_as(99, ADA, Opinion::Approve)).stays_quiet();
}

#[test]
fn two_people_who_differ_leave_the_case_open() {
    given::<Case>([opened(70), approves(ADA)]).when(decline(BEN)).then([declines(BEN)]);
    given::<Case>([opened(70), declines(ADA)]).when(approve(BEN)).then([approves(BEN)]);
}

#[test]
fn a_third_person_decides_between_two_who_differ() {
    let torn = [opened(70), approves(ADA), declines(BEN)];
    given::<Case>(torn.clone()).when(approve(CY)).then([approves(CY), approved(&[ADA, CY])]);
    given::<Case>(torn).when(decline(CY)).then([declines(CY), declined(&[BEN, CY])]);
}

#[test]
fn a_changed_mind_replaces_the_opinion() {
    given::<Case>([opened(70), approves(ADA), declines(BEN)])
        .when(approve(BEN))
        .then([approves(BEN), approved(&[ADA, BEN])]);
    given::<Case>([opened(70), approves(ADA)]).when(decline(ADA)).then([declines(ADA)]);
    given::<Case>([opened(70), approves(ADA), declines(ADA)]).when(approve(BEN)).then([approves(BEN)]);
}

#[test]
fn an_opinion_that_is_sent_once_more_does_not_change_a_mind_back() {
    given::<Case>([opened(70), approves(ADA), declines(ADA)]).when(approve(ADA)).stays_quiet();
}

#[test]
fn whoever_took_the_case_upon_themselves_cannot_approve_alone() {
    let taken = [opened(50), assigned(ADA, ADA)];
    given::<Case>(taken.clone()).when(approve(ADA)).then([approves(ADA)]);
    given::<Case>([taken.to_vec(), vec![approves(ADA)]].concat())
        .when(approve(BEN))
        .then([approves(BEN), approved(&[ADA, BEN])]);
    given::<Case>(taken).when(approve(BEN)).then([approves(BEN), approved(&[BEN])]);
}

#[test]
fn whoever_took_the_case_upon_themselves_may_decline_alone() {
    given::<Case>([opened(50), assigned(ADA, ADA)]).when(decline(ADA)).then([declines(ADA), declined(&[ADA])]);
}

#[test]
fn handing_a_case_on_does_not_free_whoever_took_it() {
    given::<Case>([opened(50), assigned(ADA, ADA), assigned(BEN, ADA)]).when(approve(ADA)).then([approves(ADA)]);
}

#[test]
fn whoever_was_given_the_case_may_approve_it_alone() {
    given::<Case>([opened(50), assigned(ADA, BEN)]).when(approve(ADA)).then([approves(ADA), approved(&[ADA])]);
    given::<Case>([opened(50), assigned(ADA, ADA), assigned(ADA, BEN)])
        .when(approve(ADA))
        .then([approves(ADA), approved(&[ADA])]);
}

#[test]
fn somebody_else_may_object_to_whoever_took_the_case() {
    let torn = [opened(50), assigned(ADA, ADA), approves(ADA)];
    given::<Case>(torn.clone()).when(decline(BEN)).then([declines(BEN)]);
    let torn = [torn.to_vec(), vec![declines(BEN)]].concat();
    given::<Case>(torn.clone()).when(approve(CY)).then([approves(CY), approved(&[ADA, CY])]);
    given::<Case>(torn).when(decline(CY)).then([declines(CY), declined(&[BEN, CY])]);
}

#[test]
fn a_closed_case_takes_no_opinion() {
    for history in closed() {
        given::<Case>(history).when(decline(BEN)).refuses(CaseError::Closed);
    }
    given::<Case>(closed()[0].clone()).when(decline(ADA)).refuses(CaseError::Closed);
    given::<Case>([opened(70), approves(ADA), withdrawn()])
        .when(give_as(99, ADA, Opinion::Approve))
        .refuses(CaseError::Closed);
}

#[test]
fn an_opinion_that_counted_may_be_repeated_after_the_end() {
    let history = [opened(70), approves(ADA), approves(BEN), approved(&[ADA, BEN])];
    for by in [ADA, BEN] {
        given::<Case>(history.clone()).when(approve(by)).stays_quiet();
        given::<Case>(history.clone()).when(give_as(99, by, Opinion::Approve)).stays_quiet();
    }
    given::<Case>([opened(70), approves(ADA), withdrawn()]).when(approve(ADA)).stays_quiet();
}

#[test]
fn nothing_is_decided_while_the_customer_is_asked() {
    given::<Case>([opened(50), asked(1)]).when(approve(ADA)).refuses(CaseError::AwaitsCustomer);
    given::<Case>([opened(50), asked(1), answered(1, 1)]).when(approve(ADA)).then([approves(ADA), approved(&[ADA])]);
}

#[test]
fn an_opinion_needs_a_case() {
    given::<Case>([]).when(approve(ADA)).refuses(CaseError::Unknown);
}

#[test]
fn an_id_is_not_used_for_two_opinions() {
    let history = [opened(70), approves(ADA)];
    let number = written(ADA, Opinion::Approve);
    given::<Case>(history.clone()).when(give_as(number, ADA, Opinion::Decline)).refuses(CaseError::TextReused);
    given::<Case>(history).when(give_as(number, BEN, Opinion::Approve)).refuses(CaseError::TextReused);
}

#[test]
fn nobody_works_on_a_case_about_themselves() {
    let own = StaffId::new(*customer(1).as_uuid());
    let (note, question, reason) = (text("note", 1), text("question", 1), text("reason", 1));
    for command in [
        CaseCommand::Assign { to: own, by: staff(ADA) },
        CaseCommand::Assign { to: staff(ADA), by: own },
        CaseCommand::AddNote { id: id(1), note, by: own },
        CaseCommand::RequestInformation { id: id(1), question, by: own },
        CaseCommand::GiveOpinion { id: id(1), by: own, verdict: Opinion::Approve, reason },
    ] {
        given::<Case>([opened(50)]).when((command, at(1))).refuses(CaseError::Own);
    }
}
