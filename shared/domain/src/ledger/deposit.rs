//! A deposit: the bank's bank says that money moved on our account there, and it gets its place in our books.
//!
//! It is decided in the operation's own stream, whose first commit is made once, for ever: that is what makes a
//! payment that is told twice one payment.

use money::{Asset, Money, MoneyError};
use serde::{Deserialize, Serialize};

use super::journal::{InternalAccount, JournalEntry, JournalError, LedgerAccount, Posting};
use crate::aggregate::{Aggregate, Decider};
use crate::error::{Class, Classify};
use crate::ids::{AccountId, Fingerprint, OperationId, VaultRef};

/// Something that somebody asked for once, under an id of their own. Streams `op#<owner>#<uuid>`.
#[derive(Debug)]
pub struct Operation;

/// Which way money moved on our account at the bank.
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
    /// Money left our account at the bank, and no operation of ours sent it.
    #[serde(rename = "unexpected-debit")]
    UnexpectedDebit,
    /// Money came back to our account at the bank, and no operation of ours had sent it.
    #[serde(rename = "unexpected-return")]
    UnexpectedReturn,
}

impl SuspenseReason {
    /// Every reason there is.
    pub const ALL: [Self; 4] =
        [Self::UnknownReference, Self::WrongAsset, Self::UnexpectedDebit, Self::UnexpectedReturn];
}

/// Where the money belongs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DepositTarget {
    /// To a customer.
    #[serde(rename = "a")]
    Account(AccountId),
    /// Nobody knows yet.
    #[serde(rename = "s")]
    Suspense(SuspenseReason),
}

/// What happened in one operation.
///
/// These names are stored. Add a new version instead of changing one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum OperationEvent {
    /// Money came in for a customer.
    #[serde(rename = "deposit.settled.v1")]
    DepositSettled {
        /// The operation itself.
        operation: OperationId,
        /// What was asked for.
        fingerprint: Fingerprint,
        /// Whose money it is.
        account: AccountId,
        /// How much came in.
        amount: Money,
        /// Where the vault keeps who paid.
        payer: VaultRef,
        /// What it moved.
        entry: JournalEntry,
    },
    /// Money moved, and nobody knows yet whose it is.
    #[serde(rename = "deposit.suspended.v1")]
    DepositSuspended {
        /// The operation itself.
        operation: OperationId,
        /// What was asked for.
        fingerprint: Fingerprint,
        /// Why it waits.
        reason: SuspenseReason,
        /// How much moved. The entry says which way.
        amount: Money,
        /// Where the vault keeps who paid.
        payer: VaultRef,
        /// What it moved.
        entry: JournalEntry,
    },
}

/// What the events of one operation add up to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum OperationState {
    /// Nobody asked for it yet.
    #[default]
    #[serde(rename = "n")]
    None,
    /// The money has its place.
    #[serde(rename = "s")]
    Settled {
        /// What was asked for.
        #[serde(rename = "f")]
        fingerprint: Fingerprint,
        /// How much moved.
        #[serde(rename = "a")]
        amount: Money,
        /// Where it went.
        #[serde(rename = "t")]
        target: DepositTarget,
    },
}

/// What may be asked of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperationCommand {
    /// Give money that moved at the bank its place in our books.
    Settle {
        /// The operation itself.
        operation: OperationId,
        /// What is asked for: the same payment told again has the same one.
        fingerprint: Fingerprint,
        /// How much moved, without a sign.
        amount: Money,
        /// Which way it moved.
        direction: Direction,
        /// Where the vault keeps who paid.
        payer: VaultRef,
        /// Where it belongs.
        target: DepositTarget,
    },
}

/// Why an operation says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OperationError {
    /// Another request has used this id.
    #[error("the operation's id was used for another request")]
    DifferentRequest,
    /// Only more than nothing can move.
    #[error("the amount is not positive")]
    AmountNotPositive,
    /// The account that was chosen holds something else: this money belongs in suspense.
    #[error("the account holds {held}, not {given}")]
    WrongAsset {
        /// What the account holds.
        held: Asset,
        /// What came in.
        given: Asset,
    },
    /// A debit goes to suspense as an unexpected one, and nothing else does.
    #[error("a debit, and only a debit, is suspended as unexpected")]
    WrongDirection,
    /// The amounts do not add up to an amount.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The postings are no entry.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl Classify for OperationError {
    fn class(&self) -> Class {
        match self {
            Self::DifferentRequest | Self::AmountNotPositive => Class::Invalid,
            // Whoever routes a payment picks a target that fits it.
            Self::WrongAsset { .. } | Self::WrongDirection => Class::Bug,
            Self::Money(_) | Self::Journal(_) => Class::Bug,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::DifferentRequest => "OPERATION_REUSED",
            Self::AmountNotPositive => "DEPOSIT_AMOUNT_NOT_POSITIVE",
            Self::WrongAsset { .. } => "DEPOSIT_WRONG_ASSET",
            Self::WrongDirection => "DEPOSIT_WRONG_DIRECTION",
            Self::Money(error) => error.code(),
            Self::Journal(error) => error.code(),
        }
    }
}

