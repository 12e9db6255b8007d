//! What parts a moment has: its year, its day of the week, its nanosecond.
//!
//! <https://learn.microsoft.com/kusto/query/datetime-part-function>,
//! <https://learn.microsoft.com/kusto/query/week-of-year-function>

use super::super::arguments::Arguments;
use super::super::{Accepts, Function};
use super::moment;
use crate::kql::{DateTime, TimeSpan, Type, Value};

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    number("getyear", |arguments| part(arguments, DateTime::year)),
    number("getmonth", |arguments| part(arguments, DateTime::month)),
    number("monthofyear", |arguments| part(arguments, DateTime::month)),
    number("dayofmonth", |arguments| part(arguments, DateTime::day)),
    number("dayofyear", |arguments| part(arguments, DateTime::day_of_year)),
    number("hourofday", |arguments| part(arguments, DateTime::hour)),
    number("week_of_year", |arguments| part(arguments, week_of_year)),
    number("weekofyear", |arguments| part(arguments, old_week_of_year)),
    Function::define("dayofweek", &[DATETIME], Type::TimeSpan, day_of_week),
    DATETIME_PART,
    DATETIME_PART.also("datepart"),
];

const DATETIME: Accepts = Accepts::Only(Type::DateTime);
const DATETIME_PART: Function = Function::define(
    "datetime_part",
    &[Accepts::Only(Type::String), DATETIME],
    Type::Int,
    datetime_part,
);

const fn number(name: &'static str, call: fn(&[Value]) -> Value) -> Function {
    Function::define(name, &[DATETIME], Type::Int, call)
}

fn part(arguments: &[Value], part: fn(DateTime) -> i64) -> Value {
    moment(arguments, 0).map_or(Value::Null, |moment| int(part(moment)))
}

/// Days since Sunday, as a length of time.
fn day_of_week(arguments: &[Value]) -> Value {
    let days = |moment: DateTime| TimeSpan(moment.day_of_week() * TimeSpan::DAY);
    moment(arguments, 0).map_or(Value::Null, |moment| Value::TimeSpan(days(moment)))
}

fn datetime_part(arguments: &[Value]) -> Value {
    let Some(moment) = moment(arguments, 1) else { return Value::Null };
    int(match arguments.text(0).to_ascii_lowercase().as_str() {
        "year" => moment.year(),
        "quarter" => quarter(moment),
        "month" => moment.month(),
        "week_of_year" => week_of_year(moment),
        "weekofyear" => old_week_of_year(moment),
        "day" => moment.day(),
        "dayofyear" => moment.day_of_year(),
        "hour" => moment.hour(),
        "minute" => moment.minute(),
        "second" => moment.second(),
        "millisecond" => moment.fraction() / 10_000,
        "microsecond" => moment.fraction() / 10,
        "nanosecond" => moment.fraction() * 100,
        _ => return Value::Null,
    })
}

/// The quarter of the year, from 1.
pub(super) fn quarter(moment: DateTime) -> i64 {
    (moment.month() - 1) / 3 + 1
}

/// The week as of ISO 8601: it begins on Monday and belongs to the year of its Thursday.
fn week_of_year(moment: DateTime) -> i64 {
    let days_since_monday = (moment.day_of_week() + 6) % 7;
    week_with_middle(moment, 3 - days_since_monday)
}

/// The week of the older function: it begins on Sunday and belongs to the year of its Wednesday.
fn old_week_of_year(moment: DateTime) -> i64 {
    week_with_middle(moment, 3 - moment.day_of_week())
}

/// The number of the week whose middle is so many days away.
fn week_with_middle(moment: DateTime, days: i64) -> i64 {
    // A middle beyond the calendar is in its last year, or in the year before its first, which has 52 weeks.
    let middle = DateTime::of_ticks(moment.0 + days * TimeSpan::DAY);
    middle.map_or(52, |middle| (middle.day_of_year() - 1) / 7 + 1)
}

fn int(number: i64) -> Value {
    i32::try_from(number).map_or(Value::Null, Value::Int)
}

#[cfg(test)]
mod tests {
    use super::super::at;
    use super::*;

    fn call(name: &str, text: &str) -> Value {
        let function = FUNCTIONS.iter().find(|function| function.name == name).unwrap();
        (function.call)(&[at(text)])
    }

    #[test]
    fn a_moment_has_parts() {
        let moment = at("2017-10-30 01:02:03.7654321");
        for (part, expected) in [
            ("year", 2017),
            ("quarter", 4),
            ("Month", 10),
            ("week_of_year", 44),
            ("day", 30),
            ("dayOfYear", 303),
            ("hour", 1),
            ("minute", 2),
            ("second", 3),
            ("millisecond", 765),
            ("microsecond", 765_432),
            ("nanosecond", 765_432_100),
        ] {
            let part = Value::String(part.to_owned());
            assert_eq!(datetime_part(&[part, moment.clone()]), Value::Int(expected));
        }
        let week = Value::String("week".to_owned());
        assert_eq!(datetime_part(&[week, moment]), Value::Null);
    }

    #[test]
    fn a_day_of_the_week_is_a_length_of_time_since_sunday() {
        assert_eq!(call("dayofweek", "2017-01-01"), Value::TimeSpan(TimeSpan(0)));
        let tuesday = call("dayofweek", "2017-01-03 23:00");
        assert_eq!(tuesday, Value::TimeSpan(TimeSpan(2 * TimeSpan::DAY)));
    }

    #[test]
    fn a_week_belongs_to_the_year_of_its_thursday() {
        assert_eq!(call("week_of_year", "2020-12-31"), Value::Int(53));
        assert_eq!(call("week_of_year", "2020-06-15"), Value::Int(25));
        assert_eq!(call("week_of_year", "1970-01-01"), Value::Int(1));
        assert_eq!(call("week_of_year", "2000-01-01"), Value::Int(52));
        assert_eq!(call("week_of_year", "9999-12-31"), Value::Int(52));
        assert_eq!(call("weekofyear", "2020-06-14"), Value::Int(25));
        assert_eq!(call("week_of_year", "2020-06-14"), Value::Int(24));
    }

    #[test]
    fn single_parts_have_functions_of_their_own() {
        let moment = "2015-12-14 17:05";
        assert_eq!(call("getyear", moment), Value::Int(2015));
        assert_eq!(call("monthofyear", moment), Value::Int(12));
        assert_eq!(call("getmonth", moment), Value::Int(12));
        assert_eq!(call("dayofmonth", moment), Value::Int(14));
        assert_eq!(call("dayofyear", moment), Value::Int(348));
        assert_eq!(call("hourofday", moment), Value::Int(17));
    }
}
