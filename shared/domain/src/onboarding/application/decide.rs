use super::{
    ApplicationCommand, ApplicationError, ApplicationEvent, ApplicationState, DeclineReason, Identity, IdentityResult,
    ReviewResult, Run, Stage, Submission, Welcome, review,
};
use crate::ids::{ApplicationId, WorkflowRunId};
use crate::onboarding::Moment;

type Decided = Result<Vec<ApplicationEvent>, ApplicationError>;

/// What happens to a customer's applications because of a command.
///
/// # Errors
///
/// See [`ApplicationError`].
pub fn decide(state: &ApplicationState, command: &ApplicationCommand, at: Moment) -> Decided {
    match command {
        ApplicationCommand::Submit { application, content, fingerprint } => {
            if let Some(known) = state.find(*application) {
                return if known.fingerprint == *fingerprint { Ok(vec![]) } else { Err(ApplicationError::Reused) };
            }
            match state.current().map(|it| it.stage) {
                Some(Stage::Open) => return Err(ApplicationError::UnderWay),
                Some(Stage::Declined) => return Err(ApplicationError::DeclinedBefore),
                Some(Stage::Approved | Stage::Completed) => return Err(ApplicationError::ApprovedBefore),
                Some(Stage::Expired) | None => {}
            }
            Ok(vec![ApplicationEvent::Submitted {
                application: *application,
                content: content.clone(),
                fingerprint: *fingerprint,
                at,
            }])
        }
        ApplicationCommand::RecordApplicant { application, applicant } => {
            let submission = known(state, *application)?;
            match submission.applicant {
                Some(recorded) if recorded == *applicant => Ok(vec![]),
                Some(_) => Err(ApplicationError::OtherApplicant),
                None => {
                    under_way(submission)?;
                    Ok(vec![ApplicationEvent::ApplicantCreated {
                        application: *application,
                        applicant: *applicant,
                        at,
                    }])
                }
            }
        }
        ApplicationCommand::StartRun { application, run, provider } => {
            let submission = known(state, *application)?;
            match submission.run {
                Some(started) if started.id == *run => Ok(vec![]),
                Some(_) => Err(ApplicationError::OtherRun),
                None => {
                    under_way(submission)?;
                    let (application, run, provider) = (*application, *run, *provider);
                    Ok(vec![ApplicationEvent::RunStarted { application, run, provider, at }])
                }
            }
        }
        ApplicationCommand::StartReview { application, run } => {
            let submission = of_run(state, *application, *run)?;
            let is_news = submission.standing_result().is_none() && submission.review_started_at.is_none();
            let event = ApplicationEvent::ReviewStarted { application: *application, run: *run, at };
            Ok(if is_news { vec![event] } else { vec![] })
        }
        ApplicationCommand::DecideIdentity { application, run, result } => {
            let submission = of_run(state, *application, *run)?;
            let (application, run, result) = (*application, *run, *result);
            Ok(match submission.standing_result() {
                None => vec![ApplicationEvent::IdentityDecided { application, run, result, at }],
                Some(standing) if standing == result => vec![],
                Some(_) if submission.contradicted_at.is_some() => vec![],
                Some(_) => vec![ApplicationEvent::IdentityContradicted { application, run, result, at }],
            })
        }
        ApplicationCommand::BeginComplianceReview { application } => review::begin(known(state, *application)?, at),
        ApplicationCommand::RequestInformation { application, question } => {
            Ok(review::request(known(state, *application)?, question, at))
        }
        ApplicationCommand::ProvideInformation { application, question, answer } => {
            review::provide(known(state, *application)?, question, answer, at)
        }
        ApplicationCommand::DecideReview { application, result } => {
            Ok(review::decide(known(state, *application)?, *result, at))
        }
        ApplicationCommand::Approve { application } => approve(known(state, *application)?, at),
        ApplicationCommand::Decline { application } => {
            let submission = known(state, *application)?;
            let reviewed = submission.review.as_ref().and_then(|it| it.decided).map(|(result, _)| result);
            let reason = match (submission.identity.map(|it| it.result), reviewed) {
                (Some(IdentityResult::Declined), _) => DeclineReason::Identity,
                (Some(IdentityResult::Approved) | None, Some(ReviewResult::Declined)) => DeclineReason::Review,
                (Some(IdentityResult::Approved) | None, Some(ReviewResult::Approved) | None) => DeclineReason::Refused,
            };
            end(submission, ApplicationEvent::Declined { application: *application, reason, at })
        }
        ApplicationCommand::Expire { application } => {
            let submission = known(state, *application)?;
            if submission.stage == Stage::Open && submission.standing_result().is_some() {
                return Err(ApplicationError::Identified); // The result came at the very last moment: the workflow takes it up.
            }
            end(submission, ApplicationEvent::Expired { application: *application, at })
        }
        // Only an approval leads to these. Of customers without an application there is nothing to note.
        ApplicationCommand::NoteAccountsOpened => {
            let waiting = approved(state).filter(|it| it.accounts_opened_at.is_none());
            Ok(waiting.map(|it| ApplicationEvent::AccountsOpened { application: it.id, at }).into_iter().collect())
        }
        ApplicationCommand::NoteInstructionsReady => {
            let waiting = approved(state).filter(|it| it.instructions_ready_at.is_none());
            Ok(waiting.map(|it| ApplicationEvent::InstructionsReady { application: it.id, at }).into_iter().collect())
        }
        ApplicationCommand::NoteWelcomed { application } => {
            welcome(known(state, *application)?, ApplicationEvent::Welcomed { application: *application, at })
        }
        ApplicationCommand::NoteUndeliverable { application, reason } => {
            let event = ApplicationEvent::WelcomeUndeliverable { application: *application, reason: *reason, at };
            welcome(known(state, *application)?, event)
        }
        ApplicationCommand::Complete { application } => complete(known(state, *application)?, at),
    }
}

