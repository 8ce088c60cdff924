//! What the onboarding context shows.

use async_trait::async_trait;
use domain::{
    ids::{ApplicationId, CustomerId, VaultRef},
    onboarding::{
        Moment,
        application::{ApplicationState, IdentityCheckProvider, IdentityResult, ReviewResult, Stage, Submission},
    },
};
use serde::{Deserialize, Serialize};

use super::{AtVersion, Page, PageRequest};
use crate::ports::PortError;

/// A customer's applications, as the customer sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicantView {
    /// Who applied.
    pub customer: CustomerId,
    /// Each application, the newest last.
    pub applications: Vec<ApplicationView>,
}

/// One application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationView {
    /// The id that the customer picked.
    pub id: ApplicationId,
    /// How far it is.
    pub status: ApplicationStatus,
    /// Where the customer is in the journey, in the order in which it goes.
    pub steps: Vec<StepView>,
    /// Who checks the customer's identity, from the moment on that somebody does.
    pub provider: Option<IdentityCheckProvider>,
    /// What the customer is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestView>,
    /// When it was submitted.
    pub submitted_at: Moment,
    /// When it was approved, declined or expired.
    pub decided_at: Option<Moment>,
}

/// A question of compliance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestView {
    /// Where the vault keeps it.
    pub question: VaultRef,
    /// When it was asked.
    pub asked_at: Moment,
}

/// How far an application is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApplicationStatus {
    /// The bank has it.
    Submitted,
    /// The customer is to prove who they are.
    IdentityCheck,
    /// The customer is looked for in lists.
    Screening,
    /// A person looks at it.
    InReview,
    /// The customer is to answer a question of compliance.
    InformationNeeded,
    /// Approved.
    Approved,
    /// Declined.
    Declined,
    /// The customer did not prove who they are in time.
    Expired,
}

/// An application in a list, with whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedApplication {
    /// Who applied.
    pub customer: CustomerId,
    /// The application.
    pub view: ApplicationView,
}

/// Which applications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApplicationFilter {
    /// Everybody's.
    All,
    /// Those that are as far as this.
    In(ApplicationStatus),
}

/// A step of the journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepName {
    /// The application reached the bank.
    Submission,
    /// The customer proves who they are.
    IdentityCheck,
    /// A person at the identity provider looks at it.
    Review,
    /// The customer is looked for in lists.
    Screening,
    /// Compliance judges what was found.
    ComplianceReview,
    /// The bank decides.
    Decision,
    /// The accounts are opened.
    Accounts,
    /// The customer is told where to pay in.
    DepositInstructions,
    /// The customer is welcomed by mail.
    Welcome,
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepStatus {
    /// Begun.
    Running,
    /// Done.
    Done,
    /// It could not be done, and the journey went on without it.
    Skipped,
    /// It ended the journey.
    Failed,
}

/// A step of one application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepView {
    /// Which.
    pub name: StepName,
    /// How it went.
    pub status: StepStatus,
    /// When it began.
    pub started_at: Moment,
    /// When it ended.
    pub ended_at: Option<Moment>,
}

impl ApplicantView {
    /// What a customer's applications look like in this state.
    #[must_use]
    pub fn of(customer: CustomerId, state: &ApplicationState) -> Self {
        Self { customer, applications: state.submissions.iter().map(ApplicationView::of).collect() }
    }

    /// The newest application.
    #[must_use]
    pub fn current(&self) -> Option<&ApplicationView> {
        self.applications.last()
    }

    /// The application of this id.
    #[must_use]
    pub fn find(&self, id: ApplicationId) -> Option<&ApplicationView> {
        self.applications.iter().find(|it| it.id == id)
    }
}

impl ApplicationView {
    fn of(submission: &Submission) -> Self {
        Self {
            id: submission.id,
            status: status_of(submission),
            steps: steps_of(submission),
            provider: submission.run.map(|run| run.provider),
            request: submission
                .open_request()
                .map(|it| RequestView { question: it.question.clone(), asked_at: it.asked_at }),
            submitted_at: submission.submitted_at,
            decided_at: submission.decided_at,
        }
    }

    /// Whether the customer may be asked to prove who they are.
    #[must_use]
    pub const fn is_checking(&self) -> bool {
        match self.status {
            ApplicationStatus::IdentityCheck => true,
            ApplicationStatus::Submitted
            | ApplicationStatus::Screening
            | ApplicationStatus::InReview
            | ApplicationStatus::InformationNeeded
            | ApplicationStatus::Approved
            | ApplicationStatus::Declined
            | ApplicationStatus::Expired => false,
        }
    }
}

