use std::sync::Arc;

use contracts::tasks::{Awaited, Resumed};
use domain::{
    compliance::case::CaseError,
    error::{Class, Classify},
    onboarding::application::Stage,
};

use super::{
    OnboardingError, load, submission_of,
    waiting::{key, written},
};
use crate::{
    executions::{Execution, ExecutionId},
    ports::{self, Executions, Pause, PauseKey, Pauses, Permits, PortError, Told, Workflows},
    reveal::Purpose,
    streams::Streams,
};

/// The code that an execution is unwound with.
const GIVEN_UP: &str = "GIVEN_UP_BY_OPERATIONS";

/// Why nothing was done to an execution.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExecutionError {
    /// There is no such execution.
    #[error("there is no such execution")]
    Unknown,
    /// The state does not wait for an operator.
    #[error("this state does not wait for anybody of operations")]
    NotParked,
    /// The application is approved: from there on it only goes forward.
    #[error("the application is approved: from there on it only goes forward")]
    PastApproval,
    /// What waits there undoes things already.
    #[error("what waits here is being unwound already: it can only go on")]
    Unwinding,
    /// It is about whoever asks.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// The application.
    #[error(transparent)]
    Onboarding(#[from] OnboardingError),
    /// The workflow.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl Classify for ExecutionError {
    fn class(&self) -> Class {
        match self {
            Self::Unknown => Class::Invalid,
            Self::NotParked | Self::PastApproval | Self::Unwinding => Class::Rejected,
            Self::Case(error) => error.class(),
            Self::Onboarding(error) => error.class(),
            Self::Port(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "EXECUTION_UNKNOWN",
            Self::NotParked => "EXECUTION_NOT_PARKED",
            Self::PastApproval => "EXECUTION_PAST_APPROVAL",
            Self::Unwinding => "EXECUTION_UNWINDING",
            Self::Case(error) => error.code(),
            Self::Onboarding(error) => error.code(),
            Self::Port(error) => error.code(),
        }
    }
}

/// What people of operations see of executions, and do to those that are parked.
#[derive(Clone)]
pub struct Operations {
    /// The context's streams, which are only read.
    pub streams: Streams,
    /// Where executions are looked up.
    pub executions: Arc<dyn Executions>,
    /// Where waiting states are noted.
    pub pauses: Arc<dyn Pauses>,
    /// What resumes them.
    pub workflows: Arc<dyn Workflows>,
    /// Who may be at work: whatever goes on is.
    pub permits: Arc<dyn Permits>,
}

impl Operations {
    /// An execution as it stands; `None` if there is none, or no more.
    ///
    /// # Errors
    /// When the workflows do not answer, or answer what cannot be read.
    pub async fn find(&self, id: ExecutionId) -> Result<Option<Execution>, PortError> {
        let Some(recorded) = self.executions.find(&id.to_string()).await? else { return Ok(None) };
        let corrupt = PortError::Corrupt { attempted: "read a state machine" };
        Execution::of(id, &recorded).map(Some).ok_or(corrupt)
    }

    /// Lets a parked state go on from where it stands: nothing that was done is done again.
    ///
    /// # Errors
    /// [`ExecutionError::NotParked`], for one because somebody was faster; see [`ExecutionError`].
    pub async fn resume(&self, id: ExecutionId, state: &str, purpose: &Purpose) -> Result<Execution, ExecutionError> {
        let (_, pause) = self.parked(id, state, purpose).await?;
        self.audit("resumed", id, state, purpose);
        let output = written(Resumed { result: None })?;
        let permit = self.permits.take(&id.to_string(), ports::Purpose::GoOn).await?;
        let told = self.workflows.succeed(&pause.token, output).await?;
        self.left(id, &pause, &permit, told).await
    }

    /// Gives a parked execution up: everything that took effect is undone, in reverse.
    ///
    /// # Errors
    /// [`ExecutionError::PastApproval`], [`ExecutionError::Unwinding`], and as [`Self::resume`].
    pub async fn unwind(&self, id: ExecutionId, state: &str, purpose: &Purpose) -> Result<Execution, ExecutionError> {
        let (execution, pause) = self.parked(id, state, purpose).await?;
        let loaded = load(&self.streams, id.customer).await.map_err(OnboardingError::from)?;
        let submission = submission_of(&loaded, id.application).map_err(OnboardingError::from)?;
        match submission.stage {
            // What parked before its answer was heard may have been approved all the same.
            Stage::Approved | Stage::Completed => return Err(ExecutionError::PastApproval),
            Stage::Open | Stage::Declined | Stage::Expired => {}
        }
        if !execution.can_unwind(state) {
            return Err(ExecutionError::Unwinding);
        }
        self.audit("unwound", id, state, purpose);
        let permit = self.permits.take(&id.to_string(), ports::Purpose::GoOn).await?;
        let told = self.workflows.fail(&pause.token, Class::Rejected, GIVEN_UP).await?;
        self.left(id, &pause, &permit, told).await
    }

    async fn parked(
        &self,
        id: ExecutionId,
        state: &str,
        purpose: &Purpose,
    ) -> Result<(Execution, Pause), ExecutionError> {
        purpose.is_not_about(id.customer)?;
        let execution = self.find(id).await?.ok_or(ExecutionError::Unknown)?;
        execution.parked(state).ok_or(ExecutionError::NotParked)?;
        let key = PauseKey { state: Some(state.to_owned()), ..key(id.customer, id.application, Awaited::Operator) };
        // Entered, and not noted yet: a moment later it is.
        let pause = self.pauses.find(&key).await?.ok_or(ExecutionError::NotParked)?;
        Ok((execution, pause))
    }

    fn audit(&self, what: &'static str, id: ExecutionId, state: &str, purpose: &Purpose) {
        let reader = purpose.reader();
        tracing::info!(target: "audit", execution = %id, state, who = %reader.who, why = %reader.why, "{what}");
    }

    async fn left(
        &self,
        id: ExecutionId,
        pause: &Pause,
        permit: &ports::Permit,
        told: Told,
    ) -> Result<Execution, ExecutionError> {
        match told {
            Told::Heard => {}
            Told::Over => self.permits.undo(permit).await?, // Somebody was faster.
        }
        self.pauses.forget(pause).await?;
        self.find(id).await?.ok_or(ExecutionError::Unknown)
    }
}
