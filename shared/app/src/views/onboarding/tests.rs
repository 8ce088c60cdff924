use domain::{
    ids::{Fingerprint, ProviderApplicantId, VaultRef, WorkflowRunId},
    onboarding::application::{ApplicationCommand, Undeliverable, decide, evolve},
};
use time::{Duration, macros::datetime};
use uuid::Uuid;

use super::*;

const CUSTOMER: CustomerId = CustomerId::new(Uuid::from_u128(0xA11CE));
const APPLICATION: ApplicationId = ApplicationId::new(Uuid::from_u128(0xA1));
const RUN: WorkflowRunId = WorkflowRunId::new(Uuid::from_u128(0x12));

fn at(minute: i64) -> Moment {
    Moment::of(datetime!(2026-11-20 12:00 UTC) + Duration::minutes(minute))
}

/// The application after these commands, a minute each.
fn view(commands: &[ApplicationCommand]) -> ApplicationView {
    let submit = ApplicationCommand::Submit {
        application: APPLICATION,
        content: VaultRef::of_customer(CUSTOMER, "application").unwrap(),
        fingerprint: Fingerprint::of(b"written"),
    };
    let mut state = ApplicationState::default();
    for (minute, command) in (0..).zip([&submit].into_iter().chain(commands)) {
        state = decide(&state, command, at(minute)).unwrap().iter().fold(state, evolve);
    }
    ApplicantView::of(CUSTOMER, &state).current().unwrap().clone()
}

fn started() -> Vec<ApplicationCommand> {
    let applicant = ProviderApplicantId::new(Uuid::from_u128(0x9));
    vec![
        ApplicationCommand::RecordApplicant { application: APPLICATION, applicant },
        ApplicationCommand::StartRun { application: APPLICATION, run: RUN, provider: IdentityCheckProvider::Onfido },
    ]
}

fn found(result: IdentityResult) -> ApplicationCommand {
    ApplicationCommand::DecideIdentity { application: APPLICATION, run: RUN, result }
}

fn journey(view: &ApplicationView) -> Vec<(StepName, StepStatus)> {
    view.steps.iter().map(|it| (it.name, it.status)).collect()
}

#[test]
fn an_application_shows_how_far_it_is() {
    use ApplicationStatus::{
        Approved, Declined, Expired, IdentityCheck, InReview, InformationNeeded, Screening, Submitted,
    };
    let application = APPLICATION;
    let review = ApplicationCommand::StartReview { application, run: RUN };
    let with = |more: &[ApplicationCommand]| view(&[started(), more.to_vec()].concat()).status;
    assert_eq!(view(&[]).status, Submitted);
    assert_eq!(with(&[]), IdentityCheck);
    assert_eq!(with(std::slice::from_ref(&review)), InReview);
    assert_eq!(with(&[review, found(IdentityResult::Approved)]), Screening);
    let judged = vec![found(IdentityResult::Approved), ApplicationCommand::BeginComplianceReview { application }];
    assert_eq!(with(&judged), InReview);
    let question = VaultRef::of_customer(CUSTOMER, "question").unwrap();
    let answer = VaultRef::of_customer(CUSTOMER, "answer").unwrap();
    let asked = ApplicationCommand::RequestInformation { application, question: question.clone() };
    let answered = ApplicationCommand::ProvideInformation { application, question, answer };
    assert_eq!(with(&[judged.clone(), vec![asked.clone()]].concat()), InformationNeeded);
    assert_eq!(with(&[judged, vec![asked, answered]].concat()), InReview);
    assert_eq!(with(&[found(IdentityResult::Approved), ApplicationCommand::Approve { application }]), Approved);
    assert_eq!(with(&[found(IdentityResult::Declined), ApplicationCommand::Decline { application }]), Declined);
    assert_eq!(with(&[ApplicationCommand::Expire { application }]), Expired);
}

#[test]
fn the_steps_tell_the_whole_journey() {
    use StepName::{Accounts, Decision, DepositInstructions, IdentityCheck, Screening, Submission};
    use StepStatus::{Done, Running};
    let application = APPLICATION;
    let approved = [
        started(),
        vec![found(IdentityResult::Approved), ApplicationCommand::Approve { application }],
        vec![ApplicationCommand::NoteAccountsOpened],
    ]
    .concat();
    let shown = view(&approved);
    assert_eq!(
        journey(&shown),
        [
            (Submission, Done),
            (IdentityCheck, Done),
            (Screening, Done),
            (Decision, Done),
            (Accounts, Done),
            (DepositInstructions, Running)
        ]
    );
    assert_eq!((shown.steps[1].started_at, shown.steps[1].ended_at), (at(2), Some(at(3))));
    assert_eq!((shown.steps[4].started_at, shown.steps[4].ended_at), (at(4), Some(at(5))));
    assert_eq!(shown.steps[5].ended_at, None);
}

#[test]
fn the_welcome_is_the_last_step_and_one_that_reaches_nobody_is_skipped() {
    let application = APPLICATION;
    let ready = [
        started(),
        vec![found(IdentityResult::Approved), ApplicationCommand::Approve { application }],
        vec![ApplicationCommand::NoteAccountsOpened, ApplicationCommand::NoteInstructionsReady],
    ]
    .concat();
    let last = |more: &[ApplicationCommand]| *view(&[ready.clone(), more.to_vec()].concat()).steps.last().unwrap();
    let welcome = |status, ended_at| StepView { name: StepName::Welcome, status, started_at: at(6), ended_at };
    assert_eq!(last(&[]), welcome(StepStatus::Running, None));
    let sent = ApplicationCommand::NoteWelcomed { application };
    assert_eq!(last(&[sent]), welcome(StepStatus::Done, Some(at(7))));
    let nobody = ApplicationCommand::NoteUndeliverable { application, reason: Undeliverable::NoAddress };
    assert_eq!(last(&[nobody]), welcome(StepStatus::Skipped, Some(at(7))));
    // Whoever became a customer before there was a mail waits for none.
    assert_eq!(last(&[ApplicationCommand::Complete { application }]).name, StepName::DepositInstructions);
}

#[test]
fn a_step_that_ended_the_journey_has_failed() {
    use StepName::{Decision, IdentityCheck, Submission};
    use StepStatus::{Done, Failed};
    let application = APPLICATION;
    let declined = [started(), vec![found(IdentityResult::Declined), ApplicationCommand::Decline { application }]];
    let expired = [started(), vec![ApplicationCommand::Expire { application }]];
    for history in [declined, expired] {
        let shown = view(&history.concat());
        assert_eq!(journey(&shown), [(Submission, Done), (IdentityCheck, Failed), (Decision, Failed)]);
    }
}
