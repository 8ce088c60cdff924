use std::collections::{BTreeMap, BTreeSet};

use domain::{
    ids::{AccountId, OperationId, PositionId, Version},
    ledger::{
        account::{self, Account, AccountState},
        journal::LedgerAccount,
        operation::{self, Operation, OperationState},
        savings::{self, Savings, SavingsState},
    },
};
use money::{Asset, Money, MoneyError};

use super::TrialBalanceError;
use crate::{commit::Commit, store::EventStore};

/// What the store holds up to the cut.
#[derive(Default)]
pub(super) struct Books {
    /// The sum of all postings to each account.
    pub postings: BTreeMap<LedgerAccount, Money>,
    /// Every operation, and the last of its commits.
    pub operations: BTreeMap<OperationId, Version>,
    /// Whether anything was decided after the cut: totals, which have no version, then show more than the books.
    pub newer: bool,
    accounts: BTreeMap<AccountId, (Version, AccountState)>,
    positions: BTreeMap<PositionId, (Version, SavingsState)>,
    states: BTreeMap<OperationId, OperationState>,
    announced: BTreeMap<AccountId, Money>,
}

/// An account's state, as far as it is compared.
pub(super) struct AccountSums {
    /// `None` if there is no such account.
    pub version: Option<Version>,
    /// What is the customer's, set aside or not.
    pub owned: Money,
    /// What is on its way.
    pub pending: Money,
}

/// A position's state, as far as it is compared.
pub(super) struct PositionSums {
    /// `None` if there is no such position.
    pub version: Option<Version>,
    /// What is saved.
    pub saved: Money,
    /// All interest that was ever paid.
    pub paid_to_date: Money,
}

impl Books {
    /// Reads the whole store.
    pub async fn read(store: &dyn EventStore, cut: &str) -> Result<Self, TrialBalanceError> {
        let mut books = Self::default();
        let mut cursor = None;
        loop {
            let (page, next) = store.scan(cursor).await?;
            for commit in &page {
                books.add(commit, cut)?;
            }
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
        for state in books.states.values() {
            match state {
                OperationState::Pending { account, amount, .. } => {
                    let sum = books.announced.entry(account.clone()).or_insert(Money::zero(amount.asset()));
                    *sum = sum.checked_add(*amount)?;
                }
                OperationState::None
                | OperationState::Settled { .. }
                | OperationState::Suspended { .. }
                | OperationState::Released { .. }
                | OperationState::Failed { .. }
                | OperationState::Moved { .. } => {}
            }
        }
        Ok(books)
    }

    fn add(&mut self, commit: &Commit, cut: &str) -> Result<(), TrialBalanceError> {
        if commit.names()?.at.as_str() > cut {
            self.newer = true;
        } else if let Ok(id) = AccountId::try_from(&commit.stream) {
            let before = self.accounts.remove(&id).map_or_else(AccountState::default, |(_, state)| state);
            let state = commit.body::<Account>()?.events.iter().fold(before, account::evolve);
            self.accounts.insert(id, (commit.version, state));
        } else if let Ok(id) = PositionId::try_from(&commit.stream) {
            let before = self.positions.remove(&id).map_or_else(SavingsState::default, |(_, state)| state);
            let state = commit.body::<Savings>()?.events.iter().fold(before, savings::evolve);
            self.positions.insert(id, (commit.version, state));
        } else if let Ok(id) = OperationId::try_from(&commit.stream) {
            let mut state = self.states.remove(&id).unwrap_or_default();
            for event in commit.body::<Operation>()?.events {
                for posting in event.entry().map(|entry| entry.postings()).unwrap_or_default() {
                    let zero = Money::zero(posting.amount.asset());
                    let sum = self.postings.entry(posting.ledger.clone()).or_insert(zero);
                    *sum = sum.checked_add(posting.amount)?;
                }
                state = operation::evolve(state, &event);
            }
            self.states.insert(id.clone(), state);
            self.operations.insert(id, commit.version);
        }
        Ok(())
    }

    /// What was posted to an account in all.
    pub fn posted(&self, account: &LedgerAccount) -> Money {
        self.postings.get(account).copied().unwrap_or(Money::zero(account.asset()))
    }

    /// Every account that exists, was posted to, or waits for money.
    pub fn all_accounts(&self) -> BTreeSet<AccountId> {
        let posted = self.postings.keys().filter_map(|account| match account {
            LedgerAccount::Customer(id) => Some(id.clone()),
            LedgerAccount::Savings(..) | LedgerAccount::Internal(..) => None,
        });
        self.accounts.keys().chain(self.announced.keys()).cloned().chain(posted).collect()
    }

    /// Every position that exists or was posted to, in what it is kept.
    pub fn all_positions(&self) -> BTreeSet<(PositionId, Asset)> {
        let posted = self.postings.keys().filter_map(|account| match account {
            LedgerAccount::Savings(id, asset) => Some((id.clone(), *asset)),
            LedgerAccount::Customer(_) | LedgerAccount::Internal(..) => None,
        });
        let kept =
            self.positions.iter().filter_map(|(id, (_, state))| Some((id.clone(), state.open()?.balance.asset())));
        kept.chain(posted).collect()
    }

    /// An account's state.
    pub fn account(&self, id: &AccountId) -> Result<AccountSums, MoneyError> {
        match self.accounts.get(id) {
            Some((version, AccountState::Open { available, pending, held, .. })) => {
                Ok(AccountSums { version: Some(*version), owned: available.checked_add(*held)?, pending: *pending })
            }
            Some((_, AccountState::NotOpen)) | None => {
                let zero = Money::zero(id.asset);
                Ok(AccountSums { version: None, owned: zero, pending: zero })
            }
        }
    }

    /// A position's state.
    pub fn position(&self, id: &PositionId, asset: Asset) -> PositionSums {
        let open = self.positions.get(id).and_then(|(version, state)| Some((*version, state.open()?)));
        let zero = Money::zero(asset);
        open.filter(|(_, position)| position.balance.asset() == asset).map_or(
            PositionSums { version: None, saved: zero, paid_to_date: zero },
            |(version, position)| PositionSums {
                version: Some(version),
                saved: position.balance,
                paid_to_date: position.paid_to_date,
            },
        )
    }

    /// What is on its way to an account, as the operations have it.
    pub fn announced(&self, id: &AccountId) -> Money {
        self.announced.get(id).copied().unwrap_or(Money::zero(id.asset))
    }
}
