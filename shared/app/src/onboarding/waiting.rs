use std::sync::Arc;

use contracts::tasks::{Awaited, IdentityResult as Told, PauseOnboarding, Resumed};
use domain::{
    ids::{ApplicationId, CustomerId, StreamId, WorkflowRunId},
    onboarding::{
        application::{ApplicationCommand, IdentityResult, Submission},
        run::{IdentityRunClaim, IdentityRunClaimState},
    },
};

use super::{Of, OnboardingError, ask, load, record_standing, submission_of};
use crate::{
    commit::Cause,
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
        let customer = CustomerId::new(task.customer);
        let pause = Pause {
            key: key(customer, ApplicationId::new(task.application), task.awaited),
            token: TaskToken::new(task.task_token.as_str()),
            execution: task.execution.clone(),
            state: task.state.clone(),
            since: self.streams.now(),
        };
        // Before the look at the stream: news that come in between find the pause.
        self.pauses.note(&pause).await?;
        let loaded = load(&self.streams, customer).await?;
        let submission = submission_of(&loaded, ApplicationId::new(task.application))?;
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
        // Should the state wait again by now, under another token, it has seen in the stream what ended this wait.
        self.pauses.forget(&pause.key).await?;
        Ok(())
    }
}

fn key(customer: CustomerId, application: ApplicationId, awaited: Awaited) -> PauseKey {
    PauseKey { customer, application: *application.as_uuid(), awaited: awaited.name() }
}

/// What a state that waits for this is resumed with; `None` while it is not there.
fn news_for(submission: &Submission, awaited: Awaited) -> Option<Resumed> {
    match awaited {
        Awaited::Identity => {
            let result = submission.standing_result().map(|result| match result {
                IdentityResult::Approved => Told::Approved,
                IdentityResult::Declined => Told::Declined,
            });
            result.map(|result| Resumed { result: Some(result) })
        }
        Awaited::Accounts => submission.accounts_opened_at.map(|_| Resumed { result: None }),
        Awaited::Instructions => submission.instructions_ready_at.map(|_| Resumed { result: None }),
        Awaited::Operator => None, // Only a person ends this wait.
    }
}
