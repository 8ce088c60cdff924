//! Who asks, and what nobody in particular may ask.

use async_graphql::{Context, Guard};
use domain::ids::CustomerId;
use secrecy::SecretString;

use crate::errors::ApiError;

/// Root fields that need no token. A test fails on any other root field that answers without one.
pub const PUBLIC_FIELDS: [&str; 2] = ["Query.assets", "Query.savingsProducts"];

/// Whoever the access token of a request speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The customer.
    pub customer: CustomerId,
    /// The groups that the identity pool put them in.
    pub groups: Vec<String>,
}

/// The access token of a request, for what only its owner may ask the identity pool.
#[derive(Debug, Clone)]
pub struct AccessToken(pub SecretString);

/// Lets in customers only.
pub(crate) struct Viewer;

impl Guard for Viewer {
    async fn check(&self, ctx: &Context<'_>) -> async_graphql::Result<()> {
        Ok(caller(ctx).map(|_| ())?)
    }
}

/// The caller of this request.
pub(crate) fn caller<'a>(ctx: &Context<'a>) -> Result<&'a Caller, ApiError> {
    ctx.data_opt::<Caller>().ok_or_else(|| ApiError::unauthenticated("sign in first"))
}

/// The access token of this request.
pub(crate) fn access_token<'a>(ctx: &Context<'a>) -> Result<&'a SecretString, ApiError> {
    let token = ctx.data_opt::<AccessToken>().map(|AccessToken(token)| token);
    token.ok_or_else(|| ApiError::unauthenticated("sign in first"))
}
