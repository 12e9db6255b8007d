//! Arithmetic between numbers, moments and lengths of time.
//!
//! Whole numbers are computed as longs, and wrap around at their ends; a division of them by zero is null. A
//! dynamic value is computed with as what it holds, and the result has the other operand's type.
//!
//! <https://learn.microsoft.com/kusto/query/numerical-operators>

use rust_decimal::Decimal;

use super::super::{Accepts, Function, ResultType, Type, Value};
use crate::kql::functions::arguments::Arguments;
use crate::kql::{DateTime, TimeSpan};

const ANY_TWO: &[Accepts] = &[Accepts::Any, Accepts::Any];

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    operator("+", |types| result(Operation::Add, types), |given| compute(Operation::Add, given)),
    operator(
        "-",
        |types| result(Operation::Subtract, types),
        |given| compute(Operation::Subtract, given),
    ),
    operator(
        "*",
        |types| result(Operation::Multiply, types),
        |given| compute(Operation::Multiply, given),
    ),
    operator(
        "/",
        |types| result(Operation::Divide, types),
        |given| compute(Operation::Divide, given),
    ),
    operator(
        "%",
        |types| result(Operation::Modulo, types),
        |given| compute(Operation::Modulo, given),
    ),
    Function::define("negate", &[Accepts::Any], Type::Long, negate)
        .with_result(ResultType::Computed(|types| opposite(*types.first()?))),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

const fn operator(
    sign: &'static str,
    result: fn(&[Type]) -> Option<Type>,
    call: fn(&[Value]) -> Value,
) -> Function {
    Function::define(sign, ANY_TWO, Type::Dynamic, call).with_result(ResultType::Computed(result))
}

/// The type of the result, if there is such an operation.
fn result(operation: Operation, types: &[Type]) -> Option<Type> {
    let &[left, right] = types else { return None };
    match (left, right) {
        (Type::Dynamic, Type::Dynamic) => Some(Type::Dynamic),
        (Type::Dynamic, other) | (other, Type::Dynamic) => beside_dynamic(operation, other),
        (left, right) => between_types(operation, left, right),
    }
}

/// What comes of a value whose type is known and one whose type is not.
fn beside_dynamic(operation: Operation, known: Type) -> Option<Type> {
    match known {
        Type::DateTime if operation == Operation::Subtract => Some(Type::TimeSpan),
        Type::DateTime | Type::TimeSpan => {
            (operation != Operation::Multiply || known == Type::TimeSpan).then_some(known)
        }
        number => wider(number, Type::Long),
    }
}

fn between_types(operation: Operation, left: Type, right: Type) -> Option<Type> {
    use Operation::{Add, Divide, Modulo, Multiply, Subtract};
    Some(match (operation, left, right) {
        (Add | Subtract, Type::DateTime, Type::TimeSpan) => Type::DateTime,
        (Add, Type::TimeSpan, Type::DateTime) => Type::DateTime,
        (Subtract, Type::DateTime, Type::DateTime) => Type::TimeSpan,
        (Add | Subtract | Modulo, Type::TimeSpan, Type::TimeSpan) => Type::TimeSpan,
        (Divide, Type::TimeSpan | Type::DateTime, Type::TimeSpan) => Type::Real,
        (Modulo, Type::DateTime, Type::TimeSpan) => Type::TimeSpan,
        (Multiply | Divide | Modulo, Type::TimeSpan, number) if number.is_number() => {
            Type::TimeSpan
        }
        (Multiply, number, Type::TimeSpan) if number.is_number() => Type::TimeSpan,
        (_, left, right) => return wider(left, right),
    })
}

/// The type of numbers that holds both; whole numbers are computed as longs.
fn wider(left: Type, right: Type) -> Option<Type> {
    let rank = |kind| match kind {
        Type::Bool | Type::Int | Type::Long => Some(0),
        Type::Real => Some(1),
        Type::Decimal => Some(2),
        _ => None,
    };
    Some(match rank(left)?.max(rank(right)?) {
        0 => Type::Long,
        1 => Type::Real,
        _ => Type::Decimal,
    })
}