/// What happens in an operation because of a command.
///
/// # Errors
///
/// See [`OperationError`].
pub fn decide(state: &OperationState, command: &OperationCommand) -> Result<Vec<OperationEvent>, OperationError> {
    let OperationCommand::Settle { operation, fingerprint, amount, direction, payer, target } = command;
    if let OperationState::Settled { fingerprint: known, .. } = state {
        // A repeat stands by what was decided then, even if the money would find its account by now.
        return if known == fingerprint { Ok(vec![]) } else { Err(OperationError::DifferentRequest) };
    }
    if !amount.is_positive() {
        return Err(OperationError::AmountNotPositive);
    }
    let (operation, fingerprint, amount, payer) = (operation.clone(), *fingerprint, *amount, payer.clone());
    let event = match (direction, target) {
        (Direction::Credit, DepositTarget::Account(account)) => {
            if account.asset != amount.asset() {
                return Err(OperationError::WrongAsset { held: account.asset, given: amount.asset() });
            }
            let entry = against_settlement(LedgerAccount::Customer(account.clone()), amount)?;
            OperationEvent::DepositSettled { operation, fingerprint, account: account.clone(), amount, payer, entry }
        }
        (Direction::Credit, DepositTarget::Suspense(SuspenseReason::UnexpectedDebit))
        | (Direction::Debit, DepositTarget::Account(_))
        | (
            Direction::Debit,
            DepositTarget::Suspense(
                SuspenseReason::UnknownReference | SuspenseReason::WrongAsset | SuspenseReason::UnexpectedReturn,
            ),
        ) => {
            return Err(OperationError::WrongDirection);
        }
        (
            Direction::Credit,
            DepositTarget::Suspense(
                reason @ (SuspenseReason::UnknownReference
                | SuspenseReason::WrongAsset
                | SuspenseReason::UnexpectedReturn),
            ),
        ) => {
            let entry = against_settlement(suspense(amount), amount)?;
            OperationEvent::DepositSuspended { operation, fingerprint, reason: *reason, amount, payer, entry }
        }
        (Direction::Debit, DepositTarget::Suspense(reason @ SuspenseReason::UnexpectedDebit)) => {
            let entry = against_settlement(suspense(amount), amount.checked_neg()?)?;
            OperationEvent::DepositSuspended { operation, fingerprint, reason: *reason, amount, payer, entry }
        }
    };
    Ok(vec![event])
}

const fn suspense(amount: Money) -> LedgerAccount {
    LedgerAccount::Internal(InternalAccount::Suspense, amount.asset())
}

/// What is owed to `ledger` grows by `amount`, and what the bank has at its bank grows with it.
fn against_settlement(ledger: LedgerAccount, amount: Money) -> Result<JournalEntry, OperationError> {
    let settlement = LedgerAccount::Internal(InternalAccount::BankSettlement, amount.asset());
    let postings = vec![Posting::new(ledger, amount), Posting::new(settlement, amount.checked_neg()?)];
    Ok(JournalEntry::balanced(postings)?)
}

/// The operation after one more event.
#[must_use]
pub fn evolve(_: OperationState, event: &OperationEvent) -> OperationState {
    match event {
        OperationEvent::DepositSettled { fingerprint, account, amount, .. } => OperationState::Settled {
            fingerprint: *fingerprint,
            amount: *amount,
            target: DepositTarget::Account(account.clone()),
        },
        OperationEvent::DepositSuspended { fingerprint, reason, amount, .. } => OperationState::Settled {
            fingerprint: *fingerprint,
            amount: *amount,
            target: DepositTarget::Suspense(*reason),
        },
    }
}

impl Aggregate for Operation {
    const KIND: &'static str = "op";
    const STATE_VERSION: u32 = 1;

    type State = OperationState;
    type Event = OperationEvent;

    fn evolve(state: OperationState, event: &OperationEvent) -> OperationState {
        evolve(state, event)
    }
}

impl Decider for Operation {
    type Command = OperationCommand;
    type Error = OperationError;

    fn decide(state: &OperationState, command: &OperationCommand) -> Result<Vec<OperationEvent>, OperationError> {
        decide(state, command)
    }
}

#[cfg(test)]
#[path = "deposit_tests.rs"]
mod tests;
