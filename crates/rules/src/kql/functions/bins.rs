//! Values rounded down to bins: to the next multiple of a size that is not greater, also below zero.
//!
//! Moments are counted from the year 1, so that bins of a week begin on Mondays.
//!
//! <https://learn.microsoft.com/kusto/query/bin-function>,
//! <https://learn.microsoft.com/kusto/query/bin-at-function>

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

use super::arguments::Arguments;
use super::{Accepts, Function, ResultType};
use crate::kql::{DateTime, TimeSpan, Type, Value};

/// The functions.
pub(super) const FUNCTIONS: &[Function] = &[
    BIN,
    BIN.also("floor"),
    Function::define(
        "bin_at",
        &[Accepts::Measure, Accepts::Measure, Accepts::Measure],
        Type::Real,
        bin_at,
    )
    .with_result(ResultType::Computed(bin_type)),
];

const BIN: Function =
    Function::define("bin", &[Accepts::Measure, Accepts::Measure], Type::Real, bin)
        .with_result(ResultType::Computed(bin_type));

/// A bin is of the value's type, unless its size is a number that this cannot hold; the bin of an int is a
/// long, as all that is computed of ints.
fn bin_type(types: &[Type]) -> Option<Type> {
    let number = |r#type: Type| if r#type == Type::Dynamic { Type::Real } else { r#type };
    let (value, size) = (number(*types.first()?), number(*types.get(1)?));
    match (value, size) {
        (Type::DateTime | Type::TimeSpan, Type::TimeSpan) => Some(value),
        (Type::Int | Type::Long, Type::Int | Type::Long) => Some(Type::Long),
        (Type::Decimal, _) | (_, Type::Decimal) if value.is_number() && size.is_number() => {
            Some(Type::Decimal)
        }
        _ if value.is_number() && size.is_number() => Some(Type::Real),
        _ => None,
    }
}

fn bin(arguments: &[Value]) -> Value {
    let point = match arguments.at(0) {
        Value::DateTime(_) => Value::DateTime(DateTime(0)),
        Value::TimeSpan(_) => Value::TimeSpan(TimeSpan(0)),
        _ => Value::Long(0),
    };
    rounded(arguments.at(0), arguments.at(1), &point).unwrap_or(Value::Null)
}

fn bin_at(arguments: &[Value]) -> Value {
    rounded(arguments.at(0), arguments.at(1), arguments.at(2)).unwrap_or(Value::Null)
}

/// The value rounded down to a point that is some whole number of sizes away from a given one.
fn rounded(value: &Value, size: &Value, point: &Value) -> Option<Value> {
    match (value, size, point) {
        (
            Value::DateTime(DateTime(value)),
            Value::TimeSpan(TimeSpan(size)),
            Value::DateTime(DateTime(point)),
        ) => DateTime::of_ticks(rounded_whole(*value, *size, *point)?).map(Value::DateTime),
        (
            Value::TimeSpan(TimeSpan(value)),
            Value::TimeSpan(TimeSpan(size)),
            Value::TimeSpan(TimeSpan(point)),
        ) => Some(Value::TimeSpan(TimeSpan(rounded_whole(*value, *size, *point)?))),
        (Value::Decimal(_), ..) | (_, Value::Decimal(_), _) => {
            let (value, size, point) = (decimal(value)?, decimal(size)?, decimal(point)?);
            rounded_decimal(value, size, point).map(Value::Decimal)
        }
        (Value::Real(_), ..) | (_, Value::Real(_), _) => {
            let (value, size, point) = (real(value)?, real(size)?, real(point)?);
            let bins = if size == 0.0 { f64::NAN } else { ((value - point) / size).floor() };
            Some(Value::Real(bins * size + point))
        }
        (Value::Int(value), ..) => {
            rounded_whole(i64::from(*value), long(size)?, long(point)?).map(Value::Long)
        }
        (Value::Long(value), ..) => {
            rounded_whole(*value, long(size)?, long(point)?).map(Value::Long)
        }
        _ => None,
    }
}

fn rounded_whole(value: i64, size: i64, point: i64) -> Option<i64> {
    if size <= 0 {
        return None;
    }
    let beyond = (i128::from(value) - i128::from(point)).rem_euclid(i128::from(size));
    i64::try_from(i128::from(value) - beyond).ok()
}

