//! Yearly rates, and what they add up to day by day.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use money::BusinessDate;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use crate::ids::stored_as_text;

/// A yearly rate in whole basis points: 0.12 is 1200 of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(u32);

impl Rate {
    /// One hundred percent. Nothing that this bank offers comes near; a typing error does.
    const BASIS_POINTS_MAX: u32 = 10_000;

    /// So many hundredths of a percent, at most one hundred percent.
    ///
    /// # Errors
    ///
    /// [`RateError::TooHigh`].
    pub const fn try_from_basis_points(basis_points: u32) -> Result<Self, RateError> {
        if basis_points <= Self::BASIS_POINTS_MAX { Ok(Self(basis_points)) } else { Err(RateError::TooHigh) }
    }

    /// How many hundredths of a percent.
    #[must_use]
    pub const fn basis_points(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Rate {
    /// As a share of one, without zeros that say nothing: `0.12`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&Decimal::new(i64::from(self.0), 4).normalize().to_string())
    }
}

impl FromStr for Rate {
    type Err = RateError;

    /// Reads a share of one, exactly: a rate between two basis points is refused, not rounded.
    fn from_str(text: &str) -> Result<Self, RateError> {
        let share = Decimal::from_str_exact(text).map_err(|_| RateError::NotARate)?;
        let basis_points = share.checked_mul(Decimal::from(10_000)).ok_or(RateError::TooHigh)?;
        if !basis_points.is_integer() || basis_points.is_sign_negative() {
            return Err(RateError::NotARate);
        }
        basis_points.to_u32().ok_or(RateError::TooHigh).and_then(Self::try_from_basis_points)
    }
}

/// Why something is no rate, or no schedule of rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// The text is not a share of one in whole basis points.
    #[error("not a rate in whole basis points")]
    NotARate,
    /// More than one hundred percent.
    #[error("the rate is too high")]
    TooHigh,
    /// Without a rate nobody knows what is earned.
    #[error("a schedule has at least one rate")]
    NoRate,
    /// Each rate holds until the next one begins.
    #[error("the rates of a schedule begin one after the other")]
    OutOfOrder,
}

/// The sum of the daily basis points of all days before a date. What a unit earned between two dates is their difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Index(i64);

impl Index {
    /// With this sum.
    #[must_use]
    pub const fn new(basis_point_days: i64) -> Self {
        Self(basis_point_days)
    }

    /// The sum.
    #[must_use]
    pub const fn basis_point_days(self) -> i64 {
        self.0
    }
}

/// A rate and the first day that earns it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateStep {
    /// Its first day.
    pub from: BusinessDate,
    /// What a whole year of it earns.
    pub yearly: Rate,
}

/// All rates that a product ever had, has, and is known to have. What lies in the past never changes: it is on the books.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<RateStep>")]
pub struct RateSchedule(Arc<[RateStep]>);

impl RateSchedule {
    /// A schedule of these rates, each of which holds until the next begins.
    ///
    /// # Errors
    ///
    /// There is none, or they are not in the order of their first days.
    pub fn try_new(steps: Vec<RateStep>) -> Result<Self, RateError> {
        if steps.is_empty() {
            return Err(RateError::NoRate);
        }
        if !steps.iter().zip(steps.iter().skip(1)).all(|(step, next)| step.from < next.from) {
            return Err(RateError::OutOfOrder);
        }
        Ok(Self(steps.into()))
    }

    /// The rates, oldest first.
    #[must_use]
    pub fn steps(&self) -> &[RateStep] {
        &self.0
    }

    /// What this day earns, as a yearly rate. Nothing before the first rate begins.
    #[must_use]
    pub fn rate_on(&self, day: BusinessDate) -> Rate {
        self.0.iter().rev().find(|step| step.from <= day).map_or(Rate(0), |step| step.yearly)
    }

    /// The index at the beginning of this day.
    #[must_use]
    pub fn index(&self, date: BusinessDate) -> Index {
        let ends = self.0.iter().skip(1).map(|next| next.from.min(date)).chain(std::iter::once(date));
        // A day has at most 10,000 basis points and the calendar a few million days: the sum always fits.
        let of_step = |(step, end): (&RateStep, BusinessDate)| {
            i64::from(step.yearly.0).saturating_mul(step.from.days_until(end).max(0))
        };
        Index(self.0.iter().zip(ends).map(of_step).fold(0, i64::saturating_add))
    }
}

impl TryFrom<Vec<RateStep>> for RateSchedule {
    type Error = RateError;

    fn try_from(steps: Vec<RateStep>) -> Result<Self, RateError> {
        Self::try_new(steps)
    }
}

stored_as_text!(Rate);

#[cfg(test)]
#[path = "rates_tests.rs"]
mod tests;
