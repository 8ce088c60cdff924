//! Interest, paid week by week.

use contracts::jobs::{PayYield, StartPayouts};
use domain::{
    ids::{AccountId, OperationId, PositionId, StreamId},
    ledger::{
        account::AccountCommand,
        operation::{self, Movement, Operation, OperationCommand},
        product::{self, Product},
        savings::{self, PayoutDestination, Savings, SavingsCommand, SavingsError, SavingsEvent, SavingsOrder},
    },
};
use futures::stream::{StreamExt as _, TryStreamExt as _};
use money::{BusinessDate, Money, Week};

use super::{LedgerError, change_account, controls, savings::fingerprint};
use crate::{
    commit::Cause,
    ports::{Jobs, PortError, PositionIndex},
    store::StoreError,
    streams::{Streams, Unit},
};

/// How many weeks one call pays: two years of them. Whoever is behind by more is served again.
const WEEKS_MAX: u16 = 104;
/// How many positions one call sends off to be paid.
const POSITIONS_PAGE: u16 = 100;
/// How many of them at the same time.
const SENDS_AT_ONCE: usize = 10;

/// A week that was paid now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidWeek {
    /// Which week.
    pub week: Week,
    /// How much, in whole minor units.
    pub paid: Money,
    /// The operation that paid it; there is none for less than a minor unit, which is carried.
    pub operation: Option<OperationId>,
}

/// Pays every week of a position that is due, in order, up to and including a named one. What was paid before stays paid.
///
/// A customer for whom nothing may come in is paid nothing: what they earn stays due, and the first payout after the freeze pays
/// every week of it.
///
/// # Errors
/// See [`LedgerError`]; what was paid until then is paid. Running it again is safe.
pub async fn pay_yield_through(
    streams: &Streams,
    position: &PositionId,
    week: Week,
    cause: &Cause,
) -> Result<Vec<PaidWeek>, LedgerError> {
    let product = product::find(&position.product)?;
    let mut paid = Vec::new();
    for _ in 0..WEEKS_MAX {
        match streams.retrying(|| pay_next(streams, position, product, week, cause)).await? {
            Next::Paid(now) => paid.push(now),
            Next::NothingDue | Next::CustomerFrozen => return Ok(paid),
        }
    }
    Err(SavingsError::EarlierWeekDue { due: paid.last().map_or(week, |last| last.week.next()) }.into())
}

enum Next {
    Paid(PaidWeek),
    NothingDue,
    CustomerFrozen,
}

/// Pays the first week that is due, if it is not after `through`.
async fn pay_next(
    streams: &Streams,
    id: &PositionId,
    product: &Product,
    through: Week,
    cause: &Cause,
) -> Result<Next, LedgerError> {
    let loaded = streams.load::<Savings>(StreamId::from(id)).await?;
    let mut unit = streams.unit(cause);
    let today = BusinessDate::of(unit.at());
    if !through.is_over(today) {
        return Err(SavingsError::WeekNotOver { week: through }.into());
    }
    let position = loaded.state.open().ok_or(SavingsError::NotOpen)?;
    let Some(week) = position.next_due(today, &product.rates)?.filter(|due| *due <= through) else {
        return Ok(Next::NothingDue);
    };
    let controls = controls::load(streams, id.customer).await?;
    if controls.state.stops_credits() {
        return Ok(Next::CustomerFrozen);
    }
    unit.unchanged(&controls);
    let order = SavingsOrder::PayYield { week };
    let events = savings::decide(&loaded.state, &SavingsCommand { today, rates: product.rates.clone(), order })?;
    let mut paid = PaidWeek { week, paid: Money::zero(product.asset), operation: None };
    for event in &events {
        match event {
            SavingsEvent::YieldPaid { operation, paid: amount, to, .. } => {
                book(streams, &mut unit, operation, *amount, (id, week, *to)).await?;
                (paid.paid, paid.operation) = (*amount, Some(operation.clone()));
            }
            SavingsEvent::Opened { .. }
            | SavingsEvent::WeekClosed { .. }
            | SavingsEvent::BalanceChanged { .. }
            | SavingsEvent::YieldCarried { .. }
            | SavingsEvent::PayoutDestinationChosen { .. } => {}
        }
    }
    unit.commit(loaded, events)?;
    streams.append(unit).await?;
    Ok(Next::Paid(paid))
}

/// Adds a payout's operation and, unless it is reinvested, the credit of the account to the transaction that pays it.
async fn book(
    streams: &Streams,
    unit: &mut Unit,
    id: &OperationId,
    amount: Money,
    (position, week, to): (&PositionId, Week, PayoutDestination),
) -> Result<(), LedgerError> {
    let operation = streams.load::<Operation>(StreamId::from(id)).await?;
    if operation.version.is_some() {
        return Err(StoreError::Conflict.into()); // Somebody paid it since the position was read.
    }
    let movement = Movement::Yield { position: position.clone(), week, to };
    let fingerprint = fingerprint(&movement, amount);
    let command = OperationCommand::Move { operation: id.clone(), fingerprint, movement, amount };
    let events = operation::decide(&operation.state, &command)?;
    unit.commit(operation, events)?;
    match to {
        PayoutDestination::Reinvest => {}
        PayoutDestination::Account => {
            let account = AccountId::new(position.customer, amount.asset());
            let credit = AccountCommand::Credit { operation: id.clone(), amount };
            change_account(streams, unit, &account, &[credit]).await?;
        }
    }
    Ok(())
}

/// Sends every position of one page off to be paid through a week, and then the next page to whoever does this.
///
/// # Errors
/// See [`PortError`]. Running it again is safe: a position that is sent off twice is paid once.
pub async fn start_payouts(
    index: &dyn PositionIndex,
    pay: &dyn Jobs,
    next_page: &dyn Jobs,
    job: &StartPayouts,
    week: Week,
) -> Result<usize, PortError> {
    let (positions, after) = index.page(job.after.clone(), POSITIONS_PAGE).await?;
    let started = positions.len();
    let sends = positions.into_iter().map(|position| async move {
        let customer = position.customer;
        let job = PayYield { customer: customer.0, product: position.product.to_string(), week: week.to_string() };
        pay.send(written(&job)?, &customer.to_string()).await
    });
    futures::stream::iter(sends).buffer_unordered(SENDS_AT_ONCE).try_collect::<()>().await?;
    if let Some(after) = after {
        let next = StartPayouts { after: Some(after), ..job.clone() };
        next_page.send(written(&next)?, "payouts").await?;
    }
    Ok(started)
}

fn written<T: serde::Serialize>(job: &T) -> Result<String, PortError> {
    serde_json::to_string(job).map_err(|_| PortError::Corrupt { attempted: "write a job" })
}
