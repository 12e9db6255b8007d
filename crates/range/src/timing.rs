//! When something happens: the laws of implants, timers and people.

use std::time::Duration;

use coldtrail_model::Timestamp;

use crate::Random;

/// A law of times.
#[derive(Clone, Debug, PartialEq)]
pub enum Timing {
    /// Work, then sleep: each interval is drawn anew around the period, and delays add up. This is
    /// how implants poll, and how most programs do.
    Sleep {
        /// The mean interval.
        period: Duration,
        /// The largest deviation, as a share of the period, drawn evenly to both sides.
        jitter: f64,
        /// The share of polls that never reach the network.
        missed: f64,
    },
    /// A clock that strikes: polls keep to a grid whose phase differs by host, and delays do not
    /// add up.
    Timer {
        /// The distance of the grid's lines.
        period: Duration,
    },
    /// A person: bursts and long pauses.
    Human {
        /// About the mean pause.
        pause: Duration,
    },
    /// These times only, counted from the beginning of the activity.
    At(Vec<Duration>),
}

/// How late a process gets its turn, in microseconds.
const SCHEDULING_DELAY: std::ops::RangeInclusive<u64> = 200..=30_000;

impl Timing {
    /// The times from `from` until before `until`, in order.
    pub fn times(&self, from: Timestamp, until: Timestamp, random: &mut Random) -> Vec<Timestamp> {
        match self {
            Timing::Sleep { period, jitter, missed } => {
                let first = after(from, scale(*period, random.fraction()));
                let mut times = walk(first, until, random, |random| {
                    scale(*period, 1.0 + jitter * (2.0 * random.fraction() - 1.0))
                });
                times.retain(|_| !random.chance(*missed));
                times
            }
            Timing::Timer { period } => {
                let phase = scale(*period, random.fraction());
                let grid = walk(after(from, phase), until, random, |_| *period);
                let delayed = grid.into_iter().map(|time| {
                    after(time, Duration::from_micros(random.between(&SCHEDULING_DELAY)))
                });
                delayed.filter(|time| *time < until).collect()
            }
            Timing::Human { pause } => {
                let first = scale(*pause, random.pause());
                walk(after(from, first), until, random, |random| scale(*pause, random.pause()))
            }
            Timing::At(offsets) => {
                let times = offsets.iter().map(|offset| after(from, *offset));
                times.filter(|time| *time < until).collect()
            }
        }
    }
}

/// The moment a duration after another; the end of time where it does not fit.
pub(crate) fn after(time: Timestamp, duration: Duration) -> Timestamp {
    let microseconds = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
    Timestamp(time.microseconds().saturating_add(microseconds))
}

/// The moment a duration before another; the beginning of time where it does not fit.
pub(crate) fn before(time: Timestamp, duration: Duration) -> Timestamp {
    let microseconds = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
    Timestamp(time.microseconds().saturating_sub(microseconds))
}

/// From one time to the next, until the end. An interval is at least a millisecond, so that the
/// walk ends whatever the law.
fn walk(
    from: Timestamp,
    until: Timestamp,
    random: &mut Random,
    interval: impl Fn(&mut Random) -> Duration,
) -> Vec<Timestamp> {
    let mut times = Vec::new();
    let mut time = from;
    while time < until {
        times.push(time);
        time = after(time, interval(random).max(Duration::from_millis(1)));
    }
    times
}

/// A multiple of a duration, to the microsecond.
fn scale(duration: Duration, factor: f64) -> Duration {
    Duration::from_micros((duration.as_micros() as f64 * factor) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Timestamp = Timestamp(3_600_000_000);

    fn intervals(timing: &Timing) -> Vec<i64> {
        let times = timing.times(Timestamp(0), HOUR, &mut Random::new(3));
        times.windows(2).map(|pair| pair[1].0 - pair[0].0).collect()
    }

    #[test]
    fn sleep_keeps_within_its_jitter() {
        let period = Duration::from_secs(60);
        let all = intervals(&Timing::Sleep { period, jitter: 0.2, missed: 0.0 });
        assert!((50..=75).contains(&all.len()), "{}", all.len());
        assert!(all.iter().all(|interval| (48_000_000..=72_000_000).contains(interval)));
        let some = intervals(&Timing::Sleep { period, jitter: 0.2, missed: 0.5 });
        assert!(some.len() < all.len());
    }

    #[test]
    fn a_timer_does_not_drift() {
        let period = Duration::from_secs(300);
        let times = Timing::Timer { period }.times(Timestamp(0), HOUR, &mut Random::new(3));
        assert!((11..=12).contains(&times.len()));
        for (index, time) in times.iter().enumerate() {
            let expected = times[0].0 + index as i64 * 300_000_000;
            assert!((time.0 - expected).abs() < 30_000);
        }
    }

    #[test]
    fn people_are_irregular() {
        let pauses = intervals(&Timing::Human { pause: Duration::from_secs(20) });
        let longest = pauses.iter().max().expect("an hour has pauses");
        let shortest = pauses.iter().min().expect("an hour has pauses");
        assert!(longest / shortest.max(&1) > 50);
    }

    #[test]
    fn every_law_ends() {
        let period = Duration::ZERO;
        let end = Timestamp(10_000);
        let timer = Timing::Timer { period };
        assert!(timer.times(Timestamp(0), end, &mut Random::new(1)).len() <= 10);
        let sleep = Timing::Sleep { period, jitter: 0.0, missed: 0.0 };
        assert_eq!(sleep.times(Timestamp(0), end, &mut Random::new(1)).len(), 10);
    }
}
