//! The law by which an instance polls, and the hours at which it does.

use std::time::Duration;

use coldtrail_model::Timestamp;

use crate::Random;
use crate::timing::after;

/// When a program polls. Ranges are drawn from once for each instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beat {
    /// In seconds: one of these, up to a fifth longer or shorter unless it is a grid.
    pub(super) periods: &'static [u64],
    /// The largest deviation as a share of the period: between these.
    pub(super) jitter: (f64, f64),
    /// Where intervals deviate to.
    pub(super) shape: Jitter,
    /// The share of polls that never reach the network: between these.
    pub(super) missed: (f64, f64),
    /// At which hours.
    pub(super) schedule: Schedule,
}

/// How intervals deviate from the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Jitter {
    /// To both sides alike.
    Symmetric,
    /// Only shorter.
    Below,
    /// Only longer.
    Added,
    /// Not at all: a clock strikes, whatever was before.
    Grid,
}

/// The hours at which a program is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Schedule {
    /// All of them.
    Always,
    /// From nine to five on working days.
    Office,
    /// Not at night, from 22 to 6.
    Daytime,
    /// On working days, day and night.
    Weekdays,
    /// On all days but some, by chance.
    DaysOff,
    /// While the user works: a time that differs by user and day.
    WithTheUser,
}

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i64 = 24 * HOUR;

/// The beat of one instance, which all of its hosts keep.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Law {
    /// In seconds.
    pub(super) period: f64,
    jitter: f64,
    shape: Jitter,
    missed: f64,
    schedule: Schedule,
}

impl Beat {
    /// Draws the law of an instance.
    pub(super) fn law(&self, random: &mut Random) -> Law {
        let one_of = random.between(&(0..=self.periods.len().max(1) as u64 - 1)) as usize;
        let seconds = self.periods.get(one_of).copied().unwrap_or(60) as f64;
        let period = match self.shape {
            Jitter::Grid => seconds,
            _ => seconds * (0.8 + 0.4 * random.fraction()),
        };
        let jitter = draw(self.jitter, random);
        let missed = draw(self.missed, random);
        Law { period, jitter, shape: self.shape, missed, schedule: self.schedule }
    }
}

impl Law {
    /// The polls in a stretch of time.
    pub(super) fn times(
        &self,
        from: Timestamp,
        until: Timestamp,
        random: &mut Random,
    ) -> Vec<Timestamp> {
        let Law { period, jitter, shape, missed, schedule } = *self;
        let days = random.fork("days");
        let phase = Duration::from_secs_f64(period * random.fraction());
        let mut times = Vec::new();
        let mut time = after(from, phase);
        while time < until {
            let is_awake = schedule.holds(time, &days);
            if is_awake && !random.chance(missed) {
                let late = Duration::from_micros(random.between(&(200..=90_000)));
                times.push(after(time, late));
            }
            let deviation = match shape {
                Jitter::Symmetric => jitter * (2.0 * random.fraction() - 1.0),
                Jitter::Below => -jitter * random.fraction(),
                Jitter::Added => jitter * random.fraction(),
                Jitter::Grid => 0.0,
            };
            time = after(time, Duration::from_secs_f64((period * (1.0 + deviation)).max(0.5)));
        }
        times
    }
}

impl Schedule {
    /// Whether it is at work then; `days` decides what chance decides for a day.
    pub(super) fn holds(self, time: Timestamp, days: &Random) -> bool {
        let day = time.microseconds().div_euclid(DAY);
        let hour = time.microseconds().rem_euclid(DAY) as f64 / HOUR as f64;
        // The first of January 1970 was a Thursday.
        let is_weekend = matches!((day + 3).rem_euclid(7), 5 | 6);
        let mut today = days.fork(&day.to_string());
        match self {
            Schedule::Always => true,
            Schedule::Office => !is_weekend && (9.0..17.0).contains(&hour),
            Schedule::Daytime => (6.0..22.0).contains(&hour),
            Schedule::Weekdays => !is_weekend,
            Schedule::DaysOff => !today.chance(0.3),
            Schedule::WithTheUser => {
                let begins = 7.5 + 2.0 * today.fraction();
                let ends = begins + 7.0 + 2.5 * today.fraction();
                !is_weekend && !today.chance(0.06) && (begins..ends).contains(&hour)
            }
        }
    }
}

/// A number between two.
pub(super) fn draw((least, most): (f64, f64), random: &mut Random) -> f64 {
    least + (most - least) * random.fraction()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::MONDAY_MORNING;

    const HOURLY: Beat = Beat {
        periods: &[3_600],
        jitter: (0.2, 0.2),
        shape: Jitter::Below,
        missed: (0.0, 0.0),
        schedule: Schedule::Always,
    };

    fn week(beat: &Beat) -> Vec<Timestamp> {
        let end = after(MONDAY_MORNING, Duration::from_secs(7 * 86_400));
        let mut random = Random::new(11);
        beat.law(&mut random).times(MONDAY_MORNING, end, &mut random)
    }

    #[test]
    fn jitter_goes_where_its_shape_says() {
        let intervals = |shape| {
            let times = week(&Beat { shape, ..HOURLY });
            times.windows(2).map(|pair| pair[1].0 - pair[0].0).collect::<Vec<_>>()
        };
        let mean = |all: Vec<i64>| all.iter().sum::<i64>() as f64 / all.len() as f64;
        let grid = intervals(Jitter::Grid);
        assert!(grid.iter().all(|it| (it - HOUR).abs() < SECOND), "{grid:?}");
        assert!(mean(intervals(Jitter::Below)) < mean(intervals(Jitter::Symmetric)));
        assert!(mean(intervals(Jitter::Symmetric)) < mean(intervals(Jitter::Added)));
    }

    #[test]
    fn office_hours_are_forty_a_week_and_nights_are_quiet() {
        let office = week(&Beat { schedule: Schedule::Office, shape: Jitter::Grid, ..HOURLY });
        assert!((38..=41).contains(&office.len()), "{}", office.len());
        let daytime = week(&Beat { schedule: Schedule::Daytime, shape: Jitter::Grid, ..HOURLY });
        assert!((110..=113).contains(&daytime.len()), "{}", daytime.len());
    }

    #[test]
    fn missed_polls_are_missing() {
        let all = week(&HOURLY).len() as f64;
        let some = week(&Beat { missed: (0.5, 0.5), ..HOURLY }).len() as f64;
        assert!((0.35..0.65).contains(&(some / all)), "{some} of {all}");
    }
}
