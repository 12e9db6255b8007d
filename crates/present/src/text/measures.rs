//! Numbers, shares, periods and times in words.

use std::fmt::Display;

use coldtrail_model::Timestamp;

/// A whole number with thousands separators: `12,345`.
pub(crate) fn number(number: impl Display) -> String {
    let digits = number.to_string();
    let mut separated = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            separated.push(',');
        }
        separated.push(digit);
    }
    separated
}

/// A number of things: `1 file`, `12 files`. The plural has an `s`.
pub(crate) fn count(amount: impl Display, thing: &str) -> String {
    let amount = number(amount);
    let ending = if amount == "1" { "" } else { "s" };
    format!("{amount} {thing}{ending}")
}

/// A share from 0 to 1 as `92 %`.
pub(crate) fn share(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// A share from 0 to 1 as `92.3 %`, for where the whole is large.
pub(crate) fn exact_share(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A length of time in the unit that a person would use: `45 s`, `5 min`, `1 h`, `1.5 d`.
pub(crate) fn period(seconds: f64) -> String {
    const MINUTE: f64 = 60.0;
    const HOUR: f64 = 60.0 * MINUTE;
    const DAY: f64 = 24.0 * HOUR;
    // Below two minutes a person thinks in seconds; and rounding must not show `60 min` for an hour.
    let (unit, name) = match seconds {
        _ if seconds < 119.5 => (1.0, "s"),
        _ if seconds < 59.5 * MINUTE => (MINUTE, "min"),
        _ if seconds < 23.5 * HOUR => (HOUR, "h"),
        _ => (DAY, "d"),
    };
    let amount = seconds / unit;
    let decimals = usize::from(amount < 9.95);
    format!("{} {name}", format!("{amount:.decimals$}").trim_end_matches(".0"))
}

/// The time between two moments, as [`period`].
pub(crate) fn duration(first: Timestamp, last: Timestamp) -> String {
    let microseconds = last.microseconds().saturating_sub(first.microseconds());
    period(microseconds as f64 / 1e6)
}

/// A moment to the second: `2026-04-13 08:00:12`.
pub(crate) fn second(moment: Timestamp) -> String {
    format!("{} {}", moment.date(), time_of_day(moment, 8))
}

/// A moment to the minute: `2026-04-13 08:00`.
pub(crate) fn minute(moment: Timestamp) -> String {
    format!("{} {}", moment.date(), time_of_day(moment, 5))
}

/// From one moment to another, to the minute: `2026-04-13 08:00 – 16:00`; the day is said again
/// only where it is another one.
pub(crate) fn span(first: Timestamp, last: Timestamp) -> String {
    between(first, last, 5)
}

/// As [`span`], to the second.
pub(crate) fn exact_span(first: Timestamp, last: Timestamp) -> String {
    between(first, last, 8)
}

fn between(first: Timestamp, last: Timestamp, precision: usize) -> String {
    let (start, end) = (time_of_day(first, precision), time_of_day(last, precision));
    let (day, last_day) = (first.date(), last.date());
    match day == last_day {
        true if start == end => format!("{day} {start}"),
        true => format!("{day} {start} – {end}"),
        false => format!("{day} {start} – {last_day} {end}"),
    }
}

/// The beginning of `08:00:12.000000` that has a number of characters.
fn time_of_day(moment: Timestamp, precision: usize) -> String {
    let text = moment.to_string();
    let time = text.split_once('T').map_or("", |(_, time)| time);
    time.chars().take(precision).collect()
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Timestamp;

    use super::{count, number, period, share, span};

    #[test]
    fn numbers_have_separators() {
        let shown = [0, 999, 1000, 12_345, u64::MAX].map(number);
        assert_eq!(shown, ["0", "999", "1,000", "12,345", "18,446,744,073,709,551,615"]);
        assert_eq!(
            (count(1, "file"), count(2000, "file")),
            ("1 file".into(), "2,000 files".into())
        );
        assert_eq!(share(0.917), "92 %");
    }

    #[test]
    fn periods_have_the_unit_of_a_person() {
        for (seconds, shown) in [
            (0.25, "0.2 s"),
            (45.0, "45 s"),
            (60.4, "60 s"),
            (90.0, "90 s"),
            (300.0, "5 min"),
            (3_599.0, "1 h"),
            (5_400.0, "1.5 h"),
            (86_399.0, "1 d"),
            (129_600.0, "1.5 d"),
        ] {
            assert_eq!(period(seconds), shown);
        }
    }

    #[test]
    fn spans_say_a_day_once() {
        let at = |hours: i64| Timestamp(1_776_067_200_000_000 + hours * 3_600_000_000);
        assert_eq!(span(at(0), at(8)), "2026-04-13 08:00 – 16:00");
        assert_eq!(span(at(0), at(0)), "2026-04-13 08:00");
        assert_eq!(span(at(0), at(25)), "2026-04-13 08:00 – 2026-04-14 09:00");
    }
}
