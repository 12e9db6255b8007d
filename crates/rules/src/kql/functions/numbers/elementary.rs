//! Powers, logarithms and angles. What is not in the domain of a function is null.

use std::f64::consts::PI;

use super::super::{Accepts, Function, Type, Value};
use crate::kql::functions::arguments::Arguments;

const REAL: &[Accepts] = &[Accepts::Only(Type::Real)];
const TWO_REALS: &[Accepts] = &[Accepts::Only(Type::Real), Accepts::Only(Type::Real)];

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("pi", &[], Type::Real, |_| Value::Real(PI)),
    of_one("sqrt", |given| within(given, 0.0, f64::sqrt)),
    of_one("exp", |given| of(given, f64::exp)),
    of_one("exp2", |given| of(given, f64::exp2)),
    of_one("exp10", |given| of(given, |number| 10_f64.powf(number))),
    of_one("log", |given| within(given, 0.0, f64::ln)),
    of_one("log2", |given| within(given, 0.0, f64::log2)),
    of_one("log10", |given| within(given, 0.0, f64::log10)),
    of_one("sin", |given| of(given, f64::sin)),
    of_one("cos", |given| of(given, f64::cos)),
    of_one("tan", |given| of(given, f64::tan)),
    of_one("cot", |given| of(given, |number| number.tan().recip())),
    of_one("asin", |given| of_unit(given, f64::asin)),
    of_one("acos", |given| of_unit(given, f64::acos)),
    of_one("atan", |given| of(given, f64::atan)),
    of_one("degrees", |given| of(given, |radians| radians * 180.0 / PI)),
    of_one("radians", |given| of(given, |degrees| degrees * PI / 180.0)),
    // The engine gives 0 for a null and for what is not a number, too.
    of_one("sign", |given| {
        Value::Real(number(given, 0).map_or(0.0, |number| {
            f64::from(i8::from(number > 0.0)) - f64::from(i8::from(number < 0.0))
        }))
    }),
    Function::define("atan2", TWO_REALS, Type::Real, |given| of_both(given, f64::atan2)),
    Function::define("pow", TWO_REALS, Type::Real, |given| of_both(given, f64::powf)),
];

const fn of_one(name: &'static str, call: fn(&[Value]) -> Value) -> Function {
    Function::define(name, REAL, Type::Real, call)
}

/// The real at that place, infinite ones and what is not a number included.
pub(super) fn number(arguments: &[Value], place: usize) -> Option<f64> {
    match arguments.at(place) {
        Value::Real(number) => Some(*number),
        _ => None,
    }
}

fn of(arguments: &[Value], compute: fn(f64) -> f64) -> Value {
    number(arguments, 0).map_or(Value::Null, |number| Value::Real(compute(number)))
}

/// Null of what is less than a bound.
fn within(arguments: &[Value], least: f64, compute: fn(f64) -> f64) -> Value {
    match number(arguments, 0) {
        Some(number) if number < least => Value::Null,
        _ => of(arguments, compute),
    }
}

/// Null of what is beyond 1 on either side.
fn of_unit(arguments: &[Value], compute: fn(f64) -> f64) -> Value {
    match number(arguments, 0) {
        Some(number) if number.abs() > 1.0 => Value::Null,
        _ => of(arguments, compute),
    }
}

fn of_both(arguments: &[Value], compute: fn(f64, f64) -> f64) -> Value {
    match (number(arguments, 0), number(arguments, 1)) {
        (Some(first), Some(second)) => Value::Real(compute(first, second)),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::function;
    use super::*;

    #[test]
    fn what_is_not_in_the_domain_is_null() {
        let call = |name: &str, number| (function(name).unwrap().call)(&[Value::Real(number)]);
        assert_eq!(call("acos", -2.0), Value::Null);
        assert_eq!(call("sqrt", -1.0), Value::Null);
        assert_eq!(call("log", -1.0), Value::Null);
        assert_eq!(call("log10", 1000.0), Value::Real(3.0));
        assert_eq!(call("degrees", PI), Value::Real(180.0));
        assert_eq!((function("sign").unwrap().call)(&[Value::Null]), Value::Real(0.0));
    }
}
