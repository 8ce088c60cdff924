//! Between a customer's account and their savings.

use domain::{
    error::{Class, Classify as _},
    ids::{AccountId, CustomerId, Fingerprint, OperationId, PositionId, ProductId, StreamId, Version},
    ledger::{
        account::{Account, AccountCommand},
        operation::{self, Movement, Operation, OperationCommand, OperationEvent},
        product,
        rates::RateSchedule,
        savings::{self, PayoutDestination, Savings, SavingsCommand, SavingsOrder},
    },
};
use futures::future::try_join;
use money::{BusinessDate, Money};
use uuid::Uuid;

use super::{Booking, LedgerError, change_account, controls};
use crate::{
    commit::{Cause, timestamp},
    store::StoreError,
    streams::{Loaded, Streams},
};

/// What a customer asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavingsMove {
    /// Who asks.
    pub customer: CustomerId,
    /// The id that they picked for it.
    pub operation: Uuid,
    /// What they save in.
    pub product: ProductId,
    /// How much.
    pub amount: Money,
}

/// What became of it.
#[derive(Debug, Clone)]
pub struct SavingsMoved {
    /// The operation.
    pub operation: OperationId,
    /// Whether it happened now, and what it was.
    pub booking: Booking,
    /// When it happened: RFC 3339, UTC.
    pub at: String,
    /// The account after it. After a repeat, as it is by now.
    pub account: Loaded<Account>,
    /// The position after it. After a repeat, as it is by now.
    pub position: Loaded<Savings>,
}

/// Moves money from a customer's account into their savings, once.
///
/// # Errors
/// See [`LedgerError`]: `OPERATION_REUSED` for another request under the same id, `INSUFFICIENT_FUNDS`, `CUSTOMER_FROZEN`.
pub async fn save_to_savings(
    streams: &Streams,
    request: &SavingsMove,
    cause: &Cause,
) -> Result<SavingsMoved, LedgerError> {
    move_savings(streams, request, Movement::ToSavings, cause).await
}

/// Moves money from a customer's savings into their account, once.
///
/// # Errors
/// See [`LedgerError`]: `OPERATION_REUSED` for another request under the same id, `INSUFFICIENT_FUNDS`, `CUSTOMER_FROZEN`.
pub async fn take_from_savings(
    streams: &Streams,
    request: &SavingsMove,
    cause: &Cause,
) -> Result<SavingsMoved, LedgerError> {
    move_savings(streams, request, Movement::FromSavings, cause).await
}

/// A move with everything that it names.
#[derive(Clone)]
struct Asked<'a> {
    operation: &'a OperationId,
    position: &'a PositionId,
    account: &'a AccountId,
    movement: &'a Movement,
    amount: Money,
    rates: &'a RateSchedule,
}

async fn move_savings(
    streams: &Streams,
    request: &SavingsMove,
    movement: fn(PositionId) -> Movement,
    cause: &Cause,
) -> Result<SavingsMoved, LedgerError> {
    let product = product::find(&request.product)?;
    product.check_asset(request.amount.asset())?;
    let id = OperationId::new(request.customer.into(), request.operation);
    let position = PositionId::new(request.customer, request.product.clone());
    let account = AccountId::new(request.customer, request.amount.asset());
    let (amount, movement) = (request.amount, movement(position.clone()));
    let command = OperationCommand::Move {
        operation: id.clone(),
        fingerprint: fingerprint(&movement, amount),
        movement: movement.clone(),
        amount,
    };
    let rates = &product.rates;
    let asked = Asked { operation: &id, position: &position, account: &account, movement: &movement, amount, rates };
    streams
        .retrying(|| async {
            let booked = streams.load::<Operation>(StreamId::from(&id)).await?;
            let events = operation::decide(&booked.state, &command)?;
            if events.is_empty() {
                return repeated(streams, &id, booked, &account, &position).await;
            }
            match book(streams, cause, booked, events, &asked).await {
                // The same request may have been carried out between our looking for it and our looking at its accounts: then it is
                // not for want of funds that it is refused.
                Err(refused) if refused.class() == Class::Rejected => {
                    let meanwhile = streams.load::<Operation>(StreamId::from(&id)).await?;
                    Err(if meanwhile.version.is_some() { StoreError::Conflict.into() } else { refused })
                }
                outcome => outcome,
            }
        })
        .await
}

