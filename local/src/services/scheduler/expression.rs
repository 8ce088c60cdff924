//! When a schedule is due: `cron(…)`, `rate(…)` and `at(…)`, always in UTC.

use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

const MINUTE_MS: i64 = 60_000;
const CRON_FIELDS: usize = 6;
const YEARS: std::ops::RangeInclusive<u32> = 1970..=2199;
const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 8] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", "L"];
/// The last day of the week, as AWS counts: from Sunday, which is 1.
const SATURDAY: &str = "7";

/// A schedule's expression, understood.
#[derive(Debug, Clone)]
pub struct Expression(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Cron(Box<Cron>),
    Rate { every_ms: i64 },
    Once { at_ms: i64 },
}

impl Expression {
    /// Reads an expression as AWS would, and refuses what AWS would refuse.
    ///
    /// # Errors
    /// A text that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let inside = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
        let kind = if let Some(fields) = inside("cron") {
            cron(fields)?
        } else if let Some(rate) = inside("rate") {
            Kind::Rate { every_ms: every_ms(rate)? }
        } else if let Some(at) = inside("at") {
            let at: DateTime = at.parse().map_err(|error| format!("{at:?} is no time: {error}"))?;
            Kind::Once { at_ms: ms(at).ok_or("is out of range")? }
        } else {
            return Err("is none of cron(…), rate(…) and at(…)".to_owned());
        };
        Ok(Self(kind))
    }

    /// The first time that a schedule is due which was made at this moment. A rate begins at once, as in AWS.
    #[must_use]
    pub fn first(&self, made_at_ms: i64) -> Option<i64> {
        match &self.0 {
            Kind::Cron(cron) => next(cron, made_at_ms),
            Kind::Rate { .. } => Some(made_at_ms),
            Kind::Once { at_ms } => Some(*at_ms).filter(|at_ms| *at_ms > made_at_ms),
        }
    }

    /// The next time after one that was due.
    #[must_use]
    pub fn after(&self, due_ms: i64) -> Option<i64> {
        match &self.0 {
            Kind::Cron(cron) => next(cron, due_ms),
            Kind::Rate { every_ms } => due_ms.checked_add(*every_ms),
            Kind::Once { .. } => None,
        }
    }
}

fn next(cron: &Cron, after_ms: i64) -> Option<i64> {
    let after = Timestamp::from_millisecond(after_ms).ok()?.to_zoned(TimeZone::UTC).datetime();
    ms(cron.find_next_occurrence(&after, false).ok()?)
}

