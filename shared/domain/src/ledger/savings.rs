//! What a customer saves in one product, and what it earns.
//!
//! Nothing is written while a position just earns: what it has earned follows from its balance and from the product's index at
//! any moment. A week that is over is closed by the first command after it, and is paid as one sum, once.

mod explain;
mod position;

use std::fmt;
use std::str::FromStr;

use money::{Asset, BusinessDate, Money, MoneyError, Week};
use serde::{Deserialize, Serialize};

pub use explain::{AccrualDay, explain};
pub use position::{Position, Reading};

use super::earned::Earned;
use super::funds::InsufficientFunds;
use super::rates::{Index, RateSchedule};
use crate::aggregate::{Aggregate, Decider};
use crate::error::{Class, Classify};
use crate::ids::{IdError, OperationId, PositionId, stored_as_text};

/// A savings position. Streams `savings#<customer>#<product>`.
#[derive(Debug)]
pub struct Savings;

/// Where interest goes when it is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum PayoutDestination {
    /// Into the position, where it earns as well.
    #[default]
    Reinvest,
    /// Into the customer's account in that asset.
    Account,
}

impl PayoutDestination {
    /// Every destination there is.
    pub const ALL: [Self; 2] = [Self::Reinvest, Self::Account];

    /// The name that is stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reinvest => "reinvest",
            Self::Account => "account",
        }
    }
}

impl fmt::Display for PayoutDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl FromStr for PayoutDestination {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::ALL.into_iter().find(|known| known.code() == text).ok_or(IdError::new("payout destination"))
    }
}

stored_as_text!(PayoutDestination);

/// What happened to one savings position.
///
/// These names are stored. Add a new version instead of changing one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum SavingsEvent {
    /// The position exists from here on.
    #[serde(rename = "savings.opened.v1")]
    Opened {
        /// The position itself.
        position: PositionId,
        /// What is saved.
        asset: Asset,
        /// Its first day.
        on: BusinessDate,
    },
    /// A week is over. What it earned is due.
    #[serde(rename = "savings.week-closed.v1")]
    WeekClosed {
        /// Which week.
        week: Week,
        /// What it earned, exactly.
        earned: Earned,
        /// The product's index at its end.
        index: Index,
    },
    /// Money came in or went out.
    #[serde(rename = "savings.balance-changed.v1")]
    BalanceChanged {
        /// What moved it.
        operation: OperationId,
        /// On which day. What lies there at the end of it earns it.
        on: BusinessDate,
        /// How much; less than nothing if it went out.
        amount: Money,
        /// What is saved after it.
        balance: Money,
        /// The product's index at the beginning of that day.
        index: Index,
        /// What the running week had earned until then, exactly.
        earned: Earned,
    },
    /// A week's interest was paid. Where it was reinvested, the balance changed in the same commit.
    #[serde(rename = "savings.yield-paid.v1")]
    YieldPaid {
        /// Which week.
        week: Week,
        /// What paid it.
        operation: OperationId,
        /// How much, in whole minor units.
        paid: Money,
        /// What is less than a minor unit, and is paid with a later week.
        carried: Earned,
        /// Where it went.
        to: PayoutDestination,
        /// All interest that was ever paid.
        paid_to_date: Money,
    },
    /// A week's interest, with what was carried, is less than a minor unit: it is paid with a later week.
    #[serde(rename = "savings.yield-carried.v1")]
    YieldCarried {
        /// Which week.
        week: Week,
        /// What is carried after it.
        carried: Earned,
    },
    /// The customer chose where interest goes from here on.
    #[serde(rename = "savings.payout-destination-chosen.v1")]
    PayoutDestinationChosen {
        /// Where.
        to: PayoutDestination,
    },
}

/// What the events of one position add up to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum SavingsState {
    /// Nothing was ever saved here.
    #[default]
    #[serde(rename = "n")]
    NotOpen,
    /// Something was.
    #[serde(rename = "o")]
    Open(Position),
}

impl SavingsState {
    /// The position, if there is one.
    #[must_use]
    pub const fn open(&self) -> Option<&Position> {
        match self {
            Self::NotOpen => None,
            Self::Open(position) => Some(position),
        }
    }
}

/// What may be asked of a position, on which day, and at which rates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavingsCommand {
    /// The day on which it is asked.
    pub today: BusinessDate,
    /// The product's rates.
    pub rates: RateSchedule,
    /// What is asked.
    pub order: SavingsOrder,
}

/// What may be asked of a position.
///
/// A position does not remember which operations it has seen, so the same sum put in twice is two sums. The operation's own
/// stream is the guard, as it is for accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SavingsOrder {
    /// Let money in, and open the position for it if need be.
    Put {
        /// The position itself.
        position: PositionId,
        /// What brings it in.
        operation: OperationId,
        /// How much comes in.
        amount: Money,
    },
    /// Let money out.
    Take {
        /// What takes it out.
        operation: OperationId,
        /// How much goes out.
        amount: Money,
    },
    /// Pay what this week earned. Weeks are paid in their order, and each of them once.
    PayYield {
        /// Which week.
        week: Week,
    },
    /// Have interest go there from here on.
    ChooseDestination {
        /// Where.
        to: PayoutDestination,
    },
}

