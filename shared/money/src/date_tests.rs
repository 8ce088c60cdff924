use proptest::prelude::*;
use time::macros::{date, datetime};

use super::*;

fn day(text: &str) -> BusinessDate {
    text.parse().unwrap()
}

fn week(text: &str) -> Week {
    text.parse().unwrap()
}

#[test]
fn a_day_ends_at_midnight_in_greenwich_wherever_it_is_asked() {
    assert_eq!(BusinessDate::of(datetime!(2026-11-20 23:59:59.999 UTC)), day("2026-11-20"));
    assert_eq!(BusinessDate::of(datetime!(2026-11-21 00:00 UTC)), day("2026-11-21"));
    assert_eq!(BusinessDate::of(datetime!(2026-11-21 00:30 +01:00)), day("2026-11-20"));
    assert_eq!(BusinessDate::of(datetime!(2026-11-20 20:00 -05:00)), day("2026-11-21"));
}

#[test]
fn a_day_has_one_text() {
    assert_eq!(day("2026-02-28").to_string(), "2026-02-28");
    assert_eq!(serde_json::to_string(&day("2026-02-28")).unwrap(), r#""2026-02-28""#);
    for text in [
        "",
        "2026",
        "2026-2-28",
        "2026-02-29",
        "2026-13-01",
        "2026-00-01",
        "2026-01-00",
        "20260228",
        "+026-02-28",
        "2026-02-28T00:00:00Z",
        "2026-02-+8",
        " 2026-02-28",
        "-026-02-28",
        "２026-02-2",
    ] {
        assert_eq!(text.parse::<BusinessDate>(), Err(DateError), "{text:?}");
    }
}

#[test]
fn leap_days_are_days() {
    assert_eq!(day("2028-02-28").next(), day("2028-02-29"));
    assert_eq!(day("2028-03-01").previous(), day("2028-02-29"));
    assert_eq!(day("2027-02-28").next(), day("2027-03-01"));
    assert_eq!(day("2028-01-01").days_until(day("2029-01-01")), 366);
    assert_eq!(day("2029-01-01").days_until(day("2028-01-01")), -366);
}

#[test]
fn the_calendar_has_ends_and_no_day_behind_them() {
    let (first, last) = (BusinessDate(Date::MIN), BusinessDate(Date::MAX));
    assert_eq!((first.previous(), last.next()), (first, last));
    assert_eq!((day("2026-01-01").plus_days(i64::MIN), day("2026-01-01").plus_days(i64::MAX)), (first, last));
}

#[test]
fn weeks_are_those_of_iso_8601() {
    for (text, of) in [
        ("2026-11-16", "2026-W47"),
        ("2026-11-22", "2026-W47"),
        ("2026-11-23", "2026-W48"),
        ("2026-01-01", "2026-W01"),
        ("2025-12-29", "2026-W01"),
        ("2025-12-28", "2025-W52"),
        ("2027-01-01", "2026-W53"),
        ("2027-01-04", "2027-W01"),
    ] {
        assert_eq!(day(text).week(), week(of), "{text}");
        assert_eq!(day(text).week().to_string(), of);
    }
}

#[test]
fn a_week_has_one_text() {
    assert_eq!(serde_json::to_string(&week("2026-W47")).unwrap(), r#""2026-W47""#);
    for text in
        ["", "2026-W00", "2025-W53", "2026-W54", "2026-47", "2026W47", "2026-W7", "2026-w47", "2026-W+7", "W47-2026"]
    {
        assert_eq!(text.parse::<Week>(), Err(DateError), "{text:?}");
    }
}

#[test]
fn a_week_is_over_when_its_sunday_is() {
    let week = week("2026-W47");
    assert_eq!((week.first_day(), week.end()), (day("2026-11-16"), day("2026-11-23")));
    assert!(!week.is_over(day("2026-11-22")));
    assert!(week.is_over(day("2026-11-23")));
}

#[test]
fn the_week_that_ended_last_is_the_one_before_the_running_one() {
    assert_eq!(Week::last_over(datetime!(2026-11-23 01:00 UTC)), week("2026-W47"));
    assert_eq!(Week::last_over(datetime!(2026-11-23 00:00 UTC)), week("2026-W47"));
    assert_eq!(Week::last_over(datetime!(2026-11-22 23:59:59 UTC)), week("2026-W46"));
    assert_eq!(Week::last_over(datetime!(2026-11-29 12:00 UTC)), week("2026-W47"));
}

/// The days of a few thousand years, which is more than any bank has lived.
fn any_day() -> impl Strategy<Value = BusinessDate> {
    let first = date!(1000 - 01 - 01).to_julian_day();
    (0_i32..2_000_000).prop_map(move |days| BusinessDate(Date::from_julian_day(first + days).unwrap()))
}

proptest! {
    #[test]
    fn days_and_weeks_survive_storage(day in any_day()) {
        prop_assert_eq!(day.to_string().parse(), Ok(day));
        prop_assert_eq!(day.week().to_string().parse(), Ok(day.week()));
        let stored = serde_json::to_string(&std::collections::BTreeMap::from([(day.week(), day)])).unwrap();
        prop_assert_eq!(
            serde_json::from_str::<std::collections::BTreeMap<Week, BusinessDate>>(&stored).unwrap(),
            std::collections::BTreeMap::from([(day.week(), day)])
        );
    }

    #[test]
    fn a_week_is_the_seven_days_from_its_monday(day in any_day()) {
        let week = day.week();
        prop_assert!(week.first_day() <= day && day < week.end());
        prop_assert_eq!(week.first_day().days_until(week.end()), 7);
        prop_assert_eq!(week.first_day().date().weekday(), Weekday::Monday);
        prop_assert_eq!((week.next().first_day(), week.next().previous()), (week.end(), week));
    }

    #[test]
    fn texts_sort_as_what_they_name(a in any_day(), b in any_day()) {
        prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        prop_assert_eq!(a.week().cmp(&b.week()), a.week().to_string().cmp(&b.week().to_string()));
        prop_assert_eq!(a.plus_days(a.days_until(b)), b);
    }

    #[test]
    fn reading_never_panics(text in any::<String>()) {
        let _ = text.parse::<BusinessDate>();
        let _ = text.parse::<Week>();
    }
}
