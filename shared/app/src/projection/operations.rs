//! `op` streams -> a row an operation, a row in its customer's list, and the totals of the bank's internal accounts.
//!
//! Internal accounts are hot, so they are no streams: each posting is added to a total under the operation's row as marker.

use domain::{
    ids::{CustomerId, OperationId, StreamId},
    ledger::{
        deposit::{Operation, OperationEvent},
        journal::LedgerAccount,
    },
};
use money::Asset;

use super::{Folding, Projection, RowChange, RowKey, accounts::partition};
use crate::{
    commit::Commit,
    store::StoreError,
    views::{OperationKind, OperationView},
};

/// Shows operations to customers, and internal accounts to the bank.
#[derive(Debug)]
pub struct Operations;

/// What the rows of a customer's list of operations begin with.
pub const LIST_PREFIX: &str = "operation#";

/// Where the total of an internal account is.
#[must_use]
pub fn internal_key(code: &str, asset: Asset) -> RowKey {
    RowKey::new(format!("internal#{code}"), asset.code())
}

impl Projection for Operations {
    fn key(&self, stream: &StreamId) -> Option<RowKey> {
        OperationId::try_from(stream).ok().map(|_| RowKey::new(stream.to_string(), "view"))
    }

    fn folding(&self, _: &StreamId) -> Option<Box<dyn Folding>> {
        None
    }

    fn change(&self, commit: &Commit) -> Result<(String, Vec<RowChange>), StoreError> {
        let id = OperationId::try_from(&commit.stream).map_err(|_| super::foreign(commit))?;
        let body = commit.body::<Operation>()?;
        let mut others = Vec::new();
        let mut document = String::new();
        for event in &body.events {
            let (kind, amount, customer, entry) = match event {
                OperationEvent::DepositSettled { account, amount, entry, .. } => {
                    (OperationKind::DepositSettled, *amount, Some(account.customer), entry)
                }
                OperationEvent::DepositSuspended { amount, entry, .. } => {
                    (OperationKind::DepositSuspended, *amount, None::<CustomerId>, entry)
                }
            };
            let view = OperationView { id: id.clone(), kind, amount, customer, at: body.at.clone() };
            document = super::document(&view)?;
            if let Some(customer) = customer {
                let key = RowKey::new(partition(customer), format!("{LIST_PREFIX}{}#{id}", body.at));
                others.push(RowChange::Put(key, document.clone()));
            }
            for posting in entry.postings() {
                match &posting.ledger {
                    LedgerAccount::Internal(account, asset) => {
                        others.push(RowChange::Add(internal_key(account.code(), *asset), posting.amount));
                    }
                    LedgerAccount::Customer(_) => {} // Its own stream shows it.
                }
            }
        }
        Ok((document, others))
    }
}
