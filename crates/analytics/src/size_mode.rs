//! How alike the polls are in size.
//!
//! An implant with nothing to do asks the same question again and again: most uploads have nearly
//! the same length, and so have most answers. Tasking shows as the exceptions.
//!
//! ```text
//! size mode = share of polls whose bytes lie within max(24, 2 %) of the median
//! ```
//!
//! 24 bytes leave room for a counter, a padding block or a length that varies in a header.

/// The least tolerance, in bytes.
const TOLERANCE_BYTES: u64 = 24;

/// The relative tolerance is one part in so many of the median.
const TOLERANCE_FRACTION: u64 = 50;

/// The most common size of a poll, and how many polls have it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SizeMode {
    /// The lower median, in bytes.
    pub median_bytes: u64,
    /// The share of polls near the median, from 0 to 1.
    pub share: f64,
}

/// Measures how alike sizes are, one size in bytes for each poll; `None` of nothing.
///
/// ```
/// let mode = coldtrail_analytics::size_mode(&[612, 612, 618, 40_960]).unwrap();
/// assert_eq!((mode.median_bytes, mode.share), (612, 0.75));
/// ```
pub fn size_mode(bytes: &[u64]) -> Option<SizeMode> {
    let middle = bytes.len().checked_sub(1)? / 2;
    let mut sizes = bytes.to_vec();
    let (_, median, _) = sizes.select_nth_unstable(middle);
    let median_bytes = *median;
    let tolerance = TOLERANCE_BYTES.max(median_bytes / TOLERANCE_FRACTION);
    let near = bytes.iter().filter(|size| size.abs_diff(median_bytes) <= tolerance).count();
    Some(SizeMode { median_bytes, share: near as f64 / bytes.len() as f64 })
}

#[cfg(test)]
mod tests {
    use super::size_mode;

    #[test]
    fn small_polls_may_differ_by_24_bytes() {
        assert_eq!(size_mode(&[100, 124, 76, 125, 75]).unwrap().share, 0.6);
    }

    #[test]
    fn large_polls_may_differ_by_2_percent() {
        assert_eq!(size_mode(&[10_000, 10_200, 9_800, 10_201, 9_799]).unwrap().share, 0.6);
    }

    #[test]
    fn extremes_do_not_overflow() {
        assert_eq!(size_mode(&[0, u64::MAX]).unwrap().share, 0.5);
        assert_eq!(size_mode(&[]), None);
    }
}