fn opposite(of: Type) -> Option<Type> {
    match of {
        Type::TimeSpan | Type::Dynamic => Some(of),
        number => wider(number, Type::Long),
    }
}

fn compute(operation: Operation, arguments: &[Value]) -> Value {
    let is_dynamic = |place| matches!(arguments.at(place), Value::Dynamic(_));
    let (left, right) =
        (operand(arguments.at(0), arguments.at(1)), operand(arguments.at(1), arguments.at(0)));
    let value = scalars(operation, &left, &right).unwrap_or(Value::Null);
    let held = |place: usize| arguments.at(place).type_of();
    match (is_dynamic(0), is_dynamic(1)) {
        (false, false) => value,
        (true, true) => Value::of_dynamic(value.into_dynamic()),
        (is_left, _) => {
            let known = held(usize::from(is_left));
            let to = known.and_then(|known| beside_dynamic(operation, known));
            to.map_or(Value::Null, |to| value.convert(to))
        }
    }
}

/// The operand as it is computed with: a dynamic value as what it holds, and text in one as a value of the
/// other operand's type.
fn operand(value: &Value, other: &Value) -> Value {
    match value.clone().held() {
        Value::String(text) => match other.clone().held().type_of() {
            Some(Type::TimeSpan) if DateTime::parse(&text).is_some() => {
                Value::String(text).convert(Type::DateTime)
            }
            Some(to @ (Type::DateTime | Type::TimeSpan)) => Value::String(text).convert(to),
            _ => Value::String(text).convert(Type::Real),
        },
        Value::Bool(value) => Value::Long(value.into()),
        value => value,
    }
}

fn scalars(operation: Operation, left: &Value, right: &Value) -> Option<Value> {
    if let (Some(left), Some(right)) = (ticks(left), ticks(right)) {
        let is_moment = (left.is_moment, right.is_moment);
        return times(operation, left.ticks, right.ticks, is_moment);
    }
    match (left, right) {
        (Value::TimeSpan(length), number) => scaled(operation, length.0, number),
        (number, Value::TimeSpan(length)) if operation == Operation::Multiply => {
            scaled(operation, length.0, number)
        }
        (left, right) => match wider(left.type_of()?, right.type_of()?)? {
            Type::Decimal => decimals(operation, decimal(left)?, decimal(right)?),
            Type::Real => Some(Value::Real(reals(operation, real(left)?, real(right)?))),
            _ => longs(operation, long(left)?, long(right)?).map(Value::Long),
        },
    }
}

struct Ticks {
    ticks: i64,
    is_moment: bool,
}

fn ticks(value: &Value) -> Option<Ticks> {
    match value {
        Value::DateTime(moment) => Some(Ticks { ticks: moment.0, is_moment: true }),
        Value::TimeSpan(length) => Some(Ticks { ticks: length.0, is_moment: false }),
        _ => None,
    }
}

/// Moments and lengths of time with each other.
fn times(operation: Operation, left: i64, right: i64, is_moment: (bool, bool)) -> Option<Value> {
    match (operation, is_moment) {
        (Operation::Add, (true, true)) | (Operation::Subtract, (false, true)) => None,
        (Operation::Add, (false, false)) => left.checked_add(right).map(length),
        (Operation::Add, _) => DateTime::of_ticks(left.checked_add(right)?).map(Value::DateTime),
        (Operation::Subtract, (true, false)) => {
            DateTime::of_ticks(left.checked_sub(right)?).map(Value::DateTime)
        }
        (Operation::Subtract, _) => left.checked_sub(right).map(length),
        (Operation::Divide, (_, false)) => Some(Value::Real(left as f64 / right as f64)),
        (Operation::Modulo, (_, false)) => longs(Operation::Modulo, left, right).map(length),
        _ => None,
    }
}

