//! A customer's account in one asset.

use money::{Asset, Money, MoneyError};
use serde::{Deserialize, Serialize};

use super::funds::InsufficientFunds;
use crate::aggregate::{Aggregate, Decider};
use crate::error::{Class, Classify};
use crate::ids::{AccountId, DepositReference, OperationId};

/// What the bank owes to one customer in one asset. Streams `account#<uuid>#GBP`.
#[derive(Debug)]
pub struct Account;

/// What happened to one account.
///
/// These names are stored. Add a new version instead of changing one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum AccountEvent {
    /// The account exists from here on.
    #[serde(rename = "account.opened.v1")]
    Opened {
        /// The account itself.
        account: AccountId,
        /// What a payer writes so that money finds the account, where it takes payments by bank.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<DepositReference>,
    },
    /// Money came in.
    #[serde(rename = "account.credited.v1")]
    Credited {
        /// What brought it in.
        operation: OperationId,
        /// How much came in.
        amount: Money,
        /// What may be spent after it.
        available: Money,
    },
    /// Money went out.
    #[serde(rename = "account.debited.v1")]
    Debited {
        /// What took it out.
        operation: OperationId,
        /// How much went out.
        amount: Money,
        /// What may be spent after it.
        available: Money,
    },
    /// Money is on its way. Nobody may spend it yet, and it is no posting.
    #[serde(rename = "account.pending-raised.v1")]
    PendingRaised {
        /// What announces it.
        operation: OperationId,
        /// How much is announced.
        amount: Money,
        /// What is announced in all after it.
        pending: Money,
    },
    /// What was on its way is so no longer: it came in, which is another event, or it never will.
    #[serde(rename = "account.pending-released.v1")]
    PendingReleased {
        /// What had announced it.
        operation: OperationId,
        /// How much had been announced.
        amount: Money,
        /// What is announced in all after it.
        pending: Money,
    },
}

/// What the events of one account add up to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum AccountState {
    /// There is no such account.
    #[default]
    #[serde(rename = "n")]
    NotOpen,
    /// The account is in use.
    #[serde(rename = "o")]
    Open {
        /// The account itself.
        #[serde(rename = "i")]
        id: AccountId,
        /// What a payer writes so that money finds the account.
        #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
        reference: Option<DepositReference>,
        /// What may be spent.
        #[serde(rename = "a")]
        available: Money,
        /// What is announced and not here yet.
        #[serde(rename = "p")]
        pending: Money,
        /// What is set aside for something under way.
        #[serde(rename = "h")]
        held: Money,
    },
}

/// What may be asked of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountCommand {
    /// Let the account exist.
    Open {
        /// The account itself.
        id: AccountId,
        /// What a payer writes so that money finds the account.
        reference: Option<DepositReference>,
    },
    /// Let money in.
    ///
    /// An account does not remember which operations it has seen, so the same credit twice is two credits. The
    /// operation's own stream is the guard: its first commit goes into the same transaction, and exists only once.
    Credit {
        /// What brings it in.
        operation: OperationId,
        /// How much comes in.
        amount: Money,
    },
    /// Let money out. The operation's stream is the guard against a second time, as it is of a credit.
    Debit {
        /// What takes it out.
        operation: OperationId,
        /// How much goes out.
        amount: Money,
    },
    /// Show that money is on its way.
    RaisePending {
        /// What announces it.
        operation: OperationId,
        /// How much is announced.
        amount: Money,
    },
    /// Show it no longer.
    ReleasePending {
        /// What had announced it.
        operation: OperationId,
        /// How much had been announced.
        amount: Money,
    },
}

/// Why an account says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// There is no such account.
    #[error("the account is not open")]
    NotOpen,
    /// The account holds something else.
    #[error("the account holds {held}, not {given}")]
    WrongAsset {
        /// What the account holds.
        held: Asset,
        /// What the command brought.
        given: Asset,
    },
    /// Only more than nothing can move.
    #[error("the amount is not positive")]
    AmountNotPositive,
    /// Less may be spent than is to go out.
    #[error(transparent)]
    Insufficient(#[from] InsufficientFunds),
    /// Less is announced than is to be released: whoever releases must have announced it.
    #[error("less is announced than is to be released")]
    NotPending,
    /// The account was opened as another account, or with another reference.
    #[error("the account was opened differently")]
    OpenedDifferently,
    /// The amounts do not add up to an amount.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Classify for AccountError {
    fn class(&self) -> Class {
        match self {
            Self::NotOpen | Self::WrongAsset { .. } | Self::OpenedDifferently => Class::Rejected,
            Self::AmountNotPositive => Class::Invalid,
            Self::Insufficient(error) => error.class(),
            Self::NotPending | Self::Money(_) => Class::Bug,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotOpen => "ACCOUNT_NOT_OPEN",
            Self::WrongAsset { .. } => "ACCOUNT_WRONG_ASSET",
            Self::AmountNotPositive => "ACCOUNT_AMOUNT_NOT_POSITIVE",
            Self::OpenedDifferently => "ACCOUNT_OPENED_DIFFERENTLY",
            Self::Insufficient(error) => error.code(),
            Self::NotPending => "ACCOUNT_NOT_PENDING",
            Self::Money(error) => error.code(),
        }
    }
}