fn approve(submission: &Submission, at: Moment) -> Decided {
    match submission.stage {
        Stage::Open => match submission.identity.map(|it| it.result) {
            Some(IdentityResult::Approved) => {
                review::allows_approval(submission)?;
                Ok(vec![ApplicationEvent::Approved { application: submission.id, at }])
            }
            Some(IdentityResult::Declined) => Err(ApplicationError::IdentityDeclined),
            None => Err(ApplicationError::NotIdentified),
        },
        Stage::Approved | Stage::Completed => Ok(vec![]),
        Stage::Declined | Stage::Expired => Err(ApplicationError::Ended),
    }
}

/// Whichever end without an approval comes first stands.
fn end(submission: &Submission, event: ApplicationEvent) -> Decided {
    match submission.stage {
        Stage::Open => Ok(vec![event]),
        Stage::Declined | Stage::Expired => Ok(vec![]),
        Stage::Approved | Stage::Completed => Err(ApplicationError::ApprovedBefore),
    }
}

/// What became of the mail first stands. It is no condition of anything: whoever was approved becomes a customer without it.
fn welcome(submission: &Submission, event: ApplicationEvent) -> Decided {
    match submission.stage {
        Stage::Approved | Stage::Completed => Ok(if submission.welcome.is_some() { vec![] } else { vec![event] }),
        Stage::Open => Err(ApplicationError::NotReady),
        Stage::Declined | Stage::Expired => Err(ApplicationError::Ended),
    }
}

fn complete(submission: &Submission, at: Moment) -> Decided {
    match submission.stage {
        Stage::Approved => {
            if submission.accounts_opened_at.is_none() || submission.instructions_ready_at.is_none() {
                return Err(ApplicationError::NotReady);
            }
            Ok(vec![ApplicationEvent::Completed { application: submission.id, at }])
        }
        Stage::Completed => Ok(vec![]),
        Stage::Open => Err(ApplicationError::NotReady),
        Stage::Declined | Stage::Expired => Err(ApplicationError::Ended),
    }
}

fn known(state: &ApplicationState, application: ApplicationId) -> Result<&Submission, ApplicationError> {
    state.find(application).ok_or(ApplicationError::Unknown)
}

