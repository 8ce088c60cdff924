use proptest::prelude::*;
use time::macros::datetime;

use super::*;
use crate::aggregate::fold;
use crate::ids::WorkflowRunId;
use crate::testing::{application, customer, given, some_application, survives_storage};

const PROVIDER: IdentityCheckProvider = IdentityCheckProvider::Onfido;

fn at(minute: i64) -> Moment {
    Moment::of(datetime!(2026-11-20 12:00 UTC) + Duration::minutes(minute))
}

fn content(number: u128) -> VaultRef {
    VaultRef::of_customer(customer(1), &format!("application-{}-0123456789abcdef", application(number))).unwrap()
}

fn written(text: u8) -> Fingerprint {
    Fingerprint::of(&[text])
}

fn person(number: u128) -> ProviderApplicantId {
    ProviderApplicantId::new(uuid::Uuid::from_u128(0xabc0 + number))
}

fn run(number: u128) -> WorkflowRunId {
    WorkflowRunId::new(uuid::Uuid::from_u128(0xdef0 + number))
}

fn submit(number: u128, text: u8) -> (ApplicationCommand, Moment) {
    let (application, content) = (application(number), content(number));
    (ApplicationCommand::Submit { application, content, fingerprint: written(text) }, at(0))
}

fn submitted(number: u128) -> ApplicationEvent {
    let (application, content) = (application(number), content(number));
    ApplicationEvent::Submitted { application, content, fingerprint: written(1), at: at(0) }
}

fn record_applicant(person_number: u128) -> (ApplicationCommand, Moment) {
    (ApplicationCommand::RecordApplicant { application: application(1), applicant: person(person_number) }, at(1))
}

fn applicant_created() -> ApplicationEvent {
    ApplicationEvent::ApplicantCreated { application: application(1), applicant: person(1), at: at(1) }
}

fn start_run(number: u128) -> (ApplicationCommand, Moment) {
    (ApplicationCommand::StartRun { application: application(1), run: run(number), provider: PROVIDER }, at(2))
}

fn run_started() -> ApplicationEvent {
    ApplicationEvent::RunStarted { application: application(1), run: run(1), provider: PROVIDER, at: at(2) }
}

fn start_review() -> (ApplicationCommand, Moment) {
    (ApplicationCommand::StartReview { application: application(1), run: run(1) }, at(3))
}

fn review_started() -> ApplicationEvent {
    ApplicationEvent::ReviewStarted { application: application(1), run: run(1), at: at(3) }
}

fn find(result: IdentityResult) -> (ApplicationCommand, Moment) {
    (ApplicationCommand::DecideIdentity { application: application(1), run: run(1), result }, at(4))
}

fn found(result: IdentityResult) -> ApplicationEvent {
    ApplicationEvent::IdentityDecided { application: application(1), run: run(1), result, at: at(4) }
}

fn contradicted(result: IdentityResult) -> ApplicationEvent {
    ApplicationEvent::IdentityContradicted { application: application(1), run: run(1), result, at: at(4) }
}

fn approve() -> (ApplicationCommand, Moment) {
    (ApplicationCommand::Approve { application: application(1) }, at(5))
}

fn approved() -> ApplicationEvent {
    ApplicationEvent::Approved { application: application(1), at: at(5) }
}

fn decline() -> (ApplicationCommand, Moment) {
    (ApplicationCommand::Decline { application: application(1) }, at(5))
}

fn declined(reason: DeclineReason) -> ApplicationEvent {
    ApplicationEvent::Declined { application: application(1), reason, at: at(5) }
}

fn expire() -> (ApplicationCommand, Moment) {
    (ApplicationCommand::Expire { application: application(1) }, at(5))
}

fn expired() -> ApplicationEvent {
    ApplicationEvent::Expired { application: application(1), at: at(5) }
}

fn accounts_opened() -> ApplicationEvent {
    ApplicationEvent::AccountsOpened { application: application(1), at: at(6) }
}

fn instructions_ready() -> ApplicationEvent {
    ApplicationEvent::InstructionsReady { application: application(1), at: at(7) }
}

fn welcome() -> (ApplicationCommand, Moment) {
    (ApplicationCommand::NoteWelcomed { application: application(1) }, at(8))
}

fn welcomed() -> ApplicationEvent {
    ApplicationEvent::Welcomed { application: application(1), at: at(8) }
}

