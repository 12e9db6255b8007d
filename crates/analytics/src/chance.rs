//! What the same measures say of arrivals without a rhythm.
//!
//! Arrivals without memory (a Poisson process) are not at zero on any of our scales: dispersion of
//! their intervals is 0.50 and concentration 0.48. Scores must start from there. And that level
//! moves: collapsing bursts leaves no interval under the gap, so random polls that come nearly as
//! fast as bursts end *look* evenly spaced. What a measure is compared with is therefore the
//! exponential distribution shifted by that dead time, with the median that was observed:
//!
//! ```text
//! d(u) = g - (m - g) * log2(1 - u)        g = dead time, m = median interval, u in 0 .. 1
//! ```
//!
//! Rather than keep a table of constants, this module lays out quantiles of that distribution and
//! the caller applies its own measures to them: both sides go through the same function.

/// Enough quantiles that dispersion and concentration are right to about 0.002.
const QUANTILES: u32 = 512;

/// The intervals of a process without memory: evenly spaced quantiles, in ascending order.
///
/// `dead_time` is the interval under which nothing can lie, `median` the median to have; both in
/// seconds, and so is the result.
pub(crate) fn memoryless_intervals(dead_time: f64, median: f64) -> Vec<f64> {
    let dead_time = dead_time.min(median);
    (0..QUANTILES)
        .map(|quantile| {
            let probability = (f64::from(quantile) + 0.5) / f64::from(QUANTILES);
            dead_time - (median - dead_time) * (1.0 - probability).log2()
        })
        .collect()
}

/// What chance reaches in a sample of so many intervals, given what it reaches in the long run.
///
/// One of the intervals *is* the median, hence in its place for certain; only the others are left
/// to chance.
pub(crate) fn chance_in_sample(chance: f64, intervals: usize) -> f64 {
    let certain = 1.0 / intervals.max(1) as f64;
    certain + (1.0 - certain) * chance
}

/// Where `value` lies between `chance` (0, as is everything below) and the best possible, 1 (1).
///
/// Where chance already reaches the best, nothing can be told, and the answer is 0.
pub(crate) fn above_chance(value: f64, chance: f64) -> f64 {
    if chance < 1.0 { ((value - chance) / (1.0 - chance)).clamp(0.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::{above_chance, chance_in_sample, memoryless_intervals};
    use crate::concentration::concentration;
    use crate::dispersion::dispersion;
    use crate::period::Folding;

    /// Dispersion and concentration of memoryless arrivals with a median of 60 s.
    fn measures(dead_time: f64) -> (f64, f64) {
        let random = memoryless_intervals(dead_time, 60.0);
        let folding = Folding::new(&random, 60.0, 4).unwrap();
        (dispersion(&folding.folded, folding.period), concentration(&random, 60.0, 60.0, 4))
    }

    #[test]
    fn has_the_median_it_should_have() {
        let random = memoryless_intervals(2.0, 60.0);
        assert_eq!(random.iter().filter(|interval| **interval < 60.0).count(), random.len() / 2);
        assert!(random.iter().all(|interval| *interval > 2.0));
    }

    #[test]
    fn concentration_agrees_with_the_closed_form() {
        let random = memoryless_intervals(0.0, 60.0);
        let near = random.iter().filter(|interval| (30.0..=120.0).contains(*interval)).count();
        let share_of_all = near as f64 / random.len() as f64;
        let in_band = 2_f64.powf(-0.5) - 2_f64.powf(-2.0);
        assert!((share_of_all - in_band).abs() < 0.002, "{share_of_all} against {in_band}");

        let not_gaps = 1.0 - 2_f64.powf(-4.5);
        let (_, concentration) = measures(0.0);
        assert!((concentration - in_band / not_gaps).abs() < 0.002, "{concentration}");
    }

    #[test]
    fn dispersion_starts_at_one_half() {
        let (dispersion, _) = measures(0.0);
        assert!((dispersion - 0.50).abs() < 0.01, "{dispersion}");
    }

    #[test]
    fn dead_time_makes_chance_look_even() {
        let (dispersion, concentration) = measures(40.0);
        assert!(dispersion > 0.7 && concentration > 0.9, "{dispersion} {concentration}");
        assert_eq!(measures(70.0), (1.0, 1.0));
    }

    #[test]
    fn few_intervals_reach_more_by_chance() {
        assert_eq!(chance_in_sample(0.5, 2), 0.75);
        assert_eq!(chance_in_sample(0.5, 1), 1.0);
        assert_eq!(above_chance(1.0, 1.0), 0.0);
        assert_eq!(above_chance(0.75, 0.5), 0.5);
        assert_eq!(above_chance(0.2, 0.5), 0.0);
    }
}
