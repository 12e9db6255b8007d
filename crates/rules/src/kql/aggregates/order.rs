//! Which of two values comes first.

use std::cmp::Ordering;

use super::super::{Dynamic, Value};

/// Orders two values of one type: numbers and lengths by size, moments by time, text by its code points. What
/// is no number comes behind all that are.
pub(super) fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Int(left), Value::Int(right)) => left.cmp(right),
        (Value::Long(left), Value::Long(right)) => left.cmp(right),
        (Value::Real(left), Value::Real(right)) => left.total_cmp(right),
        (Value::Decimal(left), Value::Decimal(right)) => left.cmp(right),
        (Value::String(left), Value::String(right)) => left.cmp(right),
        (Value::DateTime(left), Value::DateTime(right)) => left.cmp(right),
        (Value::TimeSpan(left), Value::TimeSpan(right)) => left.cmp(right),
        (Value::Guid(left), Value::Guid(right)) => left.cmp(right),
        (Value::Dynamic(left), Value::Dynamic(right)) => compare_dynamic(left, right),
        (left, right) => left.type_of().cmp(&right.type_of()),
    }
}

/// Numbers before text before all else, which is in the order of its JSON.
fn compare_dynamic(left: &Dynamic, right: &Dynamic) -> Ordering {
    match (number(left), number(right)) {
        (Some(left), Some(right)) => left.total_cmp(&right),
        (left, right) if left.is_some() != right.is_some() => right.is_some().cmp(&left.is_some()),
        _ => match (left, right) {
            (Dynamic::String(left), Dynamic::String(right)) => left.cmp(right),
            (left, right) => left.json().cmp(&right.json()),
        },
    }
}

fn number(dynamic: &Dynamic) -> Option<f64> {
    match dynamic {
        Dynamic::Long(number) => Some(*number as f64),
        Dynamic::Real(number) => Some(*number),
        _ => None,
    }
}
