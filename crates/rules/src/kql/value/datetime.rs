//! Moments on the calendar of the years 1 to 9999.

use std::fmt;

use jiff::civil;

use super::TimeSpan;
use super::timespan::ticks_of_fraction;

/// A moment: ticks of 100 ns since 0001-01-01T00:00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime(pub i64);

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] =
    ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/// Days from 0000-03-01, with which the years of the computation begin, to 0001-01-01.
const SHIFT: i64 = 306;
/// Days in 400 years.
const ERA: i64 = 146_097;

impl DateTime {
    /// Ticks from the year 1 to 1970.
    pub const EPOCH: i64 = 621_355_968_000_000_000;
    /// The first moment.
    pub const MIN: DateTime = DateTime(0);
    /// The last moment, a tick before the year 10000.
    pub const MAX: DateTime = DateTime(3_155_378_975_999_999_999);

    /// The moment of that many ticks, if it is within the calendar.
    pub fn of_ticks(ticks: i64) -> Option<DateTime> {
        (DateTime::MIN.0..=DateTime::MAX.0).contains(&ticks).then_some(DateTime(ticks))
    }

    /// The beginning of a day, if there is such a day.
    pub fn of_date(year: i64, month: i64, day: i64) -> Option<DateTime> {
        let is_day = (1..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day);
        is_day.then(|| DateTime(days_of(year, month, day) * TimeSpan::DAY))
    }

    /// The moment of a date and time of day in UTC, if its year is from 1 to 9999.
    pub fn of_civil(civil: civil::DateTime) -> Option<DateTime> {
        let date =
            DateTime::of_date(civil.year().into(), civil.month().into(), civil.day().into())?;
        let seconds = i64::from(civil.hour()) * 3_600
            + i64::from(civil.minute()) * 60
            + i64::from(civil.second());
        let ticks = seconds * TimeSpan::SECOND + i64::from(civil.subsec_nanosecond()) / 100;
        Some(DateTime(date.0 + ticks))
    }

    /// The date and time of day in UTC.
    pub fn civil(self) -> civil::DateTime {
        let moment = DateTime(self.0.clamp(DateTime::MIN.0, DateTime::MAX.0));
        let (year, month, day) = moment.date();
        // Each part is within its range, since the moment is within the calendar.
        let part = |number: i64| i8::try_from(number).unwrap_or_default();
        civil::DateTime::new(
            i16::try_from(year).unwrap_or_default(),
            part(month),
            part(day),
            part(moment.hour()),
            part(moment.minute()),
            part(moment.second()),
            i32::try_from(moment.fraction() * 100).unwrap_or_default(),
        )
        .unwrap_or(civil::DateTime::ZERO)
    }

    /// The year, the month from 1, and the day of the month from 1.
    pub fn date(self) -> (i64, i64, i64) {
        let days = self.0.div_euclid(TimeSpan::DAY) + SHIFT;
        let era = days.div_euclid(ERA);
        let day_of_era = days.rem_euclid(ERA);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (year, month, day)
    }

    /// The year.
    pub fn year(self) -> i64 {
        self.date().0
    }

    /// The month, from 1.
    pub fn month(self) -> i64 {
        self.date().1
    }

    /// The day of the month, from 1.
    pub fn day(self) -> i64 {
        self.date().2
    }

    /// The day of the year, from 1.
    pub fn day_of_year(self) -> i64 {
        self.0.div_euclid(TimeSpan::DAY) - days_of(self.year(), 1, 1) + 1
    }

    /// The day of the week, from 0 for Sunday.
    pub fn day_of_week(self) -> i64 {
        // The first day of the year 1 was a Monday.
        (self.0.div_euclid(TimeSpan::DAY) + 1).rem_euclid(7)
    }

    /// The hour of the day.
    pub fn hour(self) -> i64 {
        self.time_of_day() / TimeSpan::HOUR
    }

    /// The minute of the hour.
    pub fn minute(self) -> i64 {
        self.time_of_day() / TimeSpan::MINUTE % 60
    }

    /// The second of the minute.
    pub fn second(self) -> i64 {
        self.time_of_day() / TimeSpan::SECOND % 60
    }

    /// The ticks of the second.
    pub fn fraction(self) -> i64 {
        self.time_of_day() % TimeSpan::SECOND
    }

    /// The ticks of the day.
    pub fn time_of_day(self) -> i64 {
        self.0.rem_euclid(TimeSpan::DAY)
    }

