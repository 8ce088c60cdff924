//! Who asks, and what nobody in particular may ask.

use async_graphql::{Context, Guard};
use domain::ids::{CustomerId, StaffId};
use secrecy::SecretString;
use uuid::Uuid;

use crate::{backoffice::Group, errors::ApiError};

/// Root fields that need no token. A test fails on any other root field that answers without one.
pub const PUBLIC_FIELDS: [&str; 2] = ["Query.assets", "Query.savingsProducts"];

/// Whoever the access token of a request speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The person, as the identity pool knows them.
    pub person: Uuid,
    /// The groups that the identity pool put them in.
    pub groups: Vec<String>,
}

impl Caller {
    /// The person as a customer.
    #[must_use]
    pub const fn customer(&self) -> CustomerId {
        CustomerId::new(self.person)
    }

    /// Whether the identity pool put them into this group.
    #[must_use]
    pub fn is_in(&self, group: Group) -> bool {
        self.groups.iter().any(|name| name == group.name())
    }

    /// The person as one who works here.
    #[must_use]
    pub const fn staff(&self) -> StaffId {
        StaffId::new(self.person)
    }
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
