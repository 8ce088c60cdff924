use std::collections::BTreeMap;

use money::{Asset, BusinessDate, Money, Week};
use serde::{Deserialize, Serialize};

use super::{PayoutDestination, SavingsError, SavingsEvent};
use crate::ids::{OperationId, PositionId};
use crate::ledger::earned::Earned;
use crate::ledger::funds::InsufficientFunds;
use crate::ledger::rates::{Index, RateSchedule};

/// What is saved, and what it had earned when it last changed. Together with the rates this tells what it has earned at any
/// later moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The position itself.
    #[serde(rename = "i")]
    pub id: PositionId,
    /// Its first day.
    #[serde(rename = "s")]
    pub opened_on: BusinessDate,
    /// What is saved.
    #[serde(rename = "b")]
    pub balance: Money,
    /// The first day that `earned` does not count.
    #[serde(rename = "t")]
    pub accrued_to: BusinessDate,
    /// The product's index at the beginning of that day.
    #[serde(rename = "x")]
    pub index: Index,
    /// What the week of that day had earned before it, exactly.
    #[serde(rename = "e")]
    pub earned: Earned,
    /// What each closed week earned that is not paid.
    #[serde(rename = "d", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub due: BTreeMap<Week, Earned>,
    /// What paid weeks earned beyond whole minor units.
    #[serde(rename = "c")]
    pub carried: Earned,
    /// All interest that was ever paid.
    #[serde(rename = "p")]
    pub paid_to_date: Money,
    /// The last week that was paid.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub paid_through: Option<Week>,
    /// Where interest goes.
    #[serde(rename = "o")]
    pub to: PayoutDestination,
}

/// A position as it stands on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What is saved.
    pub principal: Money,
    /// Everything that was earned and is not paid: what is carried, what is due, and the running week.
    pub earned: Earned,
    /// What each week earned that is over and not paid.
    pub due: BTreeMap<Week, Earned>,
    /// What the running week has earned on the days of it that are over.
    pub running: Earned,
    /// What paid weeks earned beyond whole minor units.
    pub carried: Earned,
    /// All interest that was ever paid.
    pub paid_to_date: Money,
    /// The day of the next payout. Today, where one is due.
    pub next_payout: BusinessDate,
}

/// What time alone has done to a position.
pub(super) struct Accrued {
    /// The weeks that are over by now and were not closed.
    pub closed: Vec<SavingsEvent>,
    /// The index at the beginning of today.
    pub index: Index,
    /// What the running week has earned before today.
    pub earned: Earned,
}

impl Position {
    /// A position that nothing was put into yet. What nothing earns does not depend on the index.
    pub(super) const fn new(id: PositionId, asset: Asset, on: BusinessDate) -> Self {
        Self {
            id,
            opened_on: on,
            balance: Money::zero(asset),
            accrued_to: on,
            index: Index::new(0),
            earned: Earned::ZERO,
            due: BTreeMap::new(),
            carried: Earned::ZERO,
            paid_to_date: Money::zero(asset),
            paid_through: None,
            to: PayoutDestination::Reinvest,
        }
    }

    /// The position on this day. Reading it changes nothing, and closing it there would show the same.
    ///
    /// # Errors
    ///
    /// The position was changed on a later day, or what it earned does not fit.
    pub fn read(&self, today: BusinessDate, rates: &RateSchedule) -> Result<Reading, SavingsError> {
        let accrued = self.accrued(today, rates)?;
        let Self { balance, due, carried, paid_to_date, .. } = self.with(&accrued.closed);
        let unpaid = carried.checked_add(accrued.earned)?;
        let earned = due.values().try_fold(unpaid, |sum, week| sum.checked_add(*week))?;
        let next = due.first_key_value().map_or(today.week(), |(week, _)| *week).end();
        Ok(Reading {
            principal: balance,
            earned,
            due,
            running: accrued.earned,
            carried,
            paid_to_date,
            next_payout: next.max(today),
        })
    }

    /// The first week that is over and not paid, if any is.
    ///
    /// # Errors
    ///
    /// See [`Position::read`].
    pub fn next_due(&self, today: BusinessDate, rates: &RateSchedule) -> Result<Option<Week>, SavingsError> {
        let position = self.with(&self.accrued(today, rates)?.closed);
        Ok(position.due.first_key_value().map(|(week, _)| *week))
    }

