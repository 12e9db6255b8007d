//! Reads the times that logs write, as microseconds since 1970, UTC.
//!
//! Each way of writing has its own function, and a format says which one it means: guessing between
//! `03/04` and `04/03` would move events by weeks. Only the years 1970 to 2200 are taken for times
//! of events; whatever is finer than a microsecond is cut off.

use jiff::civil::Date;
use jiff::tz::TimeZone;

/// 2201-01-01T00:00:00Z, the first moment that is no time of an event.
const TOO_LATE: i64 = 7_289_654_400 * MICROSECONDS_A_SECOND;

const MICROSECONDS_A_SECOND: i64 = 1_000_000;

/// RFC 3339, such as `2020-09-21T05:27:12.1234567Z` or `2020-09-21 05:27:12+02:00`; the zone must
/// be there.
pub(crate) fn rfc3339(text: &str) -> Option<i64> {
    let (moment, zone) = date_and_time(text)?;
    in_range(moment - zone?)
}

/// As [`rfc3339`], but a time without a zone is UTC, as it is in Sysmon's `UtcTime` and in exports
/// of Defender and Sentinel.
pub(crate) fn rfc3339_assuming_utc(text: &str) -> Option<i64> {
    let (moment, zone) = date_and_time(text)?;
    in_range(moment - zone.unwrap_or(0))
}

/// Seconds since 1970 with a fraction, such as Zeek's `1379288667.706265`.
///
/// The text is read digit by digit: a float of that size rounds microseconds. For a JSON number,
/// pass its text; serde_json writes the shortest one, which is the one that was read.
pub(crate) fn epoch_seconds(text: &str) -> Option<i64> {
    let mut cursor = Cursor(text.trim_ascii().as_bytes());
    let seconds = cursor.number(1, 10)?;
    let microseconds = cursor.fraction()?;
    cursor.end()?;
    in_range(seconds * MICROSECONDS_A_SECOND + microseconds)
}

/// Milliseconds since 1970.
pub(crate) fn epoch_milliseconds(number: i64) -> Option<i64> {
    in_range(number.checked_mul(1000)?)
}

/// What the Defender portal writes into CSV files: `Oct 10, 2023 7:57:30 PM`,
/// `10/10/2023 7:57:30.123 PM` (month first), or a time as of [`rfc3339_assuming_utc`].
pub(crate) fn portal(text: &str) -> Option<i64> {
    let text = text.trim_ascii();
    rfc3339_assuming_utc(text).or_else(|| american(text))
}

fn in_range(moment: i64) -> Option<i64> {
    (0..TOO_LATE).contains(&moment).then_some(moment)
}

/// `2020-09-21T05:27:12.1234567+02:00`: the moment as if it were UTC, and the zone's offset.
fn date_and_time(text: &str) -> Option<(i64, Option<i64>)> {
    let mut cursor = Cursor(text.trim_ascii().as_bytes());
    let year = cursor.number(4, 4)?;
    cursor.one_of(b"-")?;
    let month = cursor.number(2, 2)?;
    cursor.one_of(b"-")?;
    let day = cursor.number(2, 2)?;
    cursor.one_of(b"Tt ")?;
    let hour = cursor.number(2, 2)?;
    let in_hour = cursor.minutes_and_seconds()?;
    let moment = midnight(year, month, day)? + clock(hour, in_hour)?;
    let zone = cursor.zone()?;
    cursor.end()?;
    Some((moment, zone))
}

/// `Oct 10, 2023 7:57:30 PM`, `10/10/2023 7:57:30.123 PM`, or either with 24 hours.
fn american(text: &str) -> Option<i64> {
    let mut cursor = Cursor(text.as_bytes());
    let (month, day) = match cursor.month_name() {
        Some(month) => {
            cursor.one_of(b" ")?;
            let day = cursor.number(1, 2)?;
            cursor.one_of(b",")?;
            cursor.one_of(b" ")?;
            (month, day)
        }
        None => {
            let month = cursor.number(1, 2)?;
            cursor.one_of(b"/")?;
            let day = cursor.number(1, 2)?;
            cursor.one_of(b"/")?;
            (month, day)
        }
    };
    let year = cursor.number(4, 4)?;
    // A comma stands here in some languages of the portal.
    let _comma = cursor.one_of(b",");
    cursor.one_of(b" ")?;
    let hour = cursor.number(1, 2)?;
    let in_hour = cursor.minutes_and_seconds()?;
    let hour = cursor.half_of_day(hour)?;
    cursor.end()?;
    in_range(midnight(year, month, day)? + clock(hour, in_hour)?)
}

