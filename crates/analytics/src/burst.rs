//! Polls from requests: requests that follow each other closely are one poll.
//!
//! One check-in is often several requests (a redirect, a retry, the upload of a result), and one
//! page view is dozens. The gap that ends a burst adapts to the data: where the sorted intervals
//! jump by a factor of [`RhythmSettings::burst_ratio`] or more, the largest jump separates the
//! requests within a poll from the polls. Three bounds keep a fast beacon with a few outages from
//! looking like a few bursts: a burst never bridges less than
//! [`RhythmSettings::burst_floor_seconds`], the adaptive gap never exceeds
//! [`RhythmSettings::burst_ceiling_seconds`], and at least a tenth of the intervals above the floor
//! must lie beyond the jump.
//!
//! Timestamps become offsets from the first one, so that everything downstream is independent of
//! the epoch and no difference can overflow.

use crate::RhythmSettings;

const MICROSECONDS_A_SECOND: u64 = 1_000_000;

/// One in so many of the intervals above the floor must lie beyond the jump; fewer are outages.
const ONE_BEYOND_THE_JUMP_IN: usize = 10;

/// Polls in order of time.
pub(crate) struct Polls {
    /// Requests before bursts were collapsed, those of the same moment counted once.
    pub(crate) requests: u64,
    /// When each poll began, in microseconds since the first; strictly increasing.
    pub(crate) offsets: Vec<u64>,
    /// Requests at most this far apart were taken as one poll, in seconds.
    pub(crate) gap_seconds: f64,
}

impl Polls {
    /// Sorts a copy of the timestamps (microseconds since any epoch) and collapses its bursts.
    pub(crate) fn collapse(timestamps: &[i64], settings: &RhythmSettings) -> Polls {
        let requests = offsets(timestamps);
        let count = requests.len() as u64;
        let gap_seconds = adaptive_gap(&intervals(&requests), settings);
        let mut offsets = Vec::new();
        let mut previous = None;
        for request in requests {
            if previous.is_none_or(|previous| seconds(request - previous) > gap_seconds) {
                offsets.push(request);
            }
            previous = Some(request);
        }
        Polls { requests: count, offsets, gap_seconds }
    }

    /// The intervals between the beginnings of consecutive polls, in seconds.
    pub(crate) fn intervals(&self) -> Vec<f64> {
        intervals(&self.offsets)
    }

    /// The shortest interval that could have been seen between two polls, in seconds.
    ///
    /// That is the burst gap. In a log of whole seconds the next longer interval is a second
    /// longer, which stands for anything from half a second above the gap.
    pub(crate) fn dead_time_seconds(&self) -> f64 {
        let whole_seconds = self.offsets.iter().all(|offset| offset % MICROSECONDS_A_SECOND == 0);
        self.gap_seconds + if whole_seconds { 0.5 } else { 0.0 }
    }

    /// The time from the first poll to the last, in seconds.
    pub(crate) fn span_seconds(&self) -> f64 {
        self.offsets.last().copied().map_or(0.0, seconds)
    }
}

/// Microseconds in seconds.
pub(crate) fn seconds(microseconds: u64) -> f64 {
    microseconds as f64 / MICROSECONDS_A_SECOND as f64
}

/// The distance of each distinct timestamp from the earliest, sorted.
fn offsets(timestamps: &[i64]) -> Vec<u64> {
    let Some(&earliest) = timestamps.iter().min() else { return Vec::new() };
    let mut offsets: Vec<u64> =
        timestamps.iter().map(|timestamp| timestamp.abs_diff(earliest)).collect();
    offsets.sort_unstable();
    offsets.dedup();
    offsets
}

fn intervals(sorted: &[u64]) -> Vec<f64> {
    sorted
        .iter()
        .zip(sorted.iter().skip(1))
        .map(|(earlier, later)| seconds(later - earlier))
        .collect()
}

/// The longest interval within a burst, in seconds.
fn adaptive_gap(intervals: &[f64], settings: &RhythmSettings) -> f64 {
    let floor = settings.burst_floor_seconds.max(0.0);
    let mut above: Vec<f64> =
        intervals.iter().copied().filter(|interval| *interval > floor).collect();
    above.sort_unstable_by(f64::total_cmp);

    let mut gap = floor;
    let mut largest_ratio = settings.burst_ratio;
    let mut below_jump = floor;
    for (position, interval) in above.iter().copied().enumerate() {
        let beyond = above.len() - position;
        let few_beyond = beyond * ONE_BEYOND_THE_JUMP_IN < above.len();
        if below_jump > settings.burst_ceiling_seconds || few_beyond {
            break;
        }
        // The floor itself may lie below the jump; a floor of zero gives no ratio worth having.
        if below_jump > 0.0 && interval / below_jump >= largest_ratio {
            largest_ratio = interval / below_jump;
            gap = below_jump;
        }
        below_jump = interval;
    }
    gap
}

#[cfg(test)]
mod tests {
    use super::Polls;
    use crate::RhythmSettings;

    fn collapse(seconds: &[f64]) -> (Vec<f64>, f64) {
        let timestamps: Vec<i64> = seconds.iter().map(|second| (second * 1e6) as i64).collect();
        let polls = Polls::collapse(&timestamps, &RhythmSettings::default());
        (polls.offsets.iter().map(|offset| *offset as f64 / 1e6).collect(), polls.gap_seconds)
    }

    #[test]
    fn a_redirect_belongs_to_its_poll() {
        let (polls, gap) = collapse(&[0.0, 0.4, 60.0, 60.3, 61.9, 120.0]);
        assert_eq!(polls, [0.0, 60.0, 120.0]);
        assert_eq!(gap, 2.0);
    }

    #[test]
    fn the_gap_adapts_to_slow_uploads() {
        let (polls, gap) = collapse(&[0.0, 4.0, 9.0, 600.0, 605.0, 1200.0, 1204.0, 1800.0]);
        assert_eq!(polls, [0.0, 600.0, 1200.0, 1800.0]);
        assert_eq!(gap, 5.0);
    }

    #[test]
    fn nights_and_outages_do_not_turn_days_into_bursts() {
        let mut fast: Vec<f64> = (0..50).map(|poll| poll as f64 * 5.0).collect();
        fast.extend((0..50).map(|poll| 90_000.0 + poll as f64 * 5.0));
        assert_eq!(collapse(&fast).0.len(), 100);
    }

    #[test]
    fn whole_seconds_blur_the_dead_time() {
        let settings = RhythmSettings::default();
        let coarse = Polls::collapse(&[0, 60_000_000, 120_000_000], &settings);
        let fine = Polls::collapse(&[0, 60_000_000, 120_000_001], &settings);
        assert_eq!((coarse.dead_time_seconds(), fine.dead_time_seconds()), (2.5, 2.0));
    }

    #[test]
    fn order_duplicates_and_the_ends_of_time_are_harmless() {
        let settings = RhythmSettings::default();
        let polls = Polls::collapse(&[i64::MAX, 0, i64::MIN, 0, i64::MAX], &settings);
        assert_eq!(polls.offsets, [0, 1 << 63, u64::MAX]);
        assert_eq!(polls.span_seconds(), u64::MAX as f64 / 1e6);
        assert!(Polls::collapse(&[], &settings).offsets.is_empty());
    }
}
