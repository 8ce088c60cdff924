//! The customer who asks: each context adds what it knows of them.

use async_graphql::{Context, MergedObject, Object};

use crate::{
    auth::{self, caller},
    errors::ApiError,
    identity::ViewerIdentity,
    ledger::ViewerLedger,
    limits,
};

/// The customer who asks.
#[derive(MergedObject)]
pub(crate) struct Viewer(ViewerIdentity, ViewerLedger);

#[derive(Default)]
pub(crate) struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// The customer who asks.
    ///
    /// For a moment after the sign-up it fails with `CUSTOMER_NOT_READY` and `retryable`; should it stay so, send
    /// `ensureCustomer`.
    #[graphql(guard = "auth::Viewer", complexity = "limits::READ + child_complexity")]
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer, ApiError> {
        let customer = caller(ctx)?.customer;
        Ok(Viewer(ViewerIdentity::read(ctx, customer).await?, ViewerLedger { customer }))
    }
}
