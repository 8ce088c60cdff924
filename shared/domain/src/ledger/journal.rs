//! Double entry: what an operation moved, between whom, adding up to nothing.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use money::{Asset, AssetKind, Money, MoneyError};
use serde::{Deserialize, Serialize};

use crate::error::{Class, Classify};
use crate::ids::{AccountId, IdError, PositionId, stored_as_text};

/// An account of the bank's own. There is one for each asset.
///
/// It is no stream: every deposit of every customer would append to it. Its balance is a sum over journal entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InternalAccount {
    /// What the bank has at its own bank: an asset, so it grows by negative postings.
    BankSettlement,
    /// What came in and belongs to somebody who is not found yet: owed, so it grows by positive postings.
    Suspense,
    /// What the custodian keeps for the bank and can move at once: an asset, so it grows by negative postings.
    CustodyHot,
    /// What customers were paid for saving: a cost, so it grows by negative postings.
    YieldExpense,
}

impl InternalAccount {
    /// Every internal account there is.
    pub const ALL: [Self; 4] = [Self::BankSettlement, Self::Suspense, Self::CustodyHot, Self::YieldExpense];

    /// Where what customers bring is kept: money of states at the bank's bank, the rest at the custodian.
    #[must_use]
    pub const fn that_keeps(asset: Asset) -> Self {
        match asset.kind() {
            AssetKind::Fiat => Self::BankSettlement,
            AssetKind::Crypto => Self::CustodyHot,
        }
    }

    /// The name that is stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BankSettlement => "bank-settlement",
            Self::Suspense => "suspense",
            Self::CustodyHot => "custody-hot",
            Self::YieldExpense => "yield-expense",
        }
    }
}

impl fmt::Display for InternalAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl FromStr for InternalAccount {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::ALL.into_iter().find(|account| account.code() == text).ok_or(IdError::new("internal account"))
    }
}

/// Where a posting goes: `customer:<uuid>#GBP`, `savings:<uuid>#usdc-savings#USDC` or `internal:suspense#GBP`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LedgerAccount {
    /// What the bank owes to a customer.
    Customer(AccountId),
    /// What the bank owes to a customer who saves, in the asset of the product.
    Savings(PositionId, Asset),
    /// An account of the bank's own, in one asset.
    Internal(InternalAccount, Asset),
}

impl LedgerAccount {
    /// What it is kept in.
    #[must_use]
    pub const fn asset(&self) -> Asset {
        match self {
            Self::Customer(account) => account.asset,
            Self::Savings(_, asset) | Self::Internal(_, asset) => *asset,
        }
    }
}

impl fmt::Display for LedgerAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Customer(account) => write!(f, "customer:{account}"),
            Self::Savings(position, asset) => write!(f, "savings:{position}#{asset}"),
            Self::Internal(account, asset) => write!(f, "internal:{account}#{asset}"),
        }
    }
}

impl FromStr for LedgerAccount {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let invalid = IdError::new("ledger account");
        match text.split_once(':').ok_or(invalid)? {
            ("customer", account) => account.parse().map(Self::Customer).map_err(|_| invalid),
            ("savings", position) => {
                let (position, asset) = position.rsplit_once('#').ok_or(invalid)?;
                let position = position.parse().map_err(|_| invalid)?;
                asset.parse().map(|asset| Self::Savings(position, asset)).map_err(|_| invalid)
            }
            ("internal", account) => {
                let (account, asset) = account.split_once('#').ok_or(invalid)?;
                let account = account.parse().map_err(|_| invalid)?;
                asset.parse().map(|asset| Self::Internal(account, asset)).map_err(|_| invalid)
            }
            _ => Err(invalid),
        }
    }
}

stored_as_text!(InternalAccount, LedgerAccount);

/// One line of a journal entry. Stored as a pair, `["internal:suspense#GBP", "GBP 100000"]`.
///
/// A positive amount raises what the bank owes (customers, savings, suspense); a negative one raises what it has or has
/// spent (settlement, custody, yield).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(LedgerAccount, Money)", into = "(LedgerAccount, Money)")]
pub struct Posting {
    /// Where it goes.
    pub ledger: LedgerAccount,
    /// How much, with its sign.
    pub amount: Money,
}