fn rounded_decimal(value: Decimal, size: Decimal, point: Decimal) -> Option<Decimal> {
    if size <= Decimal::ZERO {
        return None;
    }
    let bins = value.checked_sub(point)?.checked_div(size)?.floor();
    bins.checked_mul(size)?.checked_add(point)
}

fn long(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(i64::from(*number)),
        Value::Long(number) => Some(*number),
        Value::Real(number) => Some(*number as i64),
        _ => None,
    }
}

fn real(value: &Value) -> Option<f64> {
    match value {
        Value::Real(number) => Some(*number),
        number => long(number).map(|number| number as f64),
    }
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Decimal(number) => Some(*number),
        Value::Real(number) => Decimal::from_f64(*number),
        number => long(number).map(Decimal::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Value {
        Value::DateTime(DateTime::parse(text).unwrap())
    }

    fn length(days: f64) -> Value {
        Value::TimeSpan(TimeSpan((days * TimeSpan::DAY as f64) as i64))
    }

    #[test]
    fn values_are_rounded_down_also_below_zero_and_keep_their_type() {
        assert_eq!(bin(&[Value::Long(-7), Value::Long(5)]), Value::Long(-10));
        assert_eq!(bin(&[Value::Int(7), Value::Long(5)]), Value::Long(5));
        assert_eq!(bin(&[Value::Real(4.5), Value::Long(1)]), Value::Real(4.0));
        assert_eq!(bin(&[Value::Real(-0.5), Value::Real(1.0)]), Value::Real(-1.0));
        let eighth = Value::Decimal(Decimal::new(125, 3));
        assert_eq!(bin(&[eighth, Value::Real(0.1)]), Value::Decimal(Decimal::new(1, 1)));
        assert_eq!(bin_type(&[Type::Int, Type::Long]), Some(Type::Long));
        assert_eq!(bin_type(&[Type::Long, Type::Real]), Some(Type::Real));
        assert_eq!(bin_type(&[Type::DateTime, Type::Long]), None);
    }

    #[test]
    fn times_are_put_into_bins_from_the_year_one() {
        assert_eq!(bin(&[length(16.0), length(7.0)]), length(14.0));
        assert_eq!(bin(&[length(-0.5), length(1.0)]), length(-1.0));
        assert_eq!(bin(&[moment("1970-05-11 13:45:07"), length(1.0)]), moment("1970-05-11"));
        // A Friday, and the Monday before.
        assert_eq!(bin(&[moment("2024-03-15"), length(7.0)]), moment("2024-03-11"));
    }

    #[test]
    fn bins_may_begin_at_any_point() {
        let at = |value, size, point| bin_at(&[value, size, point]);
        assert_eq!(at(Value::Real(6.5), Value::Real(2.5), Value::Long(7)), Value::Real(4.5));
        assert_eq!(at(length(1.0 / 24.0), length(1.0), length(0.5)), length(-0.5));
        let (value, point) = (moment("2017-05-15 10:20:00"), moment("1970-01-01 12:00:00"));
        assert_eq!(at(value, length(1.0), point), moment("2017-05-14 12:00:00"));
        let (value, point) = (moment("2017-05-17 10:20:00"), moment("2017-06-04"));
        assert_eq!(at(value, length(7.0), point), moment("2017-05-14"));
    }

    #[test]
    fn what_has_no_bin_is_null() {
        assert_eq!(bin(&[Value::Long(5), Value::Long(0)]), Value::Null);
        let of_nothing = bin(&[Value::Real(5.0), Value::Real(0.0)]);
        assert!(matches!(of_nothing, Value::Real(number) if number.is_nan()));
        assert_eq!(bin(&[Value::Null, Value::Long(1)]), Value::Null);
        assert_eq!(bin(&[Value::Long(5), Value::Null]), Value::Null);
        assert_eq!(bin(&[Value::Long(i64::MIN), Value::Long(3)]), Value::Null);
        let first = Value::DateTime(DateTime(0));
        assert_eq!(bin_at(&[first, length(2.0), moment("0001-01-02")]), Value::Null);
    }
}