fn ms(at: DateTime) -> Option<i64> {
    Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

fn every_ms(rate: &str) -> Result<i64, String> {
    let refused = || format!("rate({rate}) is not a whole number above 0 and one of minutes, hours, days");
    let (count, unit) = rate.trim().split_once(' ').ok_or_else(refused)?;
    let unit_ms = match unit.trim() {
        "minute" | "minutes" => MINUTE_MS,
        "hour" | "hours" => 60 * MINUTE_MS,
        "day" | "days" => 24 * 60 * MINUTE_MS,
        _ => return Err(refused()),
    };
    let count = count.parse::<u32>().ok().filter(|count| *count > 0).ok_or_else(refused)?;
    Ok(i64::from(count).saturating_mul(unit_ms))
}

/// The library knows more than AWS does, so what AWS has not is refused first.
fn cron(text: &str) -> Result<Kind, String> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let &[minutes, hours, day, month, weekday, year] = fields.as_slice() else {
        return Err(format!("cron({text}) has {} fields, not {CRON_FIELDS}", fields.len()));
    };
    let allowed: [(&str, &str, &[&str]); CRON_FIELDS] = [
        (minutes, ",-*/", &[]),
        (hours, ",-*/", &[]),
        (day, ",-*?/", &["L", "W", "LW"]),
        (month, ",-*/", &MONTHS),
        (weekday, ",-*?/#", &DAYS),
        (year, ",-*/", &[]),
    ];
    for (field, signs, words) in allowed {
        let known = |c: char| c.is_ascii_alphanumeric() || signs.contains(c);
        let word = |word: &str| word.is_empty() || words.contains(&word.to_ascii_uppercase().as_str());
        let whole = field.split(',').all(|part| !part.is_empty() && !part.starts_with('/'));
        if !(whole && field.chars().all(known) && field.split(|c: char| !c.is_ascii_alphabetic()).all(word)) {
            return Err(format!("cron({text}): {field:?} is not understood"));
        }
    }
    if (day == "?") == (weekday == "?")
        || (day.len() > 1 && day.contains('?'))
        || weekday.len() > 1 && weekday.contains('?')
    {
        return Err(format!("cron({text}): exactly one of day-of-month and day-of-week must be ?"));
    }
    if weekday.contains('#') && weekday.contains(',') {
        return Err(format!("cron({text}): # allows one day-of-week only"));
    }
    let within = |year: &str| year == "*" || year.parse().is_ok_and(|year| YEARS.contains(&year));
    let years = |part: &str| part.split('/').next().is_some_and(|range| range.split('-').all(within));
    if !year.split(',').all(years) {
        return Err(format!("cron({text}): years are from {} to {}", YEARS.start(), YEARS.end()));
    }
    let weekday = if weekday.eq_ignore_ascii_case("L") { SATURDAY } else { weekday };
    let parser = CronParser::builder()
        .seconds(Seconds::Required)
        .year(Year::Required)
        .alternative_weekdays(true)
        .sloppy_ranges(true)
        .build();
    let parsed = parser.parse(&format!("0 {minutes} {hours} {day} {month} {weekday} {year}"));
    parsed.map(|cron| Kind::Cron(Box::new(cron))).map_err(|error| format!("cron({text}): {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-20T12:00:00Z, a Friday.
    const FRIDAY: &str = "2026-11-20T12:00:00Z";

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    /// The first times from Friday on.
    fn times(expression: &str, count: usize) -> Vec<String> {
        let expression = Expression::parse(expression).unwrap();
        let first = expression.first(at(FRIDAY));
        std::iter::successors(first, |due| expression.after(*due))
            .take(count)
            .map(|due| Timestamp::from_millisecond(due).unwrap().to_string())
            .collect()
    }

    #[test]
    fn days_of_the_week_count_from_sunday_which_is_one() {
        let mondays = ["2026-11-23T01:00:00Z", "2026-11-30T01:00:00Z"];
        assert_eq!(times("cron(0 1 ? * MON *)", 2), mondays);
        assert_eq!(times("cron(0 1 ? * 2 *)", 2), mondays);
        assert_eq!(times("cron(0 1 ? * 1 *)", 1), ["2026-11-22T01:00:00Z"]);
        assert_eq!(times("cron(0 1 ? * SAT *)", 1), times("cron(0 1 ? * 7 *)", 1));
        assert_eq!(times("cron(0 1 ? * L *)", 2), ["2026-11-21T01:00:00Z", "2026-11-28T01:00:00Z"]);
        assert_eq!(
            times("cron(0 18 ? * MON-FRI *)", 3),
            ["2026-11-20T18:00:00Z", "2026-11-23T18:00:00Z", "2026-11-24T18:00:00Z"]
        );
    }

    #[test]
    fn the_nth_and_the_last_day_of_the_week_within_a_month() {
        assert_eq!(times("cron(0 9 ? * 3#2 *)", 2), ["2026-12-08T09:00:00Z", "2027-01-12T09:00:00Z"]);
        assert_eq!(times("cron(15 10 ? * 6L 2026-2027)", 2), ["2026-11-27T10:15:00Z", "2026-12-25T10:15:00Z"]);
    }

    #[test]
    fn the_last_day_and_the_nearest_weekday_of_a_month() {
        assert_eq!(times("cron(0 0 L * ? *)", 2), ["2026-11-30T00:00:00Z", "2026-12-31T00:00:00Z"]);
        assert_eq!(
            times("cron(0 0 LW * ? *)", 3),
            ["2026-11-30T00:00:00Z", "2026-12-31T00:00:00Z", "2027-01-29T00:00:00Z"]
        );
        // 2026-11-21 is a Saturday, 2026-12-20 a Sunday, and 2027-05-01 a Saturday whose Friday is in another month.
        assert_eq!(times("cron(0 13 21W 11 ? 2026)", 2), ["2026-11-20T13:00:00Z"]);
        assert_eq!(times("cron(0 0 20W 12 ? *)", 1), ["2026-12-21T00:00:00Z"]);
        assert_eq!(times("cron(0 0 1W 5 ? *)", 1), ["2027-05-03T00:00:00Z"]);
    }

    #[test]
    fn steps_lists_and_years() {
        assert_eq!(
            times("cron(0/15 12 * * ? *)", 4),
            ["2026-11-20T12:15:00Z", "2026-11-20T12:30:00Z", "2026-11-20T12:45:00Z", "2026-11-21T12:00:00Z"]
        );
        assert_eq!(times("cron(0 8 1 jan,JUL ? 2028)", 3), ["2028-01-01T08:00:00Z", "2028-07-01T08:00:00Z"]);
        assert_eq!(times("cron(0 0 29 2 ? *)", 2), ["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"]);
    }

    #[test]
    fn a_rate_begins_at_once_and_a_single_time_comes_once() {
        assert_eq!(times("rate(90 minutes)", 2), [FRIDAY, "2026-11-20T13:30:00Z"]);
        assert_eq!(times("rate(1 day)", 2), [FRIDAY, "2026-11-21T12:00:00Z"]);
        assert_eq!(times("at(2026-11-20T12:00:01)", 2), ["2026-11-20T12:00:01Z"]);
        assert_eq!(times("at(2026-11-20T12:00:00)", 1), Vec::<String>::new());
    }

    #[test]
    fn what_aws_refuses_is_refused() {
        for refused in [
            "",
            "every day",
            "cron()",
            "cron(0 1 ? * MON)",
            "cron(0 0 1 ? * MON *)",
            "cron(0 1 * * * *)",
            "cron(0 1 ? * ? *)",
            "cron(0 1 1 * MON *)",
            "cron(0 1 ?,1 * MON *)",
            "cron(60 1 ? * MON *)",
            "cron(0 24 ? * MON *)",
            "cron(0 1 0 * ? *)",
            "cron(0 1 32 * ? *)",
            "cron(0 1 1 13 ? *)",
            "cron(0 1 1 SUN ? *)",
            "cron(0 1 ? * 0 *)",
            "cron(0 1 ? * 8 *)",
            "cron(0 1 ? * JAN *)",
            "cron(0 1 ? * +MON *)",
            "cron(0 1 ? * MON#6 *)",
            "cron(0 1 ? * MON#1,TUE#2 *)",
            "cron(0 1 1 * ? 1969)",
            "cron(0 1 1 * ? 2026-2200)",
            "cron(0 1 1 * ? two)",
            "cron(,0 1 1 * ? *)",
            "cron(/5 1 1 * ? *)",
            "cron(*/0 1 1 * ? *)",
            "cron(L 1 1 * ? *)",
            "cron(@daily 1 1 * ? *)",
            "rate(0 minutes)",
            "rate(-1 minutes)",
            "rate(5 seconds)",
            "rate(minutes)",
            "at(tomorrow)",
            "at(2026-11-20T12:00:00Z)",
        ] {
            assert!(Expression::parse(refused).is_err(), "{refused}");
        }
    }
}
