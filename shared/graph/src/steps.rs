//! The steps of a journey.

use app::views;
use async_graphql::{Enum, SimpleObject};

use crate::scalars::DateTime;

/// A step of the journey from an application to an account.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "views::StepName")]
pub(crate) enum WorkflowStepName {
    /// The application reached the bank.
    Submission,
    /// The applicant proves who they are.
    IdentityCheck,
    /// A person at the identity provider looks at it.
    Review,
    /// The applicant is looked for in lists.
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
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "views::StepStatus")]
pub(crate) enum WorkflowStepStatus {
    /// Begun.
    Running,
    /// Done.
    Done,
    /// It could not be done, and the journey went on without it.
    Skipped,
    /// It ended the journey.
    Failed,
}

/// A step of an application's journey.
#[derive(SimpleObject)]
pub(crate) struct WorkflowStep {
    /// Which.
    name: WorkflowStepName,
    /// How it went.
    status: WorkflowStepStatus,
    /// When it began.
    started_at: DateTime,
    /// When it ended.
    ended_at: Option<DateTime>,
}

impl From<&views::StepView> for WorkflowStep {
    fn from(step: &views::StepView) -> Self {
        Self {
            name: step.name.into(),
            status: step.status.into(),
            started_at: DateTime(step.started_at.to_string()),
            ended_at: step.ended_at.map(|at| DateTime(at.to_string())),
        }
    }
}
