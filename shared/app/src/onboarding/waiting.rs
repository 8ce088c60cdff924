use std::sync::Arc;

use contracts::{
    jobs::ResumeApplication,
    tasks::{Awaited, PauseOnboarding, Resumed, Verdict},
};
use domain::{
    ids::{ApplicationId, CustomerId, StreamId, VaultRef, WorkflowRunId},
    onboarding::{
        application::{ApplicationCommand, IdentityResult, ReviewResult, Submission},
        run::{IdentityRunClaim, IdentityRunClaimState},
    },
};

use super::{Of, OnboardingError, ask, execution_name, load, record_standing, submission_of};
use crate::{
    commit::{Actor, Cause},
    ports::{IdentityStanding, Jobs, Pause, PauseKey, Pauses, Permits, Purpose, TaskToken, Told, Workflows},
    streams::Streams,
};

/// What the ledger tells of a new customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerNews {
    /// The accounts are open.
    AccountsOpened,
    /// The customer can pay in.
    InstructionsReady,
}

/// What compliance tells of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReviewNews {
    /// The customer is to answer something.
    InformationRequested {
        /// Where the vault keeps the question.
        question: VaultRef,
    },
    /// It is decided.
    Decided(ReviewResult),
}

/// States of workflows that wait for news, and whoever brings these.
///
/// Whoever works holds a permit, and whoever waits does not: it is given back before a state is noted as waiting, and taken again
/// before the state is resumed.
#[derive(Clone)]
pub struct Waiting {
    /// The context's streams.
    pub streams: Streams,
    /// Where waiting states are noted.
    pub pauses: Arc<dyn Pauses>,
    /// Whose states they are.
    pub workflows: Arc<dyn Workflows>,
    /// Who may be at work.
    pub permits: Arc<dyn Permits>,
}

impl Waiting {
    /// Makes a state wait, unless what it waits for is there already. What comes at the very moment is resumed by way of `later`,
    /// where there is time to wait for a permit.
    ///
    /// # Errors
    /// See [`OnboardingError`]. A state that is made to wait again waits under its newest token.
    pub async fn pause(&self, task: &PauseOnboarding, later: &dyn Jobs) -> Result<(), OnboardingError> {
        let (customer, application) = (CustomerId::new(task.customer), ApplicationId::new(task.application));
        if task.awaited == Awaited::Review {
            // The customer sees that somebody looks at it, and no approval passes it by.
            let cause = Cause::by(Actor::System("pause-onboarding")).correlated(Some(task.correlation_id.clone()));
            ask(&self.streams, customer, &ApplicationCommand::BeginComplianceReview { application }, &cause).await?;
        }
        let pause = Pause {
            key: PauseKey { state: parked_at(task), ..key(customer, application, task.awaited) },
            token: TaskToken::new(task.task_token.as_str()),
            execution: task.execution.clone(),
            state: task.state.clone(),
            since: self.streams.now(),
        };
        let execution = execution_name(task.customer, task.application);
        let is_there = || async {
            let submission = submission_of(&load(&self.streams, customer).await?, application)?;
            Ok::<_, OnboardingError>(news_for(&submission, task.awaited))
        };
        // Whoever need not wait works on under the permit that it has.
        if let Some(resumed) = is_there().await?
            && self.permits.keep(&execution).await?
        {
            self.workflows.succeed(&pause.token, written(resumed)?).await?;
            return Ok(());
        }
        // Before the pause can be found: whoever resumes it takes the permit anew, and that one must stay.
        self.permits.give_back(&execution).await?;
        // Before the look at the stream: news that come in between find the pause.
        self.pauses.note(&pause).await?;
        if is_there().await?.is_some() {
            let (customer, application) = (task.customer, task.application);
            let correlation_id = task.correlation_id.clone();
            let job = ResumeApplication { customer, application, awaited: task.awaited, correlation_id };
            let job = serde_json::to_string(&job).map_err(|_| OnboardingError::Unanswerable)?;
            later.send(job, &customer.to_string()).await?;
        }
        Ok(())
    }

    /// Resumes a state whose news came while it was made to wait.
    ///
    /// # Errors
    /// See [`OnboardingError`]. Asking again is safe.
    pub async fn resume_paused(&self, job: &ResumeApplication) -> Result<(), OnboardingError> {
        let (customer, application) = (CustomerId::new(job.customer), ApplicationId::new(job.application));
        let loaded = load(&self.streams, customer).await?;
        self.resume(customer, &submission_of(&loaded, application)?, job.awaited).await
    }

