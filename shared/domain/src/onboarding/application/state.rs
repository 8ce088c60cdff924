use serde::{Deserialize, Serialize};

use super::{IdentityCheckProvider, IdentityResult, ReviewResult, Undeliverable};
use crate::ids::{ApplicationId, Fingerprint, ProviderApplicantId, VaultRef, WorkflowRunId};
use crate::onboarding::Moment;

/// What the events of one customer's applications add up to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ApplicationState {
    /// Each application, oldest first. Only the newest can be under way.
    pub submissions: Vec<Submission>,
}

impl ApplicationState {
    /// The newest application.
    #[must_use]
    pub fn current(&self) -> Option<&Submission> {
        self.submissions.last()
    }

    /// The application of this id.
    #[must_use]
    pub fn find(&self, id: ApplicationId) -> Option<&Submission> {
        self.submissions.iter().find(|it| it.id == id)
    }
}

/// How far an application is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Not decided.
    #[serde(rename = "o")]
    Open,
    /// Approved; the accounts are being opened.
    #[serde(rename = "a")]
    Approved,
    /// Approved, and everything is open.
    #[serde(rename = "c")]
    Completed,
    /// Declined.
    #[serde(rename = "d")]
    Declined,
    /// Expired.
    #[serde(rename = "e")]
    Expired,
}

/// The check at the identity provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The provider's id of it.
    #[serde(rename = "i")]
    pub id: WorkflowRunId,
    /// Which provider.
    #[serde(rename = "p")]
    pub provider: IdentityCheckProvider,
    /// Since when.
    #[serde(rename = "at")]
    pub started_at: Moment,
}

/// What the identity provider found first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// What.
    #[serde(rename = "r")]
    pub result: IdentityResult,
    /// When.
    #[serde(rename = "at")]
    pub decided_at: Moment,
}

/// What compliance asked the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Where the vault keeps the question.
    #[serde(rename = "q")]
    pub question: VaultRef,
    /// When it was asked.
    #[serde(rename = "at")]
    pub asked_at: Moment,
    /// Where the vault keeps the answer.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<VaultRef>,
}

/// The review by compliance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplianceReview {
    /// Since when.
    #[serde(rename = "at")]
    pub began_at: Moment,
    /// What the customer was asked, oldest first.
    #[serde(rename = "q", default, skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<Request>,
    /// What was decided, and when.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<(ReviewResult, Moment)>,
}

/// What became of the mail that welcomes the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// Why it reaches nobody. Absent if it was sent.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub undeliverable: Option<Undeliverable>,
    /// Since when that is known.
    #[serde(rename = "at")]
    pub noted_at: Moment,
}

/// One application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// The id that the customer picked.
    #[serde(rename = "i")]
    pub id: ApplicationId,
    /// Where the vault keeps what they wrote.
    #[serde(rename = "c")]
    pub content: VaultRef,
    /// What tells a repeat from another application under the same id.
    #[serde(rename = "f")]
    pub fingerprint: Fingerprint,
    /// How far it is.
    #[serde(rename = "s")]
    pub stage: Stage,
    /// When it was submitted.
    #[serde(rename = "at")]
    pub submitted_at: Moment,
    /// The provider's id of the person.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub applicant: Option<ProviderApplicantId>,
    /// The check.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Run>,
    /// Since when a person at the provider looks at it.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub review_started_at: Option<Moment>,
    /// What the provider found.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// When the provider said something else for the first time.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub contradicted_at: Option<Moment>,
    /// The review by compliance, if what was found asked for one.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub review: Option<ComplianceReview>,
    /// When it was approved, declined or expired.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Moment>,
    /// When the accounts were opened.
    #[serde(rename = "ao", default, skip_serializing_if = "Option::is_none")]
    pub accounts_opened_at: Option<Moment>,
    /// When the customer could pay in.
    #[serde(rename = "ir", default, skip_serializing_if = "Option::is_none")]
    pub instructions_ready_at: Option<Moment>,
    /// What became of the mail that welcomes the customer.
    #[serde(rename = "wm", default, skip_serializing_if = "Option::is_none")]
    pub welcome: Option<Welcome>,
}

impl Submission {
    /// What the customer is asked and has not answered.
    #[must_use]
    pub fn open_request(&self) -> Option<&Request> {
        let review = self.review.as_ref().filter(|it| it.decided.is_none() && self.stage == Stage::Open)?;
        review.requests.iter().find(|it| it.answer.is_none())
    }

    /// The result that stands: what the provider found first or, where nobody waits for it any more, that nobody was let in.
    #[must_use]
    pub fn standing_result(&self) -> Option<IdentityResult> {
        match (self.identity, self.stage) {
            (Some(identity), _) => Some(identity.result),
            (None, Stage::Declined | Stage::Expired) => Some(IdentityResult::Declined),
            (None, Stage::Open | Stage::Approved | Stage::Completed) => None,
        }
    }
}
