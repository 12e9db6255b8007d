//! Values put into bins of a width, toward negative infinity; `floor` is another name for it.

use rust_decimal::Decimal;

use super::super::{Accepts, Function, ResultType, Type, Value};
use crate::kql::functions::arguments::Arguments;
use crate::kql::{DateTime, TimeSpan};

const BIN: Function =
    Function::define("bin", &[Accepts::Measure, Accepts::Measure], Type::Long, |arguments| {
        bin(arguments.at(0), arguments.at(1)).unwrap_or(Value::Null)
    })
    .with_result(ResultType::Computed(bin_type));

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    BIN,
    BIN.also("floor"),
    Function::define(
        "bin_at",
        &[Accepts::Measure, Accepts::Measure, Accepts::Measure],
        Type::Long,
        |arguments| bin_at(arguments).unwrap_or(Value::Null),
    )
    .with_result(ResultType::Computed(bin_at_type)),
];

fn bin_type(types: &[Type]) -> Option<Type> {
    let &[value, width] = types else { return None };
    Some(match (value, width) {
        (Type::DateTime, Type::TimeSpan | Type::DateTime) => Type::DateTime,
        (Type::TimeSpan, Type::TimeSpan) => Type::TimeSpan,
        (value, width) => match rank(value)?.max(rank(width)?) {
            0 => Type::Long,
            1 => Type::Real,
            _ => Type::Decimal,
        },
    })
}

fn bin_at_type(types: &[Type]) -> Option<Type> {
    let &[value, width, fixed] = types else { return None };
    match (value, fixed) {
        (Type::DateTime, Type::DateTime) | (Type::TimeSpan, Type::TimeSpan) => {
            bin_type(&[Type::TimeSpan, width]).map(|_| value)
        }
        _ => match bin_type(&[bin_type(&[value, width])?, fixed])? {
            number if number.is_number() => Some(number),
            _ => None,
        },
    }
}

/// How wide a number is; a dynamic value comes as a real.
fn rank(of: Type) -> Option<u8> {
    match of {
        Type::Bool | Type::Int | Type::Long => Some(0),
        Type::Real | Type::Dynamic => Some(1),
        Type::Decimal => Some(2),
        _ => None,
    }
}

fn bin(value: &Value, width: &Value) -> Option<Value> {
    match (value, width) {
        (
            Value::DateTime(moment),
            Value::TimeSpan(TimeSpan(width)) | Value::DateTime(DateTime(width)),
        ) => DateTime::of_ticks(whole_bin(moment.0, *width)?).map(Value::DateTime),
        (Value::TimeSpan(length), Value::TimeSpan(width)) => {
            whole_bin(length.0, width.0).map(|ticks| Value::TimeSpan(TimeSpan(ticks)))
        }
        (value, width) => match rank(value.type_of()?)?.max(rank(width.type_of()?)?) {
            0 => whole_bin(long(value)?, long(width)?).map(Value::Long),
            1 => Some(Value::Real(real_bin(real(value)?, real(width)?))),
            _ => decimal_bin(decimal(value)?, decimal(width)?).map(Value::Decimal),
        },
    }
}

/// The bin counted from a point that lies on an edge.
fn bin_at(arguments: &[Value]) -> Option<Value> {
    let (value, width, fixed) = (arguments.at(0), arguments.at(1), arguments.at(2));
    match (value, width, fixed) {
        (Value::DateTime(moment), Value::TimeSpan(width), Value::DateTime(fixed)) => {
            let ticks = whole_bin_at(moment.0, width.0, fixed.0)?;
            DateTime::of_ticks(ticks).map(Value::DateTime)
        }
        (Value::TimeSpan(length), Value::TimeSpan(width), Value::TimeSpan(fixed)) => {
            whole_bin_at(length.0, width.0, fixed.0).map(|ticks| Value::TimeSpan(TimeSpan(ticks)))
        }
        _ => {
            let width_type = |value: &Value| rank(value.type_of()?);
            match width_type(value)?.max(width_type(width)?).max(width_type(fixed)?) {
                0 => whole_bin_at(long(value)?, long(width)?, long(fixed)?).map(Value::Long),
                1 => {
                    let fixed = real(fixed)?;
                    Some(Value::Real(fixed + real_bin(real(value)? - fixed, real(width)?)))
                }
                _ => {
                    let fixed = decimal(fixed)?;
                    let binned = decimal_bin(decimal(value)?.checked_sub(fixed)?, decimal(width)?)?;
                    binned.checked_add(fixed).map(Value::Decimal)
                }
            }
        }
    }
}

