//! Moments and periods: what lies so many months later, and how many weeks lie between.
//!
//! <https://learn.microsoft.com/kusto/query/datetime-add-function>,
//! <https://learn.microsoft.com/kusto/query/datetime-diff-function>

use super::super::arguments::{Arguments, long};
use super::super::{Accepts, Function};
use super::parts::quarter;
use super::{cell, moment};
use crate::kql::{DateTime, TimeSpan, Type, Value};

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define(
        "datetime_add",
        &[Accepts::Only(Type::String), Accepts::Only(Type::Long), Accepts::Only(Type::DateTime)],
        Type::DateTime,
        datetime_add,
    ),
    Function::define(
        "datetime_diff",
        &[
            Accepts::Only(Type::String),
            Accepts::Only(Type::DateTime),
            Accepts::Only(Type::DateTime),
        ],
        Type::Long,
        datetime_diff,
    ),
];

/// A period that is added or counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Period {
    /// Of so many months; a quarter has three.
    Months(i64),
    Week,
    /// Of so many ticks, of which a week has none of its own beginnings.
    Ticks(i64),
    Nanosecond,
}

impl Period {
    fn from_name(name: &str) -> Option<Period> {
        Some(match name.to_ascii_lowercase().as_str() {
            "year" => Period::Months(12),
            "quarter" => Period::Months(3),
            "month" => Period::Months(1),
            "week" => Period::Week,
            "day" => Period::Ticks(TimeSpan::DAY),
            "hour" => Period::Ticks(TimeSpan::HOUR),
            "minute" => Period::Ticks(TimeSpan::MINUTE),
            "second" => Period::Ticks(TimeSpan::SECOND),
            "millisecond" => Period::Ticks(TimeSpan::SECOND / 1_000),
            "microsecond" => Period::Ticks(TimeSpan::SECOND / 1_000_000),
            "nanosecond" => Period::Nanosecond,
            _ => return None,
        })
    }

    /// The moment so many periods later.
    fn after(self, moment: DateTime, count: i64) -> Option<DateTime> {
        let ticks = match self {
            Period::Months(months) => return months_after(moment, count.checked_mul(months)?),
            Period::Week => count.checked_mul(7 * TimeSpan::DAY)?,
            Period::Ticks(ticks) => count.checked_mul(ticks)?,
            Period::Nanosecond => count / 100,
        };
        DateTime::of_ticks(moment.0.checked_add(ticks)?)
    }

    /// How many of the period's beginnings lie between the first moment of the calendar and that one.
    fn index(self, moment: DateTime) -> i64 {
        match self {
            Period::Months(12) => moment.year(),
            Period::Months(3) => moment.year() * 4 + quarter(moment),
            Period::Months(_) => moment.year() * 12 + moment.month(),
            // The calendar begins on a Monday, the week on Sunday.
            Period::Week => (moment.0 + TimeSpan::DAY).div_euclid(7 * TimeSpan::DAY),
            Period::Ticks(ticks) => moment.0.div_euclid(ticks),
            Period::Nanosecond => moment.0,
        }
    }
}

/// The same day and time of another month, or its last day if it is shorter.
fn months_after(moment: DateTime, count: i64) -> Option<DateTime> {
    let (year, month, day) = moment.date();
    let months = (year * 12 + month - 1).checked_add(count)?;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    let date = (28.min(day)..=day).rev().find_map(|day| DateTime::of_date(year, month, day))?;
    DateTime::of_ticks(date.0 + moment.time_of_day())
}

fn datetime_add(arguments: &[Value]) -> Value {
    let after = |moment| Period::from_name(arguments.text(0))?.after(moment, arguments.long(1)?);
    cell(moment(arguments, 2).and_then(after))
}

fn datetime_diff(arguments: &[Value]) -> Value {
    let count = || {
        let period = Period::from_name(arguments.text(0))?;
        let (left, right) = (moment(arguments, 1)?, moment(arguments, 2)?);
        let count = period.index(left) - period.index(right);
        if period == Period::Nanosecond { count.checked_mul(100) } else { Some(count) }
    };
    long(count())
}

#[cfg(test)]
mod tests {
    use super::super::at;
    use super::*;

    fn add(period: &str, count: i64, moment: &str) -> Value {
        datetime_add(&[Value::String(period.to_owned()), Value::Long(count), at(moment)])
    }

    fn difference(period: &str, left: &str, right: &str) -> Value {
        datetime_diff(&[Value::String(period.to_owned()), at(left), at(right)])
    }

    #[test]
    fn periods_are_added() {
        for (period, count, expected) in [
            ("year", -5, "2012-01-01"),
            ("Quarter", 12, "2020-01-01"),
            ("month", -15, "2015-10-01"),
            ("week", 100, "2018-12-02"),
            ("day", 1, "2017-01-02"),
            ("hour", 1, "2017-01-01 01:00"),
            ("minute", 1, "2017-01-01 00:01"),
            ("second", -1, "2016-12-31 23:59:59"),
            ("millisecond", 1, "2017-01-01 00:00:00.001"),
            ("microsecond", 1, "2017-01-01 00:00:00.000001"),
            ("nanosecond", 250, "2017-01-01 00:00:00.0000002"),
        ] {
            assert_eq!(add(period, count, "2017-01-01"), at(expected), "{period}");
        }
    }

    #[test]
    fn a_month_may_be_too_short_for_the_day() {
        assert_eq!(add("month", 1, "2024-01-31 12:00"), at("2024-02-29 12:00"));
        assert_eq!(add("year", -1, "2024-02-29"), at("2023-02-28"));
        assert_eq!(add("month", 1, "2024-02-29"), at("2024-03-29"));
    }

    #[test]
    fn what_lies_beyond_the_calendar_is_null_and_so_is_an_unknown_period() {
        assert_eq!(add("year", 1, "9999-12-31"), Value::Null);
        assert_eq!(add("day", i64::MIN, "2017-01-01"), Value::Null);
        assert_eq!(add("month", i64::MAX, "2017-01-01"), Value::Null);
        assert_eq!(add("fortnight", 1, "2017-01-01"), Value::Null);
        assert_eq!(add("dayofyear", 1, "2017-01-01"), Value::Null);
    }

    #[test]
    fn beginnings_of_periods_are_counted() {
        for (period, left, right, expected) in [
            ("year", "2017-01-01", "2000-12-31", 17),
            ("quarter", "2017-07-01", "2017-03-30", 2),
            ("month", "2017-01-01", "2015-12-30", 13),
            ("week", "2017-10-29 00:00", "2017-09-30 23:59", 5),
            ("day", "2017-10-29 00:00", "2017-09-30 23:59", 29),
            ("hour", "2017-10-31 01:00", "2017-10-30 23:59", 2),
            ("minute", "2017-10-30 23:05:01", "2017-10-30 23:00:59", 5),
            ("second", "2017-10-30 23:00:10.100", "2017-10-30 23:00:00.900", 10),
            ("millisecond", "2017-10-30 23:00:00.200100", "2017-10-30 23:00:00.100900", 100),
            ("microsecond", "2017-10-30 23:00:00.1009001", "2017-10-30 23:00:00.1008009", 100),
            ("nanosecond", "2017-10-30 23:00:00.0000000", "2017-10-30 23:00:00.0000007", -700),
        ] {
            assert_eq!(difference(period, left, right), Value::Long(expected), "{period}");
        }
        assert_eq!(difference("nanosecond", "9999-12-31", "0001-01-01"), Value::Null);
    }
}
