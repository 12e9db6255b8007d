//! How much of the time the rhythm was kept up.
//!
//! ```text
//! duty = active hours / min(hours in the span, polls the span has room for)
//! ```
//!
//! An hour is active when a poll begins in it; the room is for span / period + 1 polls. A daily
//! beacon cannot be active in more hours than it has polls, hence the second bound. Hours and days
//! are counted from the first poll, not by the calendar, so that neither the time zone nor the
//! second the log begins at changes the measure.

const MICROSECONDS_AN_HOUR: u64 = 3_600_000_000;
const HOURS_A_DAY: u64 = 24;

/// When the polls happened, coarsely.
pub(crate) struct Duty {
    /// From 0 to 1: the share of hours in which a poll was possible and took place.
    pub(crate) duty: f64,
    /// Days of 24 hours since the first poll in which a poll began.
    pub(crate) active_days: u64,
}

/// The duty of polls given as sorted microseconds since the first, with a period in seconds.
pub(crate) fn duty(offsets: &[u64], span_seconds: f64, period_seconds: f64) -> Duty {
    let mut hours: Vec<u64> = offsets.iter().map(|offset| offset / MICROSECONDS_AN_HOUR).collect();
    hours.dedup();
    let mut days: Vec<u64> = hours.iter().map(|hour| hour / HOURS_A_DAY).collect();
    days.dedup();
    let hours_in_span = hours.last().map_or(1.0, |last| *last as f64 + 1.0);
    let room_for_polls = (span_seconds / period_seconds).round() + 1.0;
    Duty {
        duty: (hours.len() as f64 / hours_in_span.min(room_for_polls)).min(1.0),
        active_days: days.len() as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::duty;

    fn measure(hours: &[f64], period_seconds: f64) -> (f64, u64) {
        let offsets: Vec<u64> = hours.iter().map(|hour| (hour * 3.6e9) as u64).collect();
        let span = hours.last().unwrap() * 3600.0;
        let duty = duty(&offsets, span, period_seconds);
        (duty.duty, duty.active_days)
    }

    #[test]
    fn around_the_clock_is_one() {
        let every_ten_minutes: Vec<f64> = (0..288).map(|poll| f64::from(poll) / 6.0).collect();
        assert_eq!(measure(&every_ten_minutes, 600.0), (1.0, 2));
    }

    #[test]
    fn a_daily_poll_is_as_dutiful_as_it_can_be() {
        assert_eq!(measure(&[0.0, 24.0, 48.0, 72.0, 96.0], 86_400.0), (1.0, 5));
    }

    #[test]
    fn office_hours_are_a_third() {
        let polls: Vec<f64> = (0..3)
            .flat_map(|day| (0..32).map(move |quarter| f64::from(day * 96 + quarter) / 4.0))
            .collect();
        assert_eq!(measure(&polls, 900.0), (24.0 / 56.0, 3));
    }
}
