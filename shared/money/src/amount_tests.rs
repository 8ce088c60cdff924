use num_bigint::BigInt;
use proptest::prelude::*;

use super::*;

const UNITS_MAX: i128 = 10_i128.pow(38) - 1;

fn any_asset() -> impl Strategy<Value = Asset> {
    proptest::sample::select(Asset::ALL.to_vec())
}

/// Numbers of every length, not just the 38 digits that a uniform choice nearly always gives.
fn any_units() -> impl Strategy<Value = i128> {
    (0_u32..=38, -UNITS_MAX..=UNITS_MAX).prop_map(|(shorter, units)| units / 10_i128.pow(shorter))
}

fn any_money() -> impl Strategy<Value = Money> {
    (any_asset(), any_units()).prop_map(|(asset, units)| Money::new(asset, units))
}

/// What a decimal text means in minor units, by big integers.
fn oracle(asset: Asset, text: &str) -> BigInt {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{fraction}");
    let missing = usize::from(asset.decimals()) - fraction.len();
    digits.parse::<BigInt>().unwrap() * BigInt::from(10).pow(u32::try_from(missing).unwrap())
}

#[test]
fn amounts_are_written_with_all_their_decimals() {
    for (asset, units, text) in [
        (Asset::Gbp, 100_000, "1000.00"),
        (Asset::Gbp, 5, "0.05"),
        (Asset::Eur, -1, "-0.01"),
        (Asset::Eur, 0, "0.00"),
        (Asset::Usdc, 1_500_000, "1.500000"),
        (Asset::Btc, 1, "0.00000001"),
        (Asset::Eth, 1_000_000_000_000_000_001, "1.000000000000000001"),
        (Asset::Gbp, i128::MIN, "-1701411834604692317316873037158841057.28"),
    ] {
        assert_eq!(Money::new(asset, units).to_decimal_string(), text);
        assert_eq!(Money::new(asset, units).to_string(), format!("{text} {asset}"));
    }
}

#[test]
fn what_people_write_is_read_exactly() {
    for (text, units) in [("1000", 100_000), ("1000.5", 100_050), ("1000.00", 100_000), ("-0.01", -1), ("-0", 0)] {
        assert_eq!(Money::parse(Asset::Gbp, text), Ok(Money::new(Asset::Gbp, units)), "{text}");
    }
}

#[test]
fn what_is_not_a_plain_number_is_refused() {
    for text in [
        "", "-", ".", "+1", "1.", ".5", "1e3", "1E3", "1,000.00", "1 000", " 1", "1\n", "--1", "1.2.3", "0x10", "NaN",
        "inf", "1_000", "١", "-.5", "1.-5",
    ] {
        assert_eq!(Money::parse(Asset::Gbp, text), Err(MoneyError::NotANumber), "{text:?}");
    }
}

#[test]
fn decimals_that_the_asset_does_not_have_are_refused_even_if_they_are_zeros() {
    let refused = Err(MoneyError::OverPrecise { asset: Asset::Gbp, text_decimals: 3 });
    assert_eq!(Money::parse(Asset::Gbp, "0.001"), refused);
    assert_eq!(Money::parse(Asset::Gbp, "1.000"), refused);
}

#[test]
fn thirty_eight_digits_are_read_and_one_more_is_refused() {
    let largest = format!("{}.99", "9".repeat(36));
    assert_eq!(Money::parse(Asset::Gbp, &largest), Ok(Money::new(Asset::Gbp, UNITS_MAX)));
    assert_eq!(Money::parse(Asset::Gbp, &format!("1{largest}")), Err(MoneyError::Overflow));
    assert_eq!(Money::parse(Asset::Gbp, &format!("{:0>39}", 1)), Err(MoneyError::Overflow));
    assert_eq!(Money::parse(Asset::Eth, &format!("{:0>38}", 1)), Ok(Money::new(Asset::Eth, 10_i128.pow(18))));
    assert_eq!(Money::parse(Asset::Gbp, &"9".repeat(38)), Err(MoneyError::Overflow));
    assert_eq!(Money::parse(Asset::Gbp, &"0".repeat(100_000)), Err(MoneyError::Overflow));
}

#[test]
fn different_assets_do_not_mix() {
    let (pounds, euros) = (Money::new(Asset::Gbp, 1), Money::new(Asset::Eur, 1));
    let refused = Err(MoneyError::AssetMismatch { left: Asset::Gbp, right: Asset::Eur });
    assert_eq!(pounds.checked_add(euros), refused);
    assert_eq!(pounds.checked_sub(euros), refused);
}

