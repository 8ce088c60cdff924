//! The identity context: who the viewer is, and becoming a customer.

use std::sync::Arc;

use app::{commit::Cause, identity::Welcome, streams::Loaded, views::ControlsView};
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use domain::{
    identity::customer::{Customer, CustomerStatus as Status},
    ids::CustomerId,
};

use crate::{
    answer::{bank, cause},
    auth::{self, access_token, caller},
    errors::ApiError,
    limits,
    node::NodeId,
};

/// How far a customer has come.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CustomerStatus {
    /// Confirmed, and has not applied for an account.
    SignedUp,
    /// An application for an account is under way.
    Applying,
    /// May use the bank.
    Active,
    /// May look, but money does not move as it should: the bank has to find something out.
    Frozen,
    /// Is forgotten, as far as the law allows.
    Erased,
}

/// What the identity context knows of the viewer.
#[derive(SimpleObject)]
pub(crate) struct ViewerIdentity {
    /// The same for as long as the customer exists.
    id: ID,
    /// How far the customer has come.
    status: CustomerStatus,
}

impl ViewerIdentity {
    /// Reads the customer's row and, of somebody who may use the bank, what is forbidden to them.
    pub(crate) async fn read(ctx: &Context<'_>, id: CustomerId) -> Result<Self, ApiError> {
        let customer = bank(ctx)?.identity.customer(id).await?;
        let status = customer.and_then(|customer| status_of(customer.view.status)).ok_or_else(|| {
            ApiError::not_yet("CUSTOMER_NOT_READY", "the customer is being set up; try again in a moment")
        })?;
        let status = match status {
            CustomerStatus::Active => {
                let controls = bank(ctx)?.ledger.controls(id).await?.map(|row| row.view).unwrap_or_default();
                with_freeze(status, &controls)
            }
            CustomerStatus::SignedUp | CustomerStatus::Applying | CustomerStatus::Frozen | CustomerStatus::Erased => {
                status
            }
        };
        Ok(Self { id: NodeId::Customer(id).into(), status })
    }
}

/// A customer as a mutation left it.
#[derive(SimpleObject)]
struct CustomerPayload {
    /// The viewer's id.
    id: ID,
    /// How far the customer has come.
    status: CustomerStatus,
    /// The version of the customer that the mutation led to.
    version: u32,
}

#[derive(Default)]
pub(crate) struct IdentityMutation;

#[Object]
impl IdentityMutation {
    /// Makes sure that the caller, whose e-mail address is confirmed, is a customer. Sending it again is safe.
    ///
    /// The sign-up itself does this; an app sends it where `viewer` stays `CUSTOMER_NOT_READY`. `SIGN_UP_EXPIRED` says that this came
    /// thirty days after the sign-up or later: they have to sign up again.
    #[graphql(guard = "auth::Viewer", complexity = "limits::WRITE + child_complexity")]
    async fn ensure_customer(&self, ctx: &Context<'_>) -> Result<CustomerPayload, ApiError> {
        let id = caller(ctx)?.customer();
        let customer = ensured(ctx, id, &cause(ctx)?).await?;
        match (status_of(customer.state.status), customer.version) {
            (Some(status), Some(version)) => {
                Ok(CustomerPayload { id: NodeId::Customer(id).into(), status, version: version.0 })
            }
            (None, _) | (_, None) => Err(ApiError::internal(&"an ensured customer has no status or no version")),
        }
    }
}

/// The caller as a customer, which a confirmation whose trigger was lost has not made of them.
pub(crate) async fn ensured(ctx: &Context<'_>, id: CustomerId, cause: &Cause) -> Result<Loaded<Customer>, ApiError> {
    let (bank, token) = (bank(ctx)?, access_token(ctx)?);
    let welcome = Welcome {
        streams: bank.identity_streams.clone(),
        vault: Arc::clone(&bank.vault),
        sign_ups: Arc::clone(&bank.sign_ups),
    };
    Ok(welcome.with_token(&bank.pool, id, token, cause).await?)
}

/// How far a customer has come; `None` before there is one.
pub(crate) fn status_of(status: Status) -> Option<CustomerStatus> {
    match status {
        Status::None => None,
        Status::SignedUp => Some(CustomerStatus::SignedUp),
        Status::Applying => Some(CustomerStatus::Applying),
        Status::Active => Some(CustomerStatus::Active),
        Status::Erased => Some(CustomerStatus::Erased),
    }
}

/// How far a customer has come to whom this is forbidden.
pub(crate) const fn with_freeze(status: CustomerStatus, controls: &ControlsView) -> CustomerStatus {
    match (status, controls.side) {
        (CustomerStatus::Active, Some(_)) => CustomerStatus::Frozen,
        (status, _) => status,
    }
}
