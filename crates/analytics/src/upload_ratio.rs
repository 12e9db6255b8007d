//! Which way the bytes go.
//!
//! ```text
//! upload ratio = up / (up + down)
//! ```
//!
//! Browsing downloads: a ratio of a few hundredths. An idle poll is near one half, exfiltration
//! near 1.

/// The share of bytes that went up, from 0 to 1; `None` when no bytes were counted.
///
/// ```
/// assert_eq!(coldtrail_analytics::upload_ratio(300, 100), Some(0.75));
/// ```
pub fn upload_ratio(bytes_up: u64, bytes_down: u64) -> Option<f64> {
    let total = bytes_up as f64 + bytes_down as f64;
    (total > 0.0).then(|| bytes_up as f64 / total)
}

#[cfg(test)]
mod tests {
    use super::upload_ratio;

    #[test]
    fn one_way_traffic_is_at_the_ends() {
        assert_eq!(upload_ratio(0, 7), Some(0.0));
        assert_eq!(upload_ratio(7, 0), Some(1.0));
    }

    #[test]
    fn unknown_is_not_zero_and_much_is_not_too_much() {
        assert_eq!(upload_ratio(0, 0), None);
        assert_eq!(upload_ratio(u64::MAX, u64::MAX), Some(0.5));
    }
}
