//! The ledger context: putting money into savings, taking it out, and choosing where interest goes.

use app::{
    ledger::{SavingsMove, SavingsMoved, choose_payout_destination, save_to_savings, take_from_savings},
    streams::Loaded,
    views::{AccountView, AtVersion, OperationKind, OperationStatus, OperationView, SavingsView},
};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::{
    aggregate::Aggregate,
    ids::{CustomerId, ProductId},
    ledger::product,
};
use money::Asset;
use uuid::Uuid;

use crate::{
    answer::{bank, cause},
    auth::{self, caller},
    errors::ApiError,
    fresh::Found,
    ledger::Account,
    limits,
    node::NodeId,
    operations::Operation,
    savings::{PayoutDestination, SavingsPosition},
    scalars::MoneyInput,
};

/// Money to put into savings, or to take out.
#[derive(InputObject)]
struct SavingsMoveInput {
    /// A UUID that the client picks and keeps. Sending it again is safe: it moves once.
    operation_id: ID,
    /// How much, and in which asset.
    money: MoneyInput,
    /// The name of the product; the one in that asset, if it is left out.
    product_id: Option<ID>,
}

impl SavingsMoveInput {
    fn into_move(self, customer: CustomerId) -> Result<SavingsMove, ApiError> {
        let operation = Uuid::parse_str(&self.operation_id);
        let operation = operation.map_err(|_| ApiError::bad_input("`operationId` is not a UUID"))?;
        let amount = self.money.read()?;
        let product = match self.product_id {
            Some(name) => name.parse().map_err(|_| ApiError::bad_input("`productId` names no product"))?,
            None => product_of(amount.asset())?,
        };
        Ok(SavingsMove { customer, operation, product, amount })
    }
}

fn product_of(asset: Asset) -> Result<ProductId, ApiError> {
    let product = product::catalogue().iter().find(|product| product.asset == asset);
    let none = || ApiError::refused("NOT_SUPPORTED", format!("{asset} cannot be saved yet"));
    product.map(|product| product.id.clone()).ok_or_else(none)
}

/// Where a position's interest is to go.
#[derive(InputObject)]
struct PayoutDestinationInput {
    /// The position's id.
    position_id: ID,
    /// Where.
    destination: PayoutDestination,
}

/// An operation as it was booked, and what it left.
#[derive(SimpleObject)]
struct OperationPayload {
    /// The operation.
    operation: Operation,
    /// The account, at the version that the operation, or a later one, led to.
    account: Account,
    /// The savings position, at the version that the operation, or a later one, led to; null if it is not about savings.
    position: Option<SavingsPosition>,
}

/// A position as a mutation left it.
#[derive(SimpleObject)]
struct SavingsPositionPayload {
    /// The position.
    position: SavingsPosition,
}

#[derive(Default)]
pub(crate) struct SavingsMutation;

#[Object]
impl SavingsMutation {
    /// Moves money from the viewer's account into savings, where it earns from today on.
    ///
    /// Fails with `INSUFFICIENT_FUNDS` if there is less on the account, and with `OPERATION_REUSED` if the id was used for
    /// something else.
    #[graphql(guard = "auth::Viewer", complexity = "limits::WRITE + child_complexity")]
    async fn save_to_savings(&self, ctx: &Context<'_>, input: SavingsMoveInput) -> Result<OperationPayload, ApiError> {
        let order = input.into_move(caller(ctx)?.customer())?;
        let moved = save_to_savings(&bank(ctx)?.ledger_streams, &order, &cause(ctx)?).await?;
        payload(ctx, OperationKind::SavingsDeposit, order, moved)
    }

    /// Moves money from savings to the viewer's account. What it has earned stays due and is paid in its week's turn.
    ///
    /// Fails with `INSUFFICIENT_FUNDS` if less is saved, and with `OPERATION_REUSED` if the id was used for something else.
    #[graphql(guard = "auth::Viewer", complexity = "limits::WRITE + child_complexity")]
    async fn take_from_savings(
        &self,
        ctx: &Context<'_>,
        input: SavingsMoveInput,
    ) -> Result<OperationPayload, ApiError> {
        let order = input.into_move(caller(ctx)?.customer())?;
        let moved = take_from_savings(&bank(ctx)?.ledger_streams, &order, &cause(ctx)?).await?;
        payload(ctx, OperationKind::SavingsWithdrawal, order, moved)
    }

    /// Chooses where a position's interest goes from the next payout on. Sending it again is safe.
    #[graphql(guard = "auth::Viewer", complexity = "limits::WRITE + child_complexity")]
    async fn choose_payout_destination(
        &self,
        ctx: &Context<'_>,
        input: PayoutDestinationInput,
    ) -> Result<SavingsPositionPayload, ApiError> {
        let customer = caller(ctx)?.customer();
        // An answer of its own for a stranger's id would tell that it exists.
        let Some(NodeId::Position(id)) = NodeId::read(&input.position_id).filter(|id| id.is_position_of(customer))
        else {
            return Err(ApiError::not_found("there is no such position"));
        };
        let bank = bank(ctx)?;
        let streams = &bank.ledger_streams;
        let position = choose_payout_destination(streams, &id, input.destination.into(), &cause(ctx)?).await?;
        let row = row(&position, SavingsView::of)?;
        Ok(SavingsPositionPayload { position: SavingsPosition::read(row, Found::Folded, bank.clock.now())? })
    }
}

fn payload(
    ctx: &Context<'_>,
    kind: OperationKind,
    order: SavingsMove,
    moved: SavingsMoved,
) -> Result<OperationPayload, ApiError> {
    let position = row(&moved.position, SavingsView::of)?;
    let operation = OperationView {
        id: moved.operation,
        kind,
        status: OperationStatus::Settled,
        amount: order.amount,
        customer: Some(order.customer),
        position: Some(position.view.position.id.clone()),
        week: None,
        at: moved.at,
    };
    Ok(OperationPayload {
        operation: operation.into(),
        account: Account::written(row(&moved.account, AccountView::of)?),
        position: Some(SavingsPosition::read(position, Found::Folded, bank(ctx)?.clock.now())?),
    })
}

/// What a stream shows that a mutation has just written.
fn row<A: Aggregate, V>(loaded: &Loaded<A>, view: impl Fn(&A::State) -> Option<V>) -> Result<AtVersion<V>, ApiError> {
    match (view(&loaded.state), loaded.version) {
        (Some(view), Some(version)) => Ok(AtVersion { view, version: version.number() }),
        (None, _) | (_, None) => Err(ApiError::internal(&"a mutation left a stream that shows nothing")),
    }
}
