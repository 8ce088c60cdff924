use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::{Date, Duration, Month, OffsetDateTime, UtcOffset, Weekday};

/// A text is not a day, or not a week, as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a date")]
pub struct DateError;

/// A day of the books: it begins and ends at 00:00 UTC, wherever anyone is.
///
/// Stored as `2026-11-20`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BusinessDate(Date);

impl BusinessDate {
    const LENGTH: usize = 10;

    /// The day that this moment belongs to.
    #[must_use]
    pub fn of(at: OffsetDateTime) -> Self {
        Self(at.to_offset(UtcOffset::UTC).date())
    }

    /// The calendar's date.
    #[must_use]
    pub const fn date(self) -> Date {
        self.0
    }

    /// The day after. The last day that there is has none and stays what it is.
    #[must_use]
    pub fn next(self) -> Self {
        self.plus_days(1)
    }

    /// The day before. The first day that there is has none and stays what it is.
    #[must_use]
    pub fn previous(self) -> Self {
        self.plus_days(-1)
    }

    /// So many days later, or earlier. The calendar ends some eight thousand years from now, and no day lies behind its end.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        let end = if days < 0 { Date::MIN } else { Date::MAX };
        let seconds = days.checked_mul(Duration::DAY.whole_seconds());
        Self(seconds.and_then(|seconds| self.0.checked_add(Duration::seconds(seconds))).unwrap_or(end))
    }

    /// How many days from this one to `later`; negative if that one is earlier.
    #[must_use]
    pub fn days_until(self, later: Self) -> i64 {
        i64::from(later.0.to_julian_day()).saturating_sub(i64::from(self.0.to_julian_day()))
    }

    /// The week that it belongs to.
    #[must_use]
    pub fn week(self) -> Week {
        Week::of(self)
    }
}

impl From<Date> for BusinessDate {
    fn from(date: Date) -> Self {
        Self(date)
    }
}

impl fmt::Display for BusinessDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.0.to_calendar_date();
        f.pad(&format!("{year:04}-{:02}-{day:02}", u8::from(month)))
    }
}

impl FromStr for BusinessDate {
    type Err = DateError;

    /// Reads the stored form only: a day has one text.
    fn from_str(text: &str) -> Result<Self, DateError> {
        let date = || {
            let [year, month, day] = numbers::<3>(text, Self::LENGTH)?;
            let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
            Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()
        };
        date().map(Self).filter(|date| date.to_string() == text).ok_or(DateError)
    }
}

/// A week of the books: Monday 00:00 UTC to the next Monday 00:00 UTC, counted as ISO 8601 does.
///
/// Stored as `2026-W47`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Week(BusinessDate); // Its Monday, so that weeks are ordered as their days are.

impl Week {
    const LENGTH: usize = 8;
    const DAYS: i64 = 7;

    /// The week that this day belongs to.
    #[must_use]
    pub fn of(date: BusinessDate) -> Self {
        Self(date.plus_days(-i64::from(date.0.weekday().number_days_from_monday())))
    }

    /// The week that ended last before this moment, or at it.
    #[must_use]
    pub fn last_over(at: OffsetDateTime) -> Self {
        Self::of(BusinessDate::of(at)).previous()
    }

    /// Its Monday.
    #[must_use]
    pub const fn first_day(self) -> BusinessDate {
        self.0
    }

    /// The Monday after it, which is the first day that it does not have.
    #[must_use]
    pub fn end(self) -> BusinessDate {
        self.0.plus_days(Self::DAYS)
    }

    /// The week after.
    #[must_use]
    pub fn next(self) -> Self {
        Self::of(self.end())
    }

    /// The week before.
    #[must_use]
    pub fn previous(self) -> Self {
        Self::of(self.0.previous())
    }

    /// Whether all of its days are, today.
    #[must_use]
    pub fn is_over(self, today: BusinessDate) -> bool {
        self.end() <= today
    }
}

impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, week, _) = self.0.0.to_iso_week_date();
        f.pad(&format!("{year:04}-W{week:02}"))
    }
}

impl FromStr for Week {
    type Err = DateError;

    /// Reads the stored form only: a week has one text.
    fn from_str(text: &str) -> Result<Self, DateError> {
        let monday = || {
            let (year, week) = text.split_once("-W")?;
            let [year, week] = numbers::<2>(&format!("{year}-{week}"), Self::LENGTH.saturating_sub(1))?;
            Date::from_iso_week_date(i32::from(year), u8::try_from(week).ok()?, Weekday::Monday).ok()
        };
        let week = monday().map(|monday| Self(BusinessDate(monday)));
        week.filter(|week| week.to_string() == text).ok_or(DateError)
    }
}

/// The numbers between the hyphens of a text of this length.
fn numbers<const N: usize>(text: &str, length: usize) -> Option<[u16; N]> {
    if text.len() != length {
        return None;
    }
    let numbers: Option<Vec<u16>> = text.split('-').map(|number| number.parse().ok()).collect();
    numbers?.try_into().ok()
}

/// Stores a type as the one text that `Display` writes and `FromStr` reads.
macro_rules! stored_as_text {
    ($($name:ty),+) => {$(
        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = DateError;

            fn try_from(text: String) -> Result<Self, DateError> {
                text.parse()
            }
        }
    )+};
}

stored_as_text!(BusinessDate, Week);

#[cfg(test)]
#[path = "date_tests.rs"]
mod tests;
