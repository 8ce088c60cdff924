//! Interest to the last fraction: minor units times basis points times days, over 3,650,000.

use std::fmt;
use std::str::FromStr;

use money::{Asset, Money, MoneyError};

use super::rates::Index;
use crate::ids::stored_as_text;

/// What was earned, exactly. The numerator counts 3,650,000ths of the asset's smallest unit, as a day of one basis point
/// earns one 10,000th of one 365th.
///
/// It is stored as the numerator's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Earned(i128);

impl Earned {
    /// What one of the numerator stands for: 10,000 basis points times 365 days, in leap years too.
    pub const DENOMINATOR: i128 = 3_650_000;
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many 3,650,000ths of a minor unit.
    #[must_use]
    pub const fn from_numerator(numerator: i128) -> Self {
        Self(numerator)
    }

    /// What a balance earned while the index went from `from` to `to`.
    ///
    /// # Errors
    ///
    /// It does not fit.
    pub fn by(balance: Money, from: Index, to: Index) -> Result<Self, MoneyError> {
        let days = i128::from(to.basis_point_days()).checked_sub(i128::from(from.basis_point_days()));
        days.and_then(|days| balance.units().checked_mul(days)).map(Self).ok_or(MoneyError::Overflow)
    }

    /// The numerator.
    #[must_use]
    pub const fn numerator(self) -> i128 {
        self.0
    }

    /// Whether it is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Both together.
    ///
    /// # Errors
    ///
    /// It does not fit.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.0.checked_add(other.0).map(Self).ok_or(MoneyError::Overflow)
    }

    /// The whole minor units in it, rounded down, and what is left.
    #[must_use]
    pub const fn whole_units(self, asset: Asset) -> (Money, Self) {
        let units = self.0.div_euclid(Self::DENOMINATOR);
        (Money::new(asset, units), Self(self.0.rem_euclid(Self::DENOMINATOR)))
    }
}

impl fmt::Display for Earned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Earned {
    type Err = MoneyError;

    /// Reads the stored form only: one sum has one text.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let numerator: i128 = text.parse().map_err(|_| MoneyError::NotANumber)?;
        if numerator.to_string() == text { Ok(Self(numerator)) } else { Err(MoneyError::NotANumber) }
    }
}

stored_as_text!(Earned);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{any_asset, survives_storage};

    #[test]
    fn a_year_of_twelve_percent_earns_twelve_percent() {
        let thousand = Money::new(Asset::Usdc, 1_000_000_000);
        let earned = Earned::by(thousand, Index::new(7), Index::new(7 + 1_200 * 365)).unwrap();
        assert_eq!(earned.whole_units(Asset::Usdc), (Money::new(Asset::Usdc, 120_000_000), Earned::ZERO));
    }

    #[test]
    fn whole_units_are_rounded_down_and_the_rest_is_kept() {
        let sum = Earned::from_numerator(2 * Earned::DENOMINATOR - 1);
        assert_eq!(
            sum.whole_units(Asset::Btc),
            (Money::new(Asset::Btc, 1), Earned::from_numerator(Earned::DENOMINATOR - 1))
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let most = Money::new(Asset::Eth, i128::MAX);
        assert_eq!(Earned::by(most, Index::new(0), Index::new(2)), Err(MoneyError::Overflow));
        let one = Earned::from_numerator(1);
        assert_eq!(Earned::from_numerator(i128::MAX).checked_add(one), Err(MoneyError::Overflow));
    }

    #[test]
    fn a_sum_is_stored_as_its_numerator_and_has_one_text() {
        assert_eq!(serde_json::to_string(&Earned::from_numerator(1_234)).unwrap(), r#""1234""#);
        for text in ["", "+1", "01", "-0", "1.0", "1e3", " 1", "0x1"] {
            assert_eq!(text.parse::<Earned>(), Err(MoneyError::NotANumber), "{text:?}");
        }
        assert!(serde_json::from_str::<Earned>("1234").is_err());
    }

    proptest! {
        #[test]
        fn splitting_loses_nothing(numerator in 0..i128::MAX, asset in any_asset()) {
            let (whole, left) = Earned::from_numerator(numerator).whole_units(asset);
            prop_assert_eq!(whole.units() * Earned::DENOMINATOR + left.numerator(), numerator);
            prop_assert!((0..Earned::DENOMINATOR).contains(&left.numerator()));
            prop_assert!(survives_storage(&left));
        }
    }
}