/// Whole numbers wrap around at their ends, as the engine's do.
fn whole_bin(value: i64, width: i64) -> Option<i64> {
    if width == 0 {
        return None;
    }
    let dividend = if (value < 0) == (width < 0) {
        value
    } else {
        value.wrapping_add(width.signum()).wrapping_sub(width)
    };
    Some(dividend.wrapping_div(width).wrapping_mul(width))
}

fn whole_bin_at(value: i64, width: i64, fixed: i64) -> Option<i64> {
    whole_bin(value.wrapping_sub(fixed), width).map(|binned| binned.wrapping_add(fixed))
}

fn real_bin(value: f64, width: f64) -> f64 {
    if width == 0.0 { f64::NAN } else { (value / width).floor() * width }
}

fn decimal_bin(value: Decimal, width: Decimal) -> Option<Decimal> {
    value.checked_div(width)?.floor().checked_mul(width)
}

fn long(value: &Value) -> Option<i64> {
    match value.convert(Type::Long) {
        Value::Long(number) => Some(number),
        _ => None,
    }
}

fn real(value: &Value) -> Option<f64> {
    match value.convert(Type::Real) {
        Value::Real(number) => Some(number),
        _ => None,
    }
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value.convert(Type::Decimal) {
        Value::Decimal(number) => Some(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::function;
    use super::*;

    fn call(name: &str, arguments: &[Value]) -> Value {
        (function(name).unwrap().call)(arguments)
    }

    #[test]
    fn bins_go_toward_negative_infinity_and_keep_the_type() {
        let long = |value, width| call("bin", &[Value::Long(value), Value::Long(width)]);
        assert_eq!(long(7, 5), Value::Long(5));
        assert_eq!(long(-7, 5), Value::Long(-10));
        assert_eq!(long(-10, 5), Value::Long(-10));
        assert_eq!(long(9_007_199_254_740_993, 1), Value::Long(9_007_199_254_740_993));
        assert_eq!(long(7, 0), Value::Null);
        assert_eq!(call("floor", &[Value::Int(7), Value::Real(2.5)]), Value::Real(5.0));
        assert_eq!(bin_type(&[Type::Int, Type::Int]), Some(Type::Long));
        assert_eq!(bin_type(&[Type::DateTime, Type::Long]), None);
    }

    #[test]
    fn days_begin_at_midnight_and_weeks_on_a_monday() {
        let at = |text: &str| Value::DateTime(DateTime::parse(text).unwrap());
        let days = |days| Value::TimeSpan(TimeSpan(days * TimeSpan::DAY));
        assert_eq!(call("bin", &[at("2017-05-16 13:45"), days(1)]), at("2017-05-16"));
        assert_eq!(call("bin", &[at("2017-05-16 13:45"), days(7)]), at("2017-05-15"));
    }

    #[test]
    fn bins_count_from_a_fixed_point() {
        let at = |text: &str| Value::DateTime(DateTime::parse(text).unwrap());
        let hours = |hours| Value::TimeSpan(TimeSpan(hours * TimeSpan::HOUR));
        let real = Value::Real;
        assert_eq!(call("bin_at", &[real(6.5), real(2.5), Value::Long(7)]), real(4.5));
        assert_eq!(call("bin_at", &[hours(1), hours(24), hours(12)]), hours(-12));
        let binned = call("bin_at", &[at("2017-05-17 10:20"), hours(7 * 24), at("2017-06-04")]);
        assert_eq!(binned, at("2017-05-14"));
        let types = [Type::DateTime, Type::TimeSpan, Type::DateTime];
        assert_eq!(bin_at_type(&types), Some(Type::DateTime));
    }
}
