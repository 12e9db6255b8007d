//! Comparison of values by what they are: numbers of any width with each other, text with whatever it can be
//! read as, and dynamic values by what they hold.

use std::cmp::Ordering;

use rust_decimal::prelude::ToPrimitive;

use super::super::{Accepts, Function, Type, Value};
use crate::kql::functions::arguments::{Arguments, bool};
use crate::kql::matching::equals_ignoring_case;
use crate::kql::{DateTime, Dynamic, TimeSpan};

const ANY_TWO: &[Accepts] = &[Accepts::Any, Accepts::Any];
const ANY_THREE: &[Accepts] = &[Accepts::Any, Accepts::Any, Accepts::Any];
const TEXTS: &[Accepts] = &[Accepts::Only(Type::String), Accepts::Only(Type::String)];

/// The functions.
///
/// Equality has an answer even if one of the values is null; of two nulls it is null. Order has none.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("==", ANY_TWO, Type::Bool, |arguments| {
        bool(equality(arguments.at(0), arguments.at(1)))
    }),
    Function::define("!=", ANY_TWO, Type::Bool, |arguments| {
        bool(equality(arguments.at(0), arguments.at(1)).map(|is_equal| !is_equal))
    }),
    Function::define("<", ANY_TWO, Type::Bool, |arguments| ordered(arguments, Ordering::is_lt)),
    Function::define("<=", ANY_TWO, Type::Bool, |arguments| ordered(arguments, Ordering::is_le)),
    Function::define(">", ANY_TWO, Type::Bool, |arguments| ordered(arguments, Ordering::is_gt)),
    Function::define(">=", ANY_TWO, Type::Bool, |arguments| ordered(arguments, Ordering::is_ge)),
    Function::define("=~", TEXTS, Type::Bool, |arguments| {
        Value::Bool(equals_ignoring_case(arguments.text(0), arguments.text(1)))
    }),
    Function::define("!~", TEXTS, Type::Bool, |arguments| {
        Value::Bool(!equals_ignoring_case(arguments.text(0), arguments.text(1)))
    }),
    Function::define("between", ANY_THREE, Type::Bool, |arguments| bool(between(arguments))),
    Function::define("!between", ANY_THREE, Type::Bool, |arguments| {
        bool(between(arguments).map(|is_between| !is_between))
    }),
    Function::define("around", ANY_THREE, Type::Bool, |arguments| bool(around(arguments))),
];

/// How two values relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Relation {
    /// One of them is null.
    Null,
    /// There is no order between them, as with what is not a number.
    None,
    /// By order.
    Order(Ordering),
}

/// Whether two values are equal, of which null is none but the empty text.
pub(super) fn are_equal(left: &Value, right: &Value) -> bool {
    equality(left, right).unwrap_or(false)
}

/// How two values relate.
pub(in super::super) fn relation(left: &Value, right: &Value) -> Relation {
    match (left, right) {
        (Value::Null, _) | (_, Value::Null) => Relation::Null,
        (Value::String(left), Value::String(right)) => Relation::Order(left.cmp(right)),
        (Value::Dynamic(dynamic), other) if is_scalar(dynamic) => {
            relation(&dynamic.clone().held(), other)
        }
        (other, Value::Dynamic(dynamic)) if is_scalar(dynamic) => {
            relation(other, &dynamic.clone().held())
        }
        (Value::String(text), other) => read(text, other, |read| scalars(read, other)),
        (other, Value::String(text)) => read(text, other, |read| scalars(other, read)),
        (left, right) => scalars(left, right),
    }
}

fn is_scalar(dynamic: &Dynamic) -> bool {
    !matches!(dynamic, Dynamic::Array(_) | Dynamic::Bag(_))
}

/// Whether two values are equal; nothing if both are null.
fn equality(left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (Value::Null, Value::Null) => None,
        // No text is null, so that the null is of a dynamic value, and that is the empty text among texts.
        (Value::Null, Value::String(text)) | (Value::String(text), Value::Null) => {
            Some(text.is_empty())
        }
        (left, right) => Some(relation(left, right) == Relation::Order(Ordering::Equal)),
    }
}

