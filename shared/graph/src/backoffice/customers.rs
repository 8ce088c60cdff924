//! What the bank keeps about a customer, without anything that is personal.

use app::{
    executions::ExecutionId,
    views::{ApplicationView, ControlsView, CustomerView},
};
use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};
use domain::ids::{ApplicationId, CaseId, CustomerId};

use super::{
    erasure::CustomerErasure,
    freezes::{CustomerFreeze, FreezeSide},
    guard::{Allow, READERS},
    office,
    reviews::{Review, find_review},
};
use crate::{
    errors::ApiError,
    identity::{CustomerStatus, status_of, with_freeze},
    limits,
    onboarding::ApplicationStatus,
    scalars::DateTime,
    steps::WorkflowStep,
};

/// Who signed up, and what became of it.
#[derive(SimpleObject)]
pub(crate) struct CustomerFile {
    /// The same for as long as the customer exists.
    id: ID,
    /// How far the customer has come.
    status: CustomerStatus,
    /// What they applied for, the newest last.
    applications: Vec<ApplicationFile>,
    /// Which way money does not move now. Null if it does.
    frozen: Option<FreezeSide>,
    /// Every freeze there was, oldest first.
    freezes: Vec<CustomerFreeze>,
    /// Whether a review decided to part from the customer.
    closing: bool,
    /// Their erasure. Null unless somebody asked for it.
    erasure: Option<CustomerErasure>,
    #[graphql(skip)]
    unfrozen: CustomerStatus,
}

impl CustomerFile {
    /// With what is forbidden to them.
    pub(crate) fn with(self, controls: &ControlsView) -> Self {
        Self {
            status: with_freeze(self.unfrozen, controls),
            frozen: controls.side.map(FreezeSide::from),
            freezes: controls.freezes.iter().map(CustomerFreeze::from).collect(),
            closing: controls.closing,
            ..self
        }
    }

    /// With how far they have come, and whether they are to be forgotten.
    pub(super) fn with_standing(self, view: &CustomerView) -> Self {
        let erasure = view.erasure.as_ref().map(|erasure| CustomerErasure::of(view.id, erasure));
        let status = status_of(view.status).unwrap_or(self.status);
        Self { status, unfrozen: status, erasure, ..self }
    }
}

/// One application of a customer.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct ApplicationFile {
    #[graphql(skip)]
    of: (CustomerId, ApplicationId),
    /// The id that the customer picked.
    id: ID,
    /// Who applied.
    customer_id: ID,
    /// Its workflow, for `BackOffice.execution`.
    execution_id: ID,
    /// How far it is.
    status: ApplicationStatus,
    /// Where the customer is in the journey.
    steps: Vec<WorkflowStep>,
    /// When it was submitted.
    submitted_at: DateTime,
    /// When it was approved, declined or expired.
    decided_at: Option<DateTime>,
}

impl ApplicationFile {
    pub(super) fn of(customer: CustomerId, view: &ApplicationView) -> Self {
        let execution = ExecutionId { customer, application: view.id };
        Self {
            of: (customer, view.id),
            id: ID(view.id.to_string()),
            customer_id: ID(customer.to_string()),
            execution_id: ID(execution.to_string()),
            status: view.status.into(),
            steps: view.steps.iter().map(WorkflowStep::from).collect(),
            submitted_at: DateTime(view.submitted_at.to_string()),
            decided_at: view.decided_at.map(|at| DateTime(at.to_string())),
        }
    }
}

#[ComplexObject]
impl ApplicationFile {
    /// The review of the application. Null if nobody had to look.
    #[graphql(guard = "Allow(READERS)", complexity = "limits::READ + child_complexity")]
    async fn review(&self, ctx: &Context<'_>) -> Option<Result<Review, ApiError>> {
        let (customer, application) = self.of;
        find_review(ctx, CaseId::of_application(customer, application), None).await.transpose()
    }
}

#[derive(Default)]
pub(crate) struct CustomerQuery;

#[Object]
impl CustomerQuery {
    /// What the bank keeps about a customer, without anything that is personal. Null if there is none of this id.
    #[graphql(guard = "Allow(READERS)", complexity = "limits::READ * 3 + child_complexity")]
    async fn customer(&self, ctx: &Context<'_>, id: ID) -> Option<Result<CustomerFile, ApiError>> {
        find_customer(ctx, id.parse().ok()?).await.transpose()
    }
}

/// What the bank keeps about a customer: three reads.
pub(crate) async fn find_customer(ctx: &Context<'_>, id: CustomerId) -> Result<Option<CustomerFile>, ApiError> {
    let office = office(ctx)?;
    let Some(customer) = office.identity.customer(id).await?.map(|row| row.view) else { return Ok(None) };
    let Some(status) = status_of(customer.status) else { return Ok(None) };
    let applicant = office.onboarding.applicant(id).await?;
    let applications = applicant.map(|row| row.view.applications).unwrap_or_default();
    let applications = applications.iter().map(|view| ApplicationFile::of(id, view)).collect();
    let controls = office.ledger.controls(id).await?.map(|row| row.view).unwrap_or_default();
    let (frozen, freezes) = (None, Vec::new());
    let (closing, erasure, unfrozen) = (false, None, status);
    let id = ID(id.to_string());
    let file = CustomerFile { id, status, applications, frozen, freezes, closing, erasure, unfrozen };
    Ok(Some(file.with_standing(&customer).with(&controls)))
}