fn status_of(submission: &Submission) -> ApplicationStatus {
    let is_identified = submission.identity.is_some_and(|it| it.result == IdentityResult::Approved);
    match submission.stage {
        Stage::Open if submission.open_request().is_some() => ApplicationStatus::InformationNeeded,
        Stage::Open if submission.review.is_some() => ApplicationStatus::InReview,
        Stage::Open if is_identified => ApplicationStatus::Screening,
        Stage::Open if submission.review_started_at.is_some() && submission.identity.is_none() => {
            ApplicationStatus::InReview
        }
        Stage::Open if submission.run.is_some() => ApplicationStatus::IdentityCheck,
        Stage::Open => ApplicationStatus::Submitted,
        Stage::Approved | Stage::Completed => ApplicationStatus::Approved,
        Stage::Declined => ApplicationStatus::Declined,
        Stage::Expired => ApplicationStatus::Expired,
    }
}

fn steps_of(submission: &Submission) -> Vec<StepView> {
    let mut steps = vec![step(StepName::Submission, submission.submitted_at, Some(submission.submitted_at))];
    let identity = submission.identity;
    // What ends before it has a result ends with the application.
    let checked_at = identity.map(|it| it.decided_at).or(submission.decided_at);
    let has_failed = match identity.map(|it| it.result) {
        Some(IdentityResult::Approved) => false,
        Some(IdentityResult::Declined) => true,
        None => submission.decided_at.is_some(),
    };
    let begun = [
        (StepName::IdentityCheck, submission.run.map(|run| run.started_at)),
        (StepName::Review, submission.review_started_at),
    ];
    for (name, started_at) in begun {
        let begun = started_at.map(|started_at| step(name, started_at, checked_at));
        steps.extend(begun.map(|it| if has_failed { failed(it) } else { it }));
    }
    let decided_from = if has_failed { checked_at } else { judged(&mut steps, submission) };
    steps.extend(decided_from.map(|started_at| {
        let decision = step(StepName::Decision, started_at, submission.decided_at);
        match submission.stage {
            Stage::Declined | Stage::Expired => failed(decision),
            Stage::Open | Stage::Approved | Stage::Completed => decision,
        }
    }));
    if let (Stage::Approved | Stage::Completed, Some(approved_at)) = (submission.stage, submission.decided_at) {
        steps.push(step(StepName::Accounts, approved_at, submission.accounts_opened_at));
        steps.push(step(StepName::DepositInstructions, approved_at, submission.instructions_ready_at));
        steps.extend(welcome_of(submission));
    }
    steps
}

/// Customers of before there was a mail have no such step.
fn welcome_of(submission: &Submission) -> Option<StepView> {
    let ready_at = submission.instructions_ready_at?;
    match (submission.welcome, submission.stage) {
        (None, Stage::Completed) => None,
        (None, Stage::Open | Stage::Approved | Stage::Declined | Stage::Expired) => {
            Some(step(StepName::Welcome, ready_at, None))
        }
        (Some(welcome), _) => {
            let step = step(StepName::Welcome, ready_at, Some(welcome.noted_at));
            let status = welcome.undeliverable.map_or(step.status, |_| StepStatus::Skipped);
            Some(StepView { status, ..step })
        }
    }
}

/// What follows once it is known who they are; answers since when the bank decides.
fn judged(steps: &mut Vec<StepView>, submission: &Submission) -> Option<Moment> {
    let identified_at = submission.identity?.decided_at;
    let review = submission.review.as_ref();
    let screened_at = review.map(|it| it.began_at).or(submission.decided_at);
    steps.push(step(StepName::Screening, identified_at, screened_at));
    let Some(review) = review else { return submission.decided_at };
    let judged_at = review.decided.map(|(_, at)| at).or(submission.decided_at);
    let judgement = step(StepName::ComplianceReview, review.began_at, judged_at);
    let is_no = review.decided.is_some_and(|(result, _)| result == ReviewResult::Declined);
    steps.push(if is_no { failed(judgement) } else { judgement });
    judged_at
}

const fn step(name: StepName, started_at: Moment, ended_at: Option<Moment>) -> StepView {
    let status = if ended_at.is_some() { StepStatus::Done } else { StepStatus::Running };
    StepView { name, status, started_at, ended_at }
}

const fn failed(step: StepView) -> StepView {
    StepView { status: StepStatus::Failed, ..step }
}

/// The onboarding context's read models.
#[async_trait]
pub trait OnboardingViews: Send + Sync {
    /// A customer's applications; one read.
    async fn applicant(&self, customer: CustomerId) -> Result<Option<AtVersion<ApplicantView>>, PortError>;

    /// Applications by when they were submitted, newest first; one read a page.
    ///
    /// # Errors
    /// [`PortError::Missing`] for a cursor that is none of this list.
    async fn applications(
        &self,
        filter: ApplicationFilter,
        page: &PageRequest,
    ) -> Result<Page<ListedApplication>, PortError>;

    /// Whose an application is: customers pick the ids, so it may be several people's. One read.
    async fn owners(&self, application: ApplicationId) -> Result<Vec<CustomerId>, PortError>;
}

#[cfg(test)]
mod tests;
