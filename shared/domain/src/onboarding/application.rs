//! A customer's applications, one after the other: submitted, identified, decided, and followed until everything is open.
//!
//! Approval is the pivot: before it everything can be unwound, after it things only go forward. News of the identity provider
//! and of the ledger come early, late and twice; the first final result stands.

mod decide;
mod error;
mod findings;
mod review;
mod state;

use serde::{Deserialize, Serialize};
use time::Duration;

pub use decide::{decide, evolve};
pub use error::ApplicationError;
pub use findings::{DeclineReason, IdentityCheckProvider, IdentityResult, ReviewResult, Undeliverable};
pub use state::{ApplicationState, ComplianceReview, Identity, Request, Run, Stage, Submission, Welcome};

use super::Moment;
use crate::aggregate::{Aggregate, Decider};
use crate::ids::{ApplicationId, Fingerprint, ProviderApplicantId, VaultRef, WorkflowRunId};

/// How long an applicant may take to prove who they are.
pub const EXPIRES_AFTER: Duration = Duration::days(14);

/// The applications of one customer. Streams `application#<customer>`.
#[derive(Debug)]
pub struct Application;

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
    /// What was found about the person is for compliance to judge.
    #[serde(rename = "application.compliance-review-began.v1")]
    ComplianceReviewBegan {
        /// The application.
        application: ApplicationId,
        /// When.
        at: Moment,
    },
    /// Compliance needs to know something from the customer.
    #[serde(rename = "application.information-requested.v1")]
    InformationRequested {
        /// The application.
        application: ApplicationId,
        /// Where the vault keeps the question.
        question: VaultRef,
        /// When.
        at: Moment,
    },
    /// The customer answered.
    #[serde(rename = "application.information-provided.v1")]
    InformationProvided {
        /// The application.
        application: ApplicationId,
        /// The question.
        question: VaultRef,
        /// Where the vault keeps the answer.
        answer: VaultRef,
        /// When.
        at: Moment,
    },
    /// Compliance decided.
    #[serde(rename = "application.review-decided.v1")]
    ReviewDecided {
        /// The application.
        application: ApplicationId,
        /// What.
        result: ReviewResult,
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
    /// The mail that welcomes the customer was handed to who delivers it.
    #[serde(rename = "application.welcomed.v1")]
    Welcomed {
        /// The application.
        application: ApplicationId,
        /// When.
        at: Moment,
    },
    /// The mail that welcomes the customer reaches nobody. They are a customer all the same.
    #[serde(rename = "application.welcome-undeliverable.v1")]
    WelcomeUndeliverable {
        /// The application.
        application: ApplicationId,
        /// Why.
        reason: Undeliverable,
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
    /// Compliance is to judge.
    BeginComplianceReview {
        /// The application.
        application: ApplicationId,
    },
    /// Compliance needs to know something.
    RequestInformation {
        /// The application.
        application: ApplicationId,
        /// Where the vault keeps the question.
        question: VaultRef,
    },
    /// The customer answers.
    ProvideInformation {
        /// The application.
        application: ApplicationId,
        /// The question.
        question: VaultRef,
        /// Where the vault keeps the answer.
        answer: VaultRef,
    },
    /// Compliance decided.
    DecideReview {
        /// The application.
        application: ApplicationId,
        /// What.
        result: ReviewResult,
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
    /// The mail that welcomes the customer is on its way.
    NoteWelcomed {
        /// The application.
        application: ApplicationId,
    },
    /// The mail that welcomes the customer reaches nobody.
    NoteUndeliverable {
        /// The application.
        application: ApplicationId,
        /// Why.
        reason: Undeliverable,
    },
    /// Everything is open.
    Complete {
        /// The application.
        application: ApplicationId,
    },
}

impl Aggregate for Application {
    const KIND: &'static str = "application";
    const STATE_VERSION: u32 = 3;

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