/// A length of time with a number.
fn scaled(operation: Operation, ticks: i64, number: &Value) -> Option<Value> {
    if let Some(number) = whole(number) {
        return match operation {
            Operation::Multiply => ticks.checked_mul(number).map(length),
            Operation::Divide | Operation::Modulo => longs(operation, ticks, number).map(length),
            _ => None,
        };
    }
    let computed = match operation {
        Operation::Multiply => ticks as f64 * real(number)?,
        Operation::Divide => ticks as f64 / real(number)?,
        Operation::Modulo => reals(operation, ticks as f64, real(number)?),
        _ => return None,
    };
    let is_length = computed.is_finite() && computed.abs() < i64::MAX as f64;
    is_length.then(|| length(computed as i64))
}

fn longs(operation: Operation, left: i64, right: i64) -> Option<i64> {
    match operation {
        Operation::Add => Some(left.wrapping_add(right)),
        Operation::Subtract => Some(left.wrapping_sub(right)),
        Operation::Multiply => Some(left.wrapping_mul(right)),
        Operation::Divide => (right != 0).then(|| left.wrapping_div(right)),
        Operation::Modulo => (right != 0).then(|| left.wrapping_rem_euclid(right)),
    }
}

fn reals(operation: Operation, left: f64, right: f64) -> f64 {
    match operation {
        Operation::Add => left + right,
        Operation::Subtract => left - right,
        Operation::Multiply => left * right,
        Operation::Divide => left / right,
        Operation::Modulo => left.rem_euclid(right),
    }
}

fn decimals(operation: Operation, left: Decimal, right: Decimal) -> Option<Value> {
    let number = match operation {
        Operation::Add => left.checked_add(right),
        Operation::Subtract => left.checked_sub(right),
        Operation::Multiply => left.checked_mul(right),
        Operation::Divide => left.checked_div(right),
        Operation::Modulo => {
            let remainder = left.checked_rem(right)?;
            if remainder.is_sign_negative() && !remainder.is_zero() {
                remainder.checked_add(right.abs())
            } else {
                Some(remainder)
            }
        }
    };
    number.map(Value::Decimal)
}

fn negate(arguments: &[Value]) -> Value {
    let negative = |value: &Value| match value {
        Value::Int(number) => Value::Long(-i64::from(*number)),
        Value::Long(number) => Value::Long(number.wrapping_neg()),
        Value::Bool(value) => Value::Long(-i64::from(*value)),
        Value::Real(number) => Value::Real(-number),
        Value::Decimal(number) => Value::Decimal(-*number),
        Value::TimeSpan(length) => Value::TimeSpan(TimeSpan(length.0.wrapping_neg())),
        _ => Value::Null,
    };
    match arguments.at(0) {
        Value::Dynamic(dynamic) => {
            Value::of_dynamic(negative(&dynamic.clone().held()).into_dynamic())
        }
        value => negative(value),
    }
}

fn length(ticks: i64) -> Value {
    Value::TimeSpan(TimeSpan(ticks))
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some((*number).into()),
        Value::Long(number) => Some(*number),
        _ => None,
    }
}

