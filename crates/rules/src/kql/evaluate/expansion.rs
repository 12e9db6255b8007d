//! `mv-expand`: a row for each element of dynamic values.
//!
//! <https://learn.microsoft.com/kusto/query/mv-expand-operator>

use std::iter::once;

use rust_decimal::Decimal;

use super::scalar;
use crate::kql::plan::ExpandedColumn;
use crate::kql::{Dynamic, Type, Value};

/// The rows that come of one: its columns, the index if one is wanted, and an element of each column.
///
/// Columns come apart side by side and the longest wins. A null is one element if `keeps_empty`, and none
/// otherwise; an empty array or bag has none; a value that is neither is its own only element.
pub fn expand(
    row: &[Value],
    columns: &[ExpandedColumn],
    with_index: bool,
    limit: Option<u64>,
    keeps_empty: bool,
) -> Vec<Vec<Value>> {
    let parts: Vec<Vec<Dynamic>> = columns
        .iter()
        .map(|column| elements(scalar(&column.expression, row), column.is_pairs, keeps_empty))
        .collect();
    let longest = parts.iter().map(Vec::len).max().unwrap_or_default();
    let most = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    let mut parts: Vec<_> = parts.into_iter().map(Vec::into_iter).collect();
    (0..longest.min(most))
        .map(|place| {
            let index = with_index.then(|| Value::Long(i64::try_from(place).unwrap_or(i64::MAX)));
            let elements = columns.iter().zip(&mut parts);
            let elements: Vec<Value> = elements
                .map(|(column, part)| element(part.next().unwrap_or(Dynamic::Null), column.r#type))
                .collect();
            row.iter().cloned().chain(index).chain(elements).collect()
        })
        .collect()
}

fn elements(value: Value, is_pairs: bool, keeps_empty: bool) -> Vec<Dynamic> {
    match value.into_dynamic() {
        Dynamic::Array(elements) => elements,
        Dynamic::Bag(properties) => properties
            .into_iter()
            .map(|(name, value)| {
                if is_pairs {
                    Dynamic::Array(vec![Dynamic::String(name), value])
                } else {
                    Dynamic::Bag(once((name, value)).collect())
                }
            })
            .collect(),
        Dynamic::Null if !keeps_empty => Vec::new(),
        alone => vec![alone],
    }
}

/// An element as one of a type. Only what is a number is made one: text is not read. Moments, lengths of
/// time and identifiers are text in JSON, so they are read.
fn element(element: Dynamic, to: Type) -> Value {
    let value = match (to, element) {
        (Type::Dynamic, element) => Value::of_dynamic(element),
        (Type::Int, Dynamic::Long(number)) => i32::try_from(number).map_or(Value::Null, Value::Int),
        (Type::Int, Dynamic::Real(number)) if number.abs() <= f64::from(i32::MAX) => {
            Value::Int(number as i32)
        }
        (Type::Long, Dynamic::Long(number)) => Value::Long(number),
        (Type::Long, Dynamic::Real(number)) if number.abs() < 9.2e18 => Value::Long(number as i64),
        (Type::Real, Dynamic::Long(number)) => Value::Real(number as f64),
        (Type::Real, Dynamic::Real(number)) => Value::Real(number),
        (Type::Decimal, Dynamic::Long(number)) => Value::Decimal(Decimal::from(number)),
        (Type::Decimal, Dynamic::Real(number)) => {
            Decimal::try_from(number).map_or(Value::Null, Value::Decimal)
        }
        (Type::Bool, Dynamic::Bool(truth)) => Value::Bool(truth),
        (Type::DateTime, Dynamic::DateTime(moment)) => Value::DateTime(moment),
        (Type::TimeSpan, Dynamic::TimeSpan(length)) => Value::TimeSpan(length),
        (Type::Guid, Dynamic::Guid(guid)) => Value::Guid(guid),
        (Type::DateTime | Type::TimeSpan | Type::Guid, Dynamic::String(text)) => {
            Value::String(text).convert(to)
        }
        (Type::String, Dynamic::String(text)) => Value::String(text),
        (Type::String, Dynamic::Null) => Value::Null,
        (Type::String, element) => Value::Dynamic(element).convert(Type::String),
        _ => Value::Null,
    };
    if value == Value::Null { Value::nothing(to) } else { value }
}
