//! `account` streams -> a row an account with its balances, and a row an entry; `ref` streams -> a row a claim.

use domain::{
    aggregate::Aggregate as _,
    ids::{AccountId, CustomerId, StreamId},
    ledger::{
        account::{Account, AccountEvent, AccountState},
        reference::DepositReferenceClaim,
    },
};
use money::Asset;

use super::{Folding, Projection, RowChange, RowKey, folding};
use crate::{
    commit::Commit,
    store::StoreError,
    views::{AccountView, EntryView},
};

/// Shows accounts and their entries to the customers who own them.
#[derive(Debug)]
pub struct Accounts;

/// The partition of everything that one customer sees of the ledger.
#[must_use]
pub fn partition(customer: CustomerId) -> String {
    StreamId::from(customer).to_string()
}

/// Where an account's row is.
#[must_use]
pub fn account_key(id: &AccountId) -> RowKey {
    RowKey::new(partition(id.customer), format!("account#{}", id.asset))
}

/// What an account's entry rows begin with; the rest sorts as they happened.
#[must_use]
pub fn entries_prefix(id: &AccountId) -> String {
    format!("entry#{}#", id.asset)
}

impl Projection for Accounts {
    fn key(&self, stream: &StreamId) -> Option<RowKey> {
        match stream.kind() {
            Account::KIND => AccountId::try_from(stream).ok().map(|id| account_key(&id)),
            DepositReferenceClaim::KIND => Some(RowKey::new(stream.to_string(), "view")),
            _ => None,
        }
    }

    fn folding(&self, stream: &StreamId) -> Option<Box<dyn Folding>> {
        match stream.kind() {
            Account::KIND => Some(folding::<Account>()),
            DepositReferenceClaim::KIND => Some(folding::<DepositReferenceClaim>()),
            _ => None,
        }
    }

    fn change(&self, commit: &Commit) -> Result<(String, Vec<RowChange>), StoreError> {
        let Ok(id) = AccountId::try_from(&commit.stream) else {
            // A claim of a reference: the row exists so that the claim's hash is kept in a second place.
            return Ok((commit.state.clone(), Vec::new()));
        };
        let state = super::state_of::<Account>(commit)?;
        let AccountState::Open { reference, available, pending, held, .. } = state else {
            return Err(super::foreign(commit)); // A first commit opens it; nothing closes it.
        };
        let view = AccountView { id: id.clone(), available, pending, held, reference };
        let body = commit.body::<Account>()?;
        let mut entries = Vec::new();
        for (index, event) in body.events.iter().enumerate() {
            if let Some(entry) = entry_of(event, &body.at) {
                let key = entry_key(&id, id.asset, commit, index);
                entries.push(RowChange::Put(key, super::document(&entry)?));
            }
        }
        Ok((super::document(&view)?, entries))
    }
}

fn entry_of(event: &AccountEvent, at: &str) -> Option<EntryView> {
    match event {
        AccountEvent::Opened { .. } => None,
        AccountEvent::Credited { operation, amount, available } => Some(EntryView {
            operation: operation.clone(),
            amount: *amount,
            balance_after: *available,
            at: at.to_owned(),
        }),
    }
}

fn entry_key(id: &AccountId, asset: Asset, commit: &Commit, index: usize) -> RowKey {
    RowKey::new(partition(id.customer), format!("entry#{asset}#{:010}.{index:03}", commit.version.0))
}
