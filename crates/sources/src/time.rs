//! Reads the times that logs write, as microseconds since 1970, UTC.
//!
//! Each way of writing has its own function, and a format says which one it means: guessing between
//! `03/04` and `04/03` would move events by weeks. Only the years 1970 to 2200 are taken for times
//! of events; whatever is finer than a microsecond is cut off.
//!
//! Some ways of writing leave out what tells the moment: the zone, the year, which number is the
//! month. Such a time is [`Written`]; [`Collector::moment`](crate::Collector::moment) makes a moment
//! of it with what the stream is known to be, and tells every assumption as an anomaly. Clocks that
//! jump are left as they are: a record keeps the time that it claims.

use jiff::civil::Date;
use jiff::tz::TimeZone;

/// 2201-01-01T00:00:00Z, the first moment that is no time of an event.
const TOO_LATE: i64 = 7_289_654_400 * MICROSECONDS_A_SECOND;

const MICROSECONDS_A_SECOND: i64 = 1_000_000;

const DAY: i64 = 86_400 * MICROSECONDS_A_SECOND;

/// Names of zones, and how many minutes they are ahead of UTC.
const ZONES: [(&[u8], i64); 24] = [
    (b"UTC", 0),
    (b"GMT", 0),
    (b"UT", 0),
    (b"Z", 0),
    (b"WET", 0),
    (b"WEST", 60),
    (b"CET", 60),
    (b"CEST", 120),
    (b"EET", 120),
    (b"EEST", 180),
    (b"MSK", 180),
    (b"SGT", 480),
    (b"HKT", 480),
    (b"AWST", 480),
    (b"JST", 540),
    (b"KST", 540),
    (b"ACST", 570),
    (b"ACDT", 630),
    (b"AEST", 600),
    (b"AEDT", 660),
    (b"NZST", 720),
    (b"NZDT", 780),
    (b"EDT", -240),
    (b"PDT", -420),
];

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

/// Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their magnitude: from
/// 1973 on, no number of one unit is a time of events in another. Seconds may have a fraction.
pub(crate) fn epoch(text: &str) -> Option<i64> {
    let text = text.trim_ascii();
    let whole = text.split('.').next().unwrap_or(text);
    match whole.len() {
        ..=10 => epoch_seconds(text),
        11..=13 => epoch_milliseconds(whole.parse().ok()?),
        14..=16 => in_range(whole.parse().ok()?),
        _ => in_range(whole.parse::<i64>().ok()? / 1000),
    }
}

/// ISO 8601 date and time, with or without a zone: `2020-09-21T05:27:12.5+02:00`,
/// `2020-09-21 05:27:12`, `2020-09-21 05:27:12 CEST`.
pub(crate) fn iso(text: &str) -> Option<Written> {
    let mut cursor = Cursor(text.trim_ascii().as_bytes());
    let written = cursor.iso()?;
    let written = written.in_zone(cursor.named_zone()?.or(written.zone));
    cursor.end()?;
    Some(written)
}

/// The time of Apache's common log format: `10/Oct/2000:13:55:36 -0700`.
pub(crate) fn common_log(text: &str) -> Option<Written> {
    let mut cursor = Cursor(text.trim_ascii().as_bytes());
    let day = cursor.number(1, 2)?;
    cursor.one_of(b"/")?;
    let month = cursor.month_name()?;
    cursor.one_of(b"/")?;
    let year = cursor.number(4, 4)?;
    cursor.one_of(b":")?;
    let of_day = cursor.time_of_day()?;
    let written = Written { year: Some(year), ..Written::of_day(month, day, of_day) };
    let written = written.in_zone(cursor.named_zone()?);
    cursor.end()?;
    Some(written)
}

/// A date with a month's English name, then a time: `Mar 01 2021 20:48:21.123 UTC`,
/// `Mar  1 20:48:21`, `01-Mar-2021 20:48:21.123`, `Mon, 01 Mar 2021 20:48:21 GMT`.
pub(crate) fn named_month(text: &str) -> Option<Written> {
    let mut cursor = Cursor(text.trim_ascii().as_bytes());
    cursor.weekday();
    let written = match cursor.number(1, 2) {
        Some(day) => {
            cursor.one_of(b"- /")?;
            let month = cursor.month_name()?;
            cursor.one_of(b"- /")?;
            let year = cursor.number(4, 4)?;
            cursor.one_of(b" :T")?;
            let of_day = cursor.time_of_day()?;
            Written { year: Some(year), ..Written::of_day(month, day, of_day) }
        }
        None => cursor.bsd()?,
    };
    let written = written.in_zone(cursor.named_zone()?);
    cursor.end()?;
    Some(written)
}

