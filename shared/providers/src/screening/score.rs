//! Scores, from a JSON number's text to whole percent.

/// Longer than any number that a program writes.
const DIGITS_MAX: usize = 40;
const WHOLE: u8 = 100;

/// Whole percent of a number from 0 to 1, rounded down: `0.8571428571428571` is 85. Anything else is no score.
pub(super) fn percent(number: &str) -> Option<u8> {
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i16>().ok()?),
        None => (number, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
    if whole.is_empty() || digits.len() > DIGITS_MAX || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // The point stands behind this many digits, once two more of them count as whole.
    let point = i64::try_from(whole.len()).ok()?.checked_add(i64::from(exponent))?.checked_add(2)?;
    let (mut percent, mut rest) = (0_u32, 0_u8);
    let last = i64::try_from(digits.len()).ok()?.max(point.min(i64::try_from(DIGITS_MAX).ok()?));
    for (place, digit) in (0..last).zip(digits.into_iter().chain(std::iter::repeat(b'0'))) {
        let digit = digit.saturating_sub(b'0');
        if place < point {
            percent = percent.saturating_mul(10).saturating_add(u32::from(digit));
        } else {
            rest = rest.max(digit);
        }
    }
    let percent = u8::try_from(percent).ok()?;
    if percent < WHOLE || (percent == WHOLE && rest == 0) { Some(percent) } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_score_is_read_as_whole_percent_rounded_down() {
        for (number, expected) in [
            ("0", 0),
            ("0.0", 0),
            ("1", 100),
            ("1.0", 100),
            ("0.7", 70),
            ("0.29", 29),
            ("0.8571428571428571", 85),
            ("0.979999999999999", 97),
            ("0.005", 0),
            ("9.5e-05", 0),
            ("9.9E-1", 99),
            ("98e-2", 98),
            ("0.0099e+2", 99),
            ("1e-300", 0),
            ("0e5", 0),
            ("0e300", 0),
        ] {
            assert_eq!(percent(number), Some(expected), "{number}");
        }
    }

    #[test]
    fn what_is_not_from_nothing_to_one_is_no_score() {
        for number in [
            "",
            "-0.5",
            "-0",
            "1.01",
            "1.0000001",
            "2",
            "1e1",
            "1e300",
            "1e99999",
            "null",
            "\"0.5\"",
            "true",
            "0,5",
            ".5",
            "0.5.5",
            "0x1",
            "NaN",
            "0.5e",
            "00000000000000000000000000000000000000000.5",
        ] {
            assert_eq!(percent(number), None, "{number}");
        }
    }

    proptest! {
        #[test]
        fn every_fraction_keeps_its_first_two_digits(hundredths in 0_u8..100, rest in "[0-9]{0,18}") {
            prop_assert_eq!(percent(&format!("0.{hundredths:02}{rest}")), Some(hundredths));
        }

        #[test]
        fn nothing_panics(text in "[-+0-9.eE]{0,50}") {
            let _ = percent(&text);
        }
    }
}
