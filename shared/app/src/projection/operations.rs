//! `op` streams -> a row an operation, a row in its customer's list, one in the list of what waits in suspense while it does, and the
//! totals of the bank's internal accounts.
//!
//! Internal accounts are hot, so they are no streams: each posting is added to a total under the operation's row as marker.

use domain::{
    ids::{CustomerId, OperationId, PositionId, StreamId},
    ledger::{
        journal::{JournalEntry, LedgerAccount},
        operation::{Operation, OperationEvent},
    },
};
use money::{Asset, Money, Week};

use super::{Folding, Projection, RowChange, RowKey, accounts::partition};
use crate::{
    commit::Commit,
    store::StoreError,
    views::{OperationKind, OperationStatus, OperationView, SuspendedView},
};

/// Shows operations to customers, and internal accounts to the bank.
#[derive(Debug, Clone, Copy)]
pub struct Operations;

/// What it is called.
pub const NAME: &str = "operations";

/// What the rows of a customer's list of operations begin with.
pub const LIST_PREFIX: &str = "operation#";

/// The partition that lists what waits in suspense.
pub const SUSPENDED: &str = "suspended";

/// What the rows of that list begin with; when it was first heard of follows.
pub const SUSPENDED_PREFIX: &str = "since#";

/// Where something that waits is: it keeps its place in the list, so that what releases it finds it.
fn suspended_key(view: &OperationView) -> RowKey {
    RowKey::new(SUSPENDED, format!("{SUSPENDED_PREFIX}{}#{}", view.at, view.id))
}

/// Where the total of an internal account is.
#[must_use]
pub fn internal_key(code: &str, asset: Asset) -> RowKey {
    RowKey::new(format!("internal#{code}"), asset.code())
}

impl Projection for Operations {
    fn name(&self) -> &'static str {
        NAME
    }

    fn owns(&self, key: &RowKey) -> bool {
        key.pk == SUSPENDED
            || ["op#", "internal#"].iter().any(|prefix| key.pk.starts_with(prefix))
            || key.sk.starts_with(LIST_PREFIX)
    }

    fn key(&self, stream: &StreamId) -> Option<RowKey> {
        OperationId::try_from(stream).ok().map(|_| RowKey::new(stream.to_string(), "view"))
    }

    fn folding(&self, _: &StreamId) -> Option<Box<dyn Folding>> {
        None
    }

    fn change(&self, commit: &Commit, before: Option<&str>) -> Result<(String, Vec<RowChange>), StoreError> {
        let id = OperationId::try_from(&commit.stream).map_err(|_| super::foreign(commit))?;
        let body = commit.body::<Operation>()?;
        let mut view: Option<OperationView> = before.map(super::shown).transpose()?;
        let mut others = Vec::new();
        for event in &body.events {
            let shown = after(view, &id, event, &body.at);
            others.extend(suspense(&shown, event, &body.at)?);
            view = Some(shown);
            for posting in event.entry().map_or(&[][..], JournalEntry::postings) {
                match &posting.ledger {
                    LedgerAccount::Internal(account, asset) => {
                        others.push(RowChange::Add(internal_key(account.code(), *asset), posting.amount));
                    }
                    LedgerAccount::Customer(_) | LedgerAccount::Savings(..) => {} // Its own stream shows it.
                }
            }
        }
        let view = view.ok_or_else(|| super::foreign(commit))?; // No commit is without an event.
        let document = super::document(&view)?;
        if let Some(customer) = view.customer {
            let key = RowKey::new(partition(customer), format!("{LIST_PREFIX}{}#{id}", view.at));
            others.push(RowChange::Put(key, document.clone()));
        }
        Ok((document, others))
    }
}

/// What an event changes in the list of what waits.
fn suspense(view: &OperationView, event: &OperationEvent, at: &str) -> Result<Option<RowChange>, StoreError> {
    match event {
        OperationEvent::DepositSuspended { reason, amount, payer, .. } => {
            let (id, customer, at) = (view.id.clone(), payer.customer(), at.to_owned());
            let waits = SuspendedView { id, amount: *amount, reason: *reason, customer, at };
            Ok(Some(RowChange::Put(suspended_key(view), super::document(&waits)?)))
        }
        OperationEvent::DepositReleased { .. } => Ok(Some(RowChange::Remove(suspended_key(view)))),
        OperationEvent::DepositDetected { .. }
        | OperationEvent::DepositFailed { .. }
        | OperationEvent::DepositSettled { .. }
        | OperationEvent::SavingsDepositSettled { .. }
        | OperationEvent::SavingsWithdrawalSettled { .. }
        | OperationEvent::YieldPaid { .. } => Ok(None),
    }
}

/// The operation after one more event. It keeps its place in the list, which is by when it was first heard of.
fn after(before: Option<OperationView>, id: &OperationId, event: &OperationEvent, at: &str) -> OperationView {
    let at = before.as_ref().map_or_else(|| at.to_owned(), |it| it.at.clone());
    let owner = before.and_then(|it| it.customer);
    let deposit = |status, amount: &Money, customer: Option<CustomerId>| OperationView {
        id: id.clone(),
        kind: OperationKind::Deposit,
        status,
        amount: *amount,
        customer: customer.or(owner),
        position: None,
        week: None,
        at: at.clone(),
    };
    let savings = |kind, amount: &Money, position: &PositionId, week: Option<Week>| OperationView {
        id: id.clone(),
        kind,
        status: OperationStatus::Settled,
        amount: *amount,
        customer: Some(position.customer),
        position: Some(position.clone()),
        week,
        at: at.clone(),
    };
    match event {
        OperationEvent::DepositDetected { account, amount, .. } => {
            deposit(OperationStatus::Pending, amount, Some(account.customer))
        }
        OperationEvent::DepositSettled { account, amount, .. }
        | OperationEvent::DepositReleased { account, amount, .. } => {
            deposit(OperationStatus::Settled, amount, Some(account.customer))
        }
        OperationEvent::DepositSuspended { amount, .. } => deposit(OperationStatus::Suspended, amount, None),
        OperationEvent::DepositFailed { account, amount, .. } => {
            deposit(OperationStatus::Failed, amount, Some(account.customer))
        }
        OperationEvent::SavingsDepositSettled { position, amount, .. } => {
            savings(OperationKind::SavingsDeposit, amount, position, None)
        }
        OperationEvent::SavingsWithdrawalSettled { position, amount, .. } => {
            savings(OperationKind::SavingsWithdrawal, amount, position, None)
        }
        OperationEvent::YieldPaid { position, week, amount, .. } => {
            savings(OperationKind::YieldPayout, amount, position, Some(*week))
        }
    }
}
