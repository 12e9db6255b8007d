//! How many intervals stay within a factor of two of the median.
//!
//! ```text
//! concentration = share of the intervals, gaps left out, in [m/2, 2m]        m = median interval
//! ```
//!
//! Without unit. Jitter of up to half the period leaves it at 1, where dispersion has already lost
//! a third; heavy-tailed human pauses spread over orders of magnitude. When half the median is the
//! unit (many missed polls, see [`Evenness`](crate::evenness::Evenness)), the band reaches down to
//! half of that.
//!
//! Exponential intervals put `2^(-1/2) - 2^(-2) = 0.457` of *all* intervals into that band. Gaps
//! being left out (those over 4.5 m, `2^(-9/2) = 0.044` of them), it is `0.457 / 0.956 = 0.478`:
//! the level at which chance stands. [`chance`](crate::chance) computes it for the case at hand.

/// The share of intervals in `[unit / 2, 2 * median]` among those that are not gaps, from 0 to 1.
///
/// Here a gap is what rounds to more than `gap_factor` medians. Intervals, unit and median are in
/// seconds.
pub(crate) fn concentration(intervals: &[f64], unit: f64, median: f64, gap_factor: u32) -> f64 {
    let band = unit / 2.0..=median * 2.0;
    let mut near = 0_usize;
    let mut considered = 0_usize;
    for interval in intervals {
        if (interval / median).round() <= f64::from(gap_factor) {
            considered += 1;
            near += usize::from(band.contains(interval));
        }
    }
    if considered == 0 { 0.0 } else { near as f64 / considered as f64 }
}

#[cfg(test)]
mod tests {
    use super::concentration;

    #[test]
    fn jitter_of_half_a_period_stays_inside() {
        assert_eq!(concentration(&[30.0, 45.0, 60.0, 75.0, 90.0], 60.0, 60.0, 4), 1.0);
    }

    #[test]
    fn gaps_do_not_count_and_everything_else_does() {
        assert_eq!(concentration(&[60.0, 60.0, 61.0, 150.0, 86_400.0], 60.0, 60.0, 4), 0.75);
        assert_eq!(concentration(&[10.0, 60.0], 60.0, 60.0, 4), 0.5);
        assert_eq!(concentration(&[], 60.0, 60.0, 4), 0.0);
    }

    #[test]
    fn a_smaller_unit_lets_shorter_intervals_in() {
        assert_eq!(concentration(&[55.0, 120.0, 120.0, 65.0], 120.0, 120.0, 4), 0.75);
        assert_eq!(concentration(&[55.0, 120.0, 120.0, 65.0], 60.0, 120.0, 4), 1.0);
    }
}