/// Commits the operation with the account and the position that it moves.
async fn book(
    streams: &Streams,
    cause: &Cause,
    booked: Loaded<Operation>,
    events: Vec<OperationEvent>,
    asked: &Asked<'_>,
) -> Result<SavingsMoved, LedgerError> {
    let Asked { operation, position, account, movement, amount, rates } = asked.clone();
    let mut unit = streams.unit(cause);
    controls::check_debits(streams, &mut unit, position.customer).await?;
    let id = operation.clone();
    let (order, change) = match movement {
        Movement::ToSavings(_) | Movement::Yield { .. } => (
            SavingsOrder::Put { position: position.clone(), operation: id.clone(), amount },
            AccountCommand::Debit { operation: id, amount },
        ),
        Movement::FromSavings(_) => {
            (SavingsOrder::Take { operation: id.clone(), amount }, AccountCommand::Credit { operation: id, amount })
        }
    };
    let booked = unit.commit(booked, events)?;
    let at = unit.at();
    let saved = streams.load::<Savings>(StreamId::from(position)).await?;
    let today = BusinessDate::of(at);
    let events = savings::decide(&saved.state, &SavingsCommand { today, rates: rates.clone(), order })?;
    let position = unit.commit(saved, events)?;
    let account = change_account(streams, &mut unit, account, &[change]).await?;
    streams.append(unit).await?;
    let booking = Booking::Booked(booked.state);
    Ok(SavingsMoved { operation: operation.clone(), booking, at: timestamp(at), account, position })
}

/// Answers a request that was carried out before.
async fn repeated(
    streams: &Streams,
    operation: &OperationId,
    booked: Loaded<Operation>,
    account: &AccountId,
    position: &PositionId,
) -> Result<SavingsMoved, LedgerError> {
    let first = streams.store().read(&booked.stream, Version::FIRST, 1).await?;
    let missing = || StoreError::Incomplete { stream: booked.stream.to_string(), attribute: "a first commit" };
    let at = first.first().ok_or_else(missing)?.names()?.at;
    let account = streams.load::<Account>(StreamId::from(account));
    let (account, position) = try_join(account, streams.load::<Savings>(StreamId::from(position))).await?;
    let booking = Booking::Repeated(booked.state);
    Ok(SavingsMoved { operation: operation.clone(), booking, at, account, position })
}

/// What must be the same when a customer asks for the same again.
pub(super) fn fingerprint(movement: &Movement, amount: Money) -> Fingerprint {
    let what = match movement {
        Movement::ToSavings(position) => format!("save|{position}"),
        Movement::FromSavings(position) => format!("take|{position}"),
        Movement::Yield { position, week, to } => format!("yield|{position}|{week}|{to}"),
    };
    Fingerprint::of(format!("{what}|{amount}").as_bytes())
}

/// Has a position's interest paid there from its next payout on.
///
/// # Errors
/// See [`LedgerError`]. Choosing the same again is safe.
pub async fn choose_payout_destination(
    streams: &Streams,
    position: &PositionId,
    to: PayoutDestination,
    cause: &Cause,
) -> Result<Loaded<Savings>, LedgerError> {
    let rates = &product::find(&position.product)?.rates;
    streams
        .retrying(|| async {
            let loaded = streams.load::<Savings>(StreamId::from(position)).await?;
            let mut unit = streams.unit(cause);
            let today = BusinessDate::of(unit.at());
            let order = SavingsOrder::ChooseDestination { to };
            let events = savings::decide(&loaded.state, &SavingsCommand { today, rates: rates.clone(), order })?;
            let after = unit.commit(loaded, events)?;
            streams.append(unit).await?;
            Ok(after)
        })
        .await
}
