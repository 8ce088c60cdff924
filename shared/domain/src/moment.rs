//! An instant, as events keep it.

use std::fmt;
use std::str::FromStr;

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};

use crate::ids::{IdError, stored_as_text};

const FORMAT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// When something happened, as an event keeps it: in UTC, to the millisecond, as text that sorts as time does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(OffsetDateTime);

impl Moment {
    /// The millisecond of this time.
    #[must_use]
    pub fn of(at: OffsetDateTime) -> Self {
        let at = at.to_offset(UtcOffset::UTC);
        Self(at.replace_millisecond(at.millisecond()).unwrap_or(at))
    }

    /// The time.
    #[must_use]
    pub const fn time(self) -> OffsetDateTime {
        self.0
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.format(FORMAT).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for Moment {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let parsed = PrimitiveDateTime::parse(text, FORMAT).map_err(|_| IdError::new("moment"))?;
        Ok(Self(parsed.assume_utc()))
    }
}

stored_as_text!(Moment);

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_moment_is_stored_to_the_millisecond_and_read_back() {
        let moment = Moment::of(datetime!(2026-11-20 13:04:05.678_901 +01:00));
        assert_eq!(moment.to_string(), "2026-11-20T12:04:05.678Z");
        assert_eq!("2026-11-20T12:04:05.678Z".parse(), Ok(moment));
        assert_eq!(moment.time(), datetime!(2026-11-20 12:04:05.678 UTC));
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in
            ["", "2026-11-20", "2026-11-20T12:04:05Z", "2026-11-20T12:04:05.678+01:00", "2026-13-20T12:04:05.678Z"]
        {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }
}
