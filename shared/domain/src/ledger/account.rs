//! A customer's account in one asset.

use money::{Asset, Money, MoneyError};
use serde::{Deserialize, Serialize};

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
    /// Only more than nothing can come in.
    #[error("the amount is not positive")]
    AmountNotPositive,
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
            Self::Money(_) => Class::Bug,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotOpen => "ACCOUNT_NOT_OPEN",
            Self::WrongAsset { .. } => "ACCOUNT_WRONG_ASSET",
            Self::AmountNotPositive => "ACCOUNT_AMOUNT_NOT_POSITIVE",
            Self::OpenedDifferently => "ACCOUNT_OPENED_DIFFERENTLY",
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
        AccountCommand::Credit { operation, amount } => credit(state, operation, *amount),
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

fn credit(state: &AccountState, operation: &OperationId, amount: Money) -> Result<Vec<AccountEvent>, AccountError> {
    let AccountState::Open { id, available, .. } = state else {
        return Err(AccountError::NotOpen);
    };
    if amount.asset() != id.asset {
        return Err(AccountError::WrongAsset { held: id.asset, given: amount.asset() });
    }
    if !amount.is_positive() {
        return Err(AccountError::AmountNotPositive);
    }
    let available = available.checked_add(amount)?;
    Ok(vec![AccountEvent::Credited { operation: operation.clone(), amount, available }])
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
        AccountEvent::Credited { available: after, .. } => match state {
            AccountState::Open { id, reference, pending, held, .. } => {
                AccountState::Open { id, reference, available: *after, pending, held }
            }
            AccountState::NotOpen => AccountState::NotOpen, // Never decided like this.
        },
    }
}

impl Aggregate for Account {
    const KIND: &'static str = "account";
    const STATE_VERSION: u32 = 1;

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
