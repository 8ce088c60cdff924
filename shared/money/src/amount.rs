use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Asset, MoneyError};

/// How many digits a typed amount may have. Any number of so many digits fits in 128 bits, and in a DynamoDB number.
pub const DIGITS_MAX: usize = 38;

/// An exact amount: so many of the asset's smallest unit.
///
/// It is stored as `"GBP 100000"`: the asset and the count of minor units, which no reader can mistake for a float.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Money {
    asset: Asset,
    units: i128,
}

impl Money {
    /// So many of the asset's smallest unit.
    #[must_use]
    pub const fn new(asset: Asset, units: i128) -> Self {
        Self { asset, units }
    }

    /// Nothing, in this asset.
    #[must_use]
    pub const fn zero(asset: Asset) -> Self {
        Self::new(asset, 0)
    }

    /// Reads what people and partners write: `1000`, `1000.5`, `-0.01`.
    ///
    /// # Errors
    ///
    /// Anything else is refused: a plus sign, an exponent, separators, blanks, more decimals than the asset has,
    /// more than [`DIGITS_MAX`] digits, or what does not fit.
    pub fn parse(asset: Asset, text: &str) -> Result<Self, MoneyError> {
        let (is_negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) =
            unsigned.split_once('.').map_or((unsigned, None), |(whole, fraction)| (whole, Some(fraction)));
        if !is_digits(whole) || !fraction.is_none_or(is_digits) {
            return Err(MoneyError::NotANumber);
        }
        let fraction = fraction.unwrap_or_default();
        let Some(missing) = usize::from(asset.decimals()).checked_sub(fraction.len()) else {
            return Err(MoneyError::OverPrecise { asset, text_decimals: fraction.len() });
        };
        if whole.len().saturating_add(fraction.len()) > DIGITS_MAX {
            return Err(MoneyError::Overflow);
        }
        let digits = whole.bytes().chain(fraction.bytes()).chain(std::iter::repeat_n(b'0', missing));
        let units = digits
            .map(|digit| i128::from(digit.wrapping_sub(b'0')))
            .try_fold(0_i128, |units, digit| units.checked_mul(10)?.checked_add(digit))
            .ok_or(MoneyError::Overflow)?;
        Ok(Self::new(asset, if is_negative { -units } else { units }))
    }

    /// Writes the amount with all of the asset's decimals: `1000.00`.
    #[must_use]
    pub fn to_decimal_string(self) -> String {
        let sign = if self.is_negative() { "-" } else { "" };
        let width = usize::from(self.asset.decimals());
        let scale = 10_u128.pow(u32::from(self.asset.decimals()));
        let units = self.units.unsigned_abs();
        format!("{sign}{}.{:0>width$}", units / scale, units % scale)
    }

    /// What it is an amount of.
    #[must_use]
    pub const fn asset(self) -> Asset {
        self.asset
    }

    /// How many of the asset's smallest unit.
    #[must_use]
    pub const fn units(self) -> i128 {
        self.units
    }

    /// Whether it is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.units == 0
    }

    /// Whether it is more than nothing.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.units > 0
    }

    /// Whether it is less than nothing.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.units < 0
    }

    /// The sum of two amounts of one asset.
    ///
    /// # Errors
    ///
    /// The assets differ, or the sum does not fit.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_asset(other)?;
        self.units.checked_add(other.units).map(|units| Self::new(self.asset, units)).ok_or(MoneyError::Overflow)
    }

    /// The difference of two amounts of one asset.
    ///
    /// # Errors
    ///
    /// The assets differ, or the difference does not fit.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same_asset(other)?;
        self.units.checked_sub(other.units).map(|units| Self::new(self.asset, units)).ok_or(MoneyError::Overflow)
    }

    /// The same amount with the other sign.
    ///
    /// # Errors
    ///
    /// The smallest 128-bit integer has no counterpart.
    pub fn checked_neg(self) -> Result<Self, MoneyError> {
        self.units.checked_neg().map(|units| Self::new(self.asset, units)).ok_or(MoneyError::Overflow)
    }

    fn same_asset(self, other: Self) -> Result<(), MoneyError> {
        if self.asset == other.asset {
            Ok(())
        } else {
            Err(MoneyError::AssetMismatch { left: self.asset, right: other.asset })
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_decimal_string(), self.asset)
    }
}

impl From<Money> for String {
    fn from(money: Money) -> Self {
        format!("{} {}", money.asset, money.units)
    }
}

impl TryFrom<String> for Money {
    type Error = MoneyError;

    /// Reads the stored form, and only exactly as it is written: one amount has one text, so hashes over it are stable.
    fn try_from(text: String) -> Result<Self, MoneyError> {
        let (asset, units) = text.split_once(' ').ok_or(MoneyError::NotANumber)?;
        let money = Self::new(asset.parse()?, units.parse().map_err(|_| MoneyError::NotANumber)?);
        if String::from(money) == text { Ok(money) } else { Err(MoneyError::NotANumber) }
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
#[path = "amount_tests.rs"]
mod tests;
