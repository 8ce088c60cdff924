//! `granary trial-balance`: adds up every posting again, and holds the sums against account states and projections.
//!
//! A scan is no snapshot: while it runs, an operation may be seen whose account is not. So everything decided after a cut is left
//! out. What projections have not reached yet is lag, told apart from what is wrong.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    error::Classify as _,
    ids::{AccountId, OperationId, StreamId, Version},
    ledger::{
        account::{Account, AccountState},
        deposit::{Operation, OperationEvent},
        journal::{InternalAccount, LedgerAccount},
    },
};
use money::{Asset, Money, MoneyError};

use crate::{
    commit::{Commit, timestamp},
    ports::PortError,
    projection::Applied,
    store::{EventStore, StoreError},
    views::{AccountView, AtVersion, LedgerViews},
};

/// Something that does not add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discrepancy {
    /// Which account: a ledger account's stored text, or an asset's code for the sum of everything.
    pub account: String,
    /// Between which two.
    pub between: (Source, Source),
    /// What each says.
    pub amounts: (Money, Money),
}

/// Where an amount comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The postings of every operation in the store.
    Postings,
    /// The state of the account's stream.
    State,
    /// The row that customers and the bank read.
    Projection,
    /// What double entry demands.
    Nothing,
}

impl std::fmt::Display for Discrepancy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ((left, right), (says, other)) = (self.between, self.amounts);
        write!(f, "{}: {left:?} {says}, {right:?} {other}", self.account)
    }
}

/// One asset's line of the trial balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Everything that customers own, as the postings have it.
    pub customers: Money,
    /// Each internal account, as the postings have it.
    pub internal: Vec<(InternalAccount, Money)>,
    /// All of it together: nothing, if the books are right.
    pub sum: Money,
}

/// The whole trial balance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrialBalance {
    /// By asset.
    pub lines: BTreeMap<Asset, Line>,
    /// Operations that were added up.
    pub operations: u64,
    /// Streams that projections have not reached: lag, no error.
    pub lagging: BTreeSet<StreamId>,
    /// Everything that is wrong.
    pub discrepancies: Vec<Discrepancy>,
}

