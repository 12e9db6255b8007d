//! Moments and lengths of time as text in a form that the query says.
//!
//! A form is made of elements, each a run of one letter, and of a few signs between them. A run that is longer
//! than its element goes on with the next. A form that Kusto refuses gives the empty text.
//!
//! <https://learn.microsoft.com/kusto/query/format-datetime-function>,
//! <https://learn.microsoft.com/kusto/query/format-timespan-function>

use super::super::arguments::Arguments;
use super::super::{Accepts, Function};
use crate::kql::{DateTime, TimeSpan, Type, Value};

const STRING: Accepts = Accepts::Only(Type::String);

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define(
        "format_datetime",
        &[Accepts::Only(Type::DateTime), STRING],
        Type::String,
        format_datetime,
    ),
    Function::define(
        "format_timespan",
        &[Accepts::Only(Type::TimeSpan), STRING],
        Type::String,
        format_timespan,
    ),
];

/// Whether `format_datetime` knows a form.
pub(in crate::kql) fn is_datetime_form(form: &str) -> bool {
    let moment = DateTime(DateTime::EPOCH);
    let element = |letter, length| datetime_element(moment, letter, length);
    formatted(form, DATETIME_RUNS, element).is_some()
}

/// Whether `format_timespan` knows a form.
pub(in crate::kql) fn is_timespan_form(form: &str) -> bool {
    let element = |letter, run| timespan_element(TimeSpan(0), letter, run);
    formatted(form, TIMESPAN_RUNS, element).is_some()
}

fn format_datetime(arguments: &[Value]) -> Value {
    let text = match arguments.at(0) {
        Value::DateTime(moment) => formatted(arguments.text(1), DATETIME_RUNS, |letter, length| {
            datetime_element(*moment, letter, length)
        }),
        _ => None,
    };
    Value::String(text.unwrap_or_default())
}

fn format_timespan(arguments: &[Value]) -> Value {
    let text = match arguments.at(0) {
        Value::TimeSpan(length) => formatted(arguments.text(1), TIMESPAN_RUNS, |letter, run| {
            timespan_element(*length, letter, run)
        }),
        _ => None,
    };
    Value::String(text.unwrap_or_default())
}

/// How long the run of a letter may be.
type Runs = &'static [(char, usize)];

const DATETIME_RUNS: Runs = &[
    ('d', 2),
    ('f', 7),
    ('F', 7),
    ('h', 2),
    ('H', 2),
    ('m', 2),
    ('M', 2),
    ('s', 2),
    ('t', 2),
    ('y', 4),
];
const TIMESPAN_RUNS: Runs = &[('d', 8), ('f', 7), ('F', 7), ('h', 2), ('H', 2), ('m', 2), ('s', 2)];

/// The text in that form; nothing if there is no such form.
fn formatted(
    form: &str,
    runs: Runs,
    element: impl Fn(char, usize) -> Option<String>,
) -> Option<String> {
    let mut text = String::new();
    let mut letters = form.chars().peekable();
    while let Some(letter) = letters.next() {
        if " /-:,._[]".contains(letter) {
            text.push(letter);
            continue;
        }
        let (_, longest) = runs.iter().find(|(known, _)| *known == letter)?;
        let mut length = 1;
        while length < *longest && letters.next_if_eq(&letter).is_some() {
            length += 1;
        }
        text.push_str(&element(letter, length)?);
    }
    Some(text)
}

fn datetime_element(moment: DateTime, letter: char, length: usize) -> Option<String> {
    Some(match letter {
        'd' => padded(moment.day(), length),
        'h' => padded((moment.hour() + 11) % 12 + 1, length),
        'H' => padded(moment.hour(), length),
        'm' => padded(moment.minute(), length),
        'M' => padded(moment.month(), length),
        's' => padded(moment.second(), length),
        't' if length == 2 => (if moment.hour() < 12 { "AM" } else { "PM" }).to_owned(),
        'y' if length == 4 => padded(moment.year(), length),
        'y' if length < 3 => padded(moment.year() % 100, length),
        'f' | 'F' => fraction(moment.fraction(), letter, length),
        _ => return None,
    })
}

