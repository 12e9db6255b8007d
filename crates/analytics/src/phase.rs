//! Whether the polls keep to a clock's grid.
//!
//! ```text
//! phase = max over P of |sum over polls of exp(2 pi i t / P)| / n        P in 0.9 .. 1.1 period
//! ```
//!
//! A timer such as cron fires on a grid: however many ticks are missed or late, the next one is
//! where the grid says, and the polls' phases agree. A sleep between polls adds up its jitter and
//! loses the phase. This is the Rayleigh test; for polls at random, `P(phase > r) = exp(-n r^2)`.
//! Trying many periods finds better ones by luck, about one independent trial for each
//! `1 / span` in frequency, so the bar is set where *any* of the trials gets by luck with
//! probability [`RhythmSettings::phase_significance`](crate::RhythmSettings::phase_significance):
//!
//! ```text
//! bar = sqrt(ln(trials / significance) / n)        trials = max(1, span * (1/0.9 - 1/1.1) / period)
//! ```
//!
//! Cost is bounded: only the densest stretch of at most [`MAXIMUM_PERIODS`] periods and
//! [`MAXIMUM_POLLS`] polls is looked at. A stretch, rather than every tenth poll of all,
//! because the number of periods to try grows with the span, not with the polls.

use std::f64::consts::TAU;

use crate::burst::seconds;

/// The longest stretch looked at, in periods.
const MAXIMUM_PERIODS: f64 = 1024.0;

/// The most polls looked at.
const MAXIMUM_POLLS: usize = 4096;

/// Trial frequencies for each independent one, so that a peak between two trials loses under 3 %.
const OVERSAMPLING: f64 = 4.0;

/// The range of trial frequencies, in units of 1 / period.
const FREQUENCIES: (f64, f64) = (1.0 / 1.1, 1.0 / 0.9);

/// Agreement on a grid, and the bar that it cleared.
pub(crate) struct Phase {
    /// The largest mean resultant length, from 0 to 1.
    pub(crate) value: f64,
    /// What polls at random reach with the probability of the significance level.
    pub(crate) chance: f64,
}

impl Phase {
    /// Searches for a grid near `period` (seconds) in polls given as sorted microseconds; `None`
    /// unless it is significant.
    pub(crate) fn search(offsets: &[u64], period: f64, significance: f64) -> Option<Phase> {
        let stretch = densest_stretch(offsets, period * MAXIMUM_PERIODS);
        let first = *stretch.first()?;
        let times: Vec<f64> = stretch.iter().map(|offset| seconds(offset - first)).collect();
        let periods = times.last().copied().unwrap_or_default() / period;
        let (lowest, highest) = FREQUENCIES;
        let independent_trials = (periods * (highest - lowest)).max(1.0);
        let chance = ((independent_trials / significance).ln() / times.len() as f64).sqrt();
        // Written so that a significance that makes no sense means "not significant".
        if !(0.0..1.0).contains(&chance) {
            return None;
        }
        let trials = (independent_trials * OVERSAMPLING).ceil() as usize + 1;
        let step = (highest - lowest) / (trials - 1) as f64 / period;
        let value = largest_resultant(&times, lowest / period, step, trials);
        (value > chance).then_some(Phase { value, chance })
    }
}

/// The stretch with the most polls among those no longer than `length` seconds; the earliest of
/// equals.
fn densest_stretch(offsets: &[u64], length: f64) -> &[u64] {
    let mut start = 0;
    let mut densest = 0..0;
    for (last, offset) in offsets.iter().enumerate() {
        while offsets.get(start).is_some_and(|first| seconds(offset - first) > length)
            || last - start >= MAXIMUM_POLLS
        {
            start += 1;
        }
        if last + 1 - start > densest.len() {
            densest = start..last + 1;
        }
    }
    offsets.get(densest).unwrap_or_default()
}

/// The largest mean resultant length over `trials` frequencies from `lowest` on, `step` apart, in
/// hertz.
fn largest_resultant(times: &[f64], lowest: f64, step: f64, trials: usize) -> f64 {
    let mut sums = vec![(0.0, 0.0); trials];
    for time in times {
        // From one frequency to the next, a poll's phasor turns by the same angle: two sines a
        // poll instead of two a poll and trial.
        let (turn_sine, turn_cosine) = (TAU * (time * step).fract()).sin_cos();
        let (mut sine, mut cosine) = (TAU * (time * lowest).fract()).sin_cos();
        for (sum_cosine, sum_sine) in &mut sums {
            *sum_cosine += cosine;
            *sum_sine += sine;
            (cosine, sine) =
                (cosine * turn_cosine - sine * turn_sine, sine * turn_cosine + cosine * turn_sine);
        }
    }
    let largest = sums.iter().map(|(cosine, sine)| cosine.hypot(*sine)).fold(0.0, f64::max);
    (largest / times.len() as f64).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::{MAXIMUM_POLLS, Phase, densest_stretch};

    /// Offsets in microseconds of ticks at `period` seconds, each late by a part of `lateness`
    /// seconds that looks arbitrary but is the same in every run.
    fn late_ticks(period: u64, lateness: u64, ticks: u64) -> Vec<u64> {
        let delay = |tick: u64| lateness * (tick * 7 % 11) / 11;
        (0..ticks).map(|tick| (tick * period + delay(tick)) * 1_000_000).collect()
    }

    #[test]
    fn a_grid_shows_through_late_and_missed_ticks() {
        let mut ticks = late_ticks(300, 60, 100);
        ticks.retain(|offset| offset / 300_000_000 % 3 != 1);
        let phase = Phase::search(&ticks, 305.0, 1e-3).unwrap();
        assert!(phase.value > 0.9 && phase.chance < 0.5, "{} {}", phase.value, phase.chance);
    }

    #[test]
    fn a_random_sleep_has_no_grid() {
        // The fractional parts of multiples of the golden ratio: 300 s sleeps, 40 % jitter.
        let sleep = |poll: u64| 180.0 + 240.0 * (poll as f64 * 0.618_033_988_7).fract().powi(2);
        let mut time = 0.0;
        let polls: Vec<u64> = (0..400)
            .map(|poll| {
                time += sleep(poll * poll);
                (time * 1e6) as u64
            })
            .collect();
        assert!(Phase::search(&polls, 260.0, 1e-3).is_none());
    }

    #[test]
    fn few_polls_agree_too_easily_to_tell() {
        assert!(Phase::search(&late_ticks(60, 0, 6), 60.0, 1e-3).is_none());
        assert!(Phase::search(&late_ticks(60, 0, 9), 60.0, 1e-3).is_some());
        assert!(Phase::search(&[], 60.0, 1e-3).is_none());
    }

    #[test]
    fn a_significance_that_makes_no_sense_finds_nothing() {
        let ticks = late_ticks(60, 0, 60);
        for significance in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Phase::search(&ticks, 60.0, significance).is_none());
        }
    }

    #[test]
    fn looks_at_the_densest_stretch_and_no_more_than_it_can_afford() {
        let polls = [0, 50, 100, 101, 102, 103, 200].map(|second| second * 1_000_000);
        assert_eq!(densest_stretch(&polls, 5.0), &polls[2..6]);
        assert_eq!(densest_stretch(&late_ticks(1, 0, 10_000), 1e9).len(), MAXIMUM_POLLS);
    }
}
