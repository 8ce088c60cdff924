//! The customer who asks: each context adds what it knows of them.

use async_graphql::{Context, MergedObject, Object};

use crate::{
    auth::{self, caller},
    errors::ApiError,
    identity::ViewerIdentity,
    ledger::ViewerLedger,
    limits,
    onboarding::ViewerOnboarding,
    savings::ViewerSavings,
};

/// The customer who asks.
#[derive(MergedObject)]
pub(crate) struct Viewer(ViewerIdentity, ViewerOnboarding, ViewerLedger, ViewerSavings);

#[derive(Default)]
pub(crate) struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// The customer who asks.
    ///
    /// For a moment after the sign-up it fails with `CUSTOMER_NOT_READY` and `retryable`; should it stay so, send
    /// `ensureCustomer`.
    #[graphql(guard = "auth::Viewer", complexity = "limits::READ + limits::READ + child_complexity")]
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer, ApiError> {
        let customer = caller(ctx)?.customer();
        let identity = ViewerIdentity::read(ctx, customer).await?;
        Ok(Viewer(identity, ViewerOnboarding { customer }, ViewerLedger { customer }, ViewerSavings { customer }))
    }
}
