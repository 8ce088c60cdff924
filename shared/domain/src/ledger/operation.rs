//! What moves money: each deposit, each move to or from savings, each payout of interest.
//!
//! It is decided in the operation's own stream, whose first commit is made once, for ever: that is what makes a request that
//! is made twice one request.

mod event;
mod state;

use money::{Asset, Money, MoneyError};

pub use event::OperationEvent;
pub use state::{Movement, OperationState};

use super::deposit::{Settlement, settled};
use super::journal::{InternalAccount, JournalEntry, JournalError, LedgerAccount};
use super::release::{Release, released};
use super::savings::PayoutDestination;
use crate::aggregate::{Aggregate, Decider};
use crate::error::{Class, Classify};
use crate::ids::{AccountId, Fingerprint, OperationId, VaultRef};

/// Something that somebody asked for once, under an id of their own. Streams `op#<owner>#<uuid>`.
#[derive(Debug)]
pub struct Operation;

/// What may be asked of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperationCommand {
    /// Show that money is on its way.
    Detect {
        /// The operation itself.
        operation: OperationId,
        /// What is asked for.
        fingerprint: Fingerprint,
        /// Whose money it will be.
        account: AccountId,
        /// How much is on its way.
        amount: Money,
        /// Where the vault keeps who paid.
        payer: VaultRef,
    },
    /// Money that was on its way will never come.
    Fail {
        /// The operation itself.
        operation: OperationId,
        /// What is asked for.
        fingerprint: Fingerprint,
    },
    /// Give money that moved its place in our books.
    Settle(Settlement),
    /// Give money that waits in suspense to a customer.
    Release(Release),
    /// Move money between a customer and their savings.
    Move {
        /// The operation itself.
        operation: OperationId,
        /// What is asked for.
        fingerprint: Fingerprint,
        /// From where to where.
        movement: Movement,
        /// How much.
        amount: Money,
    },
}

impl OperationCommand {
    /// What is asked for; `None` for what is asked of a deposit that somebody else had asked for.
    const fn fingerprint(&self) -> Option<Fingerprint> {
        match self {
            Self::Detect { fingerprint, .. }
            | Self::Fail { fingerprint, .. }
            | Self::Settle(Settlement { fingerprint, .. })
            | Self::Move { fingerprint, .. } => Some(*fingerprint),
            Self::Release(_) => None,
        }
    }
}

/// Why an operation says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OperationError {
    /// Another request has used this id.
    #[error("the operation's id was used for another request")]
    DifferentRequest,
    /// Only more than nothing can be paid in.
    #[error("the amount is not positive")]
    AmountNotPositive,
    /// Only more than nothing can move.
    #[error("nothing would move")]
    NothingToMove,
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
    /// What is on the books as final is said to have failed. Somebody has to ask the other side.
    #[error("the deposit was settled before")]
    SettledBefore,
    /// No such money ever waited in suspense.
    #[error("nothing of this id waits in suspense")]
    NotSuspended,
    /// It waits no more: somebody else has it.
    #[error("this money was released to another customer")]
    ReleasedBefore,
    /// It left the bank: there is nothing to give to anybody.
    #[error("this money left the bank and is owed to nobody")]
    NotOwed,
    /// It is known whose it is, and nobody else gets it.
    #[error("this money waits for another customer, who was frozen")]
    WaitsForOwner,
    /// Nobody who works here gives money to themselves.
    #[error("nobody releases money to themselves")]
    OwnRelease,
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
            Self::DifferentRequest
            | Self::AmountNotPositive
            | Self::NothingToMove
            | Self::SettledBefore
            | Self::NotSuspended => Class::Invalid,
            Self::ReleasedBefore | Self::NotOwed | Self::WaitsForOwner | Self::OwnRelease => Class::Rejected,
            // Whoever routes a payment picks a target that fits it.
            Self::WrongAsset { .. } | Self::WrongDirection => Class::Bug,
            Self::Money(_) | Self::Journal(_) => Class::Bug,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::DifferentRequest => "OPERATION_REUSED",
            Self::AmountNotPositive => "DEPOSIT_AMOUNT_NOT_POSITIVE",
            Self::NothingToMove => "OPERATION_AMOUNT_NOT_POSITIVE",
            Self::WrongAsset { .. } => "DEPOSIT_WRONG_ASSET",
            Self::WrongDirection => "DEPOSIT_WRONG_DIRECTION",
            Self::SettledBefore => "DEPOSIT_SETTLED_BEFORE",
            Self::NotSuspended => "SUSPENSE_UNKNOWN",
            Self::ReleasedBefore => "SUSPENSE_RELEASED",
            Self::NotOwed => "SUSPENSE_NOT_OWED",
            Self::WaitsForOwner => "SUSPENSE_WAITS_FOR_OWNER",
            Self::OwnRelease => "SUSPENSE_OWN",
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
    if let (Some(asked), Some(known)) = (command.fingerprint(), state.fingerprint())
        && asked != known
    {
        return Err(OperationError::DifferentRequest);
    }
    match (command, state) {
        (OperationCommand::Release(release), state) => released(state, release),
        (OperationCommand::Detect { operation, fingerprint, account, amount, payer }, OperationState::None) => {
            detected(operation, *fingerprint, account, *amount, payer)
        }
        (OperationCommand::Fail { operation, fingerprint }, OperationState::Pending { account, amount, .. }) => {
            let (operation, account) = (operation.clone(), account.clone());
            Ok(vec![OperationEvent::DepositFailed { operation, fingerprint: *fingerprint, account, amount: *amount }])
        }
        (
            OperationCommand::Fail { .. },
            OperationState::Settled { .. } | OperationState::Suspended { .. } | OperationState::Released { .. },
        ) => Err(OperationError::SettledBefore),
        // What has come is booked, even if somebody had said that it would not.
        (
            OperationCommand::Settle(settlement),
            OperationState::None | OperationState::Pending { .. } | OperationState::Failed { .. },
        ) => Ok(vec![settled(settlement)?]),
        (OperationCommand::Move { operation, fingerprint, movement, amount }, OperationState::None) => {
            Ok(vec![moved(operation.clone(), *fingerprint, movement, *amount)?])
        }
        // A repeat stands by what was decided then, even if the money would find another place by now.
        (
            OperationCommand::Detect { .. } | OperationCommand::Move { .. },
            OperationState::Pending { .. }
            | OperationState::Settled { .. }
            | OperationState::Suspended { .. }
            | OperationState::Released { .. }
            | OperationState::Failed { .. }
            | OperationState::Moved { .. },
        )
        | (
            OperationCommand::Settle(_),
            OperationState::Settled { .. }
            | OperationState::Suspended { .. }
            | OperationState::Released { .. }
            | OperationState::Moved { .. },
        )
        | (
            OperationCommand::Fail { .. },
            OperationState::None | OperationState::Failed { .. } | OperationState::Moved { .. },
        ) => Ok(vec![]),
    }
}

