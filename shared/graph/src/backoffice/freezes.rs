//! Freezing customers.

use app::{
    ledger::Said,
    views::{ControlsView, FreezeView},
};
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use domain::{
    freeze::FreezeSide as Side,
    ids::{CustomerId, FreezeId},
};

use super::{
    cause,
    customers::{CustomerFile, find_customer},
    guard::{Allow, WORKERS},
    office,
};
use crate::{auth::caller, errors::ApiError, limits, personal::PersonalText, scalars::DateTime};

/// Which way money does not move.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Side")]
pub(crate) enum FreezeSide {
    /// Nothing that the customer asks for.
    Debits,
    /// Nothing that comes in for the customer: deposits wait in suspense, and interest stays due.
    Credits,
    /// Neither.
    Both,
}

/// A freeze of a customer, in force or lifted.
#[derive(SimpleObject)]
pub(crate) struct CustomerFreeze {
    /// The id that whoever froze picked, or that of the review's freeze.
    id: ID,
    /// Which way money does not move.
    side: FreezeSide,
    /// The review that ordered it; only what is decided there lifts it. Null if somebody ordered it.
    review_id: Option<ID>,
    /// Who ordered it. Null if a review did.
    by: Option<ID>,
    /// Since when.
    at: DateTime,
    /// When it was lifted. Null while it is in force.
    lifted_at: Option<DateTime>,
    /// Who lifted it. Null if nobody did, or a review.
    lifted_by: Option<ID>,
    /// Whether somebody wrote why: `revealFreeze` shows it. What a review ordered has its reasons there.
    has_reason: bool,
}

impl From<&FreezeView> for CustomerFreeze {
    fn from(view: &FreezeView) -> Self {
        Self {
            id: ID(view.id.to_string()),
            side: view.side.into(),
            review_id: view.case.map(|case| ID(case.to_string())),
            by: view.by.map(|staff| ID(staff.to_string())),
            at: DateTime(view.at.to_string()),
            lifted_at: view.lifted_at.map(|at| DateTime(at.to_string())),
            lifted_by: view.lifted_by.map(|staff| ID(staff.to_string())),
            has_reason: view.reason.is_some(),
        }
    }
}

/// Whose money is not to move.
#[derive(InputObject)]
struct FreezeInput {
    /// The customer's id.
    customer_id: ID,
    /// A UUID that the client picks and keeps. Sending the same freeze again is safe: it freezes once, and never after it was
    /// lifted.
    freeze_id: ID,
    /// Which way.
    side: FreezeSide,
    /// Why; at most 4000 characters.
    reason: PersonalText,
}

/// Whose money is to move again.
#[derive(InputObject)]
struct UnfreezeInput {
    /// The customer's id.
    customer_id: ID,
    /// The freeze. Others stay in force.
    freeze_id: ID,
    /// Why; at most 4000 characters.
    reason: PersonalText,
}

/// A customer as a mutation left them.
#[derive(SimpleObject)]
pub(super) struct CustomerPayload {
    /// What the bank keeps about them.
    pub(super) customer: CustomerFile,
}

#[derive(Default)]
pub(crate) struct FreezeMutation;

#[Object]
impl FreezeMutation {
    /// Lets no money of a customer move. What else freezes the customer stays.
    ///
    /// Fails with `FREEZE_REUSED` if the id was used for another freeze, with `FREEZE_OWN` and `FREEZES_FULL`, and with
    /// `TEXT_EMPTY` and `TEXT_TOO_LONG`.
    #[graphql(guard = "Allow(WORKERS)", complexity = "limits::WRITE + child_complexity")]
    async fn freeze_customer(&self, ctx: &Context<'_>, input: FreezeInput) -> Result<CustomerPayload, ApiError> {
        let (customer, file) = known(ctx, &input.customer_id).await?;
        let (freeze, by) = (freeze_id(&input.freeze_id)?, caller(ctx)?.staff());
        let said = Said { customer, freeze, by, reason: &input.reason.0 };
        let loaded = office(ctx)?.freezes.freeze(said, input.side.into(), &cause(ctx)?).await?;
        Ok(CustomerPayload { customer: file.with(&ControlsView::of(&loaded.state)) })
    }

    /// Lifts a freeze that somebody ordered.
    ///
    /// Fails with `FREEZE_BY_POLICY` for one that a review ordered, with `FREEZE_UNKNOWN`, and as `freezeCustomer` does.
    #[graphql(guard = "Allow(WORKERS)", complexity = "limits::WRITE + child_complexity")]
    async fn unfreeze_customer(&self, ctx: &Context<'_>, input: UnfreezeInput) -> Result<CustomerPayload, ApiError> {
        let (customer, file) = known(ctx, &input.customer_id).await?;
        let (freeze, by) = (freeze_id(&input.freeze_id)?, caller(ctx)?.staff());
        let said = Said { customer, freeze, by, reason: &input.reason.0 };
        let loaded = office(ctx)?.freezes.unfreeze(said, &cause(ctx)?).await?;
        Ok(CustomerPayload { customer: file.with(&ControlsView::of(&loaded.state)) })
    }
}

/// A customer whom the bank knows.
pub(super) async fn known(ctx: &Context<'_>, id: &ID) -> Result<(CustomerId, CustomerFile), ApiError> {
    let id = id.parse().map_err(|_| ApiError::bad_input("`customerId` is no customer's id"))?;
    let file = find_customer(ctx, id).await?.ok_or_else(|| ApiError::not_found("there is no such customer"))?;
    Ok((id, file))
}

pub(super) fn freeze_id(id: &ID) -> Result<FreezeId, ApiError> {
    id.parse().map_err(|_| ApiError::bad_input("`freezeId` is not a UUID"))
}