    /// Takes what the identity provider says of a run. The first final result stands.
    ///
    /// # Errors
    /// [`OnboardingError::RunUnknown`] while no application knows the run; see [`OnboardingError`]. Telling it again is safe.
    pub async fn identity_news(
        &self,
        run: WorkflowRunId,
        standing: IdentityStanding,
        cause: &Cause,
    ) -> Result<Submission, OnboardingError> {
        let claim = self.streams.load::<IdentityRunClaim>(StreamId::from(run)).await?;
        let of = match claim.state {
            IdentityRunClaimState::Free => return Err(OnboardingError::RunUnknown),
            IdentityRunClaimState::Claimed { customer, application } => Of { customer, application },
        };
        let submission = record_standing(&self.streams, of, run, standing, cause).await?;
        self.resume(of.customer, &submission, Awaited::Identity).await?;
        Ok(submission)
    }

    /// Takes what the ledger says of a customer. A customer without an application waits for nothing.
    ///
    /// # Errors
    /// See [`OnboardingError`]. Telling it again is safe.
    pub async fn ledger_news(
        &self,
        customer: CustomerId,
        news: LedgerNews,
        cause: &Cause,
    ) -> Result<(), OnboardingError> {
        let (command, awaited) = match news {
            LedgerNews::AccountsOpened => (ApplicationCommand::NoteAccountsOpened, Awaited::Accounts),
            LedgerNews::InstructionsReady => (ApplicationCommand::NoteInstructionsReady, Awaited::Instructions),
        };
        let loaded = ask(&self.streams, customer, &command, cause).await?;
        match loaded.state.current() {
            Some(submission) => self.resume(customer, submission, awaited).await,
            None => Ok(()),
        }
    }

    /// Takes what compliance says of an application. The first decision stands.
    ///
    /// # Errors
    /// See [`OnboardingError`]. Telling it again is safe.
    pub async fn review_news(
        &self,
        customer: CustomerId,
        application: ApplicationId,
        news: ReviewNews,
        cause: &Cause,
    ) -> Result<(), OnboardingError> {
        let command = match news {
            ReviewNews::InformationRequested { question } => {
                ApplicationCommand::RequestInformation { application, question }
            }
            ReviewNews::Decided(result) => ApplicationCommand::DecideReview { application, result },
        };
        let loaded = ask(&self.streams, customer, &command, cause).await?;
        self.resume(customer, &submission_of(&loaded, application)?, Awaited::Review).await
    }

    /// Resumes the state that waits for this, if one does and it is there. Whoever comes again, for one after a crash, does it
    /// again.
    async fn resume(
        &self,
        customer: CustomerId,
        submission: &Submission,
        awaited: Awaited,
    ) -> Result<(), OnboardingError> {
        let Some(resumed) = news_for(submission, awaited) else { return Ok(()) };
        match self.pauses.find(&key(customer, submission.id, awaited)).await? {
            Some(pause) => self.end(&pause, resumed).await,
            None => Ok(()), // Not waiting yet: the state that pauses will find what was recorded.
        }
    }

    async fn end(&self, pause: &Pause, resumed: Resumed) -> Result<(), OnboardingError> {
        let PauseKey { customer, application, .. } = &pause.key;
        let permit = self.permits.take(&execution_name(*customer.as_uuid(), *application), Purpose::GoOn).await?;
        match self.workflows.succeed(&pause.token, written(resumed)?).await? {
            Told::Heard => {}
            Told::Over => self.permits.undo(&permit).await?, // Nobody works because of this.
        }
        self.pauses.forget(pause).await?;
        Ok(())
    }
}

pub(super) fn written(resumed: Resumed) -> Result<String, OnboardingError> {
    serde_json::to_string(&resumed).map_err(|_| OnboardingError::Unanswerable)
}

pub(super) fn key(customer: CustomerId, application: ApplicationId, awaited: Awaited) -> PauseKey {
    PauseKey { customer, application: *application.as_uuid(), awaited: awaited.name(), state: None }
}

/// Of states that wait for an operator several may wait at once, each in a branch of its own.
fn parked_at(task: &PauseOnboarding) -> Option<String> {
    (task.awaited == Awaited::Operator).then(|| task.state.clone())
}

/// What a state that waits for this is resumed with; `None` while it is not there.
fn news_for(submission: &Submission, awaited: Awaited) -> Option<Resumed> {
    match awaited {
        Awaited::Identity => {
            let result = submission.standing_result().map(|result| match result {
                IdentityResult::Approved => Verdict::Approved,
                IdentityResult::Declined => Verdict::Declined,
            });
            result.map(|result| Resumed { result: Some(result) })
        }
        Awaited::Accounts => submission.accounts_opened_at.map(|_| Resumed { result: None }),
        Awaited::Instructions => submission.instructions_ready_at.map(|_| Resumed { result: None }),
        Awaited::Review => {
            let decided = submission.review.as_ref().and_then(|it| it.decided);
            let verdict = decided.map(|(result, _)| match result {
                ReviewResult::Approved => Verdict::Approved,
                ReviewResult::Declined => Verdict::Declined,
            });
            verdict.map(|verdict| Resumed { result: Some(verdict) })
        }
        Awaited::Operator => None, // Only a person ends this wait.
    }
}
