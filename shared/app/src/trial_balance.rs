//! `granary trial-balance`: adds up every posting again, and holds the sums against account states and projections.
//!
//! A scan is no snapshot: while it runs, an operation may be seen whose account is not. So everything decided after a cut is left
//! out. What projections have not reached yet is lag, told apart from what is wrong.

mod books;

use std::collections::{BTreeMap, BTreeSet};

use books::Books;
use domain::{
    error::Classify as _,
    ids::{AccountId, OperationId, PositionId, StreamId, Version},
    ledger::journal::{InternalAccount, LedgerAccount},
};
use money::{Asset, Money, MoneyError};

use crate::{
    commit::timestamp,
    ports::PortError,
    projection::Applied,
    store::{EventStore, StoreError},
    views::{AccountView, AtVersion, LedgerViews, SavingsView},
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
    /// The states of streams: an account, a position, or all positions together.
    State,
    /// The deposits that are announced and have not come to an end.
    Announced,
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
    /// Everything that customers have on their accounts, as the postings have it.
    pub customers: Money,
    /// Everything that they save, as the postings have it.
    pub savings: Money,
    /// Each internal account, as the postings have it.
    pub internal: Vec<(InternalAccount, Money)>,
    /// All of it together: nothing, if the books are right.
    pub sum: Money,
}

/// What the projections show.
#[derive(Debug)]
pub struct Projected<'a> {
    /// All accounts.
    pub accounts: &'a [AtVersion<AccountView>],
    /// All savings positions.
    pub positions: &'a [AtVersion<SavingsView>],
    /// What every view row says it has applied.
    pub applied: &'a BTreeMap<StreamId, Applied>,
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

/// Draws up the trial balance of everything decided up to `cut`.
///
/// # Errors
/// When a table cannot be read. What does not add up is in the result.
pub async fn trial_balance(
    store: &dyn EventStore,
    views: &dyn LedgerViews,
    projected: &Projected<'_>,
    cut: time::OffsetDateTime,
) -> Result<TrialBalance, TrialBalanceError> {
    let books = Books::read(store, &timestamp(cut)).await?;
    let mut balance = TrialBalance { operations: books.operations.len() as u64, ..TrialBalance::default() };
    lines(&books, &mut balance)?;
    accounts(&books, projected.accounts, &mut balance)?;
    positions(&books, projected.positions, &mut balance)?;
    for (id, version) in &books.operations {
        let stream = StreamId::from(id);
        if projected.applied.get(&stream).is_none_or(|applied| applied.version < *version) {
            balance.lagging.insert(stream);
        }
    }
    let caught_up = !books.newer && !balance.lagging.iter().any(|stream| OperationId::try_from(stream).is_ok());
    if caught_up {
        internal(&books, views, &mut balance).await?;
    }
    Ok(balance)
}

impl TrialBalance {
    fn compare(&mut self, account: impl ToString, between: (Source, Source), left: Money, right: Money) {
        if left != right {
            self.discrepancies.push(Discrepancy { account: account.to_string(), between, amounts: (left, right) });
        }
    }
}

/// Sums the postings by asset.
fn lines(books: &Books, balance: &mut TrialBalance) -> Result<(), TrialBalanceError> {
    for asset in Asset::ALL {
        let zero = Money::zero(asset);
        let mut line = Line { customers: zero, savings: zero, internal: Vec::new(), sum: zero };
        for account in InternalAccount::ALL {
            line.internal.push((account, books.posted(&LedgerAccount::Internal(account, asset))));
        }
        for (account, sum) in books.postings.iter().filter(|(account, _)| account.asset() == asset) {
            line.sum = line.sum.checked_add(*sum)?;
            match account {
                LedgerAccount::Customer(_) => line.customers = line.customers.checked_add(*sum)?,
                LedgerAccount::Savings(..) => line.savings = line.savings.checked_add(*sum)?,
                LedgerAccount::Internal(..) => {}
            }
        }
        balance.compare(asset, (Source::Postings, Source::Nothing), line.sum, zero);
        balance.lines.insert(asset, line);
    }
    Ok(())
}

