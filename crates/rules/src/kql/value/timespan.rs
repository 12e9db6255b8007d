//! Lengths of time, written as .NET writes them.

use std::fmt;

/// A length of time in ticks of 100 ns, negative or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeSpan(pub i64);

/// Ticks by the spelling of a unit, as a fraction so that nanoseconds have a place.
const UNITS: &[(&[&str], i128, i128)] = &[
    (&["d", "day", "days"], 864_000_000_000, 1),
    (&["h", "hr", "hrs", "hour", "hours"], 36_000_000_000, 1),
    (&["m", "min", "minute", "minutes"], 600_000_000, 1),
    (&["s", "sec", "second", "seconds"], 10_000_000, 1),
    (&["ms", "milli", "millis", "millisec", "millisecond", "milliseconds"], 10_000, 1),
    (&["micro", "micros", "microsec", "microsecond", "microseconds"], 10, 1),
    (&["nano", "nanos", "nanosec", "nanosecond", "nanoseconds"], 1, 100),
    (&["tick", "ticks"], 1, 1),
];

impl TimeSpan {
    /// Ticks in a second.
    pub const SECOND: i64 = 10_000_000;
    /// Ticks in a minute.
    pub const MINUTE: i64 = 60 * TimeSpan::SECOND;
    /// Ticks in an hour.
    pub const HOUR: i64 = 60 * TimeSpan::MINUTE;
    /// Ticks in a day.
    pub const DAY: i64 = 24 * TimeSpan::HOUR;

    /// The length of time that a text says: `1.02:03:04.5`, `02:03`, `1d`, `1.5 hours`; a number alone is in
    /// days.
    pub fn parse(text: &str) -> Option<TimeSpan> {
        let text = text.trim();
        let (is_negative, magnitude) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let ticks = if magnitude.contains(':') { clock(magnitude)? } else { quantity(magnitude)? };
        i64::try_from(if is_negative { -ticks } else { ticks }).ok().map(TimeSpan)
    }
}

impl fmt::Display for TimeSpan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ticks = self.0.unsigned_abs();
        if self.0 < 0 {
            formatter.write_str("-")?;
        }
        let days = ticks / TimeSpan::DAY.unsigned_abs();
        if days > 0 {
            write!(formatter, "{days}.")?;
        }
        let hours = ticks / TimeSpan::HOUR.unsigned_abs() % 24;
        let minutes = ticks / TimeSpan::MINUTE.unsigned_abs() % 60;
        let seconds = ticks / TimeSpan::SECOND.unsigned_abs() % 60;
        write!(formatter, "{hours:02}:{minutes:02}:{seconds:02}")?;
        match ticks % TimeSpan::SECOND.unsigned_abs() {
            0 => Ok(()),
            fraction => write!(formatter, ".{fraction:07}"),
        }
    }
}

/// `[days.]hours:minutes[:seconds[.fraction]]`, each but the days within its range.
fn clock(text: &str) -> Option<i128> {
    let mut parts = text.split(':');
    let first = parts.next()?;
    let (days, hours) = match first.split_once('.') {
        Some((days, hours)) => (digits(days, 8)?, hours),
        None => (0, first),
    };
    let minutes = parts.next()?;
    let (seconds, fraction) = match parts.next() {
        Some(seconds) => seconds.split_once('.').unwrap_or((seconds, "")),
        None => ("0", ""),
    };
    if parts.next().is_some() {
        return None;
    }
    let (hours, minutes, seconds) = (digits(hours, 2)?, digits(minutes, 2)?, digits(seconds, 2)?);
    if hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let whole = days * 86_400 + hours * 3_600 + minutes * 60 + seconds;
    Some(whole * i128::from(TimeSpan::SECOND) + ticks_of_fraction(fraction)?)
}

/// A number and a unit, or a number of days.
fn quantity(text: &str) -> Option<i128> {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let unit = unit.trim_start().to_ascii_lowercase();
    let (numerator, denominator) = match unit.as_str() {
        "" if number.contains('.') => return None,
        "" => (i128::from(TimeSpan::DAY), 1),
        unit => UNITS
            .iter()
            .find(|(names, ..)| names.contains(&unit))
            .map(|(_, numerator, denominator)| (*numerator, *denominator))?,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.get(..18).unwrap_or(fraction);
    let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
    let fraction = if fraction.is_empty() { 0 } else { digits(fraction, 18)? };
    let scaled = digits(whole, 18)? * scale + fraction;
    scaled.checked_mul(numerator).map(|ticks| ticks / denominator / scale)
}

/// The number that so many digits at most make.
fn digits(text: &str, most: usize) -> Option<i128> {
    let is_number =
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// Ticks of the digits behind a second's point; what is finer than a tick is cut off.
pub(super) fn ticks_of_fraction(fraction: &str) -> Option<i128> {
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let kept = fraction.get(..7).unwrap_or(fraction);
    format!("{kept:0<7}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::TimeSpan;

    #[test]
    fn lengths_are_written_as_net_writes_them() {
        for (ticks, written) in [
            (0, "00:00:00"),
            (TimeSpan::SECOND, "00:00:01"),
            (
                TimeSpan::DAY + 2 * TimeSpan::HOUR + 3 * TimeSpan::MINUTE + 45_670_000,
                "1.02:03:04.5670000",
            ),
            (-2 * TimeSpan::HOUR, "-02:00:00"),
            (-TimeSpan::DAY * 3 / 2, "-1.12:00:00"),
            (123, "00:00:00.0000123"),
            (i64::MIN, "-10675199.02:48:05.4775808"),
        ] {
            assert_eq!(TimeSpan(ticks).to_string(), written);
            assert_eq!(TimeSpan::parse(written), Some(TimeSpan(ticks)));
        }
    }

    #[test]
    fn lengths_are_read_with_units_and_as_days() {
        for (text, ticks) in [
            ("1d", TimeSpan::DAY),
            ("1.5h", TimeSpan::HOUR * 3 / 2),
            ("15 seconds", 15 * TimeSpan::SECOND),
            ("100ms", 1_000_000),
            ("10microsecond", 100),
            ("150nanoseconds", 1),
            ("1tick", 1),
            ("2", 2 * TimeSpan::DAY),
            ("-1m", -TimeSpan::MINUTE),
            (" 00:01 ", TimeSpan::MINUTE),
        ] {
            assert_eq!(TimeSpan::parse(text), Some(TimeSpan(ticks)), "{text}");
        }
        for text in [
            "",
            "-",
            "d",
            "1.5",
            "1x",
            "25:00:00",
            "00:01:00 junk",
            "99999999999999999d",
            "1:2:3:4",
        ] {
            assert_eq!(TimeSpan::parse(text), None, "{text}");
        }
    }
}
