//! Moments, in the spellings of the formats.

use coldtrail_model::Timestamp;

/// A moment in `strftime` notation. Fractions are cut, not rounded, as the products do. A moment
/// that no calendar has is shown as the beginning of 1970.
pub(super) fn format(time: Timestamp, notation: &str) -> String {
    let civil = jiff::Timestamp::from_microsecond(time.microseconds()).unwrap_or_default();
    civil.strftime(notation).to_string()
}

/// Seconds since 1970 with six decimals: Zeek's spelling.
pub(super) fn seconds(time: Timestamp) -> String {
    let microseconds = time.microseconds();
    let (whole, rest) = (microseconds.div_euclid(1_000_000), microseconds.rem_euclid(1_000_000));
    format!("{whole}.{rest:06}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_cut() {
        let time = Timestamp(1_776_070_800_123_999);
        assert_eq!(format(time, "%Y-%m-%d %H:%M:%S%.3f"), "2026-04-13 09:00:00.123");
        assert_eq!(seconds(time), "1776070800.123999");
    }
}