/// What happens to an account because of a command.
///
/// # Errors
///
/// See [`AccountError`].
pub fn decide(state: &AccountState, command: &AccountCommand) -> Result<Vec<AccountEvent>, AccountError> {
    match command {
        AccountCommand::Open { id, reference } => open(state, id, reference.as_ref()),
        AccountCommand::Credit { operation, amount } => {
            let available = balances(state, *amount)?.available.checked_add(*amount)?;
            Ok(vec![AccountEvent::Credited { operation: operation.clone(), amount: *amount, available }])
        }
        AccountCommand::Debit { operation, amount } => {
            let available = balances(state, *amount)?.available.checked_sub(*amount)?;
            if available.is_negative() {
                return Err(InsufficientFunds.into());
            }
            Ok(vec![AccountEvent::Debited { operation: operation.clone(), amount: *amount, available }])
        }
        AccountCommand::RaisePending { operation, amount } => {
            let pending = balances(state, *amount)?.pending.checked_add(*amount)?;
            Ok(vec![AccountEvent::PendingRaised { operation: operation.clone(), amount: *amount, pending }])
        }
        AccountCommand::ReleasePending { operation, amount } => {
            let pending = balances(state, *amount)?.pending.checked_sub(*amount)?;
            if pending.is_negative() {
                return Err(AccountError::NotPending);
            }
            Ok(vec![AccountEvent::PendingReleased { operation: operation.clone(), amount: *amount, pending }])
        }
    }
}

fn open(
    state: &AccountState,
    account: &AccountId,
    reference: Option<&DepositReference>,
) -> Result<Vec<AccountEvent>, AccountError> {
    match state {
        AccountState::NotOpen => {
            Ok(vec![AccountEvent::Opened { account: account.clone(), reference: reference.cloned() }])
        }
        AccountState::Open { id, reference: known, .. } if id == account && known.as_ref() == reference => Ok(vec![]),
        AccountState::Open { .. } => Err(AccountError::OpenedDifferently),
    }
}

struct Balances {
    available: Money,
    pending: Money,
}

/// What an open account has, if this amount can move there at all.
fn balances(state: &AccountState, amount: Money) -> Result<Balances, AccountError> {
    let AccountState::Open { id, available, pending, .. } = state else {
        return Err(AccountError::NotOpen);
    };
    if amount.asset() != id.asset {
        return Err(AccountError::WrongAsset { held: id.asset, given: amount.asset() });
    }
    if !amount.is_positive() {
        return Err(AccountError::AmountNotPositive);
    }
    Ok(Balances { available: *available, pending: *pending })
}

/// The account after one more event.
#[must_use]
pub fn evolve(state: AccountState, event: &AccountEvent) -> AccountState {
    match event {
        AccountEvent::Opened { account, reference } => {
            let zero = Money::zero(account.asset);
            AccountState::Open {
                id: account.clone(),
                reference: reference.clone(),
                available: zero,
                pending: zero,
                held: zero,
            }
        }
        AccountEvent::Credited { available: after, .. } | AccountEvent::Debited { available: after, .. } => {
            with(state, |available, _| *available = *after)
        }
        AccountEvent::PendingRaised { pending: after, .. } | AccountEvent::PendingReleased { pending: after, .. } => {
            with(state, |_, pending| *pending = *after)
        }
    }
}

/// The account with other balances. Nothing is ever decided on one that is not open.
fn with(mut state: AccountState, change: impl FnOnce(&mut Money, &mut Money)) -> AccountState {
    if let AccountState::Open { available, pending, .. } = &mut state {
        change(available, pending);
    }
    state
}

impl Aggregate for Account {
    const KIND: &'static str = "account";
    const STATE_VERSION: u32 = 2;

    type State = AccountState;
    type Event = AccountEvent;

    fn evolve(state: AccountState, event: &AccountEvent) -> AccountState {
        evolve(state, event)
    }
}

impl Decider for Account {
    type Command = AccountCommand;
    type Error = AccountError;

    fn decide(state: &AccountState, command: &AccountCommand) -> Result<Vec<AccountEvent>, AccountError> {
        decide(state, command)
    }
}

#[cfg(test)]
#[path = "account_tests.rs"]
mod tests;
