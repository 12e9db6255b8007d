//! How little the folded intervals scatter.
//!
//! ```text
//! dispersion = max(0, 1 - 1.4826 * MAD(f) / median(f))
//! ```
//!
//! *f* are the folded intervals of [`Folding`](crate::period::Folding), MAD is their median
//! absolute deviation, and 1.4826 makes the MAD of a normal distribution its standard deviation.
//! Without unit; 1 for a metronome, about 0.83 for a jitter of 20 % either way and 0.63 for 50 %.
//! Half of the intervals may be arbitrary without moving it, which is why it is preferred to a
//! coefficient of variation.

use crate::median::median;

/// One standard deviation of a normal distribution, in median absolute deviations.
const STANDARD_DEVIATIONS_A_MAD: f64 = 1.4826;

/// The dispersion score of folded intervals, from 0 (scattered) to 1 (all alike).
///
/// `period` is their median, in the same unit as they are.
pub(crate) fn dispersion(folded: &[f64], period: f64) -> f64 {
    let deviations: Vec<f64> = folded.iter().map(|interval| (interval - period).abs()).collect();
    let Some(deviation) = median(&deviations) else { return 0.0 };
    (1.0 - STANDARD_DEVIATIONS_A_MAD * deviation / period).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::dispersion;

    #[test]
    fn a_metronome_does_not_scatter() {
        assert_eq!(dispersion(&[60.0; 9], 60.0), 1.0);
    }

    #[test]
    fn uniform_jitter_has_its_known_deviation() {
        // Uniform in 30..90 s: the median absolute deviation is 15 s, a quarter of the period.
        let intervals: Vec<f64> = (0..=600).map(|step| 30.0 + f64::from(step) / 10.0).collect();
        assert!((dispersion(&intervals, 60.0) - (1.0 - 1.4826 / 4.0)).abs() < 1e-3);
    }

    #[test]
    fn wild_intervals_end_at_zero() {
        assert_eq!(dispersion(&[1.0, 2.0, 100.0, 200.0, 400.0], 100.0), 0.0);
        assert_eq!(dispersion(&[], 1.0), 0.0);
    }
}