/// Why a trial balance could not be finished.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrialBalanceError {
    /// The event store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The projections.
    #[error(transparent)]
    Port(#[from] PortError),
    /// A sum that no amount can hold.
    #[error("the books do not fit: {}", .0.code())]
    Money(#[from] MoneyError),
}

/// What the store holds up to the cut.
#[derive(Default)]
struct Books {
    postings: BTreeMap<LedgerAccount, Money>,
    states: BTreeMap<AccountId, (Version, AccountState)>,
    operations: BTreeMap<OperationId, Version>,
    /// Whether anything was decided after the cut: totals, which have no version, then show more than the books.
    newer: bool,
}

impl Books {
    fn add(&mut self, commit: &Commit, cut: &str) -> Result<(), TrialBalanceError> {
        if commit.names()?.at.as_str() > cut {
            self.newer = true;
            return Ok(());
        }
        if let Ok(id) = AccountId::try_from(&commit.stream) {
            let before = self.states.remove(&id).map_or_else(AccountState::default, |(_, state)| state);
            let body = commit.body::<Account>()?;
            let state = body.events.iter().fold(before, domain::ledger::account::evolve);
            self.states.insert(id, (commit.version, state));
        } else if let Ok(id) = OperationId::try_from(&commit.stream) {
            for event in commit.body::<Operation>()?.events {
                let (OperationEvent::DepositSettled { entry, .. } | OperationEvent::DepositSuspended { entry, .. }) =
                    event;
                for posting in entry.postings() {
                    let sum =
                        self.postings.entry(posting.ledger.clone()).or_insert(Money::zero(posting.amount.asset()));
                    *sum = sum.checked_add(posting.amount)?;
                }
            }
            self.operations.insert(id, commit.version);
        }
        Ok(())
    }

    fn posted(&self, account: &LedgerAccount) -> Money {
        self.postings.get(account).copied().unwrap_or(Money::zero(account.asset()))
    }
}

/// What an account owns in all.
fn total(available: Money, pending: Money, held: Money) -> Result<Money, MoneyError> {
    available.checked_add(pending)?.checked_add(held)
}

/// Draws up the trial balance of everything decided up to `cut`. `accounts` are all projected accounts, `applied` what every view
/// row says it has applied.
///
/// # Errors
/// When a table cannot be read. What does not add up is in the result.
pub async fn trial_balance(
    store: &dyn EventStore,
    views: &dyn LedgerViews,
    accounts: &[AtVersion<AccountView>],
    applied: &BTreeMap<StreamId, Applied>,
    cut: time::OffsetDateTime,
) -> Result<TrialBalance, TrialBalanceError> {
    let cut = timestamp(cut);
    let mut books = Books::default();
    let mut cursor = None;
    loop {
        let (page, next) = store.scan(cursor).await?;
        for commit in &page {
            books.add(commit, &cut)?;
        }
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    let mut balance = TrialBalance { operations: books.operations.len() as u64, ..TrialBalance::default() };
    lines(&books, &mut balance)?;
    customers(&books, accounts, &mut balance)?;
    for (id, version) in &books.operations {
        let stream = StreamId::from(id);
        if applied.get(&stream).is_none_or(|applied| applied.version < *version) {
            balance.lagging.insert(stream);
        }
    }
    let caught_up = !books.newer && !balance.lagging.iter().any(|stream| OperationId::try_from(stream).is_ok());
    if caught_up {
        internal(&books, views, &mut balance).await?;
    }
    Ok(balance)
}

/// Sums the postings by asset.
fn lines(books: &Books, balance: &mut TrialBalance) -> Result<(), TrialBalanceError> {
    for asset in Asset::ALL {
        let zero = Money::zero(asset);
        let mut line = Line { customers: zero, internal: Vec::new(), sum: zero };
        for account in InternalAccount::ALL {
            line.internal.push((account, books.posted(&LedgerAccount::Internal(account, asset))));
        }
        for (account, sum) in books.postings.iter().filter(|(account, _)| account.asset() == asset) {
            line.sum = line.sum.checked_add(*sum)?;
            if let LedgerAccount::Customer(_) = account {
                line.customers = line.customers.checked_add(*sum)?;
            }
        }
        if !line.sum.is_zero() {
            let between = (Source::Postings, Source::Nothing);
            balance.discrepancies.push(Discrepancy { account: asset.to_string(), between, amounts: (line.sum, zero) });
        }
        balance.lines.insert(asset, line);
    }
    Ok(())
}

/// Holds each customer account's postings against its state, and its state against its row.
fn customers(
    books: &Books,
    accounts: &[AtVersion<AccountView>],
    balance: &mut TrialBalance,
) -> Result<(), TrialBalanceError> {
    let rows: BTreeMap<_, _> = accounts.iter().map(|row| (row.view.id.clone(), row)).collect();
    let named = books.postings.keys().filter_map(|account| match account {
        LedgerAccount::Customer(id) => Some(id.clone()),
        LedgerAccount::Internal(..) => None,
    });
    let all: BTreeSet<_> = books.states.keys().cloned().chain(named).collect();
    for id in all {
        let account = LedgerAccount::Customer(id.clone());
        let posted = books.posted(&account);
        let (version, state) = match books.states.get(&id) {
            Some((version, AccountState::Open { available, pending, held, .. })) => {
                (Some(*version), total(*available, *pending, *held)?)
            }
            Some((_, AccountState::NotOpen)) | None => (None, Money::zero(id.asset)),
        };
        let mut differs = |between, left: Money, right: Money| {
            if left != right {
                let account = account.to_string();
                balance.discrepancies.push(Discrepancy { account, between, amounts: (left, right) });
            }
        };
        differs((Source::Postings, Source::State), posted, state);
        let row = rows.get(&id).filter(|row| version.is_some_and(|version| row.version >= version.number()));
        match row {
            // A row that is newer than the cut shows what the books leave out.
            Some(row) if version.is_none_or(|version| row.version > version.number()) => {}
            Some(row) => {
                let view = &row.view;
                differs((Source::State, Source::Projection), state, total(view.available, view.pending, view.held)?);
            }
            None => {
                balance.lagging.insert(StreamId::from(&id));
            }
        }
    }
    Ok(())
}

/// Holds each internal account's postings against its total.
async fn internal(books: &Books, views: &dyn LedgerViews, balance: &mut TrialBalance) -> Result<(), TrialBalanceError> {
    for asset in Asset::ALL {
        for account in InternalAccount::ALL {
            let ledger = LedgerAccount::Internal(account, asset);
            let (posted, projected) = (books.posted(&ledger), views.internal(account.code(), asset).await?);
            if posted != projected {
                let between = (Source::Postings, Source::Projection);
                let account = ledger.to_string();
                balance.discrepancies.push(Discrepancy { account, between, amounts: (posted, projected) });
            }
        }
    }
    Ok(())
}
