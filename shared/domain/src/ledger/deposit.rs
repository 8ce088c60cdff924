//! A deposit: money moved where the bank keeps it, at its bank or at the custodian, and it gets its place in our books.

use money::Money;
use serde::{Deserialize, Serialize};

use super::journal::{InternalAccount, JournalEntry, LedgerAccount};
use super::operation::{OperationError, OperationEvent};
use crate::ids::{AccountId, Fingerprint, OperationId, VaultRef};

/// Which way money moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// It came in.
    Credit,
    /// It went out.
    Debit,
}

/// Why money waits in suspense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SuspenseReason {
    /// No account has the reference that the payer wrote, or there was none.
    #[serde(rename = "unknown-reference")]
    UnknownReference,
    /// The account of that reference holds something else.
    #[serde(rename = "wrong-asset")]
    WrongAsset,
    /// Money left our account, and no operation of ours sent it.
    #[serde(rename = "unexpected-debit")]
    UnexpectedDebit,
    /// Money came back to our account at the bank, and no operation of ours had sent it.
    #[serde(rename = "unexpected-return")]
    UnexpectedReturn,
    /// No account has the address that it was sent to.
    #[serde(rename = "unknown-address")]
    UnknownAddress,
    /// It is less than is booked.
    #[serde(rename = "below-minimum")]
    BelowMinimum,
    /// Nothing may come in for whoever it is for.
    #[serde(rename = "customer-frozen")]
    CustomerFrozen,
}

impl SuspenseReason {
    /// Every reason there is.
    pub const ALL: [Self; 7] = [
        Self::UnknownReference,
        Self::WrongAsset,
        Self::UnexpectedDebit,
        Self::UnexpectedReturn,
        Self::UnknownAddress,
        Self::BelowMinimum,
        Self::CustomerFrozen,
    ];

    /// Which way the money moved that waits for this reason.
    #[must_use]
    pub const fn direction(self) -> Direction {
        match self {
            Self::UnexpectedDebit => Direction::Debit,
            Self::UnknownReference
            | Self::WrongAsset
            | Self::UnexpectedReturn
            | Self::UnknownAddress
            | Self::BelowMinimum
            | Self::CustomerFrozen => Direction::Credit,
        }
    }
}

/// Where the money belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DepositTarget {
    /// To a customer.
    Account(AccountId),
    /// Nobody knows yet.
    Suspense(SuspenseReason),
}

/// What gives money that moved its place in our books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The operation itself.
    pub operation: OperationId,
    /// What is asked for: the same payment told again has the same one.
    pub fingerprint: Fingerprint,
    /// How much moved, without a sign.
    pub amount: Money,
    /// Which way it moved.
    pub direction: Direction,
    /// Where the vault keeps who paid.
    pub payer: VaultRef,
    /// Where it belongs.
    pub target: DepositTarget,
}

/// What settling means, if nobody has settled it yet.
pub(super) fn settled(settlement: &Settlement) -> Result<OperationEvent, OperationError> {
    let Settlement { operation, fingerprint, amount, direction, payer, target } = settlement;
    let (operation, fingerprint, amount, payer) = (operation.clone(), *fingerprint, *amount, payer.clone());
    if !amount.is_positive() {
        return Err(OperationError::AmountNotPositive);
    }
    let kept = LedgerAccount::Internal(InternalAccount::that_keeps(amount.asset()), amount.asset());
    match target {
        DepositTarget::Account(account) => {
            if account.asset != amount.asset() {
                return Err(OperationError::WrongAsset { held: account.asset, given: amount.asset() });
            }
            if *direction != Direction::Credit {
                return Err(OperationError::WrongDirection);
            }
            let entry = JournalEntry::transfer(kept, LedgerAccount::Customer(account.clone()), amount)?;
            Ok(OperationEvent::DepositSettled {
                operation,
                fingerprint,
                account: account.clone(),
                amount,
                payer,
                entry,
            })
        }
        DepositTarget::Suspense(reason) => {
            if *direction != reason.direction() {
                return Err(OperationError::WrongDirection);
            }
            let owed = match direction {
                Direction::Credit => amount,
                Direction::Debit => amount.checked_neg()?,
            };
            let suspense = LedgerAccount::Internal(InternalAccount::Suspense, amount.asset());
            let entry = JournalEntry::transfer(kept, suspense, owed)?;
            Ok(OperationEvent::DepositSuspended { operation, fingerprint, reason: *reason, amount, payer, entry })
        }
    }
}

#[cfg(test)]
#[path = "deposit_tests.rs"]
mod tests;
