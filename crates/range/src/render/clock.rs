//! Moments, in the spellings of the formats.

use coldtrail_model::Timestamp;

/// A moment in `strftime` notation. Fractions are cut, not rounded, as the products do. A moment
/// that no calendar has is shown as the beginning of 1970.
pub(crate) fn format(time: Timestamp, notation: &str) -> String {
    let civil = jiff::Timestamp::from_microsecond(time.microseconds()).unwrap_or_default();
    civil.strftime(notation).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_cut() {
        let time = Timestamp(1_776_070_800_123_999);
        assert_eq!(format(time, "%Y-%m-%d %H:%M:%S%.3f"), "2026-04-13 09:00:00.123");
    }
}
