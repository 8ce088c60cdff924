//! The onboarding context: applications, from the form to the first account.
//!
//! Whoever brings news records them in the application's stream first and resumes the waiting state second; whoever pauses notes
//! the token first and looks into the stream second. So one of the two always sees the other.

mod decision;
mod identity_check;
mod information;
mod names;
mod operations;
mod submission;
mod waiting;
mod welcome;

use domain::{
    compliance::case::TextError,
    error::{Class, Classify},
    ids::{ApplicantId, ApplicationId, CustomerId, IdError, StreamId, WorkflowRunId},
    onboarding::{
        Moment,
        application::{Application, ApplicationCommand, ApplicationError, IdentityResult, Submission, decide},
        eligibility::EligibilityError,
        run::IdentityRunClaimError,
    },
};

pub use decision::decide_application;
pub use identity_check::IdentityChecks;
pub use information::{Information, provide_information, show_question};
pub use names::{WORKFLOW, execution_name};
pub use operations::{ExecutionError, Operations};
pub use submission::{NewApplication, submit_application};
pub use waiting::{LedgerNews, ReviewNews, Waiting};
pub use welcome::WelcomeMails;

use crate::{
    commit::Cause,
    ports::{IdentityStanding, PortError},
    store::StoreError,
    streams::{Loaded, Streams},
};

/// Why onboarding did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OnboardingError {
    /// The bank does not take such an application.
    #[error(transparent)]
    Eligibility(#[from] EligibilityError),
    /// The application refused.
    #[error(transparent)]
    Application(#[from] ApplicationError),
    /// The run is another application's.
    #[error(transparent)]
    Claim(#[from] IdentityRunClaimError),
    /// News of a run that no application knows: its own commit may still be on the way.
    #[error("no application knows this run")]
    RunUnknown,
    /// The provider could not finish a run: somebody has to look at it there.
    #[error("the provider could not finish the run")]
    RunFailed,
    /// The execution asks for a run that was never started.
    #[error("the application has no run")]
    RunMissing,
    /// Nobody may answer that.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A reference could not be built.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The event store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The vault, the provider, or the workflow.
    #[error(transparent)]
    Port(#[from] PortError),
    /// What a workflow is to be told does not serialise.
    #[error("an answer to a workflow does not serialise")]
    Unanswerable,
}

impl Classify for OnboardingError {
    fn class(&self) -> Class {
        match self {
            Self::Eligibility(error) => error.class(),
            Self::Application(error) => error.class(),
            Self::Claim(error) => error.class(),
            Self::RunUnknown => Class::Transient,
            Self::Text(error) => error.class(),
            Self::RunFailed | Self::RunMissing | Self::Unanswerable => Class::Bug,
            Self::Id(error) => error.class(),
            Self::Store(error) => error.class(),
            // The provider, the only one who refuses here, refuses what we ask it, not the person: somebody has to look.
            Self::Port(PortError::Refused { .. }) => Class::Bug,
            Self::Port(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Eligibility(error) => error.code(),
            Self::Application(error) => error.code(),
            Self::Claim(error) => error.code(),
            Self::RunUnknown => "IDENTITY_RUN_UNKNOWN",
            Self::RunFailed => "IDENTITY_RUN_FAILED",
            Self::RunMissing => "IDENTITY_RUN_MISSING",
            Self::Text(error) => error.code(),
            Self::Unanswerable => "WORKFLOW_UNANSWERABLE",
            Self::Id(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Port(error) => error.code(),
        }
    }
}

/// One application of one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Of {
    customer: CustomerId,
    application: ApplicationId,
}

/// The stream of a customer's applications.
fn stream_of(customer: CustomerId) -> StreamId {
    StreamId::from(ApplicantId(customer))
}

async fn load(streams: &Streams, customer: CustomerId) -> Result<Loaded<Application>, StoreError> {
    streams.load::<Application>(stream_of(customer)).await
}

/// Runs one command on a customer's applications.
async fn ask(
    streams: &Streams,
    customer: CustomerId,
    command: &ApplicationCommand,
    cause: &Cause,
) -> Result<Loaded<Application>, OnboardingError> {
    let at = Moment::of(streams.now());
    streams
        .dispatch::<Application, OnboardingError>(&stream_of(customer), cause, |state| Ok(decide(state, command, at)?))
        .await
}

fn submission_of(loaded: &Loaded<Application>, application: ApplicationId) -> Result<Submission, ApplicationError> {
    loaded.state.find(application).cloned().ok_or(ApplicationError::Unknown)
}

/// Records how a run stands at the provider, and answers the application as it is then.
async fn record_standing(
    streams: &Streams,
    of: Of,
    run: WorkflowRunId,
    standing: IdentityStanding,
    cause: &Cause,
) -> Result<Submission, OnboardingError> {
    let Of { customer, application } = of;
    let decided = |result| Some(ApplicationCommand::DecideIdentity { application, run, result });
    let news = match standing {
        IdentityStanding::Open => None,
        IdentityStanding::InReview => Some(ApplicationCommand::StartReview { application, run }),
        IdentityStanding::Approved => decided(IdentityResult::Approved),
        IdentityStanding::Declined | IdentityStanding::Abandoned => decided(IdentityResult::Declined),
        IdentityStanding::Failed => return Err(OnboardingError::RunFailed),
    };
    let loaded = match news {
        Some(command) => ask(streams, customer, &command, cause).await?,
        None => load(streams, customer).await?,
    };
    Ok(submission_of(&loaded, application)?)
}

#[cfg(test)]
pub(crate) mod tests;