    /// Closes every week that is over today. A week that earned nothing leaves no trace.
    pub(super) fn accrued(&self, today: BusinessDate, rates: &RateSchedule) -> Result<Accrued, SavingsError> {
        if today < self.accrued_to {
            return Err(SavingsError::Ahead { last: self.accrued_to });
        }
        let (mut week, mut index, mut earned) = (self.accrued_to.week(), self.index, self.earned);
        let mut closed = Vec::new();
        while week.is_over(today) {
            let at_end = rates.index(week.end());
            earned = earned.checked_add(Earned::by(self.balance, index, at_end)?)?;
            if !earned.is_zero() {
                closed.push(SavingsEvent::WeekClosed { week, earned, index: at_end });
            }
            (week, index, earned) = (week.next(), at_end, Earned::ZERO);
        }
        let now = rates.index(today);
        Ok(Accrued { closed, index: now, earned: earned.checked_add(Earned::by(self.balance, index, now)?)? })
    }

    /// So much more is saved from today on, or less.
    pub(super) fn changed(
        &self,
        today: BusinessDate,
        rates: &RateSchedule,
        operation: &OperationId,
        amount: Money,
    ) -> Result<Vec<SavingsEvent>, SavingsError> {
        if amount.asset() != self.balance.asset() {
            return Err(SavingsError::WrongAsset { held: self.balance.asset(), given: amount.asset() });
        }
        let balance = self.balance.checked_add(amount)?;
        if balance.is_negative() {
            return Err(InsufficientFunds.into());
        }
        let Accrued { closed: mut events, index, earned } = self.accrued(today, rates)?;
        let operation = operation.clone();
        events.push(SavingsEvent::BalanceChanged { operation, on: today, amount, balance, index, earned });
        Ok(events)
    }

    /// What a week earned is paid, if it earned anything and was not paid before.
    pub(super) fn paid(
        &self,
        today: BusinessDate,
        rates: &RateSchedule,
        week: Week,
    ) -> Result<Vec<SavingsEvent>, SavingsError> {
        if !week.is_over(today) {
            return Err(SavingsError::WeekNotOver { week });
        }
        let Accrued { closed: mut events, index, earned } = self.accrued(today, rates)?;
        let due = self.with(&events).due;
        if let Some((first, _)) = due.first_key_value().filter(|(first, _)| **first < week) {
            return Err(SavingsError::EarlierWeekDue { due: *first });
        }
        let Some(of_week) = due.get(&week) else {
            return Ok(vec![]); // A redelivery, a second runner, or a week that earned nothing.
        };
        let (paid, carried) = of_week.checked_add(self.carried)?.whole_units(self.balance.asset());
        if paid.is_zero() {
            events.push(SavingsEvent::YieldCarried { week, carried });
            return Ok(events);
        }
        let (to, operation) = (self.to, OperationId::of_payout(&self.id, week));
        let paid_to_date = self.paid_to_date.checked_add(paid)?;
        events.push(SavingsEvent::YieldPaid { week, operation: operation.clone(), paid, carried, to, paid_to_date });
        match to {
            PayoutDestination::Account => {}
            PayoutDestination::Reinvest => {
                let balance = self.balance.checked_add(paid)?;
                events.push(SavingsEvent::BalanceChanged {
                    operation,
                    on: today,
                    amount: paid,
                    balance,
                    index,
                    earned,
                });
            }
        }
        Ok(events)
    }

    fn with(&self, events: &[SavingsEvent]) -> Self {
        events.iter().fold(self.clone(), Self::after)
    }

    /// The position after one more event.
    pub(super) fn after(mut self, event: &SavingsEvent) -> Self {
        match event {
            SavingsEvent::Opened { position, asset, on } => return Self::new(position.clone(), *asset, *on),
            SavingsEvent::WeekClosed { week, earned, index } => {
                self.due.insert(*week, *earned);
                (self.accrued_to, self.index, self.earned) = (week.end(), *index, Earned::ZERO);
            }
            SavingsEvent::BalanceChanged { on, balance, index, earned, .. } => {
                self.balance = *balance;
                (self.accrued_to, self.index, self.earned) = (*on, *index, *earned);
            }
            SavingsEvent::YieldPaid { week, carried, paid_to_date, .. } => {
                self.due.remove(week);
                (self.carried, self.paid_to_date, self.paid_through) = (*carried, *paid_to_date, Some(*week));
            }
            SavingsEvent::YieldCarried { week, carried } => {
                self.due.remove(week);
                (self.carried, self.paid_through) = (*carried, Some(*week));
            }
            SavingsEvent::PayoutDestinationChosen { to } => self.to = *to,
        }
        self
    }
}
