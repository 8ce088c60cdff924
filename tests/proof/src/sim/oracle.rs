//! Interest, day by day in big integers, from what was moved and when. It shares nothing with the bank's arithmetic.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use time::{Date, Duration, Weekday};

/// A year of 365 days in basis points.
const DENOMINATOR: u32 = 3_650_000;

/// A change of what is saved: on which day, and by how much.
pub type Change = (Date, i128);

/// What a position must have come to.
#[derive(Debug, PartialEq, Eq)]
pub struct Expected {
    /// What each week that is over pays, in whole units, by its Monday; weeks that pay nothing are not here.
    pub payouts: BTreeMap<Date, i128>,
    /// What is earned and not paid, as a numerator.
    pub earned: BigInt,
}

/// Walks every day from the first change to the day before `today`.
///
/// The weeks in `paid` were paid, the others are due.
pub fn walk(changes: &[Change], rate: u32, today: Date, paid: &[Date]) -> Expected {
    let mut expected = Expected { payouts: BTreeMap::new(), earned: BigInt::ZERO };
    let Some(first) = changes.iter().map(|(on, _)| *on).min() else { return expected };
    let mut weeks: BTreeMap<Date, BigInt> = BTreeMap::new();
    let (mut day, mut balance) = (first, 0_i128);
    while day < today {
        balance += changes.iter().filter(|(on, _)| *on == day).map(|(_, units)| units).sum::<i128>();
        *weeks.entry(monday(day)).or_default() += BigInt::from(balance) * rate;
        day += Duration::DAY;
    }
    let mut carried = BigInt::ZERO;
    for (week, earned) in weeks {
        let is_paid = paid.contains(&week);
        if week + Duration::WEEK > today || !is_paid {
            expected.earned += earned;
            continue;
        }
        let due = carried + earned;
        let units = i128::try_from(&due / DENOMINATOR).unwrap();
        carried = due % DENOMINATOR;
        if units > 0 {
            expected.payouts.insert(week, units);
        }
    }
    expected.earned += carried;
    expected
}

/// The Monday of a day's week.
pub fn monday(day: Date) -> Date {
    day - Duration::days(i64::from(day.weekday().number_days_from_monday()))
}

/// The Monday of `2026-W47`.
pub fn of_week(text: &str) -> Date {
    let (year, week) = text.split_once("-W").unwrap();
    Date::from_iso_week_date(year.parse().unwrap(), week.parse().unwrap(), Weekday::Monday).unwrap()
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn four_hundred_dollars_over_a_week_end() {
        // Saturday and Sunday pay 263013 and carry 2,550,000; Monday has earned 480,000,000,000 by Tuesday.
        let changes = [(date!(2026 - 11 - 21), 400_000_000)];
        let paid = [date!(2026 - 11 - 16)];
        let expected = walk(&changes, 1_200, date!(2026 - 11 - 24), &paid);
        assert_eq!(expected.payouts, [(paid[0], 263_013)].into());
        assert_eq!(expected.earned, BigInt::from(480_000_000_000_i64 + 2_550_000));
        let unpaid = walk(&changes, 1_200, date!(2026 - 11 - 24), &[]);
        assert_eq!((unpaid.payouts.len(), unpaid.earned), (0, BigInt::from(1_440_000_000_000_i64)));
    }
}
