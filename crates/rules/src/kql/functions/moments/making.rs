//! Moments and lengths of time made of their parts, or of seconds since 1970.
//!
//! <https://learn.microsoft.com/kusto/query/make-datetime-function>,
//! <https://learn.microsoft.com/kusto/query/make-timespan-function>,
//! <https://learn.microsoft.com/kusto/query/unixtime-seconds-todatetime-function>

use super::super::arguments::Arguments;
use super::super::{Accepts, Function};
use super::cell;
use crate::kql::{DateTime, TimeSpan, Type, Value};

const LONG: Accepts = Accepts::Only(Type::Long);
const REAL: Accepts = Accepts::Only(Type::Real);

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define(
        "make_datetime",
        &[Accepts::Any, LONG, LONG, LONG, LONG, REAL],
        Type::DateTime,
        make_datetime,
    )
    .with_optional(5),
    Function::define(
        "make_timespan",
        &[Accepts::Number, Accepts::Number, Accepts::Number, Accepts::Number],
        Type::TimeSpan,
        make_timespan,
    )
    .with_optional(2),
    since_1970("unixtime_seconds_todatetime", |arguments| unixtime(arguments, 1)),
    since_1970("unixtime_milliseconds_todatetime", |arguments| unixtime(arguments, 1_000)),
    since_1970("unixtime_microseconds_todatetime", |arguments| unixtime(arguments, 1_000_000)),
    since_1970("unixtime_nanoseconds_todatetime", |arguments| unixtime(arguments, 1_000_000_000)),
];

const fn since_1970(name: &'static str, call: fn(&[Value]) -> Value) -> Function {
    Function::define(name, &[Accepts::Number], Type::DateTime, call)
}

fn make_datetime(arguments: &[Value]) -> Value {
    cell(match arguments {
        [Value::String(text)] => DateTime::parse(text),
        [Value::DateTime(moment)] => Some(*moment),
        [_, _, _] | [_, _, _, _, _] | [_, _, _, _, _, _] => datetime_of_parts(arguments),
        _ => None,
    })
}

fn datetime_of_parts(arguments: &[Value]) -> Option<DateTime> {
    let date = DateTime::of_date(arguments.long(0)?, arguments.long(1)?, arguments.long(2)?)?;
    if arguments.len() == 3 {
        return Some(date);
    }
    let second = if arguments.len() > 5 { arguments.real(5)? } else { 0.0 };
    Some(DateTime(date.0 + time_of_day(arguments.long(3)?, arguments.long(4)?, second)?))
}

fn make_timespan(arguments: &[Value]) -> Value {
    let length = || match arguments.len() {
        2 => time_of_day(arguments.long(0)?, arguments.long(1)?, 0.0),
        3 => time_of_day(arguments.long(0)?, arguments.long(1)?, arguments.real(2)?),
        4 => {
            let time = time_of_day(arguments.long(1)?, arguments.long(2)?, arguments.real(3)?)?;
            arguments.long(0)?.checked_mul(TimeSpan::DAY)?.checked_add(time)
        }
        _ => None,
    };
    length().map_or(Value::Null, |ticks| Value::TimeSpan(TimeSpan(ticks)))
}

/// The ticks of a time of day.
fn time_of_day(hour: i64, minute: i64, second: f64) -> Option<i64> {
    let is_time =
        (0..24).contains(&hour) && (0..60).contains(&minute) && (0.0..60.0).contains(&second);
    let ticks = (second * TimeSpan::SECOND as f64).round() as i64;
    is_time.then_some(hour * TimeSpan::HOUR + minute * TimeSpan::MINUTE + ticks)
}

/// The moment so many parts of a second after the beginning of 1970.
fn unixtime(arguments: &[Value], parts: i64) -> Value {
    let ticks = || match arguments.at(0) {
        Value::Int(_) | Value::Long(_) => {
            let ticks = i128::from(arguments.long(0)?) * i128::from(TimeSpan::SECOND);
            i64::try_from(ticks.div_euclid(i128::from(parts))).ok()
        }
        _ => Some((arguments.real(0)? / parts as f64 * TimeSpan::SECOND as f64).round() as i64),
    };
    let moment = |ticks: i64| DateTime::of_ticks(ticks.checked_add(DateTime::EPOCH)?);
    cell(ticks().and_then(moment))
}

#[cfg(test)]
mod tests {
    use super::super::at;
    use super::*;

    fn datetime(parts: &[i64], second: Option<f64>) -> Value {
        let mut arguments: Vec<_> = parts.iter().copied().map(Value::Long).collect();
        arguments.extend(second.map(Value::Real));
        make_datetime(&arguments)
    }

    #[test]
    fn a_moment_is_made_of_its_parts() {
        assert_eq!(datetime(&[2017, 10, 1], None), at("2017-10-01"));
        assert_eq!(datetime(&[2017, 10, 1, 12, 10], None), at("2017-10-01 12:10"));
        let parts = [2017, 10, 1, 12, 11];
        assert_eq!(datetime(&parts, Some(0.1234567)), at("2017-10-01 12:11:00.1234567"));
        let text = Value::String("2017-10-01".to_owned());
        assert_eq!(make_datetime(&[text]), at("2017-10-01"));
    }

    #[test]
    fn parts_that_no_moment_has_are_null() {
        assert_eq!(datetime(&[2017, 2, 29], None), Value::Null);
        assert_eq!(datetime(&[2017, 2, 1, 24, 0], None), Value::Null);
        assert_eq!(datetime(&[2017, 2, 1, 0, 0], Some(60.0)), Value::Null);
        assert_eq!(datetime(&[0, 1, 1], None), Value::Null);
    }

    #[test]
    fn a_length_is_made_of_two_to_four_parts() {
        let parts = [Value::Long(1), Value::Long(12), Value::Long(30), Value::Real(55.123)];
        assert_eq!(make_timespan(&parts).text(), "1.12:30:55.1230000");
        assert_eq!(make_timespan(&parts[..3]).text(), "01:12:30");
        assert_eq!(make_timespan(&parts[..2]).text(), "01:12:00");
        assert_eq!(make_timespan(&[Value::Long(24), Value::Long(0)]), Value::Null);
    }

    #[test]
    fn time_of_unix_is_counted_in_several_ways() {
        let new_year = at("2019-01-01");
        assert_eq!(unixtime(&[Value::Long(1_546_300_800)], 1), new_year);
        assert_eq!(unixtime(&[Value::Long(1_546_300_800_000)], 1_000), new_year);
        assert_eq!(unixtime(&[Value::Long(1_546_300_800_000_000)], 1_000_000), new_year);
        let nanoseconds = Value::Long(1_546_300_800_000_000_000);
        assert_eq!(unixtime(&[nanoseconds], 1_000_000_000), new_year);
        let half = unixtime(&[Value::Real(1_546_300_800.5)], 1);
        assert_eq!(half, at("2019-01-01 00:00:00.5"));
        assert_eq!(unixtime(&[Value::Long(i64::MAX)], 1), Value::Null);
        assert_eq!(unixtime(&[Value::Real(f64::NAN)], 1), Value::Null);
    }
}