/// A date of three numbers, then a time, as Windows writes them by locale: `5/4/2024 7:57:30 PM`,
/// `04/05/2024 19:57:30`, `4.5.2024 19:57:30`, `2024-05-04 19:57:30`. A year that comes first is
/// followed by the month; otherwise `order` tells, which the whole stream has in common, and without
/// it the moment is an assumption.
pub(crate) fn numeric_date(text: &str, order: Option<DateOrder>) -> Option<Written> {
    let mut cursor = Cursor(text.trim_ascii().as_bytes());
    let date = cursor.numbers_of_date()?;
    let _comma = cursor.one_of(b",");
    cursor.one_of(b" T:")?;
    let hour = cursor.number(1, 2)?;
    let in_hour = cursor.minutes_and_seconds()?;
    let half = cursor.half()?;
    let of_day = clock(hour_of_day(hour, half)?, in_hour)?;
    let written = date.written(order, half.is_some(), of_day);
    let written = written.in_zone(cursor.named_zone()?);
    cursor.end()?;
    Some(written)
}

/// Which of the two comes first where a date is all numbers and ends with its year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateOrder {
    /// `31/12/2024`.
    DayFirst,
    /// `12/31/2024`.
    MonthFirst,
}

/// The order that dates of one stream have in common: a number above twelve is no month. `None` where
/// no date tells, or where they contradict one another.
pub(crate) fn date_order<'t>(texts: impl Iterator<Item = &'t str>) -> Option<DateOrder> {
    let (mut day_first, mut month_first) = (false, false);
    for text in texts {
        let date = Cursor(text.trim_ascii().as_bytes()).numbers_of_date();
        if let Some(Numbers::YearLast { first, second, .. }) = date {
            day_first |= first > 12;
            month_first |= second > 12;
        }
    }
    match (day_first, month_first) {
        (true, false) => Some(DateOrder::DayFirst),
        (false, true) => Some(DateOrder::MonthFirst),
        _ => None,
    }
}

/// A time as it is written, which may leave open what its stream has to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    year: Option<i64>,
    month: i64,
    day: i64,
    /// Microseconds since midnight.
    of_day: i64,
    /// How far the clock is ahead of UTC, in microseconds.
    zone: Option<i64>,
    /// Whether day and month might be the other way around.
    order_is_assumed: bool,
}

impl Written {
    fn of_day(month: i64, day: i64, of_day: i64) -> Self {
        Self { year: None, month, day, of_day, zone: None, order_is_assumed: false }
    }

    fn in_zone(self, zone: Option<i64>) -> Self {
        Self { zone, ..self }
    }

    /// The same, by a clock of UTC if no zone is written: for formats that are defined so.
    pub(crate) fn assuming_utc(self) -> Self {
        self.in_zone(self.zone.or(Some(0)))
    }

    /// The same, in that zone if none is written: for records that name it in another place.
    pub(crate) fn assuming_zone(self, zone: Option<i64>) -> Self {
        self.in_zone(self.zone.or(zone))
    }

    /// Whether a year is written.
    pub(crate) fn has_year(&self) -> bool {
        self.year.is_some()
    }

    /// Whether a zone is written.
    pub(crate) fn has_zone(&self) -> bool {
        self.zone.is_some()
    }

    /// Whether day and month might be the other way around.
    pub(crate) fn order_is_assumed(&self) -> bool {
        self.order_is_assumed
    }

    /// The moment. A year that is not written is the last one in which this is not after `latest`,
    /// which is when the log was last written; a day is added, since its clock may be ahead of UTC.
    pub(crate) fn moment(&self, latest: Option<i64>) -> Option<i64> {
        let in_year = |year| {
            in_range(midnight(year, self.month, self.day)? + self.of_day - self.zone.unwrap_or(0))
        };
        if let Some(year) = self.year {
            return in_year(year);
        }
        let latest = latest?.saturating_add(DAY);
        let last = jiff::Timestamp::from_microsecond(latest).ok()?;
        let last = i64::from(last.to_zoned(TimeZone::UTC).year());
        // A 29th of February may be eight years away.
        (last - 8..=last + 1).rev().filter_map(in_year).find(|moment| *moment <= latest)
    }
}

/// How far a clock is ahead of UTC by the zone's name or offset, in microseconds. A name counts that
/// means one thing all over the world, which `EST`, `CST`, `IST` and `BST` do not.
pub(crate) fn zone(text: &str) -> Option<i64> {
    let mut cursor = Cursor(text.trim_ascii().as_bytes());
    let zone = match cursor.zone()? {
        Some(zone) => zone,
        None => cursor.zone_name()?,
    };
    cursor.end()?;
    Some(zone)
}