fn of_run(
    state: &ApplicationState,
    application: ApplicationId,
    run: WorkflowRunId,
) -> Result<&Submission, ApplicationError> {
    let submission = known(state, application)?;
    let is_its_own = submission.run.is_some_and(|it| it.id == run);
    if is_its_own { Ok(submission) } else { Err(ApplicationError::ForeignRun) }
}

pub(super) fn under_way(submission: &Submission) -> Result<(), ApplicationError> {
    match submission.stage {
        Stage::Open => Ok(()),
        Stage::Approved | Stage::Completed => Err(ApplicationError::ApprovedBefore),
        Stage::Declined | Stage::Expired => Err(ApplicationError::Ended),
    }
}

fn approved(state: &ApplicationState) -> Option<&Submission> {
    state.current().filter(|it| it.stage == Stage::Approved)
}

/// A customer's applications after one more event.
#[must_use]
pub fn evolve(mut state: ApplicationState, event: &ApplicationEvent) -> ApplicationState {
    match event {
        ApplicationEvent::Submitted { application, content, fingerprint, at } => state.submissions.push(Submission {
            id: *application,
            content: content.clone(),
            fingerprint: *fingerprint,
            stage: Stage::Open,
            submitted_at: *at,
            applicant: None,
            run: None,
            review_started_at: None,
            identity: None,
            contradicted_at: None,
            review: None,
            decided_at: None,
            accounts_opened_at: None,
            instructions_ready_at: None,
            welcome: None,
        }),
        ApplicationEvent::ApplicantCreated { application, applicant, .. } => {
            with(&mut state, *application, |it| it.applicant = Some(*applicant));
        }
        ApplicationEvent::RunStarted { application, run, provider, at } => with(&mut state, *application, |it| {
            it.run = Some(Run { id: *run, provider: *provider, started_at: *at });
        }),
        ApplicationEvent::ReviewStarted { application, at, .. } => {
            with(&mut state, *application, |it| it.review_started_at = Some(*at));
        }
        ApplicationEvent::IdentityDecided { application, result, at, .. } => with(&mut state, *application, |it| {
            it.identity = Some(Identity { result: *result, decided_at: *at });
        }),
        ApplicationEvent::IdentityContradicted { application, at, .. } => {
            with(&mut state, *application, |it| it.contradicted_at = Some(*at));
        }
        ApplicationEvent::ComplianceReviewBegan { application, .. }
        | ApplicationEvent::InformationRequested { application, .. }
        | ApplicationEvent::InformationProvided { application, .. }
        | ApplicationEvent::ReviewDecided { application, .. } => {
            with(&mut state, *application, |it| review::evolve(it, event));
        }
        ApplicationEvent::Approved { application, at } => decided(&mut state, *application, Stage::Approved, *at),
        ApplicationEvent::Declined { application, at, .. } => decided(&mut state, *application, Stage::Declined, *at),
        ApplicationEvent::Expired { application, at } => decided(&mut state, *application, Stage::Expired, *at),
        ApplicationEvent::AccountsOpened { application, at } => {
            with(&mut state, *application, |it| it.accounts_opened_at = Some(*at));
        }
        ApplicationEvent::InstructionsReady { application, at } => {
            with(&mut state, *application, |it| it.instructions_ready_at = Some(*at));
        }
        ApplicationEvent::Welcomed { application, at } => with(&mut state, *application, |it| {
            it.welcome = Some(Welcome { undeliverable: None, noted_at: *at });
        }),
        ApplicationEvent::WelcomeUndeliverable { application, reason, at } => with(&mut state, *application, |it| {
            it.welcome = Some(Welcome { undeliverable: Some(*reason), noted_at: *at });
        }),
        ApplicationEvent::Completed { application, .. } => {
            with(&mut state, *application, |it| it.stage = Stage::Completed);
        }
    }
    state
}

fn with(state: &mut ApplicationState, application: ApplicationId, assign: impl FnOnce(&mut Submission)) {
    if let Some(submission) = state.submissions.iter_mut().find(|it| it.id == application) {
        assign(submission);
    }
}

fn decided(state: &mut ApplicationState, application: ApplicationId, stage: Stage, at: Moment) {
    with(state, application, |it| {
        it.stage = stage;
        it.decided_at = Some(at);
    });
}