fn complete() -> (ApplicationCommand, Moment) {
    (ApplicationCommand::Complete { application: application(1) }, at(8))
}

fn completed() -> ApplicationEvent {
    ApplicationEvent::Completed { application: application(1), at: at(8) }
}

/// Everything up to a check under way, and what the test adds.
fn checked(more: impl IntoIterator<Item = ApplicationEvent>) -> Vec<ApplicationEvent> {
    [submitted(1), applicant_created(), run_started()].into_iter().chain(more).collect()
}

fn identified(more: impl IntoIterator<Item = ApplicationEvent>) -> Vec<ApplicationEvent> {
    checked([found(IdentityResult::Approved)].into_iter().chain(more))
}

#[test]
fn somebody_applies() {
    given::<Application>([]).when(submit(1, 1)).then([submitted(1)]).and_repeating_stays_quiet();
}

#[test]
fn the_same_application_again_is_a_repeat_whatever_became_of_it() {
    for history in [
        vec![submitted(1)],
        vec![submitted(1), declined(DeclineReason::Refused)],
        vec![submitted(1), expired(), submitted(2)],
        identified([approved(), accounts_opened(), instructions_ready(), completed()]),
    ] {
        given::<Application>(history).when(submit(1, 1)).stays_quiet();
    }
}

#[test]
fn another_content_under_the_same_id_is_refused() {
    given::<Application>([submitted(1)]).when(submit(1, 2)).refuses(ApplicationError::Reused);
    given::<Application>([submitted(1), expired(), submitted(2)]).when(submit(1, 2)).refuses(ApplicationError::Reused);
}

#[test]
fn there_is_one_application_at_a_time_and_none_after_a_decision() {
    given::<Application>([submitted(1)]).when(submit(2, 1)).refuses(ApplicationError::UnderWay);
    given::<Application>([submitted(1), declined(DeclineReason::Refused)])
        .when(submit(2, 1))
        .refuses(ApplicationError::DeclinedBefore);
    given::<Application>(identified([approved()])).when(submit(2, 1)).refuses(ApplicationError::ApprovedBefore);
    given::<Application>([submitted(1), expired()]).when(submit(2, 1)).then([submitted(2)]);
}

#[test]
fn the_provider_knows_a_person_once() {
    given::<Application>([submitted(1)])
        .when(record_applicant(1))
        .then([applicant_created()])
        .and_repeating_stays_quiet();
    given::<Application>([submitted(1), applicant_created()])
        .when(record_applicant(2))
        .refuses(ApplicationError::OtherApplicant);
    given::<Application>([]).when(record_applicant(1)).refuses(ApplicationError::Unknown);
    given::<Application>([submitted(1), expired()]).when(record_applicant(1)).refuses(ApplicationError::Ended);
}

#[test]
fn an_application_is_checked_once() {
    given::<Application>([submitted(1), applicant_created()])
        .when(start_run(1))
        .then([run_started()])
        .and_repeating_stays_quiet();
    given::<Application>(checked([])).when(start_run(2)).refuses(ApplicationError::OtherRun);
    given::<Application>([submitted(1), expired()]).when(start_run(1)).refuses(ApplicationError::Ended);
}

#[test]
fn a_review_is_noted_until_there_is_a_result() {
    given::<Application>(checked([])).when(start_review()).then([review_started()]).and_repeating_stays_quiet();
    given::<Application>(identified([])).when(start_review()).stays_quiet();
    given::<Application>(checked([expired()])).when(start_review()).stays_quiet();
    given::<Application>([submitted(1)]).when(start_review()).refuses(ApplicationError::ForeignRun);
}

#[test]
fn the_first_result_stands() {
    use IdentityResult::{Approved, Declined};
    given::<Application>(checked([])).when(find(Approved)).then([found(Approved)]).and_repeating_stays_quiet();
    given::<Application>(checked([review_started()])).when(find(Declined)).then([found(Declined)]);
    given::<Application>(identified([]))
        .when(find(Declined))
        .then([contradicted(Declined)])
        .and_repeating_stays_quiet();
    given::<Application>(identified([approved()])).when(find(Declined)).then([contradicted(Declined)]);
    let state = fold::<Application>(&identified([contradicted(Declined)]));
    assert_eq!(state.current().and_then(Submission::standing_result), Some(Approved));
}

