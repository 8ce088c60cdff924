//! A payout computed again, from the strings that the graph gave and with big integers only.
//!
//! Nothing of the bank's own arithmetic may be used here: this is the second pair of eyes.

use num_bigint::{BigInt, Sign};
use time::{Date, format_description::BorrowedFormatItem, macros::format_description};

/// A year of 365 days in basis points: what a numerator of interest is divided by.
const DENOMINATOR: u32 = 3_650_000;
/// A yearly rate has at most this many decimals: 0.0001 is one basis point.
const RATE_DECIMALS: usize = 4;
const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// One day of a position, as the graph explains it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// `YYYY-MM-DD`.
    pub date: String,
    /// The balance at the day's end, a decimal.
    pub balance: String,
    /// The yearly rate, a decimal such as `0.12`.
    pub rate: String,
    /// What the graph says that the day earned, as a numerator.
    pub earned: String,
}

/// What a week came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Week {
    /// Its Monday.
    pub monday: Date,
    /// What its days earned together, with what was carried into it.
    pub due: BigInt,
    /// Whole units of it: what must have been paid.
    pub paid: BigInt,
    /// The rest, carried into the next week.
    pub carried: BigInt,
}

/// A decimal as a whole number of its smallest units; nothing may be lost.
///
/// # Errors
/// What is wrong with the text.
pub fn units(text: &str, decimals: usize) -> Result<BigInt, String> {
    let wrong = || format!("{text:?} is no decimal of at most {decimals} decimals");
    let (sign, digits) = text.strip_prefix('-').map_or((Sign::Plus, text), |digits| (Sign::Minus, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > decimals || !plain(whole) || !plain(fraction) {
        return Err(wrong());
    }
    let number = BigInt::parse_bytes(format!("{whole}{fraction:0<decimals$}").as_bytes(), 10).ok_or_else(wrong)?;
    Ok(if sign == Sign::Minus { -number } else { number })
}

/// A whole number of units as a decimal, as the graph writes it.
pub fn decimal(units: &BigInt, decimals: usize) -> String {
    let (sign, digits) =
        if units.sign() == Sign::Minus { ("-", (-units).to_string()) } else { ("", units.to_string()) };
    let padded = format!("{digits:0>width$}", width = decimals + 1);
    let (whole, fraction) = padded.split_at(padded.len() - decimals);
    format!("{sign}{whole}.{fraction}")
}

/// Adds up days week by week, in order, and carries the rests. The days are consecutive.
///
/// # Errors
/// When a text makes no sense, a day is missing, or a day earned something else than the graph says.
pub fn weeks(days: &[Day], decimals: usize) -> Result<Vec<Week>, String> {
    let mut weeks: Vec<Week> = Vec::new();
    let mut before: Option<Date> = None;
    for day in days {
        let date = Date::parse(&day.date, DATE).map_err(|_| format!("{:?} is no date", day.date))?;
        if before.is_some_and(|before| before.next_day() != Some(date)) {
            return Err(format!("{date} does not follow the day before it"));
        }
        before = Some(date);
        let earned = units(&day.balance, decimals)? * units(&day.rate, RATE_DECIMALS)?;
        if earned.to_string() != day.earned {
            return Err(format!("{date} earned {earned}, not {}", day.earned));
        }
        let back = i64::from(date.weekday().number_days_from_monday());
        let monday = date.saturating_sub(time::Duration::days(back));
        match weeks.last_mut().filter(|week| week.monday == monday) {
            Some(week) => week.due += earned,
            None => weeks.push(Week { monday, due: earned, paid: BigInt::ZERO, carried: BigInt::ZERO }),
        }
    }
    let mut carried = BigInt::ZERO;
    for week in &mut weeks {
        week.due += &carried;
        week.paid = &week.due / DENOMINATOR;
        week.carried = &week.due % DENOMINATOR;
        carried = week.carried.clone();
    }
    Ok(weeks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(date: &str, balance: &str, earned: &str) -> Day {
        Day { date: date.into(), balance: balance.into(), rate: "0.12".into(), earned: earned.into() }
    }

    #[test]
    fn a_decimal_is_read_and_written_to_the_last_unit() {
        for (text, decimals, read) in [("400", 6, "400000000"), ("0.000001", 6, "1"), ("-1.5", 2, "-150")] {
            assert_eq!(units(text, decimals).unwrap().to_string(), read);
        }
        for refused in ["", ".", ".5", "1,5", "1e3", "0.0000001", "--1", "+1", " 1"] {
            assert!(units(refused, 6).is_err(), "{refused}");
        }
        assert_eq!(decimal(&units("0.657534", 6).unwrap(), 6), "0.657534");
        assert_eq!(decimal(&units("-12.00", 2).unwrap(), 2), "-12.00");
    }

    #[test]
    fn weeks_begin_on_monday_and_carry_their_rests() {
        // Saturday to Monday: 400 USDC at 12 % earn 480,000,000,000 a day.
        let days = ["2026-11-21", "2026-11-22", "2026-11-23"].map(|date| day(date, "400.000000", "480000000000"));
        let weeks = weeks(&days, 6).unwrap();
        let seen: Vec<_> = weeks.iter().map(|it| format!("{} {} {}", it.monday, it.paid, it.carried)).collect();
        assert_eq!(seen, ["2026-11-16 263013 2550000", "2026-11-23 131507 2000000"]);
    }

    #[test]
    fn a_day_that_is_off_by_one_or_missing_is_found() {
        let off = [day("2026-11-21", "400.000000", "480000000001")];
        assert!(weeks(&off, 6).unwrap_err().contains("2026-11-21 earned 480000000000"));
        let hole = [day("2026-11-21", "1", "1200000000"), day("2026-11-23", "1", "1200000000")];
        assert!(weeks(&hole, 6).unwrap_err().contains("does not follow"));
    }
}