/// The beginning of a day of the Gregorian calendar, if there is such a day.
fn midnight(year: i64, month: i64, day: i64) -> Option<i64> {
    let date = Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?);
    let midnight = date.ok()?.to_zoned(TimeZone::UTC).ok()?;
    Some(midnight.timestamp().as_microsecond())
}

fn clock(hour: i64, in_hour: i64) -> Option<i64> {
    (hour < 24).then_some(hour * 3600 * MICROSECONDS_A_SECOND + in_hour)
}

/// Reads a text from left to right; `None` wherever it is not what was due.
struct Cursor<'t>(&'t [u8]);

impl Cursor<'_> {
    /// A number of at least and at most so many digits.
    fn number(&mut self, least: usize, most: usize) -> Option<i64> {
        let digits = self.0.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        let value = number.iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
        (digits >= least).then_some(value)
    }

    /// One of those bytes.
    fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        if !bytes.contains(first) {
            return None;
        }
        self.0 = rest;
        Some(*first)
    }

    /// `:27:12.123`, in microseconds. A leap second is the last microsecond of its minute, so that
    /// it neither fails nor reaches into the next one.
    fn minutes_and_seconds(&mut self) -> Option<i64> {
        self.one_of(b":")?;
        let minute = self.number(2, 2)?;
        self.one_of(b":")?;
        let second = self.number(2, 2)?;
        let microseconds = self.fraction()?;
        let in_minute = match second {
            0..=59 => second * MICROSECONDS_A_SECOND + microseconds,
            60 => 60 * MICROSECONDS_A_SECOND - 1,
            _ => return None,
        };
        (minute < 60).then_some(minute * 60 * MICROSECONDS_A_SECOND + in_minute)
    }

    /// `.123456789` in microseconds, or nothing at all.
    fn fraction(&mut self) -> Option<i64> {
        if self.one_of(b".,").is_none() {
            return Some(0);
        }
        let digits = self.0.len();
        let mut microseconds = self.number(1, 6)?;
        for _ in digits - self.0.len()..6 {
            microseconds *= 10;
        }
        // What is finer than a microsecond is cut off; more than nine digits are no fraction.
        self.number(0, 3)?;
        Some(microseconds)
    }

    /// `Z`, `+02:00`, `+0200`, ` UTC`, or nothing.
    fn zone(&mut self) -> Option<Option<i64>> {
        if let Some(rest) = self.0.strip_prefix(b" UTC") {
            self.0 = rest;
            return Some(Some(0));
        }
        match self.one_of(b"Zz+-") {
            None => Some(None),
            Some(b'Z' | b'z') => Some(Some(0)),
            Some(sign) => {
                let hours = self.number(2, 2)?;
                let _colon = self.one_of(b":");
                let minutes = self.number(2, 2)?;
                let offset = (hours * 60 + minutes) * 60 * MICROSECONDS_A_SECOND;
                (hours < 24 && minutes < 60).then_some(Some(if sign == b'-' {
                    -offset
                } else {
                    offset
                }))
            }
        }
    }

    /// The number of a month's English name, long or short.
    fn month_name(&mut self) -> Option<i64> {
        const MONTHS: &[u8] = b"janfebmaraprmayjunjulaugsepoctnovdec";
        let letters = self.0.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let (name, rest) = self.0.split_at_checked(letters)?;
        let short = name.get(..3)?.to_ascii_lowercase();
        let place = MONTHS.chunks_exact(3).position(|month| month == short)?;
        self.0 = rest;
        Some(place as i64 + 1)
    }

    /// ` PM` behind an hour of twelve, or nothing behind an hour of 24. The space may be the narrow
    /// one (U+202F) that browsers write.
    fn half_of_day(&mut self, hour: i64) -> Option<i64> {
        if self.0.is_empty() {
            return Some(hour);
        }
        let rest = self.0.strip_prefix("\u{202f}".as_bytes()).or(self.0.strip_prefix(b" "))?;
        let afternoon = match rest {
            b"AM" | b"am" => 0,
            b"PM" | b"pm" => 12,
            _ => return None,
        };
        self.0 = b"";
        (1..=12).contains(&hour).then_some(hour % 12 + afternoon)
    }

    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{epoch_milliseconds, epoch_seconds, portal, rfc3339, rfc3339_assuming_utc};

    const MOMENT: i64 = 1_600_666_032_123_456;

    #[test]
    fn rfc_3339_in_all_its_spellings() {
        for text in [
            "2020-09-21T05:27:12.123456Z",
            "2020-09-21 05:27:12.123456Z",
            "2020-09-21T05:27:12.123456789z",
            "2020-09-21T07:27:12.1234567+02:00",
            "2020-09-20T23:57:12.123456-0530",
            "2020-09-21T05:27:12.123456 UTC",
        ] {
            assert_eq!(rfc3339(text), Some(MOMENT), "{text}");
        }
        assert_eq!(rfc3339("2020-09-21T05:27:12.1Z"), Some(MOMENT - 23_456));
        assert_eq!(rfc3339("2020-09-21T05:27:12.123456"), None);
        assert_eq!(rfc3339_assuming_utc("2020-09-21 05:27:12.123456"), Some(MOMENT));
    }

    #[test]
    fn what_names_no_moment_is_none() {
        for text in [
            "",
            "-",
            "2021-02-29T00:00:00Z",
            "2020-13-01T00:00:00Z",
            "2020-00-01T00:00:00Z",
            "2020-01-01T24:00:00Z",
            "2020-01-01T00:60:00Z",
            "2020-01-01T00:00:61Z",
            "2020-01-01T00:00:00.Z",
            "2020-01-01T00:00:00+24:00",
            "1969-12-31T23:59:59Z",
            "2201-01-01T00:00:00Z",
            "2020-01-01",
            "2020-01-01T00:00:00Zebra",
        ] {
            assert_eq!(rfc3339_assuming_utc(text), None, "{text}");
        }
        assert_eq!(rfc3339("2016-12-31T23:59:60Z"), Some(1_483_228_799_999_999));
    }

    #[test]
    fn seconds_are_exact() {
        assert_eq!(epoch_seconds("1379288667.706265"), Some(1_379_288_667_706_265));
        assert_eq!(epoch_seconds("1379288667"), Some(1_379_288_667_000_000));
        assert_eq!(epoch_seconds("1379288667.7"), Some(1_379_288_667_700_000));
        for text in ["", "-1.5", "1e9", "1.", "99999999999.0", "1 2", "nan"] {
            assert_eq!(epoch_seconds(text), None, "{text}");
        }
        assert_eq!(epoch_milliseconds(1_600_666_032_123), Some(MOMENT - 456));
        assert_eq!(epoch_milliseconds(i64::MAX), None);
    }

    #[test]
    fn the_portal_writes_twelve_hours() {
        let evening = rfc3339("2023-10-10T19:57:30Z");
        for text in [
            "Oct 10, 2023 7:57:30 PM",
            "October 10, 2023 7:57:30 pm",
            "Oct 10, 2023 7:57:30\u{202f}PM",
            "10/10/2023 7:57:30 PM",
            "10/10/2023, 19:57:30",
            "2023-10-10T19:57:30Z",
        ] {
            assert_eq!(portal(text), evening, "{text}");
        }
        assert_eq!(portal("Oct 10, 2023 12:00:00 AM"), rfc3339("2023-10-10T00:00:00Z"));
        assert_eq!(portal("10/31/2023 12:00:00.5 PM"), rfc3339("2023-10-31T12:00:00.5Z"));
        assert_eq!(portal("31/10/2023 12:00:00 PM"), None);
        assert_eq!(portal("10/10/2023 13:00:00 PM"), None);
    }

    proptest! {
        #[test]
        fn any_moment_reads_back_as_written(moment in 0..super::TOO_LATE) {
            let text = coldtrail_model::Timestamp(moment).to_string();
            prop_assert_eq!(rfc3339(&text), Some(moment));
        }

        #[test]
        fn no_text_makes_it_fall_over(text in "\\PC{0,40}") {
            let _ = (rfc3339(&text), epoch_seconds(&text), portal(&text));
        }
    }
}
