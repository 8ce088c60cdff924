use std::ops::Range;

use money::{BusinessDate, Money};

use super::SavingsError;
use crate::ledger::earned::Earned;
use crate::ledger::rates::{Index, Rate, RateSchedule};

/// What one day earned, and of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccrualDay {
    /// The day.
    pub date: BusinessDate,
    /// What was saved at its end.
    pub balance: Money,
    /// The rate that it earned, for a whole year.
    pub rate: Rate,
    /// What it earned, exactly.
    pub earned: Earned,
}

/// Explains what was earned, day by day.
///
/// `changes` are the balances that a position had after it changed, in the order in which it did; the last of a day is what
/// earns it. A day needs the last change before it as well. Days before the first change are left out. `days` must end no later
/// than today, as a day that is not over has no balance at its end.
///
/// # Errors
///
/// A sum does not fit.
pub fn explain(
    changes: &[(BusinessDate, Money)],
    rates: &RateSchedule,
    days: Range<BusinessDate>,
) -> Result<Vec<AccrualDay>, SavingsError> {
    let mut explained = Vec::new();
    let mut ahead = changes.iter().peekable();
    let mut balance = None;
    let mut date = days.start;
    while date < days.end {
        while let Some((_, after)) = ahead.next_if(|(on, _)| *on <= date) {
            balance = Some(*after);
        }
        if let Some(balance) = balance {
            let rate = rates.rate_on(date);
            let earned = Earned::by(balance, Index::new(0), Index::new(i64::from(rate.basis_points())))?;
            explained.push(AccrualDay { date, balance, rate, earned });
        }
        date = date.next();
    }
    Ok(explained)
}
