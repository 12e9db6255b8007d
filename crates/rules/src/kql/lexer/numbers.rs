//! Numbers and lengths of time, and words that begin with a digit.

use crate::kql::token::TokenKind;

/// The units of a length of time.
const UNITS: [&str; 34] = [
    "d",
    "day",
    "days",
    "h",
    "hr",
    "hrs",
    "hour",
    "hours",
    "m",
    "min",
    "minute",
    "minutes",
    "s",
    "sec",
    "second",
    "seconds",
    "ms",
    "milli",
    "millis",
    "millisec",
    "millisecond",
    "milliseconds",
    "micro",
    "micros",
    "microsec",
    "microsecond",
    "microseconds",
    "nano",
    "nanos",
    "nanosec",
    "nanosecond",
    "nanoseconds",
    "tick",
    "ticks",
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
    if length == whole && UNITS.contains(&suffix) {
        return (TokenKind::TimeSpan, length + letters);
    }
    // `1.5abc` is a number and a word, and wrong; `5MinuteMean` is a word.
    if whole == digits { (TokenKind::Word, length + letters) } else { (kind, length) }
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
    use crate::kql::TimeSpan;

    #[test]
    fn units_have_many_names() {
        for unit in UNITS {
            let text = format!("12{unit}");
            assert_eq!(scan(&text), (TokenKind::TimeSpan, text.len()));
            assert!(TimeSpan::parse(&text).is_some(), "{text}");
        }
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