    /// The moment that a text says, in one of the forms of ISO 8601, RFC 822 or RFC 850, or with the month
    /// first as in `2/17/2016 8:40 AM`. Without a zone it is UTC.
    ///
    /// <https://learn.microsoft.com/kusto/query/scalar-data-types/datetime>
    pub fn parse(text: &str) -> Option<DateTime> {
        let text = without_weekday(text.trim())?;
        if let Some(date) = compact_date(text) {
            return Some(date);
        }
        let (date, rest) = date(text)?;
        let rest = match rest.strip_prefix(['T', 't']) {
            Some(time) => time.trim_start(),
            None => rest.trim_start(),
        };
        let (ticks, rest) = if rest.starts_with(|letter: char| letter.is_ascii_digit()) {
            time_of_day(rest)?
        } else {
            (0, rest)
        };
        let offset = offset(rest.trim_start())?;
        DateTime::of_ticks(date.0.checked_add(ticks)?.checked_sub(offset)?)
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        let (hour, minute, second) = (self.hour(), self.minute(), self.second());
        let fraction = self.fraction();
        write!(
            formatter,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:07}Z"
        )
    }
}

/// Days in that month of that year.
fn days_in_month(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 0001-01-01 to that day.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * ERA + day_of_era - SHIFT
}

/// The text behind `Sat,` or `Saturday,`; nothing if it begins with another word and a comma.
fn without_weekday(text: &str) -> Option<&str> {
    let Some((word, rest)) = text.split_once(',') else { return Some(text) };
    if !word.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Some(text);
    }
    named(&WEEKDAYS, word).map(|_| rest.trim_start())
}

/// A date without separators, `20141108`.
fn compact_date(text: &str) -> Option<DateTime> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse().ok();
    DateTime::of_date(part(0..4)?, part(4..6)?, part(6..8)?)
}

/// The date at the start of the text, and what follows.
fn date(text: &str) -> Option<(DateTime, &str)> {
    let (first, rest) = leading_digits(text)?;
    if first.len() > 4 {
        return None;
    }
    let Some(separator) = rest.chars().next() else {
        return (first.len() == 4)
            .then(|| first.parse().ok())
            .flatten()
            .and_then(january)
            .map(|date| (date, rest));
    };
    if !matches!(separator, '-' | '/' | '.' | ' ') {
        return None;
    }
    let behind = rest.get(1..)?;
    if behind.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        return date_with_named_month(first.parse().ok()?, separator, behind);
    }
    if separator == ' ' {
        return None;
    }
    let (second, rest) = leading_digits(behind)?;
    if second.len() > 2 {
        return None;
    }
    let second: i64 = second.parse().ok()?;
    let Some(behind) = rest.strip_prefix(separator) else {
        let is_month = first.len() == 4 && separator == '-' && rest.is_empty();
        let date = is_month.then(|| first.parse().ok()).flatten();
        return date.and_then(|year| DateTime::of_date(year, second, 1)).map(|date| (date, rest));
    };
    let (third, rest) = leading_digits(behind)?;
    let number: i64 = first.parse().ok()?;
    let date = match (first.len(), third.len()) {
        (4, 1..=2) => DateTime::of_date(number, second, third.parse().ok()?),
        (1..=2, 4) | (1..=2, 2) if separator != '.' => {
            DateTime::of_date(full_year(third)?, number, second)
        }
        _ => None,
    };
    Some((date?, rest))
}

fn january(year: i64) -> Option<DateTime> {
    DateTime::of_date(year, 1, 1)
}

/// `8 Nov 14` and `08-Nov-2014` from the month on.
fn date_with_named_month(day: i64, separator: char, text: &str) -> Option<(DateTime, &str)> {
    let end = text.find(|letter: char| !letter.is_ascii_alphabetic())?;
    let (word, rest) = text.split_at(end);
    let month = named(&MONTHS, word)?;
    let (year, rest) = leading_digits(rest.strip_prefix(separator)?)?;
    let month = i64::try_from(month).ok()? + 1;
    Some((DateTime::of_date(full_year(year)?, month, day)?, rest))
}

/// A year of four digits, or of two: those below 50 are of this century.
fn full_year(digits: &str) -> Option<i64> {
    let year: i64 = digits.parse().ok()?;
    match digits.len() {
        4 => Some(year),
        2 if year < 50 => Some(2000 + year),
        2 => Some(1900 + year),
        _ => None,
    }
}

/// The place in the list of the name, which may be cut to three letters.
fn named(names: &[&str], word: &str) -> Option<usize> {
    let word = word.to_ascii_lowercase();
    names.iter().position(|name| *name == word || name.get(..3) == Some(word.as_str()))
}

/// The ticks of `hours:minutes[:seconds[.fraction]] [AM|PM]`, and what follows.
fn time_of_day(text: &str) -> Option<(i64, &str)> {
    let (hour, rest) = short_number(text)?;
    let (minute, rest) = short_number(rest.strip_prefix(':')?)?;
    let (second, rest) = match rest.strip_prefix(':') {
        Some(rest) => short_number(rest)?,
        None => (0, rest),
    };
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => leading_digits(rest).unwrap_or(("", rest)),
        None => ("", rest),
    };
    let (hour, rest) = half_of_day(hour, rest)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = hour * 3_600 + minute * 60 + second;
    let fraction = i64::try_from(ticks_of_fraction(fraction)?).ok()?;
    Some((seconds * TimeSpan::SECOND + fraction, rest))
}

