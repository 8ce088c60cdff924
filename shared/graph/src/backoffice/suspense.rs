//! Money that waits in suspense, and to whom it is given.

use app::{ledger::Found, views::SuspendedView};
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use domain::{
    identity::customer::{CustomerError, CustomerStatus},
    ids::{CustomerId, OperationId},
    ledger::{deposit::SuspenseReason as Reason, operation::OperationState},
};

use super::{
    cause,
    guard::{Allow, READERS, WORKERS},
    office,
};
use crate::{
    auth::caller,
    connection::{Connection, connection, list_error, page_request},
    errors::ApiError,
    limits,
    personal::PersonalText,
    scalars::{DateTime, MoneyValue},
};

/// Why money waits.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Reason")]
pub(crate) enum SuspenseReason {
    /// No account has the reference that the payer wrote, or there was none.
    UnknownReference,
    /// The account of that reference holds something else.
    WrongAsset,
    /// It left the bank, and nobody here had sent it. There is nothing to release.
    UnexpectedDebit,
    /// It came back, and nobody here had sent it.
    UnexpectedReturn,
    /// No account has the address that it was sent to.
    UnknownAddress,
    /// It is less than is booked.
    BelowMinimum,
    /// Nothing may come in for whoever it is for. It is released by itself once that is over.
    CustomerFrozen,
}

/// Money that waits in suspense.
#[derive(SimpleObject)]
pub(crate) struct SuspendedDeposit {
    /// What names it: the partner that told of it, and the partner's own id.
    id: ID,
    /// How much.
    amount: MoneyValue,
    /// Why it waits.
    reason: SuspenseReason,
    /// For whom. Null if nobody knows.
    customer_id: Option<ID>,
    /// Since when.
    since: DateTime,
}

impl From<SuspendedView> for SuspendedDeposit {
    fn from(view: SuspendedView) -> Self {
        Self {
            id: ID(view.id.to_string()),
            amount: view.amount.into(),
            reason: view.reason.into(),
            customer_id: view.customer.map(|customer| ID(customer.to_string())),
            since: DateTime(view.at),
        }
    }
}

#[derive(Default)]
pub(crate) struct SuspenseQuery;

#[Object]
impl SuspenseQuery {
    /// What waits in suspense, newest first. A change shows in it after a moment. Who paid is shown by `revealPayer` only.
    #[graphql(guard = "Allow(READERS)", complexity = "limits::READ + limits::asked(first) * child_complexity")]
    async fn suspense(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most this many: 1 to 100.", default = 20)] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
    ) -> Result<Connection<SuspendedDeposit>, ApiError> {
        let request = page_request(first, after)?;
        let page = office(ctx)?.ledger.suspended(&request).await.map_err(list_error)?;
        Ok(connection(&request, page, SuspendedDeposit::from))
    }
}

/// Whose money it is.
#[derive(InputObject)]
struct ReleaseDepositInput {
    /// What waits, by its id.
    deposit_id: ID,
    /// Whose it is. It goes to their account in what it is counted in.
    customer_id: ID,
    /// How that was found out; at most 4000 characters.
    reason: PersonalText,
}

/// A deposit that waited in suspense, as a mutation left it.
#[derive(SimpleObject)]
struct ReleaseDepositPayload {
    /// The deposit.
    deposit_id: ID,
    /// Whose it is.
    customer_id: ID,
    /// How much.
    amount: MoneyValue,
}

#[derive(Default)]
pub(crate) struct SuspenseMutation;

#[Object]
impl SuspenseMutation {
    /// Credits a customer with what waits in suspense. Releasing it to the same customer again is safe.
    ///
    /// Fails with `SUSPENSE_UNKNOWN`, `SUSPENSE_RELEASED`, `SUSPENSE_NOT_OWED` for what left the bank, `SUSPENSE_WAITS_FOR_OWNER` for what
    /// waits for another customer, `SUSPENSE_OWN`, `ACCOUNT_NOT_OPEN`, `CUSTOMER_FROZEN` and `CUSTOMER_ERASED`, and with
    /// `TEXT_EMPTY` and `TEXT_TOO_LONG`.
    #[graphql(guard = "Allow(WORKERS)", complexity = "limits::WRITE + child_complexity")]
    async fn release_deposit(
        &self,
        ctx: &Context<'_>,
        input: ReleaseDepositInput,
    ) -> Result<ReleaseDepositPayload, ApiError> {
        let (operation, office) = (deposit_id(&input.deposit_id)?, office(ctx)?);
        let customer: CustomerId =
            input.customer_id.parse().map_err(|_| ApiError::bad_input("`customerId` is no customer's id"))?;
        match office.identity.customer(customer).await?.map(|row| row.view.status) {
            None | Some(CustomerStatus::None) => return Err(ApiError::not_found("there is no such customer")),
            Some(CustomerStatus::Erased) => return Err(CustomerError::Erased.into()),
            Some(CustomerStatus::SignedUp | CustomerStatus::Applying | CustomerStatus::Active) => {}
        }
        let found = Found { operation: &operation, customer, by: caller(ctx)?.staff(), reason: &input.reason.0 };
        match office.suspense.release(found, &cause(ctx)?).await?.into_state() {
            OperationState::Released { amount, account, .. } => Ok(ReleaseDepositPayload {
                deposit_id: ID(operation.to_string()),
                customer_id: ID(account.customer.to_string()),
                amount: amount.into(),
            }),
            OperationState::None
            | OperationState::Pending { .. }
            | OperationState::Settled { .. }
            | OperationState::Suspended { .. }
            | OperationState::Failed { .. }
            | OperationState::Moved { .. } => Err(ApiError::internal(&"a release left a deposit in suspense")),
        }
    }
}

pub(super) fn deposit_id(id: &ID) -> Result<OperationId, ApiError> {
    id.parse().map_err(|_| ApiError::bad_input("`depositId` is no deposit's id"))
}
