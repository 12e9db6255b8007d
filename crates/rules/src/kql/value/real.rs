//! Real numbers as text: the shortest that reads back as the same number, in the manner of .NET.

use std::fmt::Write;

/// The number as `tostring()` and JSON have it: `1.5`, `1.0`, `1E+20`, `NaN`.
pub(super) fn text(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if number == 0.0 || (-5..15).contains(&exponent) {
        let mut text = number.to_string();
        if !text.contains('.') {
            text.push_str(".0");
        }
        return text;
    }
    let mut text = digits.to_owned();
    let sign = if exponent < 0 { '-' } else { '+' };
    // Writing to a string cannot fail.
    let _ = write!(text, "E{sign}{:02}", exponent.unsigned_abs());
    text
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn numbers_are_written_shortly_and_with_an_exponent_where_net_has_one() {
        for (number, written) in [
            (0.0, "0.0"),
            (1.0, "1.0"),
            (-2.5, "-2.5"),
            (0.1, "0.1"),
            (1e14, "100000000000000.0"),
            (1e15, "1E+15"),
            (1e20, "1E+20"),
            (1.5e-7, "1.5E-07"),
            (0.0001, "0.0001"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(text(number), written);
        }
    }
}
