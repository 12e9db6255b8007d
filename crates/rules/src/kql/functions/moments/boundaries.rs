//! The first and the last moment of a day, week, month or year, so many of these later. Weeks begin on Sunday.
//!
//! <https://learn.microsoft.com/kusto/query/startofweek-function>,
//! <https://learn.microsoft.com/kusto/query/endofweek-function>

use super::super::arguments::Arguments;
use super::super::{Accepts, Function};
use super::{cell, moment};
use crate::kql::{DateTime, TimeSpan, Type, Value};

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    boundary("startofday", |arguments| first(arguments, Period::Day)),
    boundary("startofweek", |arguments| first(arguments, Period::Week)),
    boundary("startofmonth", |arguments| first(arguments, Period::Month)),
    boundary("startofyear", |arguments| first(arguments, Period::Year)),
    boundary("endofday", |arguments| last(arguments, Period::Day)),
    boundary("endofweek", |arguments| last(arguments, Period::Week)),
    boundary("endofmonth", |arguments| last(arguments, Period::Month)),
    boundary("endofyear", |arguments| last(arguments, Period::Year)),
];

const fn boundary(name: &'static str, call: fn(&[Value]) -> Value) -> Function {
    const PARAMETERS: &[Accepts] = &[Accepts::Only(Type::DateTime), Accepts::Only(Type::Long)];
    Function::define(name, PARAMETERS, Type::DateTime, call).with_optional(1)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Period {
    Day,
    Week,
    Month,
    Year,
}

impl Period {
    /// Where the period begins that comes so many after that of a moment, if it does within the calendar.
    fn start(self, moment: DateTime, offset: i64) -> Option<DateTime> {
        match self {
            Period::Day => later(moment.0 - moment.time_of_day(), offset, TimeSpan::DAY),
            Period::Week => {
                let days = moment.day_of_week() * TimeSpan::DAY;
                later(moment.0 - moment.time_of_day() - days, offset, 7 * TimeSpan::DAY)
            }
            Period::Month => {
                let months = (moment.year() * 12 + moment.month() - 1).checked_add(offset)?;
                DateTime::of_date(months.div_euclid(12), months.rem_euclid(12) + 1, 1)
            }
            Period::Year => DateTime::of_date(moment.year().checked_add(offset)?, 1, 1),
        }
    }
}

fn later(ticks: i64, offset: i64, period: i64) -> Option<DateTime> {
    DateTime::of_ticks(ticks.checked_add(offset.checked_mul(period)?)?)
}

fn first(arguments: &[Value], period: Period) -> Value {
    let start = |moment| period.start(moment, offset(arguments)?);
    cell(moment(arguments, 0).and_then(start))
}

fn last(arguments: &[Value], period: Period) -> Value {
    let end = |moment| {
        let offset = offset(arguments)?;
        match period.start(moment, offset.checked_add(1)?) {
            Some(next) => DateTime::of_ticks(next.0 - 1),
            // The calendar ends with the period.
            None => period.start(moment, offset).map(|_| DateTime::MAX),
        }
    };
    cell(moment(arguments, 0).and_then(end))
}

/// How many periods later; none if the query does not say.
fn offset(arguments: &[Value]) -> Option<i64> {
    if arguments.len() < 2 { Some(0) } else { arguments.long(1) }
}

#[cfg(test)]
mod tests {
    use super::super::at;
    use super::*;

    fn call(name: &str, text: &str, offset: i64) -> Value {
        let function = FUNCTIONS.iter().find(|function| function.name == name).unwrap();
        (function.call)(&[at(text), Value::Long(offset)])
    }

    #[test]
    fn a_week_begins_on_sunday() {
        let sunday = "2017-01-01 10:10:17";
        assert_eq!(call("startofweek", sunday, -1), at("2016-12-25"));
        assert_eq!(call("startofweek", sunday, 0), at("2017-01-01"));
        assert_eq!(call("endofweek", sunday, 0), at("2017-01-07 23:59:59.9999999"));
        assert_eq!(call("startofweek", "2025-06-14", 0), at("2025-06-08"));
    }

    #[test]
    fn periods_are_counted_over_years() {
        assert_eq!(call("startofday", "2017-01-01 10:10:17", -1), at("2016-12-31"));
        assert_eq!(call("endofday", "2017-01-01 10:10:17", 1), at("2017-01-02 23:59:59.9999999"));
        assert_eq!(call("startofmonth", "2017-01-31", -1), at("2016-12-01"));
        assert_eq!(call("endofmonth", "2017-01-31", 1), at("2017-02-28 23:59:59.9999999"));
        assert_eq!(call("startofyear", "2017-05-05", 1), at("2018-01-01"));
        assert_eq!(call("endofyear", "2017-05-05", -1), at("2016-12-31 23:59:59.9999999"));
        let today = (FUNCTIONS[0].call)(&[at("2017-05-05 05:05:05")]);
        assert_eq!(today, at("2017-05-05"));
    }

    #[test]
    fn beyond_the_calendar_there_is_nothing() {
        assert_eq!(call("endofyear", "9999-12-31", 0), Value::DateTime(DateTime::MAX));
        assert_eq!(call("endofweek", "9999-12-31", 0), Value::DateTime(DateTime::MAX));
        assert_eq!(call("startofweek", "0001-01-01", 0), Value::Null);
        assert_eq!(call("startofyear", "2017-05-05", i64::MAX), Value::Null);
        assert_eq!(call("endofday", "2017-05-05", i64::MAX), Value::Null);
        assert_eq!((FUNCTIONS[0].call)(&[Value::Null]), Value::Null);
    }
}
