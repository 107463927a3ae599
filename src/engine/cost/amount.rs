//! Amounts of money: read from text, and added without losing a digit.

use rust_decimal::Decimal;

/// Decimals that are kept. Bills have ten to twelve; the doubles of Parquet files have up to seventeen digits in all.
/// Eighteen leave room for sums up to seventy-nine billion.
pub const SCALE: u32 = 18;

/// The largest amount of one line.
const LARGEST: u64 = 1_000_000_000_000_000;

/// Reads an amount: digits with an optional sign, point and exponent. Nothing else: no separators, no currency sign.
///
/// Digits beyond [`SCALE`] decimals are rounded, half to even.
#[must_use]
pub fn parse(text: &str) -> Option<Decimal> {
    let bytes = text.as_bytes();
    let (negative, digits) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, bytes),
    };
    // Almost every amount fits into 64 bits, which is much faster than the general way.
    let mut mantissa: u64 = 0;
    let mut scale = 0;
    let mut point = false;
    let mut seen = 0;
    for &byte in digits {
        match byte {
            b'0'..=b'9' => {
                seen += 1;
                if seen > 18 {
                    return slow(text);
                }
                mantissa = mantissa * 10 + u64::from(byte - b'0');
                scale += u32::from(point);
            }
            b'.' if !point => point = true,
            _ => return slow(text),
        }
    }
    if seen == 0 {
        return None;
    }
    if scale == 0 && mantissa > LARGEST {
        return None;
    }
    let value = Decimal::from_i128_with_scale(i128::from(mantissa), scale);
    Some(if negative && mantissa != 0 { -value } else { value })
}

#[cold]
fn slow(text: &str) -> Option<Decimal> {
    let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E');
    if text.is_empty() || !text.bytes().all(plain) || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value = match text.split_once(['e', 'E']) {
        None => text.parse::<Decimal>().ok()?,
        Some((number, exponent)) => scaled(number.parse().ok()?, exponent.parse().ok()?)?,
    };
    // More is no amount of any bill, and sums of it would leave no room for decimals.
    (value.abs() <= Decimal::from(LARGEST)).then(|| value.round_dp(SCALE))
}

/// A number times a power of ten. What is smaller than any decimal that is kept is zero.
fn scaled(number: Decimal, exponent: i32) -> Option<Decimal> {
    let scale = i64::from(number.scale()) - i64::from(exponent);
    let mantissa = number.mantissa();
    match scale {
        ..-20 => None,
        -20..0 => {
            let factor = 10_i128.checked_pow(u32::try_from(-scale).ok()?)?;
            Decimal::try_from_i128_with_scale(mantissa.checked_mul(factor)?, 0).ok()
        }
        0..=28 => Decimal::try_from_i128_with_scale(mantissa, u32::try_from(scale).ok()?).ok(),
        _ => {
            let shift = u32::try_from(scale - 28).ok()?;
            let divided = 10_i128.checked_pow(shift).map_or(0, |factor| mantissa / factor);
            Decimal::try_from_i128_with_scale(divided, 28).ok()
        }
    }
}

/// The sum, or `None` when it has more digits than fit: `Decimal` alone would round then and say nothing.
#[inline]
#[must_use]
pub fn add(a: Decimal, b: Decimal) -> Option<Decimal> {
    let sum = a.checked_add(b)?;
    (sum.scale() >= a.scale().max(b.scale()) || (a.is_zero() || b.is_zero())).then_some(sum)
}

/// Adds to a sum in place; `false` when the result has more digits than fit.
#[inline]
#[must_use]
pub fn add_to(sum: &mut Decimal, amount: Decimal) -> bool {
    match add(*sum, amount) {
        Some(new) => {
            *sum = new;
            true
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(amount: &str) -> Option<String> {
        parse(amount).map(|value| value.to_string())
    }

    #[test]
    fn amounts_are_read_to_the_last_digit() {
        for same in ["0", "12.3456789012", "-4821.0000000001", "0.000000000000000001", "123456789012.34"] {
            assert_eq!(text(same).as_deref(), Some(same));
        }
        assert_eq!(text("+1.50").as_deref(), Some("1.50"));
        assert_eq!(text("-0.0").as_deref(), Some("0.0"));
        assert_eq!(text(".5").as_deref(), Some("0.5"));
        assert_eq!(text("1.23E-5").as_deref(), Some("0.0000123"));
        assert_eq!(text("1.5e3").as_deref(), Some("1500"));
        assert_eq!(text("1e-40").map(|it| it.trim_end_matches('0').to_owned()).as_deref(), Some("0."));
        assert_eq!(text("0.1234567890123456785").as_deref(), Some("0.123456789012345678"));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for bad in ["", "-", ".", "1,5", "$3", "1.2.3", "NaN", "inf", "1e", "1_000", "0x1", "1 ", "2026-10-01", "1e99"]
        {
            assert_eq!(text(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_sum_never_loses_a_digit() {
        let large: Decimal = "79228162514.264337593543950335".parse().expect("a number");
        let small: Decimal = "0.000000000000000001".parse().expect("a number");
        assert_eq!(add(Decimal::MAX, small), None);
        assert_eq!(
            add(large.trunc(), small).map(|it| it.to_string()).as_deref(),
            Some("79228162514.000000000000000001")
        );
    }
}
