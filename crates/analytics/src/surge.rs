//! An hour with many more events than the same conversation had before.
//!
//! ```text
//! usual(hour)  = most events in any hour that ended a day or longer before
//! growth(hour) = events(hour) / usual(hour)
//! ```
//!
//! The hour that grew most counts, among those with a minimum of events. The busiest hour of the past
//! and not the mean is what is usual, so a program that works by day does not surge every morning; and a
//! day of distance keeps a surge of many hours from being its own past. Without a past of several hours
//! with events there is no answer.

const HOUR: i64 = 3_600_000_000;

/// How many hours before an hour its past ends.
const DISTANCE: i64 = 24;

/// A past is made of so many hours with events at least.
const LEAST_PAST: usize = 6;

/// The hour that grew most over its past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surge {
    /// Events in that hour.
    pub events: u64,
    /// Events in the busiest hour of its past.
    pub usual: u64,
}

impl Surge {
    /// How many times as many events as usual.
    pub fn growth(self) -> f64 {
        self.events as f64 / self.usual.max(1) as f64
    }
}

/// The surge among moments in microseconds, in order of time; `None` where no hour with at least
/// `minimum` events has a past.
///
/// ```
/// use coldtrail_analytics::surge;
///
/// const MINUTE: i64 = 60_000_000;
/// let mut moments: Vec<i64> = (0..40).map(|hour| hour * 60 * MINUTE).collect();
/// moments.extend((0..600).map(|second| 48 * 60 * MINUTE + second * 1_000_000));
/// assert_eq!(surge(&moments, 100).map(|surge| surge.growth()), Some(600.0));
/// ```
pub fn surge(moments: &[i64], minimum: u64) -> Option<Surge> {
    let hours = hours(moments);
    let mut past = hours.iter().peekable();
    let (mut usual, mut hours_before) = (0, 0);
    let mut most: Option<Surge> = None;
    for (hour, events) in &hours {
        while let Some((_, before)) = past.next_if(|(before, _)| *before <= hour - DISTANCE) {
            usual = usual.max(*before);
            hours_before += 1;
        }
        let surge = Surge { events: *events, usual };
        let is_most = most.is_none_or(|most| surge.growth() > most.growth());
        if hours_before >= LEAST_PAST && *events >= minimum && is_most {
            most = Some(surge);
        }
    }
    most
}

/// Hours since 1970 with events, and how many.
fn hours(moments: &[i64]) -> Vec<(i64, u64)> {
    let hours = moments.chunk_by(|one, other| one.div_euclid(HOUR) == other.div_euclid(HOUR));
    let counted = hours.map(|events| (events.first(), events.len() as u64));
    counted.filter_map(|(first, events)| Some((first?.div_euclid(HOUR), events))).collect()
}

#[cfg(test)]
mod tests {
    use super::{HOUR, Surge, surge};

    fn days(by_day: &[u64]) -> Vec<i64> {
        let hours = by_day.iter().enumerate().flat_map(|(day, events)| {
            (8..18).map(move |hour| ((day as i64 * 24 + hour) * HOUR, *events))
        });
        hours.flat_map(|(hour, events)| (0..events as i64).map(move |at| hour + at)).collect()
    }

    #[test]
    fn working_days_alike_are_no_growth() {
        assert_eq!(surge(&days(&[120, 120, 120]), 100), Some(Surge { events: 120, usual: 120 }));
    }

    #[test]
    fn a_surge_of_a_whole_day_is_compared_with_the_day_before() {
        assert_eq!(surge(&days(&[3, 4, 400]), 100), Some(Surge { events: 400, usual: 4 }));
    }

    #[test]
    fn without_a_past_there_is_no_surge() {
        assert_eq!(surge(&days(&[400]), 100), None);
        assert_eq!(surge(&[i64::MIN, 0, i64::MAX], 1), None);
    }
}
