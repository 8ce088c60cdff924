use time::Duration;
use time::macros::datetime;

use super::super::{
    ApplicationCommand, ApplicationError, ApplicationEvent, ApplicationState, IdentityCheckProvider, IdentityResult,
    ReviewResult, Stage, decide, evolve,
};
use crate::error::Classify as _;
use crate::ids::{Fingerprint, ProviderApplicantId, VaultRef, WorkflowRunId};
use crate::onboarding::Moment;
use crate::testing::{application, customer};

fn at(minute: i64) -> Moment {
    Moment::of(datetime!(2026-11-20 12:00 UTC) + Duration::minutes(minute))
}

fn slot(name: &str) -> VaultRef {
    VaultRef::of_customer(customer(1), name).unwrap()
}

fn run() -> WorkflowRunId {
    WorkflowRunId::new(uuid::Uuid::from_u128(7))
}

/// An application that is identified.
fn identified() -> ApplicationState {
    let application = application(1);
    let commands = [
        ApplicationCommand::Submit { application, content: slot("application"), fingerprint: Fingerprint::of(b"w") },
        ApplicationCommand::RecordApplicant {
            application,
            applicant: ProviderApplicantId::new(uuid::Uuid::from_u128(9)),
        },
        ApplicationCommand::StartRun { application, run: run(), provider: IdentityCheckProvider::Onfido },
        ApplicationCommand::DecideIdentity { application, run: run(), result: IdentityResult::Approved },
    ];
    commands.iter().fold(ApplicationState::default(), |state, command| after(&state, command))
}

fn after(state: &ApplicationState, command: &ApplicationCommand) -> ApplicationState {
    events(state, command).iter().fold(state.clone(), evolve)
}

fn events(state: &ApplicationState, command: &ApplicationCommand) -> Vec<ApplicationEvent> {
    decide(state, command, at(1)).unwrap()
}

fn begin() -> ApplicationCommand {
    ApplicationCommand::BeginComplianceReview { application: application(1) }
}

fn ask(question: &str) -> ApplicationCommand {
    ApplicationCommand::RequestInformation { application: application(1), question: slot(question) }
}

fn tell(question: &str, answer: &str) -> ApplicationCommand {
    ApplicationCommand::ProvideInformation {
        application: application(1),
        question: slot(question),
        answer: slot(answer),
    }
}

fn settle(result: ReviewResult) -> ApplicationCommand {
    ApplicationCommand::DecideReview { application: application(1), result }
}

fn approve() -> ApplicationCommand {
    ApplicationCommand::Approve { application: application(1) }
}

#[test]
fn nobody_is_let_in_while_compliance_judges_or_after_it_said_no() {
    let judged = after(&identified(), &begin());
    assert_eq!(decide(&judged, &approve(), at(2)), Err(ApplicationError::InReview));
    let refused = after(&judged, &settle(ReviewResult::Declined));
    assert_eq!(decide(&refused, &approve(), at(2)), Err(ApplicationError::ReviewDeclined));
    let allowed = after(&judged, &settle(ReviewResult::Approved));
    assert_eq!(after(&allowed, &approve()).current().unwrap().stage, Stage::Approved);
}

#[test]
fn a_decline_says_that_compliance_said_no() {
    let refused = after(&identified(), &settle(ReviewResult::Declined));
    let declined = events(&refused, &ApplicationCommand::Decline { application: application(1) });
    let reason = super::super::DeclineReason::Review;
    assert_eq!(declined, [ApplicationEvent::Declined { application: application(1), reason, at: at(1) }]);
}

#[test]
fn whatever_comes_twice_changes_nothing() {
    let once = |state: &ApplicationState, command: &ApplicationCommand| {
        let next = after(state, command);
        assert_eq!(events(&next, command), [], "{command:?}");
        next
    };
    let state = once(&identified(), &begin());
    let state = once(&state, &ask("q1"));
    let state = once(&state, &tell("q1", "a1"));
    once(&state, &settle(ReviewResult::Approved));
}

#[test]
fn news_come_in_any_order() {
    // Compliance asks and decides before the application has learnt that it is being judged.
    let asked = after(&identified(), &ask("q1"));
    assert_eq!(asked.current().unwrap().open_request().unwrap().question, slot("q1"));
    assert_eq!(events(&asked, &begin()), []);
    let decided = after(&identified(), &settle(ReviewResult::Approved));
    assert_eq!(events(&decided, &ask("q1")), [], "nothing is asked about what is decided");
    assert_eq!(decided.current().unwrap().open_request(), None);
    assert_eq!(events(&decided, &settle(ReviewResult::Declined)), [], "the first decision stands");
}

#[test]
fn an_answer_needs_its_question_and_stands() {
    let state = after(&identified(), &ask("q1"));
    assert_eq!(decide(&state, &tell("q2", "a"), at(2)), Err(ApplicationError::NothingAsked));
    let told = after(&state, &tell("q1", "a"));
    assert_eq!(told.current().unwrap().open_request(), None);
    assert_eq!(decide(&told, &tell("q1", "b"), at(2)), Err(ApplicationError::AnsweredBefore));
    let closed = after(&state, &settle(ReviewResult::Declined));
    assert_eq!(decide(&closed, &tell("q1", "a"), at(2)), Err(ApplicationError::Ended));
    assert_eq!(ApplicationError::Ended.code(), "APPLICATION_ENDED");
}

#[test]
fn a_second_question_waits_for_the_first() {
    let state = after(&after(&identified(), &ask("q1")), &ask("q2"));
    assert_eq!(state.current().unwrap().open_request().unwrap().question, slot("q1"));
    let state = after(&state, &tell("q1", "a1"));
    assert_eq!(state.current().unwrap().open_request().unwrap().question, slot("q2"));
}

#[test]
fn an_application_that_ended_is_judged_no_more() {
    let ended = after(&identified(), &ApplicationCommand::Decline { application: application(1) });
    assert_eq!(decide(&ended, &begin(), at(2)), Err(ApplicationError::Ended));
    assert_eq!(events(&ended, &ask("q1")), []);
    assert_eq!(events(&ended, &settle(ReviewResult::Approved)), []);
}
