//! A customer's applications, one after the other: submitted, identified, decided, and followed until everything is open.
//!
//! Approval is the pivot: before it everything can be unwound, after it things only go forward. News of the identity provider
//! and of the ledger come early, late and twice; the first final result stands.

mod decide;
mod state;

use std::fmt;

use serde::{Deserialize, Serialize};
use time::Duration;

pub use decide::{decide, evolve};
pub use state::{ApplicationState, Identity, Run, Stage, Submission};

use super::Moment;
use crate::aggregate::{Aggregate, Decider};
use crate::error::{Class, Classify};
use crate::ids::{ApplicationId, Fingerprint, ProviderApplicantId, VaultRef, WorkflowRunId};

/// How long an applicant may take to prove who they are.
pub const EXPIRES_AFTER: Duration = Duration::days(14);

/// The applications of one customer. Streams `application#<customer>`.
#[derive(Debug)]
pub struct Application;

/// Who proves that people are who they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum IdentityCheckProvider {
    /// Onfido.
    #[serde(rename = "onfido")]
    Onfido,
}

/// What the identity provider found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum IdentityResult {
    /// It is the person.
    #[serde(rename = "approved")]
    Approved,
    /// It is not, or the applicant gave up.
    #[serde(rename = "declined")]
    Declined,
}

/// Why an application was declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeclineReason {
    /// The identity provider said no.
    #[serde(rename = "identity")]
    Identity,
    /// A step before the approval was refused: by a rule, by the provider, or by somebody of operations.
    #[serde(rename = "refused")]
    Refused,
}

/// What happened to one customer's applications.
///
/// These names are stored. Add a new version instead of changing one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum ApplicationEvent {
    /// Somebody applied.
    #[serde(rename = "application.submitted.v1")]
    Submitted {
        /// The id that the customer picked.
        application: ApplicationId,
        /// Where the vault keeps what they wrote.
        content: VaultRef,
        /// What tells a repeat from another application under the same id.
        fingerprint: Fingerprint,
        /// When.
        at: Moment,
    },
    /// The identity provider knows the person.
    #[serde(rename = "application.applicant-created.v1")]
    ApplicantCreated {
        /// The application.
        application: ApplicationId,
        /// The provider's id of the person.
        applicant: ProviderApplicantId,
        /// When.
        at: Moment,
    },
    /// The identity check began.
    #[serde(rename = "application.run-started.v1")]
    RunStarted {
        /// The application.
        application: ApplicationId,
        /// The provider's id of the check.
        run: WorkflowRunId,
        /// Which provider.
        provider: IdentityCheckProvider,
        /// When.
        at: Moment,
    },
    /// A person at the provider looks at it.
    #[serde(rename = "application.review-started.v1")]
    ReviewStarted {
        /// The application.
        application: ApplicationId,
        /// The check.
        run: WorkflowRunId,
        /// When.
        at: Moment,
    },
    /// The provider came to a result.
    #[serde(rename = "application.identity-decided.v1")]
    IdentityDecided {
        /// The application.
        application: ApplicationId,
        /// The check.
        run: WorkflowRunId,
        /// What it found.
        result: IdentityResult,
        /// When.
        at: Moment,
    },
    /// The provider said something else than what stands. It changes nothing; somebody has to look at it.
    #[serde(rename = "application.identity-contradicted.v1")]
    IdentityContradicted {
        /// The application.
        application: ApplicationId,
        /// The check.
        run: WorkflowRunId,
        /// What it says now.
        result: IdentityResult,
        /// When.
        at: Moment,
    },
    /// The pivot: from here on everything goes forward.
    #[serde(rename = "application.approved.v1")]
    Approved {
        /// The application.
        application: ApplicationId,
        /// When.
        at: Moment,
    },
    /// The bank does not want this customer.
    #[serde(rename = "application.declined.v1")]
    Declined {
        /// The application.
        application: ApplicationId,
        /// Why.
        reason: DeclineReason,
        /// When.
        at: Moment,
    },
    /// The applicant never came to prove who they are.
    #[serde(rename = "application.expired.v1")]
    Expired {
        /// The application.
        application: ApplicationId,
        /// When.
        at: Moment,
    },
    /// The ledger opened the customer's accounts.
    #[serde(rename = "application.accounts-opened.v1")]
    AccountsOpened {
        /// The application.
        application: ApplicationId,
        /// When.
        at: Moment,
    },
    /// The customer can pay in.
    #[serde(rename = "application.instructions-ready.v1")]
    InstructionsReady {
        /// The application.
        application: ApplicationId,
        /// When.
        at: Moment,
    },
    /// Everything is open: the journey is over.
    #[serde(rename = "application.completed.v1")]
    Completed {
        /// The application.
        application: ApplicationId,
        /// When.
        at: Moment,
    },
}

