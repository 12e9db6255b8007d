//! How evenly spaced the polls are: dispersion and concentration above chance, in one number.
//!
//! ```text
//! C, D     = concentration and dispersion, rescaled so that chance is 0 and the best is 1
//! evenness = C * (0.55 + 0.45 * D)
//! ```
//!
//! Concentration multiplies because it tells timers from chance best: jitter of half a period
//! either way leaves it at 1 while chance is at 0.48, where dispersion is 0.63 against 0.50. Of
//! Poisson samples of 20 events, a plain mean of C and D lifts 7 % over a strength of 0.35, the
//! product 2 %. Dispersion then says how good a timer it is. The weight 0.55 is a compromise: less
//! weakens jitter of 50 % (strength 0.61), more lifts human browsing (lognormal pauses, sigma 1)
//! over 0.35 in more than 5 % of samples of 30 pages.
//!
//! **Many missed polls.** When more than half of the polls are missing, the median interval is two
//! periods, and no folding by it can work. Half the median is therefore tried as well. It fits
//! anything more easily (shorter units leave smaller remainders), so it is taken only if it turns
//! scatter into order: see [`Evenness::reveals_missed_polls`].

use crate::Term;
use crate::chance::{above_chance, chance_in_sample, memoryless_intervals};
use crate::concentration::concentration;
use crate::dispersion::dispersion;
use crate::median::median;
use crate::period::Folding;

/// The part of evenness that concentration earns alone; the rest needs dispersion too.
const CONCENTRATION_ALONE: f64 = 0.55;

/// The least dispersion that intervals folded by half their median must reach.
const ORDERLY: f64 = 0.8;

/// How much further above chance they must be than those folded by the median.
const GAIN: f64 = 0.2;

/// Intervals read as multiples of a unit.
pub(crate) struct Evenness {
    /// The intervals folded onto the unit.
    pub(crate) folding: Folding,
    /// Dispersion; its contribution is a part of the evenness.
    pub(crate) dispersion: Term,
    /// Concentration; its contribution is the other part.
    pub(crate) concentration: Term,
}

impl Evenness {
    /// Reads intervals, in seconds, none of which can be shorter than `dead_time`; `None` when
    /// there are none.
    pub(crate) fn measure(intervals: &[f64], dead_time: f64, gap_factor: u32) -> Option<Evenness> {
        let median = median(intervals)?;
        let random = memoryless_intervals(dead_time, median);
        let read = |unit| Evenness::by_unit(intervals, &random, median, unit, gap_factor);
        let by_median = read(median)?;
        match read(median / 2.0) {
            Some(by_half) if by_half.reveals_missed_polls(&by_median) => Some(by_half),
            _ => Some(by_median),
        }
    }

    fn by_unit(
        intervals: &[f64],
        random: &[f64],
        median: f64,
        unit: f64,
        gap_factor: u32,
    ) -> Option<Evenness> {
        let folding = Folding::new(intervals, unit, gap_factor)?;
        let folded_at_random = Folding::new(random, unit, gap_factor)?;
        let in_sample = |chance| chance_in_sample(chance, intervals.len());
        let mut concentration = Term {
            name: "concentration",
            value: concentration(intervals, unit, median, gap_factor),
            chance: in_sample(concentration(random, unit, median, gap_factor)),
            contribution: 0.0,
        };
        let mut dispersion = Term {
            name: "dispersion",
            value: dispersion(&folding.folded, folding.period),
            chance: in_sample(dispersion(&folded_at_random.folded, folded_at_random.period)),
            contribution: 0.0,
        };
        let concentrated = above_chance(concentration.value, concentration.chance);
        let collected = above_chance(dispersion.value, dispersion.chance);
        concentration.contribution = CONCENTRATION_ALONE * concentrated;
        dispersion.contribution = (1.0 - CONCENTRATION_ALONE) * concentrated * collected;
        Some(Evenness { folding, dispersion, concentration })
    }

    /// From 0 (no more even than chance) to 1 (a metronome).
    pub(crate) fn value(&self) -> f64 {
        (self.concentration.contribution + self.dispersion.contribution).min(1.0)
    }

    /// Whether this reading, by half the median, shows a beat that the one by the median misses.
    ///
    /// Three conditions: the folded intervals are orderly; they are further above chance than
    /// before by a margin that is wider for few intervals; and misses at random make intervals of
    /// two periods no more common than intervals of one, which plain jitter read at half its period
    /// violates.
    fn reveals_missed_polls(&self, by_median: &Evenness) -> bool {
        let above = |term: &Term| above_chance(term.value, term.chance);
        let margin = GAIN + 1.0 / (self.folding.folded.len() as f64).sqrt();
        self.dispersion.value >= ORDERLY
            && above(&self.dispersion) > above(&by_median.dispersion) + margin
            && self.folding.singles >= self.folding.doubles
    }
}

#[cfg(test)]
mod tests {
    use super::Evenness;

    /// A 60 s timer that left no trace of 53 % of its polls.
    const MOSTLY_MISSED: [f64; 20] = [
        60.0, 120.0, 60.0, 180.0, 120.0, 60.0, 240.0, 60.0, 120.0, 180.0, 60.0, 120.0, 300.0, 60.0,
        120.0, 180.0, 60.0, 120.0, 240.0, 180.0,
    ];

    #[test]
    fn a_metronome_earns_everything() {
        let evenness = Evenness::measure(&[60.0; 30], 2.0, 4).unwrap();
        assert_eq!(evenness.value(), 1.0);
    }

    #[test]
    fn arrivals_without_memory_earn_nothing() {
        let random = crate::chance::memoryless_intervals(2.0, 60.0);
        let value = Evenness::measure(&random, 2.0, 4).unwrap().value();
        assert!(value < 0.01, "{value}");
    }

    #[test]
    fn the_period_is_found_though_most_polls_are_missing() {
        let evenness = Evenness::measure(&MOSTLY_MISSED, 2.0, 4).unwrap();
        assert_eq!(evenness.folding.period, 60.0);
        assert_eq!(evenness.dispersion.value, 1.0);
        assert!(evenness.value() > 0.5, "{}", evenness.value());
    }

    #[test]
    fn jitter_is_not_taken_for_missed_polls() {
        let jittered: Vec<f64> = (0..=60).map(|step| 30.0 + f64::from(step)).collect();
        let evenness = Evenness::measure(&jittered, 2.0, 4).unwrap();
        assert!((evenness.folding.period - 60.0).abs() < 2.0, "{}", evenness.folding.period);
    }
}
