//! Numbers and lengths of time, and words that begin with a digit.

use crate::kql::TimeSpan;
use crate::kql::token::TokenKind;

/// The units of a length of time and their ticks of 100 ns; a tenth of a tick is none.
const UNITS: [(&[&str], i64); 8] = [
    (&["d", "day", "days"], TimeSpan::DAY),
    (&["h", "hr", "hrs", "hour", "hours"], 3600 * TimeSpan::SECOND),
    (&["m", "min", "minute", "minutes"], 60 * TimeSpan::SECOND),
    (&["s", "sec", "second", "seconds"], TimeSpan::SECOND),
    (
        &["ms", "milli", "millis", "millisec", "millisecond", "milliseconds"],
        TimeSpan::SECOND / 1_000,
    ),
    (&["micro", "micros", "microsec", "microsecond", "microseconds"], TimeSpan::SECOND / 1_000_000),
    (&["nano", "nanos", "nanosec", "nanosecond", "nanoseconds"], 0),
    (&["tick", "ticks"], 1),
];

/// The kind of what begins with a digit, and its length.
pub(super) fn scan(rest: &str) -> (TokenKind, usize) {
    let digits = digits(rest);
    let behind = &rest[digits..];
    if digits == 1 && rest.starts_with('0') && behind.starts_with(['x', 'X']) {
        let hexadecimal = behind[1..].len()
            - behind[1..].trim_start_matches(|letter: char| letter.is_ascii_hexdigit()).len();
        if hexadecimal > 0 {
            return (TokenKind::Integer, 2 + hexadecimal);
        }
    }
    let whole = digits + fraction(behind);
    let mut kind = if whole > digits { TokenKind::Real } else { TokenKind::Integer };
    let mut length = whole;
    if let Some(exponent) = exponent(&rest[whole..]) {
        kind = TokenKind::Real;
        length += exponent;
    }
    let letters = super::word_length(&rest[length..]);
    if letters == 0 {
        return (kind, length);
    }
    let suffix = &rest[length..length + letters];
    if length == whole && unit(suffix).is_some() {
        return (TokenKind::TimeSpan, length + letters);
    }
    // `1.5abc` is a number and a word, and wrong; `5MinuteMean` is a word.
    if whole == digits { (TokenKind::Word, length + letters) } else { (kind, length) }
}

/// The ticks of a length of time such as `1.5h`; nothing if it is none, or longer than any.
pub(in crate::kql) fn ticks(text: &str) -> Option<i64> {
    let at = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
    let (number, suffix) = text.split_at(at);
    let unit = unit(suffix)?;
    if let Ok(whole) = number.parse::<i64>() {
        return if unit == 0 { Some(whole / 100) } else { whole.checked_mul(unit) };
    }
    let unit = if unit == 0 { 0.01 } else { unit as f64 };
    let ticks = (number.parse::<f64>().ok()? * unit).round();
    (ticks.abs() < i64::MAX as f64).then_some(ticks as i64)
}

fn unit(suffix: &str) -> Option<i64> {
    UNITS.iter().find(|(names, _)| names.contains(&suffix)).map(|(_, ticks)| *ticks)
}

fn digits(text: &str) -> usize {
    text.len() - text.trim_start_matches(|letter: char| letter.is_ascii_digit()).len()
}

/// The length of `.5` or `.`, which `..` is not.
fn fraction(text: &str) -> usize {
    match text.strip_prefix('.') {
        Some(behind) if !behind.starts_with('.') => 1 + digits(behind),
        _ => 0,
    }
}

/// The length of `e5`, `E-3`.
fn exponent(text: &str) -> Option<usize> {
    let behind = text.strip_prefix(['e', 'E'])?;
    let sign = usize::from(behind.starts_with(['+', '-']));
    let digits = digits(&behind[sign..]);
    (digits > 0).then_some(1 + sign + digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_have_many_names() {
        for (text, expected) in [
            ("1d", TimeSpan::DAY),
            ("24h", TimeSpan::DAY),
            ("1.5h", 5400 * TimeSpan::SECOND),
            ("15minutes", 900 * TimeSpan::SECOND),
            ("100ms", TimeSpan::SECOND / 10),
            ("7microseconds", 70),
            ("1tick", 1),
            ("250nanoseconds", 2),
        ] {
            assert_eq!(ticks(text), Some(expected), "{text}");
            assert_eq!(scan(text), (TokenKind::TimeSpan, text.len()));
        }
        assert_eq!(ticks("99999999999999d"), None);
    }

    #[test]
    fn numbers_end_where_they_end() {
        assert_eq!(scan("0x1Fg"), (TokenKind::Integer, 4));
        assert_eq!(scan("1e5"), (TokenKind::Real, 3));
        assert_eq!(scan("1e+5)"), (TokenKind::Real, 4));
        assert_eq!(scan("1.5"), (TokenKind::Real, 3));
        assert_eq!(scan("1e"), (TokenKind::Word, 2));
        assert_eq!(scan("1and"), (TokenKind::Word, 4));
    }
}