#[test]
fn an_application_whose_result_came_at_the_last_moment_does_not_expire() {
    given::<Application>(identified([])).when(expire()).refuses(ApplicationError::Identified);
    given::<Application>(checked([])).when(expire()).then([expired()]).and_repeating_stays_quiet();
}

#[test]
fn a_result_after_the_end_is_kept_if_it_contradicts_it() {
    use IdentityResult::{Approved, Declined};
    given::<Application>(checked([expired()])).when(find(Approved)).then([contradicted(Approved)]);
    given::<Application>(checked([expired()])).when(find(Declined)).stays_quiet();
    let refused = checked([declined(DeclineReason::Refused)]);
    given::<Application>(refused).when(find(Approved)).then([contradicted(Approved)]).and_repeating_stays_quiet();
}

#[test]
fn a_result_of_another_check_is_our_mistake() {
    let foreign = ApplicationCommand::DecideIdentity {
        application: application(1),
        run: run(2),
        result: IdentityResult::Approved,
    };
    given::<Application>(checked([])).when((foreign, at(4))).refuses(ApplicationError::ForeignRun);
}

#[test]
fn whoever_was_identified_is_approved() {
    given::<Application>(identified([])).when(approve()).then([approved()]).and_repeating_stays_quiet();
    given::<Application>(identified([approved(), accounts_opened()])).when(approve()).stays_quiet();
}

#[test]
fn nobody_is_approved_without_having_been_identified() {
    given::<Application>(checked([])).when(approve()).refuses(ApplicationError::NotIdentified);
    given::<Application>(checked([found(IdentityResult::Declined)]))
        .when(approve())
        .refuses(ApplicationError::IdentityDeclined);
    given::<Application>(identified([expired()])).when(approve()).refuses(ApplicationError::Ended);
    given::<Application>([]).when(approve()).refuses(ApplicationError::Unknown);
}

#[test]
fn a_decline_says_why() {
    given::<Application>(checked([found(IdentityResult::Declined)]))
        .when(decline())
        .then([declined(DeclineReason::Identity)])
        .and_repeating_stays_quiet();
    given::<Application>([submitted(1)]).when(decline()).then([declined(DeclineReason::Refused)]);
    given::<Application>(identified([])).when(decline()).then([declined(DeclineReason::Refused)]);
}

#[test]
fn an_application_expires() {
    given::<Application>(checked([])).when(expire()).then([expired()]).and_repeating_stays_quiet();
}

#[test]
fn the_first_end_stands_and_there_is_none_after_the_approval() {
    given::<Application>(checked([expired()])).when(decline()).stays_quiet();
    given::<Application>(checked([declined(DeclineReason::Refused)])).when(expire()).stays_quiet();
    given::<Application>(identified([approved()])).when(decline()).refuses(ApplicationError::ApprovedBefore);
    given::<Application>(identified([approved()])).when(expire()).refuses(ApplicationError::ApprovedBefore);
}

#[test]
fn what_the_ledger_tells_is_noted_in_either_order() {
    let (accounts, instructions) = (ApplicationCommand::NoteAccountsOpened, ApplicationCommand::NoteInstructionsReady);
    given::<Application>(identified([approved()]))
        .when((accounts.clone(), at(6)))
        .then([accounts_opened()])
        .and_repeating_stays_quiet();
    given::<Application>(identified([approved()]))
        .when((instructions.clone(), at(7)))
        .then([instructions_ready()])
        .and_repeating_stays_quiet();
    given::<Application>(identified([approved(), instructions_ready()]))
        .when((accounts.clone(), at(6)))
        .then([accounts_opened()]);
    for history in [vec![], checked([]), checked([expired()])] {
        given::<Application>(history.clone()).when((accounts.clone(), at(6))).stays_quiet();
        given::<Application>(history).when((instructions.clone(), at(7))).stays_quiet();
    }
}

#[test]
fn the_journey_is_over_when_everything_is_open() {
    given::<Application>(identified([approved(), accounts_opened(), instructions_ready()]))
        .when(complete())
        .then([completed()])
        .and_repeating_stays_quiet();
    given::<Application>(identified([approved(), accounts_opened()]))
        .when(complete())
        .refuses(ApplicationError::NotReady);
    given::<Application>(identified([])).when(complete()).refuses(ApplicationError::NotReady);
    given::<Application>(checked([expired()])).when(complete()).refuses(ApplicationError::Ended);
}