/// The time in front of a syslog message: RFC 3164 with or without a year and a zone, or ISO 8601
/// with its `T`; with it what stands behind.
pub(crate) fn stamp(text: &str) -> Option<(Written, &str)> {
    let mut cursor = Cursor(text.as_bytes());
    let written = if text.starts_with(|first: char| first.is_ascii_digit()) {
        if !matches!(text.as_bytes().get(10), Some(b'T')) {
            return None;
        }
        cursor.iso()?
    } else {
        // Cisco marks a clock that is not set, or not in step, by a sign in front.
        let _mark = cursor.one_of(b"*.");
        let written = cursor.bsd()?;
        let before = cursor.0;
        match cursor.named_zone() {
            Some(zone) if zone.is_some() => written.in_zone(zone),
            _ => {
                cursor.0 = before;
                written
            }
        }
    };
    let rest = text.get(text.len() - cursor.0.len()..)?;
    let ends = rest.is_empty() || rest.starts_with([' ', ':']);
    ends.then_some((written, rest))
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

/// The numbers of a date, in the order in which they are written.
enum Numbers {
    YearFirst { year: i64, month: i64, day: i64 },
    YearLast { first: i64, second: i64, year: i64 },
}

impl Numbers {
    /// The date with a time of the day. Where nothing tells the order, a clock of twelve hours is that
    /// of people who write the month first, and any other one that of those who write the day first.
    fn written(&self, order: Option<DateOrder>, has_halves: bool, of_day: i64) -> Written {
        let (first, second, year) = match *self {
            Numbers::YearFirst { year, month, day } => {
                return Written { year: Some(year), ..Written::of_day(month, day, of_day) };
            }
            Numbers::YearLast { first, second, year } => (first, second, year),
        };
        let shown = match (first > 12, second > 12) {
            (true, _) => Some(DateOrder::DayFirst),
            (_, true) => Some(DateOrder::MonthFirst),
            // It is the same day either way.
            _ if first == second => Some(DateOrder::DayFirst),
            _ => order,
        };
        let usual = if has_halves { DateOrder::MonthFirst } else { DateOrder::DayFirst };
        let (month, day) = match shown.unwrap_or(usual) {
            DateOrder::DayFirst => (second, first),
            DateOrder::MonthFirst => (first, second),
        };
        let order_is_assumed = shown.is_none();
        Written { year: Some(year), order_is_assumed, ..Written::of_day(month, day, of_day) }
    }
}

/// The hour of a day of 24, from one of a half day.
fn hour_of_day(hour: i64, half: Option<i64>) -> Option<i64> {
    match half {
        None => Some(hour),
        Some(afternoon) => (1..=12).contains(&hour).then_some(hour % 12 + afternoon),
    }
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

    /// ` PM` behind an hour of twelve, or nothing behind an hour of 24.
    fn half_of_day(&mut self, hour: i64) -> Option<i64> {
        hour_of_day(hour, self.half()?)
    }

    /// ` AM` or ` PM`: how many hours it adds, `None` inside where neither is there. The space may be
    /// the narrow one (U+202F) that browsers write.
    fn half(&mut self) -> Option<Option<i64>> {
        let narrow = self.0.strip_prefix("\u{202f}".as_bytes());
        let Some(rest) = narrow.or(self.0.strip_prefix(b" ")) else { return Some(None) };
        let afternoon = match rest.get(..2).unwrap_or_default() {
            b"AM" | b"am" => 0,
            b"PM" | b"pm" => 12,
            _ => return Some(None),
        };
        self.0 = rest.get(2..)?;
        Some(Some(afternoon))
    }

    /// `2024-05-04`, `05/04/2024`, `4.5.2024`.
    fn numbers_of_date(&mut self) -> Option<Numbers> {
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let first = self.number(1, 4)?;
        let separator = self.one_of(b"/.-")?;
        let second = self.number(1, 2)?;
        self.one_of(&[separator])?;
        match digits {
            4 => Some(Numbers::YearFirst { year: first, month: second, day: self.number(1, 2)? }),
            1 | 2 => Some(Numbers::YearLast { first, second, year: self.number(4, 4)? }),
            _ => None,
        }
    }

    /// `2020-09-21T05:27:12.5+02:00`, with or without the zone.
    fn iso(&mut self) -> Option<Written> {
        let year = self.number(4, 4)?;
        self.one_of(b"-")?;
        let month = self.number(2, 2)?;
        self.one_of(b"-")?;
        let day = self.number(2, 2)?;
        self.one_of(b"Tt ")?;
        let of_day = self.time_of_day()?;
        let zone = self.zone()?;
        Some(Written { year: Some(year), zone, ..Written::of_day(month, day, of_day) })
    }

    /// `Oct  5 22:14:15`, `Oct 5 2024 22:14:15.123`, `Oct  5 22:14:15 2024`.
    fn bsd(&mut self) -> Option<Written> {
        let month = self.month_name()?;
        self.one_of(b" ")?;
        let _padding = self.one_of(b" ");
        let day = self.number(1, 2)?;
        let _comma = self.one_of(b",");
        self.one_of(b" ")?;
        let mut year = self.year();
        if year.is_some() {
            self.one_of(b" ")?;
        }
        let of_day = self.time_of_day()?;
        if year.is_none()
            && let Some(rest) = self.0.strip_prefix(b" ")
        {
            let mut behind = Cursor(rest);
            year = behind.year();
            if year.is_some() && matches!(behind.0.first(), None | Some(b' ' | b':')) {
                self.0 = behind.0;
            } else {
                year = None;
            }
        }
        Some(Written { year, ..Written::of_day(month, day, of_day) })
    }

    /// Four digits, if that is what is there.
    fn year(&mut self) -> Option<i64> {
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 4 { self.number(4, 4) } else { None }
    }

    /// `7:57:30.123`, in microseconds since midnight.
    fn time_of_day(&mut self) -> Option<i64> {
        let hour = self.number(1, 2)?;
        let in_hour = self.minutes_and_seconds()?;
        clock(hour, in_hour)
    }

    /// A zone behind a space or none: an offset, or a name. A name that says nothing is passed over,
    /// as if there were no zone.
    fn named_zone(&mut self) -> Option<Option<i64>> {
        let before = self.0;
        if let Some(zone) = self.zone()? {
            return Some(Some(zone));
        }
        if self.one_of(b" ").is_none() {
            return Some(None);
        }
        if matches!(self.0.first(), Some(b'+' | b'-')) {
            return self.zone();
        }
        let known = self.zone_name();
        if known.is_none() {
            self.0 = before;
            let letters = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b' ';
            let length = self.0.iter().take_while(|byte| letters(byte)).count();
            self.0 = self.0.get(length..)?;
        }
        Some(known)
    }

    /// The name of a zone that means one thing.
    fn zone_name(&mut self) -> Option<i64> {
        let letters = self.0.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let (name, rest) = self.0.split_at_checked(letters)?;
        let (_, minutes) = ZONES.iter().find(|(known, _)| *known == name)?;
        self.0 = rest;
        Some(minutes * 60 * MICROSECONDS_A_SECOND)
    }

    /// `Mon, ` or `Mon `.
    fn weekday(&mut self) {
        const DAYS: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
        if let Some(rest) = DAYS.iter().find_map(|day| self.0.strip_prefix(*day)) {
            let rest = rest.strip_prefix(b",").unwrap_or(rest);
            self.0 = rest.strip_prefix(b" ").unwrap_or(rest);
        }
    }

    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        DateOrder, common_log, date_order, epoch, epoch_milliseconds, epoch_seconds, iso,
        named_month, numeric_date, portal, rfc3339, rfc3339_assuming_utc, stamp, zone,
    };

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

    #[test]
    fn an_epoch_tells_its_unit_by_its_size() {
        for text in ["1600666032.123456", "1600666032123456", "1600666032123456789"] {
            assert_eq!(epoch(text), Some(MOMENT), "{text}");
        }
        assert_eq!(epoch("1600666032123"), Some(MOMENT - 456));
        assert_eq!(epoch("1600666032"), Some(MOMENT - 123_456));
        assert_eq!((epoch(""), epoch("x"), epoch("99999999999999999999")), (None, None, None));
    }

    #[test]
    fn months_by_name() {
        let whole = MOMENT - 123_456;
        for text in [
            "Sep 21 2020 05:27:12 UTC",
            "Sep 21, 2020 05:27:12 GMT",
            "Sep 21 07:27:12 2020 CEST",
            "21-Sep-2020 05:27:12 Z",
            "Mon, 21 Sep 2020 05:27:12 GMT",
            "Mon Sep 21 2020 01:27:12 -0400",
        ] {
            let written = named_month(text).unwrap_or_else(|| panic!("{text}"));
            assert!(written.has_year() && written.has_zone(), "{text}");
            assert_eq!(written.moment(None), Some(whole), "{text}");
        }
        let common = common_log("21/Sep/2020:01:27:12 -0400").expect("a time");
        assert_eq!(common.moment(None), Some(whole));
        assert_eq!(iso("2020-09-21 05:27:12.123456").and_then(|it| it.moment(None)), Some(MOMENT));
        assert_eq!(named_month("Undecember 5 05:27:12"), None);
    }

    #[test]
    fn a_year_that_is_not_written_is_the_last_possible_one() {
        let moment = |text: &str, latest: &str| {
            named_month(text)
                .expect("a time")
                .moment(rfc3339(latest))
                .map(|it| coldtrail_model::Timestamp(it).to_string()[..10].to_owned())
        };
        let year = |text, latest| moment(text, latest).expect("a moment");
        assert_eq!(year("Dec 31 23:00:00", "2024-01-02T00:00:00Z"), "2023-12-31");
        assert_eq!(year("Jan  2 01:00:00", "2024-01-02T00:00:00Z"), "2024-01-02");
        // A clock ahead of UTC may be in the next year already.
        assert_eq!(year("Jan  1 08:00:00", "2023-12-31T23:00:00Z"), "2024-01-01");
        assert_eq!(year("Feb 29 08:00:00", "2023-06-01T00:00:00Z"), "2020-02-29");
        assert_eq!(moment("Feb 30 08:00:00", "2023-06-01T00:00:00Z"), None);
        assert_eq!(named_month("Jan  2 01:00:00").and_then(|it| it.moment(None)), None);
    }

    #[test]
    fn dates_of_numbers_by_locale() {
        let moment = rfc3339("2024-05-04T19:57:30Z");
        let utc = |text, order| numeric_date(text, order).and_then(|it| it.moment(None));
        let (day, month) = (Some(DateOrder::DayFirst), Some(DateOrder::MonthFirst));
        assert_eq!(utc("5/4/2024 7:57:30 PM", month), moment);
        assert_eq!(utc("04/05/2024 19:57:30", day), moment);
        assert_eq!(utc("4.5.2024 19:57:30", day), moment);
        assert_eq!(utc("2024-05-04 19:57:30", month), moment);
        assert_eq!(utc("5/13/2024 7:57:30 AM", day), rfc3339("2024-05-13T07:57:30Z"));
        let assumed = |text| numeric_date(text, None).map(|it| it.order_is_assumed());
        assert_eq!(assumed("04/05/2024 19:57:30"), Some(true));
        assert_eq!(assumed("05/05/2024 19:57:30"), Some(false));
        assert_eq!(assumed("13/05/2024 19:57:30"), Some(false));
        assert_eq!(assumed("4/5-2024 19:57:30"), None);
    }

    #[test]
    fn one_date_tells_the_order_of_all() {
        let order = |dates: &[&str]| date_order(dates.iter().copied());
        assert_eq!(order(&["04/05/2024 1", "13/05/2024 1"]), Some(DateOrder::DayFirst));
        assert_eq!(order(&["04/05/2024", "05/13/2024"]), Some(DateOrder::MonthFirst));
        assert_eq!(order(&["13/05/2024", "05/13/2024"]), None);
        assert_eq!(order(&["04/05/2024", "2024-05-13", ""]), None);
    }

    #[test]
    fn names_of_zones_that_mean_one_thing() {
        let hours = |text| zone(text).map(|zone| zone / 3_600_000_000);
        assert_eq!((hours("UTC"), hours("CEST"), hours("-0530")), (Some(0), Some(2), Some(-5)));
        for text in ["EST", "IST", "BST", "CST", "", "nto"] {
            assert_eq!(zone(text), None, "{text}");
        }
    }

    #[test]
    fn a_stamp_leaves_what_stands_behind() {
        for (text, rest) in [
            ("May  4 10:00:00 fw x", " fw x"),
            ("May  4 10:00:00.123 UTC: %A", ": %A"),
            ("*May  4 10:00:00: %A", ": %A"),
            ("May  4 2024 10:00:00 fw", " fw"),
            ("May  4 10:00:00 2024 fw", " fw"),
            ("2024-05-04T10:00:00+02:00 fw", " fw"),
        ] {
            assert_eq!(stamp(text).map(|(_, rest)| rest), Some(rest), "{text}");
        }
        for text in ["2024-05-04 10:00:00 fw", "May day", "1714816800.1 x", "", "May  4 10:00:00x"]
        {
            assert_eq!(stamp(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_stamp_is_part_of_its_text(text in "(May|Jun)  ?[0-9]{1,2} [0-9:]{5,9} ?[a-zU2é: ]{0,9}") {
            if let Some((_, rest)) = stamp(&text) {
                prop_assert!(text.ends_with(rest));
            }
            let _ = (named_month(&text), numeric_date(&text, None), common_log(&text), iso(&text));
        }

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