fn ordered(arguments: &[Value], is_so: fn(Ordering) -> bool) -> Value {
    match relation(arguments.at(0), arguments.at(1)) {
        Relation::Null => Value::Null,
        Relation::None => Value::Bool(false),
        Relation::Order(order) => Value::Bool(is_so(order)),
    }
}

/// Whether the first value is within the others; a length of time behind a moment counts from there.
fn between(arguments: &[Value]) -> Option<bool> {
    let (value, low) = (arguments.at(0), arguments.at(1));
    let high = match (low.clone().held(), arguments.at(2).clone().held()) {
        (Value::DateTime(from), Value::TimeSpan(length)) => {
            Value::DateTime(DateTime(from.0.saturating_add(length.0)))
        }
        (_, high) => high,
    };
    within(value, low, &high)
}

/// Whether the first value is no farther from the second than the third.
fn around(arguments: &[Value]) -> Option<bool> {
    let value = arguments.at(0);
    let (low, high) = match (arguments.at(1), arguments.at(2)) {
        (Value::DateTime(center), Value::TimeSpan(delta)) => (
            Value::DateTime(DateTime(center.0.saturating_sub(delta.0))),
            Value::DateTime(DateTime(center.0.saturating_add(delta.0))),
        ),
        (Value::TimeSpan(center), Value::TimeSpan(delta)) => (
            Value::TimeSpan(TimeSpan(center.0.saturating_sub(delta.0))),
            Value::TimeSpan(TimeSpan(center.0.saturating_add(delta.0))),
        ),
        (Value::Int(_) | Value::Long(_), Value::Int(_) | Value::Long(_)) => {
            let (center, delta) = (arguments.long(1)?, arguments.long(2)?);
            let (low, high) = (center.saturating_sub(delta), center.saturating_add(delta));
            (Value::Long(low), Value::Long(high))
        }
        _ => {
            let (center, delta) = (arguments.real(1)?, arguments.real(2)?);
            (Value::Real(center - delta), Value::Real(center + delta))
        }
    };
    within(value, &low, &high)
}

fn within(value: &Value, low: &Value, high: &Value) -> Option<bool> {
    match (relation(value, low), relation(value, high)) {
        (Relation::Null, _) | (_, Relation::Null) => None,
        (Relation::Order(to_low), Relation::Order(to_high)) => {
            Some(to_low.is_ge() && to_high.is_le())
        }
        _ => Some(false),
    }
}

/// The relation of what a text says in terms of the other value, if it says any.
fn read(text: &str, other: &Value, relation: impl Fn(&Value) -> Relation) -> Relation {
    let Some(to) = other.type_of() else { return Relation::Null };
    if to == Type::Dynamic {
        return match text.cmp(&other.text()) {
            Ordering::Equal => Relation::Order(Ordering::Equal),
            _ => Relation::None,
        };
    }
    match Value::String(text.to_owned()).convert(to) {
        Value::Null if to == Type::Long || to == Type::Int => {
            match Value::String(text.to_owned()).convert(Type::Real) {
                Value::Null => Relation::None,
                number => relation(&number),
            }
        }
        Value::Null => Relation::None,
        value => relation(&value),
    }
}

fn scalars(left: &Value, right: &Value) -> Relation {
    let order = match (left, right) {
        (Value::DateTime(left), Value::DateTime(right)) => Some(left.cmp(right)),
        (Value::TimeSpan(left), Value::TimeSpan(right)) => Some(left.cmp(right)),
        (Value::Guid(left), Value::Guid(right)) => Some(left.cmp(right)),
        (Value::Dynamic(left), Value::Dynamic(right)) => {
            same(left, right).then_some(Ordering::Equal)
        }
        (left, right) => numbers(left, right),
    };
    order.map_or(Relation::None, Relation::Order)
}

/// The order of numbers, among which true is 1 and false is 0.
fn numbers(left: &Value, right: &Value) -> Option<Ordering> {
    if let (Some(left), Some(right)) = (whole(left), whole(right)) {
        return Some(left.cmp(&right));
    }
    match (left, right) {
        (Value::Real(_), _) | (_, Value::Real(_)) => real(left)?.partial_cmp(&real(right)?),
        _ => {
            let decimal = |value: &Value| match value.convert(Type::Decimal) {
                Value::Decimal(decimal) => Some(decimal),
                _ => None,
            };
            Some(decimal(left)?.cmp(&decimal(right)?))
        }
    }
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Bool(value) => Some((*value).into()),
        Value::Int(number) => Some((*number).into()),
        Value::Long(number) => Some(*number),
        _ => None,
    }
}

