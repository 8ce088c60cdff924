use proptest::prelude::*;

use super::*;
use crate::testing::{day, schedule};

#[test]
fn a_rate_is_read_exactly_and_shown_without_zeros() {
    for (text, basis_points, shown) in
        [("0.12", 1_200, "0.12"), ("0.1200", 1_200, "0.12"), ("0", 0, "0"), ("0.0001", 1, "0.0001"), ("1", 10_000, "1")]
    {
        let rate: Rate = text.parse().unwrap();
        assert_eq!((rate.basis_points(), rate.to_string().as_str()), (basis_points, shown), "{text}");
    }
}

#[test]
fn a_rate_between_two_basis_points_is_refused_and_not_rounded() {
    for text in ["0.12345", "0.00001", "-0.01", "", "x", "12%", "NaN", "0.12 ", "1e-2"] {
        assert_eq!(text.parse::<Rate>(), Err(RateError::NotARate), "{text:?}");
    }
    for text in ["1.0001", "12", "79228162514264337593543950335"] {
        assert_eq!(text.parse::<Rate>(), Err(RateError::TooHigh), "{text:?}");
    }
}

#[test]
fn a_schedule_has_rates_one_after_the_other() {
    let step = |from: &str| RateStep { from: day(from), yearly: Rate(1) };
    assert_eq!(RateSchedule::try_new(vec![]), Err(RateError::NoRate));
    for other in ["2026-01-01", "2025-12-31"] {
        assert_eq!(RateSchedule::try_new(vec![step("2026-01-01"), step(other)]), Err(RateError::OutOfOrder));
    }
    assert!(RateSchedule::try_new(vec![step("2026-01-01"), step("2026-01-02")]).is_ok());
}

#[test]
fn a_rate_holds_from_its_first_day_until_the_next_begins() {
    let rates = schedule(&[("2026-01-01", 1_200), ("2026-02-01", 600)]);
    for (on, basis_points) in
        [("2025-12-31", 0), ("2026-01-01", 1_200), ("2026-01-31", 1_200), ("2026-02-01", 600), ("2099-01-01", 600)]
    {
        assert_eq!(rates.rate_on(day(on)).basis_points(), basis_points, "{on}");
    }
}

#[test]
fn the_index_counts_the_days_before_a_date() {
    let rates = schedule(&[("2026-01-01", 1_200), ("2026-02-01", 600)]);
    for (date, index) in [
        ("2025-06-01", 0),
        ("2026-01-01", 0),
        ("2026-01-02", 1_200),
        ("2026-02-01", 31 * 1_200),
        ("2026-02-02", 31 * 1_200 + 600),
        ("2027-02-01", 31 * 1_200 + 365 * 600),
    ] {
        assert_eq!(rates.index(day(date)), Index::new(index), "{date}");
    }
}

#[test]
fn the_index_at_the_ends_of_the_calendar_is_a_number() {
    let rates = schedule(&[("2026-01-01", 10_000)]);
    assert_eq!(rates.index(time::Date::MIN.into()), Index::new(0));
    assert!(rates.index(time::Date::MAX.into()) > Index::new(0));
}

proptest! {
    #[test]
    fn the_index_grows_by_the_rate_of_each_day(
        steps in proptest::collection::btree_map(0_i64..400, 0_u32..=10_000, 1..6),
        on in -10_i64..500,
    ) {
        let start = day("2026-01-01");
        let step = |(after, basis_points)| RateStep { from: start.plus_days(after), yearly: Rate(basis_points) };
        let rates = RateSchedule::try_new(steps.into_iter().map(step).collect()).unwrap();
        let date = start.plus_days(on);
        let grown = rates.index(date.next()).basis_point_days() - rates.index(date).basis_point_days();
        prop_assert_eq!(grown, i64::from(rates.rate_on(date).basis_points()));
    }
}