/// The sign of a length of time is not part of any element.
fn timespan_element(length: TimeSpan, letter: char, run: usize) -> Option<String> {
    let ticks = i64::try_from(length.0.unsigned_abs()).unwrap_or(i64::MAX);
    Some(match letter {
        'd' => padded(ticks / TimeSpan::DAY, run),
        'h' | 'H' => padded(ticks / TimeSpan::HOUR % 24, run),
        'm' => padded(ticks / TimeSpan::MINUTE % 60, run),
        's' => padded(ticks / TimeSpan::SECOND % 60, run),
        'f' | 'F' => fraction(ticks % TimeSpan::SECOND, letter, run),
        _ => return None,
    })
}

fn padded(number: i64, length: usize) -> String {
    format!("{number:0length$}")
}

/// The first digits of a second's fraction; of `F` nothing if all are zero.
fn fraction(ticks: i64, letter: char, length: usize) -> String {
    let digits: String = format!("{ticks:07}").chars().take(length).collect();
    let is_left_out = letter == 'F' && digits.chars().all(|digit| digit == '0');
    if is_left_out { String::new() } else { digits }
}

#[cfg(test)]
mod tests {
    use super::super::at;
    use super::*;

    fn datetime(moment: &str, form: &str) -> String {
        format_datetime(&[at(moment), Value::String(form.to_owned())]).text()
    }

    fn timespan(length: &str, form: &str) -> String {
        let length = Value::TimeSpan(TimeSpan::parse(length).unwrap());
        format_timespan(&[length, Value::String(form.to_owned())]).text()
    }

    #[test]
    fn a_moment_is_written_in_many_forms() {
        let moment = "2017-01-29 09:00:05";
        assert_eq!(datetime(moment, "yy-MM-dd [HH:mm:ss]"), "17-01-29 [09:00:05]");
        assert_eq!(datetime(moment, "yyyy-M-dd [H:mm:ss]"), "2017-1-29 [9:00:05]");
        assert_eq!(datetime(moment, "yy-MM-dd [hh:mm:ss tt]"), "17-01-29 [09:00:05 AM]");
        assert_eq!(datetime("2009-06-15T13:45:30", "h:m tt"), "1:45 PM");
        assert_eq!(datetime("2009-06-15T00:45:30", "hh tt"), "12 AM");
        assert_eq!(datetime("2009-06-15", "y_M_d"), "9_6_15");
        assert_eq!(datetime("2009-06-05", "ddd"), "055");
    }

    #[test]
    fn a_fraction_is_cut_and_never_rounded() {
        let moment = "2009-06-15T13:45:30.6175425";
        assert_eq!(datetime(moment, "f ff fff fffffff"), "6 61 617 6175425");
        assert_eq!(datetime(moment, "FFFF"), "6175");
        assert_eq!(datetime("2009-06-15T13:45:30.05", "ss.F"), "30.");
        assert_eq!(datetime("2009-06-15T13:45:30.05", "ss.ff"), "30.05");
    }

    #[test]
    fn a_length_is_written_in_many_forms() {
        let length = "29.09:00:05.12345";
        assert_eq!(timespan(length, "dd.hh:mm:ss:FF"), "29.09:00:05:12");
        assert_eq!(timespan(length, "ddd.h:mm:ss [fffffff]"), "029.9:00:05 [1234500]");
        assert_eq!(timespan("15.13:45:30", "H"), "13");
    }

    #[test]
    fn what_is_no_form_gives_no_text() {
        assert_eq!(datetime("2017-01-29", "yyyy-MM-ddTHH"), "");
        assert_eq!(datetime("2017-01-29", "yyy"), "");
        assert_eq!(datetime("2017-01-29", "t"), "");
        assert_eq!(timespan("1d", "MM"), "");
        assert_eq!(format_datetime(&[Value::Null, Value::Null]).text(), "");
    }
}