impl Posting {
    /// So much to this account.
    #[must_use]
    pub const fn new(ledger: LedgerAccount, amount: Money) -> Self {
        Self { ledger, amount }
    }
}

impl From<(LedgerAccount, Money)> for Posting {
    fn from((ledger, amount): (LedgerAccount, Money)) -> Self {
        Self { ledger, amount }
    }
}

impl From<Posting> for (LedgerAccount, Money) {
    fn from(posting: Posting) -> Self {
        (posting.ledger, posting.amount)
    }
}

/// What one operation moved. Its postings add up to nothing in each asset: there is no way to make or to read another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Posting>", into = "Vec<Posting>")]
pub struct JournalEntry(Vec<Posting>);

impl JournalEntry {
    /// An entry of these postings.
    ///
    /// # Errors
    ///
    /// They do not add up to nothing in each asset, or one of them makes no sense.
    pub fn balanced(postings: Vec<Posting>) -> Result<Self, JournalError> {
        if postings.len() < 2 {
            return Err(JournalError::TooFewPostings);
        }
        let mut sums = BTreeMap::new();
        for Posting { ledger, amount } in &postings {
            if amount.is_zero() {
                return Err(JournalError::ZeroPosting);
            }
            if amount.asset() != ledger.asset() {
                return Err(JournalError::WrongAsset { held: ledger.asset(), given: amount.asset() });
            }
            let sum = sums.entry(amount.asset()).or_insert(Money::zero(amount.asset()));
            *sum = sum.checked_add(*amount)?;
        }
        match sums.into_values().find(|sum| !sum.is_zero()) {
            Some(off_by) => Err(JournalError::Unbalanced { off_by }),
            None => Ok(Self(postings)),
        }
    }

    /// So much from one account to another.
    ///
    /// # Errors
    ///
    /// One of them is kept in something else, or nothing would move.
    pub fn transfer(from: LedgerAccount, to: LedgerAccount, amount: Money) -> Result<Self, JournalError> {
        Self::balanced(vec![Posting::new(to, amount), Posting::new(from, amount.checked_neg()?)])
    }

    /// Its lines.
    #[must_use]
    pub fn postings(&self) -> &[Posting] {
        &self.0
    }
}

impl TryFrom<Vec<Posting>> for JournalEntry {
    type Error = JournalError;

    fn try_from(postings: Vec<Posting>) -> Result<Self, JournalError> {
        Self::balanced(postings)
    }
}

impl From<JournalEntry> for Vec<Posting> {
    fn from(entry: JournalEntry) -> Self {
        entry.0
    }
}

/// Why postings are no journal entry. Whoever put them together made a mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// Money comes from somewhere and goes somewhere.
    #[error("an entry has at least two postings")]
    TooFewPostings,
    /// A posting of nothing says nothing.
    #[error("a posting is not zero")]
    ZeroPosting,
    /// An amount was posted to an account that is kept in something else.
    #[error("{given} is posted to an account in {held}")]
    WrongAsset {
        /// What the account is kept in.
        held: Asset,
        /// What was posted.
        given: Asset,
    },
    /// Money would appear or vanish.
    #[error("the postings are off by {off_by}")]
    Unbalanced {
        /// How much would.
        off_by: Money,
    },
    /// The amounts do not add up to an amount.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Classify for JournalError {
    fn class(&self) -> Class {
        match self {
            Self::TooFewPostings
            | Self::ZeroPosting
            | Self::WrongAsset { .. }
            | Self::Unbalanced { .. }
            | Self::Money(_) => Class::Bug,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::TooFewPostings => "JOURNAL_TOO_FEW_POSTINGS",
            Self::ZeroPosting => "JOURNAL_ZERO_POSTING",
            Self::WrongAsset { .. } => "JOURNAL_WRONG_ASSET",
            Self::Unbalanced { .. } => "JOURNAL_UNBALANCED",
            Self::Money(error) => error.code(),
        }
    }
}

#[cfg(test)]
#[path = "journal_tests.rs"]
mod tests;
