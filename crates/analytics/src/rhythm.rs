//! The rhythm of one actor's requests to one endpoint: the measures put together.
//!
//! ```text
//! regularity = 1 - (1 - evenness) * (1 - phase above chance)
//! strength   = regularity * polls / (polls + shrinkage)
//! ```
//!
//! [`Evenness`] hears a timer by its intervals, [`Phase`] by the grid that its polls keep to.
//! Either is enough: a sleep with jitter has no grid, and a grid with late and missed ticks has no
//! even intervals. Hence the complement of a product, in which both can only add. Both are measured
//! from what chance reaches: Poisson arrivals are near 0 whatever their rate, and a phase that has
//! just become significant adds nothing yet.
//!
//! What it comes to, as medians of simulated families (see `tests/calibration.rs`): a 60 s timer
//! watched for an hour has strength 0.91; with 20 % jitter either way 0.81, with 50 % 0.61, with
//! 90 % 0.32; a 5 min timer watched for 6 h with 20 % of its polls missing 0.91, with 60 % 0.82; an
//! office-hours poller over a week 0.86; five even events 0.45. Poisson arrivals: 0.01 (20 events)
//! and 0.00 (200). Browsing with lognormal pauses of sigma 1: 0.1 to 0.2.
//!
//! **Blind spots.** Polls faster than the burst floor are one long poll. Jitter of 90 %, or 20 %
//! with 60 % of the polls missing, is hardly told from steady human pauses by timing alone. Under
//! ten polls, one chance sample in ten passes 0.35. A log that rounds to minutes gives everything
//! of about a minute a rhythm. And legitimate pollers beat as regularly as implants: only context
//! can tell.

use crate::RhythmSettings;
use crate::burst::Polls;
use crate::chance::above_chance;
use crate::duty::duty;
use crate::evenness::Evenness;
use crate::gap_share::gap_share;
use crate::histogram::{IntervalCount, histogram};
use crate::miss_rate::miss_rate;
use crate::phase::Phase;

/// The rhythm of a series of requests.
#[derive(Clone, Debug, PartialEq)]
pub struct Rhythm {
    /// Requests before bursts were collapsed, those of the same moment counted once.
    pub requests: u64,
    /// Polls after bursts were collapsed.
    pub polls: u64,
    /// Requests at most this far apart counted as one poll, in seconds.
    pub burst_gap_seconds: f64,
    /// The period in seconds.
    pub period_seconds: f64,
    /// How little the folded intervals scatter, from 0 to 1; chance gives about 0.5.
    pub dispersion: f64,
    /// The share of intervals within a factor of two of the median, from 0 to 1; chance gives about
    /// 0.48.
    pub concentration: f64,
    /// How well the polls keep to a grid, from 0 to 1; `None` when no better than chance.
    pub phase: Option<f64>,
    /// The share of expected polls that are missing inside active runs, from 0 to 1.
    pub miss_rate: f64,
    /// The share of intervals that are gaps, from 0 to 1.
    pub gap_share: f64,
    /// The share of hours in which a poll was possible and took place, from 0 to 1.
    pub duty: f64,
    /// Days of 24 hours, counted from the first poll, in which there was a poll.
    pub active_days: u64,
    /// From the first poll to the last, in seconds.
    pub span_seconds: f64,
    /// How regular, from 0 (chance) to 1 (a metronome), whatever the number of polls.
    pub regularity: f64,
    /// Regularity shrunk by the amount of evidence, from 0 to 1.
    pub strength: f64,
    /// Why the regularity is what it is: the contributions sum to it.
    pub terms: Vec<Term>,
    /// How long the intervals between polls were: spans that follow each other, shortest first.
    pub intervals: Vec<IntervalCount>,
}

/// One reason for a regularity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Term {
    /// `concentration`, `dispersion` or `phase`.
    pub name: &'static str,
    /// What was measured, from 0 to 1.
    pub value: f64,
    /// What chance reaches on the same scale; a value at or below it contributes nothing.
    pub chance: f64,
    /// The part of the regularity that this term accounts for, from 0 to 1.
    pub contribution: f64,
}

/// Measures the rhythm of requests, given when they happened in microseconds since any epoch.
///
/// Timestamps may be in any order, with duplicates, and as far apart as `i64` goes; the answer
/// depends on neither order nor epoch. `None` when there are fewer polls than
/// [`RhythmSettings::minimum_polls`], or no two of them. Costs O(n log n) and a bounded search for
/// the phase.
pub fn rhythm(timestamps_microseconds: &[i64], settings: &RhythmSettings) -> Option<Rhythm> {
    let polls = Polls::collapse(timestamps_microseconds, settings);
    let count = polls.offsets.len() as u64;
    if count < settings.minimum_polls {
        return None;
    }
    let intervals = polls.intervals();
    let evenness = Evenness::measure(&intervals, polls.dead_time_seconds(), settings.gap_factor)?;
    let period_seconds = evenness.folding.period;
    let phase = Phase::search(&polls.offsets, period_seconds, settings.phase_significance);
    let terms = terms(&evenness, phase.as_ref());
    let regularity = terms.iter().map(|term| term.contribution).sum::<f64>().min(1.0);
    let span_seconds = polls.span_seconds();
    let duty = duty(&polls.offsets, span_seconds, period_seconds);
    Some(Rhythm {
        requests: polls.requests,
        polls: count,
        burst_gap_seconds: polls.gap_seconds,
        period_seconds,
        dispersion: evenness.dispersion.value,
        concentration: evenness.concentration.value,
        phase: phase.map(|phase| phase.value),
        miss_rate: miss_rate(&evenness.folding),
        gap_share: gap_share(&evenness.folding),
        duty: duty.duty,
        active_days: duty.active_days,
        span_seconds,
        regularity,
        strength: regularity * evidence(count, settings.shrinkage),
        terms,
        intervals: histogram(&intervals, period_seconds, settings.gap_factor),
    })
}

