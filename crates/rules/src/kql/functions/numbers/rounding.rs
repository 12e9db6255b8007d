//! Numbers without a fraction or a sign.

use rust_decimal::Decimal;

use super::super::{Accepts, Function, ResultType, Type, Value};
use crate::kql::TimeSpan;
use crate::kql::functions::arguments::Arguments;

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("abs", &[Accepts::Measure], Type::Long, |arguments| {
        magnitude(arguments.at(0))
    })
    .with_result(ResultType::Computed(magnitude_type)),
    Function::define("ceiling", &[Accepts::Number], Type::Real, |arguments| {
        match arguments.at(0) {
            Value::Real(number) => Value::Real(number.ceil()),
            Value::Decimal(number) => Value::Decimal(number.ceil()),
            whole => whole.clone(),
        }
    })
    .with_result(ResultType::Computed(|types| Some(held(*types.first()?)))),
    Function::define("round", &[Accepts::Number, Accepts::Only(Type::Long)], Type::Real, round)
        .with_optional(1)
        .with_result(ResultType::Computed(round_type)),
];

/// A dynamic value comes as a real.
fn held(given: Type) -> Type {
    if given == Type::Dynamic { Type::Real } else { given }
}

fn magnitude_type(types: &[Type]) -> Option<Type> {
    match held(*types.first()?) {
        Type::Int | Type::Long | Type::Bool => Some(Type::Long),
        other @ (Type::Real | Type::Decimal | Type::TimeSpan) => Some(other),
        _ => None,
    }
}

fn magnitude(value: &Value) -> Value {
    match value {
        Value::Int(number) => Value::Long(i64::from(*number).abs()),
        Value::Long(number) => Value::Long(number.wrapping_abs()),
        Value::Bool(value) => Value::Long((*value).into()),
        Value::Real(number) => Value::Real(number.abs()),
        Value::Decimal(number) => Value::Decimal(number.abs()),
        Value::TimeSpan(length) => Value::TimeSpan(TimeSpan(length.0.wrapping_abs())),
        _ => Value::Null,
    }
}

fn round_type(types: &[Type]) -> Option<Type> {
    match types.first()? {
        Type::Decimal => Some(Type::Decimal),
        _ => Some(Type::Real),
    }
}

/// Halves go away from zero. The binary number is rounded, not the decimal one that it is written as.
fn round(arguments: &[Value]) -> Value {
    let digits = match arguments.at(1) {
        Value::Null if arguments.len() > 1 => return Value::Null,
        _ => arguments.long(1).unwrap_or(0).clamp(-330, 330),
    };
    match arguments.at(0) {
        Value::Decimal(number) => Value::Decimal(round_decimal(*number, digits)),
        value => match value.convert(Type::Real) {
            Value::Real(number) => Value::Real(round_real(number, digits)),
            _ => Value::Null,
        },
    }
}

fn round_real(number: f64, digits: i64) -> f64 {
    // No real of that size or with so many digits has anything left to round.
    if !number.is_finite() || digits > 17 {
        return number;
    }
    let scale = 10_f64.powi(i32::try_from(digits.abs()).unwrap_or_default());
    let rounded = if digits >= 0 {
        (number * scale).round() / scale
    } else {
        (number / scale).round() * scale
    };
    if rounded.is_finite() { rounded } else { number }
}

fn round_decimal(number: Decimal, digits: i64) -> Decimal {
    use rust_decimal::RoundingStrategy::MidpointAwayFromZero;
    match u32::try_from(digits) {
        Ok(digits) => number.round_dp_with_strategy(digits, MidpointAwayFromZero),
        Err(_) => {
            let digits = u32::try_from(digits.unsigned_abs()).unwrap_or(u32::MAX);
            let Some(scale) = 10_i64.checked_pow(digits).map(Decimal::from) else {
                return Decimal::ZERO;
            };
            (number / scale).round_dp_with_strategy(0, MidpointAwayFromZero) * scale
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::function;
    use super::*;

    #[test]
    fn reals_are_rounded_as_they_are() {
        let round = |number, digits| {
            (function("round").unwrap().call)(&[Value::Real(number), Value::Long(digits)])
        };
        assert_eq!(round(1.005, 2), Value::Real(1.0));
        assert_eq!(round(2.98765, 3), Value::Real(2.988));
        assert_eq!(round(12345.0, -2), Value::Real(12300.0));
        assert_eq!(round(-2.5, 0), Value::Real(-3.0));
        let whole = (function("round").unwrap().call)(&[Value::Long(5)]);
        assert_eq!(whole, Value::Real(5.0));
    }

    #[test]
    fn a_magnitude_has_no_sign() {
        let abs = |value| (function("abs").unwrap().call)(&[value]);
        assert_eq!(abs(Value::Int(-5)), Value::Long(5));
        assert_eq!(abs(Value::TimeSpan(TimeSpan(-5))), Value::TimeSpan(TimeSpan(5)));
    }
}
