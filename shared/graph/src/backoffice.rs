//! What people who work here see and do: a schema of its own, which no customer reaches.
//!
//! Its ids are the bank's own: they stand in logs and events as well.

mod applications;
mod customers;
mod erasure;
mod executions;
mod freezes;
mod guard;
mod mutations;
mod personal;
mod reviews;
mod staff;
mod suspense;

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    compliance::Cases,
    erasure::Erasures,
    ledger::{Freezes, Suspense},
    onboarding::Operations,
    reveal::Reveals,
    views::{ComplianceViews, IdentityViews, LedgerViews, OnboardingViews},
};
use async_graphql::{Context, EmptySubscription, MergedObject, Object, Schema, SchemaBuilder};

use crate::{answer::cause_by, auth::caller, errors::ApiError, limited};
use guard::{Allow, READERS, WORKERS};

pub use guard::Group;

/// What resolvers of the back office reach.
#[derive(Clone)]
pub struct Office {
    /// The compliance context's read models.
    pub compliance: Arc<dyn ComplianceViews>,
    /// The identity context's read models.
    pub identity: Arc<dyn IdentityViews>,
    /// The ledger context's read models.
    pub ledger: Arc<dyn LedgerViews>,
    /// The onboarding context's read models.
    pub onboarding: Arc<dyn OnboardingViews>,
    /// Review cases, as staff work on them.
    pub cases: Cases,
    /// Freezes of customers, as staff order them.
    pub freezes: Freezes,
    /// Erasures of customers, as staff ask for them.
    pub erasures: Erasures,
    /// What waits in suspense, as staff release it.
    pub suspense: Suspense,
    /// What is shown of personal data.
    pub reveals: Reveals,
    /// Workflows, and what is done about those that are parked.
    pub operations: Operations,
}

/// What can be asked.
#[derive(Default)]
pub(crate) struct Query;

#[Object]
impl Query {
    /// What people who work here see. For compliance, operations and auditors.
    #[graphql(guard = "Allow(READERS)")]
    async fn back_office(&self) -> BackOffice {
        BackOffice(
            reviews::ReviewQuery,
            customers::CustomerQuery,
            applications::ApplicationQuery,
            executions::ExecutionQuery,
            suspense::SuspenseQuery,
            staff::StaffQuery,
        )
    }
}

/// What people who work here see.
#[derive(MergedObject)]
pub(crate) struct BackOffice(
    reviews::ReviewQuery,
    customers::CustomerQuery,
    applications::ApplicationQuery,
    executions::ExecutionQuery,
    suspense::SuspenseQuery,
    staff::StaffQuery,
);

/// What can be done.
#[derive(Default)]
pub(crate) struct Mutation;

#[Object]
impl Mutation {
    /// What people who work here do. For compliance and operations.
    ///
    /// Fields below it are worked on at the same time: send what has to come after something in a request of its own.
    #[graphql(guard = "Allow(WORKERS)")]
    async fn back_office(&self) -> BackOfficeMutation {
        BackOfficeMutation(
            mutations::ReviewMutation,
            personal::RevealMutation,
            executions::ExecutionMutation,
            freezes::FreezeMutation,
            erasure::ErasureMutation,
            suspense::SuspenseMutation,
        )
    }
}

/// What people who work here do.
#[derive(MergedObject)]
pub(crate) struct BackOfficeMutation(
    mutations::ReviewMutation,
    personal::RevealMutation,
    executions::ExecutionMutation,
    freezes::FreezeMutation,
    erasure::ErasureMutation,
    suspense::SuspenseMutation,
);

pub(crate) fn schema() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    limited(Schema::build(Query, Mutation, EmptySubscription))
}

fn office<'a>(ctx: &Context<'a>) -> Result<&'a Office, ApiError> {
    ctx.data_opt().ok_or_else(|| ApiError::internal(&"a schema without an office"))
}

/// Where the commands of this request come from.
fn cause(ctx: &Context<'_>) -> Result<Cause, ApiError> {
    cause_by(ctx, Actor::Staff(caller(ctx)?.staff()))
}