/// How much so many polls are worth, from 0 to 1.
fn evidence(polls: u64, shrinkage: f64) -> f64 {
    let polls = polls as f64;
    polls / (polls + shrinkage.max(0.0))
}

/// The terms of regularity; phase earns its share of what evenness left over.
fn terms(evenness: &Evenness, phase: Option<&Phase>) -> Vec<Term> {
    let mut terms = vec![evenness.concentration, evenness.dispersion];
    terms.extend(phase.map(|phase| Term {
        name: "phase",
        value: phase.value,
        chance: phase.chance,
        contribution: (1.0 - evenness.value()) * above_chance(phase.value, phase.chance),
    }));
    terms
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::{Rhythm, rhythm};
    use crate::RhythmSettings;

    /// Timestamps as hostile logs have them, and as ordinary ones do.
    fn timestamps() -> impl Strategy<Value = Vec<i64>> {
        let hostile = prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX), Just(0), -3_i64..4];
        let hour = 0..3_600_000_000_i64;
        let week_in_seconds = (0..604_800_i64).prop_map(|second| second * 1_000_000);
        let beats = (0..200_i64, -500_000..500_000_i64)
            .prop_map(|(beat, jitter)| beat * 60_000_000 + jitter);
        prop_oneof![
            vec(hostile, 0..40),
            vec(hour, 0..200),
            vec(week_in_seconds, 0..200),
            vec(beats, 0..200),
        ]
    }

    fn settings() -> impl Strategy<Value = RhythmSettings> {
        let number = || prop_oneof![any::<f64>(), 0.0..100.0];
        let counts = (0..20_u64, prop_oneof![any::<u32>(), 0..10_u32]);
        (counts, number(), number(), number(), number(), number()).prop_map(
            |((minimum_polls, gap_factor), floor, ceiling, ratio, significance, shrinkage)| {
                RhythmSettings {
                    minimum_polls,
                    burst_floor_seconds: floor,
                    burst_ceiling_seconds: ceiling,
                    burst_ratio: ratio,
                    gap_factor,
                    phase_significance: significance,
                    shrinkage,
                }
            },
        )
    }

    fn assert_sane(rhythm: &Rhythm) {
        let shares = [
            rhythm.dispersion,
            rhythm.concentration,
            rhythm.phase.unwrap_or_default(),
            rhythm.miss_rate,
            rhythm.gap_share,
            rhythm.duty,
            rhythm.regularity,
            rhythm.strength,
        ];
        let of_terms =
            rhythm.terms.iter().flat_map(|term| [term.value, term.chance, term.contribution]);
        for share in shares.into_iter().chain(of_terms) {
            assert!((0.0..=1.0).contains(&share), "{rhythm:?}");
        }
        assert!(rhythm.period_seconds > 0.0 && rhythm.period_seconds <= rhythm.span_seconds);
        assert!(rhythm.span_seconds.is_finite() && rhythm.burst_gap_seconds >= 0.0);
        let sum: f64 = rhythm.terms.iter().map(|term| term.contribution).sum();
        assert!((sum - rhythm.regularity).abs() < 1e-9, "{rhythm:?}");
        assert!(rhythm.strength <= rhythm.regularity);
        let counted: u64 = rhythm.intervals.iter().map(|span| span.count).sum();
        assert_eq!(counted + 1, rhythm.polls);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_measure_is_finite_and_in_range(timestamps in timestamps(), settings in settings()) {
            for settings in [settings, RhythmSettings::default()] {
                if let Some(rhythm) = rhythm(&timestamps, &settings) {
                    assert_sane(&rhythm);
                }
            }
        }

        #[test]
        fn order_and_duplicates_do_not_matter(timestamps in timestamps(), again in 0..9_usize) {
            let settings = RhythmSettings::default();
            let mut jumbled: Vec<i64> = timestamps.iter().rev().copied().collect();
            jumbled.extend(timestamps.iter().take(again));
            prop_assert_eq!(rhythm(&timestamps, &settings), rhythm(&jumbled, &settings));
        }

        #[test]
        fn the_epoch_does_not_matter(
            seconds in vec(0..604_800_000_000_i64, 0..100),
            shift in -4_000_000_000_000_000_000..4_000_000_000_000_000_000_i64,
        ) {
            let settings = RhythmSettings::default();
            let shifted: Vec<i64> = seconds.iter().map(|second| second + shift).collect();
            prop_assert_eq!(rhythm(&seconds, &settings), rhythm(&shifted, &settings));
        }
    }

    #[test]
    fn fewer_polls_than_the_minimum_are_no_rhythm() {
        let settings = RhythmSettings::default();
        let four_polls = [0, 60_000_000, 120_000_000, 180_000_000];
        assert_eq!(rhythm(&four_polls, &settings), None);
        assert!(rhythm(&four_polls, &RhythmSettings { minimum_polls: 4, ..settings }).is_some());
        assert_eq!(rhythm(&[0], &RhythmSettings { minimum_polls: 0, ..settings }), None);
    }

    #[test]
    fn a_poll_of_several_requests_is_one_poll() {
        let requests: Vec<i64> = (0..20)
            .flat_map(|poll| [0, 300_000, 900_000].map(|part| poll * 60_000_000 + part))
            .collect();
        let rhythm = rhythm(&requests, &RhythmSettings::default()).unwrap();
        assert_eq!((rhythm.polls, rhythm.period_seconds), (20, 60.0));
        assert_eq!(rhythm.regularity, 1.0);
        assert_eq!(rhythm.strength, 20.0 / 26.0);
    }
}