fn long(value: &Value) -> Option<i64> {
    whole(value).or(match value {
        Value::Bool(value) => Some((*value).into()),
        _ => None,
    })
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
    use crate::kql::Dynamic;

    fn call(left: Value, sign: &str, right: Value) -> Value {
        (function(sign).unwrap().call)(&[left, right])
    }

    fn type_of(left: Type, sign: &str, right: Type) -> Option<Type> {
        match function(sign).unwrap().result {
            ResultType::Computed(result) => result(&[left, right]),
            _ => None,
        }
    }

    #[test]
    fn whole_numbers_are_longs_and_division_truncates() {
        let long = Value::Long;
        assert_eq!(call(Value::Int(i32::MAX), "+", Value::Int(1)), long(2_147_483_648));
        assert_eq!(call(long(-7), "/", long(2)), long(-3));
        assert_eq!(call(long(7), "/", long(0)), Value::Null);
        assert_eq!(call(Value::Real(1.0), "/", long(0)), Value::Real(f64::INFINITY));
        assert_eq!(call(long(i64::MAX), "+", long(1)), long(i64::MIN));
        assert_eq!(type_of(Type::Int, "+", Type::Int), Some(Type::Long));
        assert_eq!(type_of(Type::Long, "*", Type::Decimal), Some(Type::Decimal));
        assert_eq!(type_of(Type::String, "+", Type::Long), None);
    }

    #[test]
    fn modulo_is_never_negative() {
        for (left, right, remainder) in [(14, 12, 2), (-14, 12, 10), (14, -12, 2), (-14, -12, 10)] {
            assert_eq!(call(Value::Long(left), "%", Value::Long(right)), Value::Long(remainder));
        }
        assert_eq!(call(Value::Long(5), "%", Value::Long(0)), Value::Null);
        assert_eq!(call(Value::Real(-0.5), "%", Value::Long(2)), Value::Real(1.5));
    }

    #[test]
    fn times_are_added_divided_and_scaled() {
        let span = |ticks| Value::TimeSpan(TimeSpan(ticks));
        let at = |text| Value::DateTime(DateTime::parse(text).unwrap());
        assert_eq!(call(at("2020-01-02"), "-", at("2020-01-01")), span(TimeSpan::DAY));
        assert_eq!(call(span(TimeSpan::DAY), "+", at("2020-01-01")), at("2020-01-02"));
        assert_eq!(call(span(TimeSpan::DAY), "/", span(TimeSpan::HOUR)), Value::Real(24.0));
        assert_eq!(call(span(TimeSpan::DAY), "/", Value::Long(24)), span(TimeSpan::HOUR));
        assert_eq!(call(Value::Real(1.5), "*", span(TimeSpan::HOUR)), span(TimeSpan::HOUR * 3 / 2));
        assert_eq!(
            call(span(7 * TimeSpan::HOUR), "%", span(2 * TimeSpan::HOUR)),
            span(TimeSpan::HOUR)
        );
        assert_eq!(call(at("0001-01-01"), "-", span(1)), Value::Null);
        assert_eq!(call(at("2020-01-01"), "+", Value::Null), Value::Null);
        assert_eq!(type_of(Type::DateTime, "-", Type::DateTime), Some(Type::TimeSpan));
        assert_eq!(type_of(Type::TimeSpan, "-", Type::DateTime), None);
    }

    #[test]
    fn dynamic_values_count_as_what_they_hold() {
        let held = |dynamic| Value::Dynamic(dynamic);
        assert_eq!(call(held(Dynamic::Long(2)), "+", Value::Long(1)), Value::Long(3));
        assert_eq!(call(held(Dynamic::Real(2.5)), "*", Value::Real(2.0)), Value::Real(5.0));
        let sum = call(held(Dynamic::Long(2)), "+", held(Dynamic::Long(1)));
        assert_eq!(sum, held(Dynamic::Long(3)));
        let moment = held(Dynamic::String("2020-01-01".to_owned()));
        let later = Value::DateTime(DateTime::parse("2020-01-02").unwrap());
        assert_eq!(call(later, "-", moment), Value::TimeSpan(TimeSpan(TimeSpan::DAY)));
        assert_eq!(type_of(Type::Dynamic, "+", Type::Int), Some(Type::Long));
        assert_eq!(type_of(Type::Dynamic, "-", Type::DateTime), Some(Type::TimeSpan));
    }

    #[test]
    fn the_opposite_of_an_int_is_a_long() {
        let negated = (function("negate").unwrap().call)(&[Value::Int(i32::MIN)]);
        assert_eq!(negated, Value::Long(2_147_483_648));
    }
}