fn detected(
    operation: &OperationId,
    fingerprint: Fingerprint,
    account: &AccountId,
    amount: Money,
    payer: &VaultRef,
) -> Result<Vec<OperationEvent>, OperationError> {
    if account.asset != amount.asset() {
        return Err(OperationError::WrongAsset { held: account.asset, given: amount.asset() });
    }
    if !amount.is_positive() {
        return Err(OperationError::AmountNotPositive);
    }
    let (operation, account, payer) = (operation.clone(), account.clone(), payer.clone());
    Ok(vec![OperationEvent::DepositDetected { operation, fingerprint, account, amount, payer }])
}

fn moved(
    operation: OperationId,
    fingerprint: Fingerprint,
    movement: &Movement,
    amount: Money,
) -> Result<OperationEvent, OperationError> {
    if !amount.is_positive() {
        return Err(OperationError::NothingToMove);
    }
    let asset = amount.asset();
    let (Movement::ToSavings(position) | Movement::FromSavings(position) | Movement::Yield { position, .. }) = movement;
    let position = position.clone();
    let account = AccountId::new(position.customer, asset);
    let savings = LedgerAccount::Savings(position.clone(), asset);
    let customer = LedgerAccount::Customer(account.clone());
    match movement {
        Movement::ToSavings(_) => {
            let entry = JournalEntry::transfer(customer, savings, amount)?;
            Ok(OperationEvent::SavingsDepositSettled { operation, fingerprint, position, account, amount, entry })
        }
        Movement::FromSavings(_) => {
            let entry = JournalEntry::transfer(savings, customer, amount)?;
            Ok(OperationEvent::SavingsWithdrawalSettled { operation, fingerprint, position, account, amount, entry })
        }
        Movement::Yield { week, to, .. } => {
            let expense = LedgerAccount::Internal(InternalAccount::YieldExpense, asset);
            let receiver = match to {
                PayoutDestination::Reinvest => savings,
                PayoutDestination::Account => customer,
            };
            let entry = JournalEntry::transfer(expense, receiver, amount)?;
            Ok(OperationEvent::YieldPaid { operation, fingerprint, position, week: *week, to: *to, amount, entry })
        }
    }
}

/// The operation after one more event.
#[must_use]
pub fn evolve(_: OperationState, event: &OperationEvent) -> OperationState {
    let moved = |fingerprint, amount, movement| OperationState::Moved { fingerprint, amount, movement };
    match event {
        OperationEvent::DepositDetected { fingerprint, account, amount, .. } => {
            OperationState::Pending { fingerprint: *fingerprint, amount: *amount, account: account.clone() }
        }
        OperationEvent::DepositFailed { fingerprint, account, amount, .. } => {
            OperationState::Failed { fingerprint: *fingerprint, amount: *amount, account: account.clone() }
        }
        OperationEvent::DepositSettled { fingerprint, account, amount, .. } => {
            OperationState::Settled { fingerprint: *fingerprint, amount: *amount, account: account.clone() }
        }
        OperationEvent::DepositSuspended { fingerprint, reason, amount, payer, .. } => {
            let (fingerprint, amount, payer) = (*fingerprint, *amount, payer.clone());
            OperationState::Suspended { fingerprint, amount, reason: *reason, payer }
        }
        OperationEvent::DepositReleased { fingerprint, account, amount, payer, .. } => {
            let (fingerprint, amount, payer) = (*fingerprint, *amount, payer.clone());
            OperationState::Released { fingerprint, amount, account: account.clone(), payer }
        }
        OperationEvent::SavingsDepositSettled { fingerprint, position, amount, .. } => {
            moved(*fingerprint, *amount, Movement::ToSavings(position.clone()))
        }
        OperationEvent::SavingsWithdrawalSettled { fingerprint, position, amount, .. } => {
            moved(*fingerprint, *amount, Movement::FromSavings(position.clone()))
        }
        OperationEvent::YieldPaid { fingerprint, position, week, to, amount, .. } => {
            moved(*fingerprint, *amount, Movement::Yield { position: position.clone(), week: *week, to: *to })
        }
    }
}

impl Aggregate for Operation {
    const KIND: &'static str = "op";
    const STATE_VERSION: u32 = 3;

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
#[path = "operation_tests.rs"]
mod tests;
