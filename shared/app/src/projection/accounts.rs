//! `account` streams -> a row an account with its balances, and a row an entry; `holder` streams -> a row with deposit addresses;
//! `controls` streams -> a row with what is forbidden to the customer; `ref` and `addr` streams -> a row a claim.

use domain::{
    aggregate::Aggregate as _,
    identity::customer::Customer,
    ids::{AccountId, ControlledId, CustomerId, HolderId, OperationId, StreamId},
    ledger::{
        account::{Account, AccountEvent},
        address::AddressClaim,
        controls::Controls,
        holder::Holder,
        reference::DepositReferenceClaim,
    },
};
use money::{Asset, Money, MoneyError};

use super::{Folding, Projection, RowChange, RowKey, folding};
use crate::{
    commit::Commit,
    store::StoreError,
    views::{AccountView, ControlsView, EntryView, HolderView},
};

/// Shows accounts and their entries to the customers who own them.
#[derive(Debug, Clone, Copy)]
pub struct Accounts;

/// What it is called.
pub const NAME: &str = "accounts";

/// What the rows of a customer's accounts begin with.
pub const ACCOUNT_PREFIX: &str = "account#";

/// What the rows of their entries begin with.
const ENTRY_PREFIX: &str = "entry#";

/// What the row with a customer's deposit addresses is called.
const HOLDER_ROW: &str = "holder";

/// What the row with what is forbidden to a customer is called.
const CONTROLS_ROW: &str = "controls";

/// The partition of everything that one customer sees of the ledger.
#[must_use]
pub fn partition(customer: CustomerId) -> String {
    StreamId::from(customer).to_string()
}

/// Where an account's row is.
#[must_use]
pub fn account_key(id: &AccountId) -> RowKey {
    RowKey::new(partition(id.customer), format!("{ACCOUNT_PREFIX}{}", id.asset))
}

/// Where the row with a customer's deposit addresses is.
#[must_use]
pub fn holder_key(customer: CustomerId) -> RowKey {
    RowKey::new(partition(customer), HOLDER_ROW)
}

/// Where the row with what is forbidden to a customer is.
#[must_use]
pub fn controls_key(customer: CustomerId) -> RowKey {
    RowKey::new(partition(customer), CONTROLS_ROW)
}

/// What an account's entry rows begin with; the rest sorts as they happened.
#[must_use]
pub fn entries_prefix(id: &AccountId) -> String {
    format!("{ENTRY_PREFIX}{}#", id.asset)
}

impl Projection for Accounts {
    fn name(&self) -> &'static str {
        NAME
    }

    fn owns(&self, key: &RowKey) -> bool {
        let kind = key.pk.split_once('#').map_or("", |(kind, _)| kind);
        match kind {
            DepositReferenceClaim::KIND | AddressClaim::KIND => true,
            Customer::KIND => {
                [HOLDER_ROW, CONTROLS_ROW].contains(&key.sk.as_str())
                    || [ACCOUNT_PREFIX, ENTRY_PREFIX].iter().any(|prefix| key.sk.starts_with(prefix))
            }
            _ => false,
        }
    }

    fn key(&self, stream: &StreamId) -> Option<RowKey> {
        match stream.kind() {
            Account::KIND => AccountId::try_from(stream).ok().map(|id| account_key(&id)),
            Holder::KIND => HolderId::try_from(stream).ok().map(|HolderId(customer)| holder_key(customer)),
            Controls::KIND => ControlledId::try_from(stream).ok().map(|ControlledId(customer)| controls_key(customer)),
            DepositReferenceClaim::KIND | AddressClaim::KIND => Some(RowKey::new(stream.to_string(), "view")),
            _ => None,
        }
    }

    fn folding(&self, stream: &StreamId) -> Option<Box<dyn Folding>> {
        match stream.kind() {
            Account::KIND => Some(folding::<Account>()),
            Holder::KIND => Some(folding::<Holder>()),
            Controls::KIND => Some(folding::<Controls>()),
            DepositReferenceClaim::KIND => Some(folding::<DepositReferenceClaim>()),
            AddressClaim::KIND => Some(folding::<AddressClaim>()),
            _ => None,
        }
    }

    fn change(&self, commit: &Commit, _: Option<&str>) -> Result<(String, Vec<RowChange>), StoreError> {
        match commit.stream.kind() {
            Account::KIND => of_account(commit),
            Holder::KIND => Ok((super::document(&HolderView::of(&super::state_of::<Holder>(commit)?))?, Vec::new())),
            Controls::KIND => {
                Ok((super::document(&ControlsView::of(&super::state_of::<Controls>(commit)?))?, Vec::new()))
            }
            // A claim: the row exists so that the claim's hash is kept in a second place.
            _ => Ok((commit.state.clone(), Vec::new())),
        }
    }
}

fn of_account(commit: &Commit) -> Result<(String, Vec<RowChange>), StoreError> {
    let id = AccountId::try_from(&commit.stream).map_err(|_| super::foreign(commit))?;
    // A first commit opens it; nothing closes it.
    let view = AccountView::of(&super::state_of::<Account>(commit)?).ok_or_else(|| super::foreign(commit))?;
    let body = commit.body::<Account>()?;
    let mut entries = Vec::new();
    for (index, event) in body.events.iter().enumerate() {
        let entry = entry_of(event, &body.at).map_err(|error| StoreError::Unbuildable(error.to_string()))?;
        if let Some(entry) = entry {
            entries.push(RowChange::Put(entry_key(&id, id.asset, commit, index), super::document(&entry)?));
        }
    }
    Ok((super::document(&view)?, entries))
}

/// What moves is an entry. What is only announced is none.
fn entry_of(event: &AccountEvent, at: &str) -> Result<Option<EntryView>, MoneyError> {
    let entry = |operation: &OperationId, amount: Money, available: Money| EntryView {
        operation: operation.clone(),
        amount,
        balance_after: available,
        at: at.to_owned(),
    };
    Ok(match event {
        AccountEvent::Opened { .. } | AccountEvent::PendingRaised { .. } | AccountEvent::PendingReleased { .. } => None,
        AccountEvent::Credited { operation, amount, available } => Some(entry(operation, *amount, *available)),
        AccountEvent::Debited { operation, amount, available } => {
            Some(entry(operation, amount.checked_neg()?, *available))
        }
    })
}

fn entry_key(id: &AccountId, asset: Asset, commit: &Commit, index: usize) -> RowKey {
    RowKey::new(partition(id.customer), format!("{ENTRY_PREFIX}{asset}#{:010}.{index:03}", commit.version.0))
}