/// Why a position says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SavingsError {
    /// Nothing was ever saved here.
    #[error("the savings position is not open")]
    NotOpen,
    /// The position is in something else.
    #[error("the position is in {held}, not {given}")]
    WrongAsset {
        /// What is saved.
        held: Asset,
        /// What the command brought.
        given: Asset,
    },
    /// Only more than nothing can move.
    #[error("the amount is not positive")]
    AmountNotPositive,
    /// Less is saved than is to go out.
    #[error(transparent)]
    Insufficient(#[from] InsufficientFunds),
    /// Weeks are paid in their order.
    #[error("{due} is to be paid first")]
    EarlierWeekDue {
        /// The first week that is due.
        due: Week,
    },
    /// A week is paid when it is over.
    #[error("{week} is not over")]
    WeekNotOver {
        /// The week that was to be paid.
        week: Week,
    },
    /// Another clock was ahead of this one when it last changed the position. This one will be there in a moment.
    #[error("the position was changed on {last}, which lies ahead")]
    Ahead {
        /// The day of the last change.
        last: BusinessDate,
    },
    /// The amounts do not add up to an amount.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Classify for SavingsError {
    fn class(&self) -> Class {
        match self {
            Self::NotOpen => Class::Rejected,
            Self::WrongAsset { .. } | Self::AmountNotPositive => Class::Invalid,
            Self::Insufficient(error) => error.class(),
            Self::EarlierWeekDue { .. } | Self::WeekNotOver { .. } | Self::Ahead { .. } => Class::Transient,
            Self::Money(_) => Class::Bug,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotOpen => "SAVINGS_NOT_OPEN",
            Self::WrongAsset { .. } => "SAVINGS_WRONG_ASSET",
            Self::AmountNotPositive => "SAVINGS_AMOUNT_NOT_POSITIVE",
            Self::Insufficient(error) => error.code(),
            Self::EarlierWeekDue { .. } => "SAVINGS_EARLIER_WEEK_DUE",
            Self::WeekNotOver { .. } => "SAVINGS_WEEK_NOT_OVER",
            Self::Ahead { .. } => "SAVINGS_AHEAD",
            Self::Money(error) => error.code(),
        }
    }
}

/// What happens to a position because of a command.
///
/// # Errors
///
/// See [`SavingsError`].
pub fn decide(state: &SavingsState, command: &SavingsCommand) -> Result<Vec<SavingsEvent>, SavingsError> {
    let SavingsCommand { today, rates, order } = command;
    match (state, order) {
        (SavingsState::Open(position), SavingsOrder::Put { operation, amount, .. }) => {
            position.changed(*today, rates, operation, positive(*amount)?)
        }
        (SavingsState::NotOpen, SavingsOrder::Put { position: id, operation, amount }) => {
            let asset = amount.asset();
            let opened = Position::new(id.clone(), asset, *today);
            let mut events = vec![SavingsEvent::Opened { position: id.clone(), asset, on: *today }];
            events.extend(opened.changed(*today, rates, operation, positive(*amount)?)?);
            Ok(events)
        }
        (SavingsState::Open(position), SavingsOrder::Take { operation, amount }) => {
            position.changed(*today, rates, operation, positive(*amount)?.checked_neg()?)
        }
        (SavingsState::Open(position), SavingsOrder::PayYield { week }) => position.paid(*today, rates, *week),
        (SavingsState::Open(position), SavingsOrder::ChooseDestination { to }) => {
            if position.to == *to {
                return Ok(vec![]);
            }
            let mut events = position.accrued(*today, rates)?.closed;
            events.push(SavingsEvent::PayoutDestinationChosen { to: *to });
            Ok(events)
        }
        (
            SavingsState::NotOpen,
            SavingsOrder::Take { .. } | SavingsOrder::PayYield { .. } | SavingsOrder::ChooseDestination { .. },
        ) => Err(SavingsError::NotOpen),
    }
}

fn positive(amount: Money) -> Result<Money, SavingsError> {
    if amount.is_positive() { Ok(amount) } else { Err(SavingsError::AmountNotPositive) }
}

/// The position after one more event.
#[must_use]
pub fn evolve(state: SavingsState, event: &SavingsEvent) -> SavingsState {
    match event {
        SavingsEvent::Opened { position, asset, on } => {
            SavingsState::Open(Position::new(position.clone(), *asset, *on))
        }
        SavingsEvent::WeekClosed { .. }
        | SavingsEvent::BalanceChanged { .. }
        | SavingsEvent::YieldPaid { .. }
        | SavingsEvent::YieldCarried { .. }
        | SavingsEvent::PayoutDestinationChosen { .. } => match state {
            SavingsState::Open(position) => SavingsState::Open(position.after(event)),
            SavingsState::NotOpen => SavingsState::NotOpen, // Never decided like this.
        },
    }
}

impl Aggregate for Savings {
    const KIND: &'static str = "savings";
    const STATE_VERSION: u32 = 1;

    type State = SavingsState;
    type Event = SavingsEvent;

    fn evolve(state: SavingsState, event: &SavingsEvent) -> SavingsState {
        evolve(state, event)
    }
}

impl Decider for Savings {
    type Command = SavingsCommand;
    type Error = SavingsError;

    fn decide(state: &SavingsState, command: &SavingsCommand) -> Result<Vec<SavingsEvent>, SavingsError> {
        decide(state, command)
    }
}

#[cfg(test)]
#[path = "savings_tests.rs"]
mod tests;
