use std::sync::Arc;

use contracts::tasks::{Awaited, PauseOnboarding, Resumed, Verdict};
use domain::{
    ids::{ApplicationId, CustomerId, StreamId, VaultRef, WorkflowRunId},
    onboarding::{
        application::{ApplicationCommand, IdentityResult, ReviewResult, Submission},
        run::{IdentityRunClaim, IdentityRunClaimState},
    },
};

use super::{Of, OnboardingError, ask, load, record_standing, submission_of};
use crate::{
    commit::{Actor, Cause},
    ports::{IdentityStanding, Pause, PauseKey, Pauses, TaskToken, Workflows},
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
#[derive(Clone)]
pub struct Waiting {
    /// The context's streams.
    pub streams: Streams,
    /// Where waiting states are noted.
    pub pauses: Arc<dyn Pauses>,
    /// Whose states they are.
    pub workflows: Arc<dyn Workflows>,
}

impl Waiting {
    /// Makes a state wait, unless what it waits for is there already.
    ///
    /// # Errors
    /// See [`OnboardingError`]. A state that is made to wait again waits under its newest token.
    pub async fn pause(&self, task: &PauseOnboarding) -> Result<(), OnboardingError> {
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
        // Before the look at the stream: news that come in between find the pause.
        self.pauses.note(&pause).await?;
        let loaded = load(&self.streams, customer).await?;
        let submission = submission_of(&loaded, application)?;
        match news_for(&submission, task.awaited) {
            Some(resumed) => self.end(&pause, resumed).await,
            None => Ok(()),
        }
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
        let output = serde_json::to_string(&resumed).map_err(|_| OnboardingError::Unanswerable)?;
        self.workflows.succeed(&pause.token, output).await?;
        self.pauses.forget(pause).await?;
        Ok(())
    }
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