#[test]
fn what_does_not_fit_is_refused() {
    let (most, least) = (Money::new(Asset::Eth, i128::MAX), Money::new(Asset::Eth, i128::MIN));
    let one = Money::new(Asset::Eth, 1);
    assert_eq!(most.checked_add(one), Err(MoneyError::Overflow));
    assert_eq!(least.checked_sub(one), Err(MoneyError::Overflow));
    assert_eq!(least.checked_neg(), Err(MoneyError::Overflow));
    assert_eq!(most.checked_neg(), Ok(Money::new(Asset::Eth, -i128::MAX)));
}

#[test]
fn the_stored_form_is_short_and_has_one_spelling() {
    let money = Money::new(Asset::Gbp, 100_000);
    assert_eq!(serde_json::to_string(&money).unwrap(), r#""GBP 100000""#);
    for text in
        ["GBP", "GBP ", " 1", "GBP +1", "GBP 01", "GBP -0", "GBP 1.0", "GBP  1", "GBP 1 ", "gbp 1", "XYZ 1", "1 GBP"]
    {
        assert!(serde_json::from_value::<Money>(text.into()).is_err(), "{text:?}");
    }
    for number in ["1", "1.0", r#"{"asset":"GBP","units":1}"#] {
        assert!(serde_json::from_str::<Money>(number).is_err(), "{number}");
    }
}

proptest! {
    #[test]
    fn what_is_printed_reads_back_exactly(money in any_money()) {
        let text = money.to_decimal_string();
        prop_assert_eq!(Money::parse(money.asset(), &text), Ok(money));
        prop_assert_eq!(oracle(money.asset(), &text), BigInt::from(money.units()));
    }

    #[test]
    fn every_amount_survives_storage(asset in any_asset(), units in any::<i128>()) {
        let money = Money::new(asset, units);
        let text = serde_json::to_string(&money).unwrap();
        prop_assert_eq!(serde_json::from_str::<Money>(&text).unwrap(), money);
    }

    #[test]
    fn reading_agrees_with_big_integers(asset in any_asset(), text in "-?[0-9]{1,40}(\\.[0-9]{1,20})?") {
        let decimals = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let expected = if decimals > usize::from(asset.decimals()) {
            Err(MoneyError::OverPrecise { asset, text_decimals: decimals })
        } else {
            match i128::try_from(oracle(asset, &text)) {
                Ok(units) if digits <= DIGITS_MAX => Ok(Money::new(asset, units)),
                _ => Err(MoneyError::Overflow),
            }
        };
        prop_assert_eq!(Money::parse(asset, &text), expected);
    }

    #[test]
    fn over_precision_is_always_refused(money in any_money(), extra in "[0-9]{1,20}") {
        let text = format!("{}{extra}", money.to_decimal_string());
        let text_decimals = usize::from(money.asset().decimals()) + extra.len();
        let refused = Err(MoneyError::OverPrecise { asset: money.asset(), text_decimals });
        prop_assert_eq!(Money::parse(money.asset(), &text), refused);
    }

    #[test]
    fn arithmetic_agrees_with_big_integers(asset in any_asset(), left in any::<i128>(), right in any::<i128>()) {
        let (a, b) = (Money::new(asset, left), Money::new(asset, right));
        let exact = |units: BigInt| i128::try_from(units).map(|units| Money::new(asset, units)).map_err(|_| MoneyError::Overflow);
        prop_assert_eq!(a.checked_add(b), exact(BigInt::from(left) + right));
        prop_assert_eq!(a.checked_sub(b), exact(BigInt::from(left) - right));
        prop_assert_eq!(a.checked_neg(), exact(-BigInt::from(left)));
    }

    #[test]
    fn subtracting_undoes_adding(asset in any_asset(), left in any_units(), right in any_units()) {
        let (a, b) = (Money::new(asset, left / 2), Money::new(asset, right / 2));
        prop_assert_eq!(a.checked_add(b).and_then(|sum| sum.checked_sub(b)), Ok(a));
        prop_assert_eq!(a.checked_add(b), b.checked_add(a));
        prop_assert_eq!(a.checked_sub(b), b.checked_neg().and_then(|b| a.checked_add(b)));
    }

    #[test]
    fn reading_never_panics(asset in any_asset(), text in any::<String>()) {
        let _ = Money::parse(asset, &text);
        let _ = Money::try_from(text);
    }

    #[test]
    fn an_amount_has_exactly_one_sign(money in any_money()) {
        let signs = [money.is_negative(), money.is_zero(), money.is_positive()];
        prop_assert_eq!(signs.into_iter().filter(|sign| *sign).count(), 1);
    }
}