fn real(value: &Value) -> Option<f64> {
    match value {
        Value::Real(number) => Some(*number),
        Value::Decimal(number) => number.to_f64(),
        value => whole(value).map(|number| number as f64),
    }
}

/// Whether two dynamic values say the same; the order of a bag's properties says nothing.
fn same(left: &Dynamic, right: &Dynamic) -> bool {
    match (left, right) {
        (Dynamic::Array(left), Dynamic::Array(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Dynamic::Bag(left), Dynamic::Bag(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(name, left)| right.get(name).is_some_and(|right| same(left, right)))
        }
        (Dynamic::Long(left), Dynamic::Real(right))
        | (Dynamic::Real(right), Dynamic::Long(left)) => *left as f64 == *right,
        (left, right) => left == right,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::function;
    use super::*;

    fn call(sign: &str, arguments: &[Value]) -> Value {
        (function(sign).unwrap().call)(arguments)
    }

    fn text(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    #[test]
    fn equality_is_total_with_one_null_and_null_of_two() {
        let one = Value::Long(1);
        assert_eq!(call("==", &[Value::Null, one.clone()]), Value::Bool(false));
        assert_eq!(call("!=", &[Value::Null, one.clone()]), Value::Bool(true));
        assert_eq!(call("==", &[Value::Null, Value::Null]), Value::Null);
        assert_eq!(call("!=", &[Value::Null, Value::Null]), Value::Null);
        assert_eq!(call("<", &[Value::Null, one]), Value::Null);
    }

    #[test]
    fn a_missing_property_is_the_empty_text_among_texts() {
        assert_eq!(call("==", &[Value::Null, text("")]), Value::Bool(true));
        assert_eq!(call("!=", &[Value::Null, text("a")]), Value::Bool(true));
    }

    #[test]
    fn values_are_compared_by_what_they_are() {
        let moment = DateTime::parse("2020-01-01").unwrap();
        let held = |dynamic| Value::Dynamic(dynamic);
        for (left, right) in [
            (Value::Int(1), Value::Real(1.0)),
            (Value::Long(1), Value::Decimal(1.into())),
            (Value::DateTime(moment), text("2020-01-01T00:00")),
            (held(Dynamic::String("x".to_owned())), text("x")),
            (held(Dynamic::Long(5)), text("5")),
            (held(Dynamic::Long(5)), Value::Int(5)),
            (held(Dynamic::Array(vec![Dynamic::Long(5)])), text("[5]")),
        ] {
            assert_eq!(call("==", &[left, right]), Value::Bool(true));
        }
        assert_eq!(call("==", &[text("a"), text("A")]), Value::Bool(false));
        assert_eq!(call("=~", &[text("äÖ"), text("Äö")]), Value::Bool(true));
    }

    #[test]
    fn what_is_no_number_has_no_order() {
        let nan = Value::Real(f64::NAN);
        assert_eq!(call("==", &[nan.clone(), nan.clone()]), Value::Bool(false));
        assert_eq!(call("!=", &[nan.clone(), nan.clone()]), Value::Bool(true));
        assert_eq!(call("<", &[nan, Value::Long(1)]), Value::Bool(false));
    }

    #[test]
    fn between_holds_its_ends_and_takes_a_length_of_time() {
        let at = |text| Value::DateTime(DateTime::parse(text).unwrap());
        let three_days = Value::TimeSpan(TimeSpan(3 * TimeSpan::DAY));
        let range = |value| call("between", &[value, at("2020-01-01"), three_days.clone()]);
        assert_eq!(range(at("2020-01-04")), Value::Bool(true));
        assert_eq!(range(at("2020-01-05")), Value::Bool(false));
        assert_eq!(range(Value::Null), Value::Null);
        let numbers = [Value::Long(4), Value::Long(5), Value::Long(9)];
        assert_eq!(call("!between", &numbers), Value::Bool(true));
    }
}