/// The hour of the day of an hour that may have `AM` or `PM` behind it.
fn half_of_day(hour: i64, text: &str) -> Option<(i64, &str)> {
    let word = text.trim_start();
    let half = word.get(..2).map(str::to_ascii_uppercase);
    let afternoon = match half.as_deref() {
        Some("AM") => 0,
        Some("PM") => 12,
        _ => return Some((hour, text)),
    };
    let is_hour = (1..=12).contains(&hour);
    is_hour.then(|| (hour % 12 + afternoon, word.get(2..).unwrap_or_default()))
}

/// The ticks by which a zone is before UTC: `Z`, `GMT`, `+02:00`, `-0800`, `+2`.
fn offset(zone: &str) -> Option<i64> {
    if zone.is_empty() || ["Z", "GMT", "UTC"].iter().any(|utc| zone.eq_ignore_ascii_case(utc)) {
        return Some(0);
    }
    let (sign, rest) = match zone.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => (-1, zone.strip_prefix('-')?),
    };
    let (hours, minutes) = match rest.split_once(':') {
        Some(parts) => parts,
        None if rest.len() == 4 => (rest.get(..2)?, rest.get(2..)?),
        None => (rest, "0"),
    };
    let number =
        |text| short_number(text).filter(|(_, rest)| rest.is_empty()).map(|(number, _)| number);
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let is_offset = hours <= 14 && minutes <= 59;
    is_offset.then(|| sign * (hours * TimeSpan::HOUR + minutes * TimeSpan::MINUTE))
}

/// The number of one or two digits at the start of the text, and what follows.
fn short_number(text: &str) -> Option<(i64, &str)> {
    let (digits, rest) = leading_digits(text)?;
    (digits.len() <= 2).then(|| digits.parse().ok()).flatten().map(|number| (number, rest))
}

/// The digits at the start of the text, at least one, and what follows.
fn leading_digits(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_with_seven_digits() {
        let moment = DateTime::parse("2020-01-02 03:04:05.6").unwrap();
        assert_eq!(moment.to_string(), "2020-01-02T03:04:05.6000000Z");
        assert_eq!(DateTime(31_241_376_000_000_000).to_string(), "0100-01-01T00:00:00.0000000Z");
        assert_eq!(DateTime(DateTime::EPOCH).to_string(), "1970-01-01T00:00:00.0000000Z");
        assert_eq!(DateTime::MAX.to_string(), "9999-12-31T23:59:59.9999999Z");
    }

    #[test]
    fn every_documented_form_is_read() {
        let at = |text: &str| DateTime::parse(text).map(|moment| moment.to_string());
        let minute = Some("2014-11-08T15:05:00.0000000Z".to_owned());
        let second = Some("2014-11-08T15:05:02.0000000Z".to_owned());
        for text in [
            "2014-11-08T15:05",
            "2014-11-08 15:05 GMT",
            "Sat, 8 Nov 14 15:05",
            "8 Nov 14 15:05 GMT",
            "Saturday, 08-Nov-14 15:05 GMT",
            "08-Nov-14 15:05",
            "11/8/2014 3:05 PM",
            "2014-11-08T17:05+02:00",
            "2014-11-08T08:05:00-0700",
        ] {
            assert_eq!(at(text), minute, "{text}");
        }
        for text in ["Sat, 8 Nov 14 15:05:02 GMT", "08-Nov-2014 15:05:02", "2014-11-8T15:05:02Z"] {
            assert_eq!(at(text), second, "{text}");
        }
        assert_eq!(at("2014-05-25T08:20:03.123456789Z").unwrap(), "2014-05-25T08:20:03.1234567Z");
        assert_eq!(at("12-02-2022"), at("2022-12-02"));
        assert_eq!(at("20221202"), at("2022-12-02"));
        assert_eq!(at("2022-12"), at("2022-12-01"));
        assert_eq!(at("2022"), at("2022-01-01"));
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "",
            "x",
            "2014-13-01",
            "2014-02-29",
            "0000-01-01",
            "10000-01-01",
            "2014-11-08 25:00",
            "2014-11-08junk",
            "15:05:02",
            "2014-11-08T15:05:02+99:00",
            "Foo, 8 Nov 14",
            "0001-01-01T00:00:00+01:00",
            "1,2",
            "é-1-1",
        ] {
            assert_eq!(DateTime::parse(text), None, "{text}");
        }
    }

    #[test]
    fn each_day_of_the_calendar_is_itself_again() {
        for day in (0..=DateTime::MAX.0 / TimeSpan::DAY).step_by(37) {
            let moment = DateTime(day * TimeSpan::DAY + 123_456_789);
            let civil = moment.civil();
            assert_eq!(DateTime::of_civil(civil), Some(moment));
            assert_eq!(i64::from(civil.day_of_year()), moment.day_of_year());
            let weekday = civil.weekday().to_sunday_zero_offset();
            assert_eq!(i64::from(weekday), moment.day_of_week());
        }
    }
}