/// Holds each account's postings against its state, what is announced against what it shows as pending, and its state against
/// its row. What is pending is no posting: it is not here yet.
fn accounts(
    books: &Books,
    rows: &[AtVersion<AccountView>],
    balance: &mut TrialBalance,
) -> Result<(), TrialBalanceError> {
    let rows: BTreeMap<&AccountId, _> = rows.iter().map(|row| (&row.view.id, row)).collect();
    for id in books.all_accounts() {
        let ledger = LedgerAccount::Customer(id.clone());
        let pending = format!("{ledger} pending");
        let state = books.account(&id)?;
        balance.compare(&ledger, (Source::Postings, Source::State), books.posted(&ledger), state.owned);
        balance.compare(&pending, (Source::Announced, Source::State), books.announced(&id), state.pending);
        match shown(rows.get(&id), state.version) {
            Shown::Same(row) => {
                let owned = row.view.available.checked_add(row.view.held)?;
                balance.compare(&ledger, (Source::State, Source::Projection), state.owned, owned);
                balance.compare(&pending, (Source::State, Source::Projection), state.pending, row.view.pending);
            }
            Shown::Newer => {}
            Shown::Older => drop(balance.lagging.insert(StreamId::from(&id))),
        }
    }
    Ok(())
}

/// Holds each position's postings against its state, and its state against its row; and all interest that was ever paid, as the
/// positions remember it, against what it cost.
fn positions(
    books: &Books,
    rows: &[AtVersion<SavingsView>],
    balance: &mut TrialBalance,
) -> Result<(), TrialBalanceError> {
    let rows: BTreeMap<&PositionId, _> = rows.iter().map(|row| (&row.view.position.id, row)).collect();
    let mut paid: BTreeMap<Asset, Money> = Asset::ALL.map(|asset| (asset, Money::zero(asset))).into();
    for (id, asset) in books.all_positions() {
        let ledger = LedgerAccount::Savings(id.clone(), asset);
        let state = books.position(&id, asset);
        balance.compare(&ledger, (Source::Postings, Source::State), books.posted(&ledger), state.saved);
        match shown(rows.get(&id), state.version) {
            Shown::Same(row) => {
                let (saved, shown) = (state.saved, row.view.position.balance);
                balance.compare(&ledger, (Source::State, Source::Projection), saved, shown);
            }
            Shown::Newer => {}
            Shown::Older => drop(balance.lagging.insert(StreamId::from(&id))),
        }
        if let Some(sum) = paid.get_mut(&asset) {
            *sum = sum.checked_add(state.paid_to_date)?;
        }
    }
    for (asset, paid) in paid {
        let expense = LedgerAccount::Internal(InternalAccount::YieldExpense, asset);
        balance.compare(&expense, (Source::Postings, Source::State), books.posted(&expense), paid.checked_neg()?);
    }
    Ok(())
}

/// How a row stands to the books.
enum Shown<T> {
    /// They show the same version.
    Same(T),
    /// It shows what the books leave out, as it was decided after the cut.
    Newer,
    /// The projection has not come so far.
    Older,
}

fn shown<'a, T>(row: Option<&&'a AtVersion<T>>, version: Option<Version>) -> Shown<&'a AtVersion<T>> {
    match (row, version) {
        (Some(row), Some(version)) if row.version == version.number() => Shown::Same(row),
        (Some(row), Some(version)) if row.version > version.number() => Shown::Newer,
        _ => Shown::Older,
    }
}

/// Holds each internal account's postings against its total.
async fn internal(books: &Books, views: &dyn LedgerViews, balance: &mut TrialBalance) -> Result<(), TrialBalanceError> {
    for asset in Asset::ALL {
        for account in InternalAccount::ALL {
            let ledger = LedgerAccount::Internal(account, asset);
            let (posted, projected) = (books.posted(&ledger), views.internal(account.code(), asset).await?);
            balance.compare(&ledger, (Source::Postings, Source::Projection), posted, projected);
        }
    }
    Ok(())
}