#[test]
fn what_became_of_the_welcome_is_noted_once_and_only_of_whoever_was_approved() {
    let (application, reason) = (application(1), Undeliverable::Refused);
    let undeliverable = (ApplicationCommand::NoteUndeliverable { application, reason }, at(8));
    let not_delivered = ApplicationEvent::WelcomeUndeliverable { application, reason, at: at(8) };
    let ready = || vec![approved(), accounts_opened(), instructions_ready()];
    given::<Application>(identified(ready())).when(welcome()).then([welcomed()]).and_repeating_stays_quiet();
    given::<Application>(identified(ready()))
        .when(undeliverable.clone())
        .then([not_delivered.clone()])
        .and_repeating_stays_quiet();
    // Whoever comes second, with a mail that was sent twice or with other news, changes nothing.
    given::<Application>(identified([approved(), welcomed()])).when(undeliverable).stays_quiet();
    given::<Application>(identified([approved(), not_delivered])).when(welcome()).stays_quiet();
    // An execution that began before there was a mail completes without one.
    given::<Application>(identified([ready(), vec![completed()]].concat())).when(welcome()).then([welcomed()]);
    given::<Application>(identified([])).when(welcome()).refuses(ApplicationError::NotReady);
    given::<Application>(checked([expired()])).when(welcome()).refuses(ApplicationError::Ended);
    given::<Application>([]).when(welcome()).refuses(ApplicationError::Unknown);
}

fn any_command() -> impl Strategy<Value = ApplicationCommand> {
    let any_result = prop_oneof![Just(IdentityResult::Approved), Just(IdentityResult::Declined)];
    let runs = || (0_u128..2).prop_map(run);
    prop_oneof![
        (0_u128..3, 0_u8..2).prop_map(|(number, text)| submit(number, text).0),
        (some_application(), 0_u128..2).prop_map(|(application, number)| ApplicationCommand::RecordApplicant {
            application,
            applicant: person(number)
        }),
        (some_application(), runs()).prop_map(|(application, run)| ApplicationCommand::StartRun {
            application,
            run,
            provider: PROVIDER
        }),
        (some_application(), runs())
            .prop_map(|(application, run)| ApplicationCommand::StartReview { application, run }),
        (some_application(), runs(), any_result)
            .prop_map(|(application, run, result)| ApplicationCommand::DecideIdentity { application, run, result }),
        some_application().prop_map(|application| ApplicationCommand::Approve { application }),
        some_application().prop_map(|application| ApplicationCommand::Decline { application }),
        some_application().prop_map(|application| ApplicationCommand::Expire { application }),
        Just(ApplicationCommand::NoteAccountsOpened),
        Just(ApplicationCommand::NoteInstructionsReady),
        some_application().prop_map(|application| ApplicationCommand::NoteWelcomed { application }),
        some_application().prop_map(|application| ApplicationCommand::NoteUndeliverable {
            application,
            reason: Undeliverable::NoAddress
        }),
        some_application().prop_map(|application| ApplicationCommand::Complete { application }),
    ]
}

proptest! {
    #[test]
    fn every_command_is_idempotent_and_what_was_decided_stays(
        commands in proptest::collection::vec(any_command(), 0..40),
    ) {
        let mut state = ApplicationState::default();
        for (minute, command) in commands.iter().enumerate() {
            let at = at(i64::try_from(minute).unwrap());
            let before = state.clone();
            if let Ok(events) = decide(&state, command, at) {
                state = events.iter().fold(state, evolve);
                prop_assert_eq!(decide(&state, command, at), Ok(vec![]));
                prop_assert!(survives_storage(&events));
            }
            prop_assert!(survives_storage(&state));
            let open = state.submissions.iter().filter(|it| it.stage == Stage::Open).count();
            prop_assert!(open <= 1);
            for (earlier, later) in before.submissions.iter().zip(&state.submissions) {
                prop_assert!(earlier.identity.is_none() || earlier.identity == later.identity);
                prop_assert!(earlier.decided_at.is_none() || earlier.decided_at == later.decided_at);
                let approved = |it: &Submission| matches!(it.stage, Stage::Approved | Stage::Completed);
                prop_assert!(!approved(earlier) || approved(later));
                prop_assert!(earlier.welcome.is_none() || earlier.welcome == later.welcome);
            }
        }
    }
}