/// What may be asked of the stream of a customer's applications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApplicationCommand {
    /// Apply.
    Submit {
        /// The id that the customer picked.
        application: ApplicationId,
        /// Where the vault keeps what they wrote.
        content: VaultRef,
        /// What tells a repeat from another application under the same id.
        fingerprint: Fingerprint,
    },
    /// The provider knows the person.
    RecordApplicant {
        /// The application.
        application: ApplicationId,
        /// The provider's id of the person.
        applicant: ProviderApplicantId,
    },
    /// The check began.
    StartRun {
        /// The application.
        application: ApplicationId,
        /// The provider's id of the check.
        run: WorkflowRunId,
        /// Which provider.
        provider: IdentityCheckProvider,
    },
    /// A person at the provider looks at it.
    StartReview {
        /// The application.
        application: ApplicationId,
        /// The check.
        run: WorkflowRunId,
    },
    /// The provider came to a result.
    DecideIdentity {
        /// The application.
        application: ApplicationId,
        /// The check.
        run: WorkflowRunId,
        /// What it found.
        result: IdentityResult,
    },
    /// Let them in.
    Approve {
        /// The application.
        application: ApplicationId,
    },
    /// Do not let them in.
    Decline {
        /// The application.
        application: ApplicationId,
    },
    /// Wait no longer.
    Expire {
        /// The application.
        application: ApplicationId,
    },
    /// The ledger opened the customer's accounts, whichever application led to it.
    NoteAccountsOpened,
    /// The customer can pay in, whichever application led to it.
    NoteInstructionsReady,
    /// Everything is open.
    Complete {
        /// The application.
        application: ApplicationId,
    },
}

/// Why the stream of a customer's applications says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApplicationError {
    /// The id names an application with another content.
    #[error("this application id was used for another application")]
    Reused,
    /// One at a time.
    #[error("another application is under way")]
    UnderWay,
    /// Nobody applies again after a decline.
    #[error("an application was declined before")]
    DeclinedBefore,
    /// Nobody applies again after an approval.
    #[error("an application was approved before")]
    ApprovedBefore,
    /// No such application.
    #[error("there is no such application")]
    Unknown,
    /// It ended without an approval.
    #[error("the application is over")]
    Ended,
    /// Nobody knows yet who it is.
    #[error("the applicant has not been identified")]
    NotIdentified,
    /// The provider said no.
    #[error("the identity provider declined the applicant")]
    IdentityDeclined,
    /// Somebody else created an applicant at the same time.
    #[error("the provider knows the person by another id")]
    OtherApplicant,
    /// Somebody else started a check at the same time.
    #[error("another check was started for the application")]
    OtherRun,
    /// News of a check that is not the application's.
    #[error("the check belongs to something else")]
    ForeignRun,
    /// The provider came to a result before the application could expire.
    #[error("the applicant has been identified")]
    Identified,
    /// Not everything is open.
    #[error("the accounts are not ready")]
    NotReady,
}

impl Classify for ApplicationError {
    fn class(&self) -> Class {
        match self {
            Self::Reused | Self::Unknown => Class::Invalid,
            Self::UnderWay | Self::DeclinedBefore | Self::ApprovedBefore | Self::Ended | Self::IdentityDeclined => {
                Class::Rejected
            }
            Self::OtherApplicant | Self::OtherRun => Class::Conflict,
            Self::NotReady => Class::Transient,
            Self::NotIdentified | Self::Identified | Self::ForeignRun => Class::Bug,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Reused => "APPLICATION_REUSED",
            Self::UnderWay => "APPLICATION_OPEN",
            Self::DeclinedBefore => "APPLICATION_DECLINED",
            Self::ApprovedBefore => "APPLICATION_APPROVED_BEFORE",
            Self::Unknown => "APPLICATION_UNKNOWN",
            Self::Ended => "APPLICATION_ENDED",
            Self::NotIdentified => "APPLICATION_NOT_IDENTIFIED",
            Self::IdentityDeclined => "APPLICATION_IDENTITY_DECLINED",
            Self::OtherApplicant => "APPLICATION_OTHER_APPLICANT",
            Self::OtherRun => "APPLICATION_OTHER_RUN",
            Self::ForeignRun => "APPLICATION_FOREIGN_RUN",
            Self::Identified => "APPLICATION_IDENTIFIED",
            Self::NotReady => "APPLICATION_NOT_READY",
        }
    }
}

impl fmt::Display for IdentityCheckProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Onfido => "onfido",
        })
    }
}

impl Aggregate for Application {
    const KIND: &'static str = "application";
    const STATE_VERSION: u32 = 1;

    type State = ApplicationState;
    type Event = ApplicationEvent;

    fn evolve(state: ApplicationState, event: &ApplicationEvent) -> ApplicationState {
        evolve(state, event)
    }
}

impl Decider for Application {
    type Command = (ApplicationCommand, Moment);
    type Error = ApplicationError;

    fn decide(
        state: &ApplicationState,
        (command, at): &(ApplicationCommand, Moment),
    ) -> Result<Vec<ApplicationEvent>, ApplicationError> {
        decide(state, command, *at)
    }
}

#[cfg(test)]
#[path = "application/tests.rs"]
mod tests;
