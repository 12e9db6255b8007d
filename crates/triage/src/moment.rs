//! Times as people write them in a table: a day, or a moment with or without a zone.

use coldtrail_model::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// A day has this many microseconds; UTC knows no other here.
const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// The end of the year 2200, after which no log is believed either.
const LATEST: i64 = 7_289_654_400_000_000;

/// A day or a moment, in UTC unless it names a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    begins: Timestamp,
    is_day: bool,
}

impl Moment {
    /// Reads `2026-04-13`, `2026-04-13 09:00` or `2026-04-13T09:00:00+02:00`.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let begins = match text.parse::<jiff::Timestamp>() {
            Ok(moment) => moment,
            Err(_) => text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp(),
        };
        let is_day = text.parse::<jiff::civil::Date>().is_ok() && !text.contains(':');
        let begins = begins.as_microsecond();
        (0..LATEST).contains(&begins).then_some(Self { begins: Timestamp(begins), is_day })
    }

    /// Its first moment.
    pub(crate) fn begins(self) -> Timestamp {
        self.begins
    }

    /// The moment after it: a day counts to its end.
    pub(crate) fn ends(self) -> Timestamp {
        Timestamp(self.begins.0 + if self.is_day { DAY } else { 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn a_day_counts_to_its_end_and_a_moment_is_one() {
        let day = Moment::read("2026-04-13").expect("a day");
        assert_eq!(day.begins().to_string(), "2026-04-13T00:00:00Z");
        assert_eq!(day.ends().to_string(), "2026-04-14T00:00:00Z");
        for moment in ["2026-04-13T09:00:00Z", "2026-04-13 09:00", "2026-04-13T11:00:00+02:00"] {
            let moment = Moment::read(moment).expect("a moment");
            assert_eq!(moment.begins().to_string(), "2026-04-13T09:00:00Z");
            assert_eq!(moment.begins(), moment.ends());
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["", "soon", "13.04.2026", "2026-02-30", "1969-01-01", "9999-12-31"] {
            assert_eq!(Moment::read(text), None, "{text}");
        }
    }
}
