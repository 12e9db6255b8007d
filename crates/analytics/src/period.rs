//! The period, found through missed polls.
//!
//! A missed poll doubles an interval without disturbing the beat. So every interval *d* is folded
//! back onto a unit *u*, the median interval or half of it:
//!
//! ```text
//! k = max(1, round(d / u))        how many periods the interval lasted
//! f = d / k                       the folded interval
//! period = median of f
//! ```
//!
//! An interval of more than [`RhythmSettings::gap_factor`](crate::RhythmSettings::gap_factor) units
//! is a gap (a night, a weekend, a machine that was off): it says nothing about the beat, and no
//! polls were missed in it.

use crate::median::median;

/// Intervals folded onto a unit.
pub(crate) struct Folding {
    /// The median of the folded intervals, in seconds.
    pub(crate) period: f64,
    /// The folded intervals, in seconds; gaps are left out.
    pub(crate) folded: Vec<f64>,
    /// The periods that passed in all of them together.
    pub(crate) periods: u64,
    /// Intervals of one period: no poll was missed.
    pub(crate) singles: usize,
    /// Intervals of two periods: one poll was missed.
    pub(crate) doubles: usize,
    /// Intervals that were gaps.
    pub(crate) gaps: usize,
}

impl Folding {
    /// Folds intervals onto a unit, both in seconds; `None` when every interval is a gap.
    pub(crate) fn new(intervals: &[f64], unit: f64, gap_factor: u32) -> Option<Folding> {
        let mut folded = Vec::with_capacity(intervals.len());
        let (mut periods, mut singles, mut doubles, mut gaps) = (0, 0, 0, 0);
        for interval in intervals {
            let count = (interval / unit).round().max(1.0);
            if count > f64::from(gap_factor) {
                gaps += 1;
                continue;
            }
            folded.push(interval / count);
            periods += count as u64;
            singles += usize::from(count == 1.0);
            doubles += usize::from(count == 2.0);
        }
        Some(Folding { period: median(&folded)?, folded, periods, singles, doubles, gaps })
    }
}

#[cfg(test)]
mod tests {
    use super::Folding;

    #[test]
    fn sees_the_beat_through_missed_polls_and_nights() {
        let intervals = [60.0, 120.0, 60.0, 59.0, 183.0, 61.0, 50_000.0];
        let folding = Folding::new(&intervals, 60.0, 4).unwrap();
        assert_eq!(folding.folded, [60.0, 60.0, 60.0, 59.0, 61.0, 61.0]);
        assert_eq!(folding.period, 60.0);
        assert_eq!(folding.periods, 1 + 2 + 1 + 1 + 3 + 1);
        assert_eq!((folding.singles, folding.doubles, folding.gaps), (4, 1, 1));
    }

    #[test]
    fn nothing_but_gaps_has_no_period() {
        assert!(Folding::new(&[100.0, 200.0], 1.0, 4).is_none());
    }
}
