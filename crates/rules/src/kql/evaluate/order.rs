//! The order of values, and which are one key.

pub use std::cmp::Ordering;

use super::encoding::encode;
use super::scalar;
use crate::kql::plan::SortKey;
use crate::kql::{Dynamic, Value};

/// Sorts rows by keys; rows that are equal in all of them stay as they stand.
pub fn sort(rows: &mut Vec<Vec<Value>>, keys: &[SortKey]) {
    let mut keyed: Vec<(Vec<Value>, Vec<Value>)> = std::mem::take(rows)
        .into_iter()
        .map(|row| (keys.iter().map(|key| scalar(&key.expression, &row)).collect(), row))
        .collect();
    keyed.sort_by(|(one, _), (other, _)| {
        let mut pairs = keys.iter().zip(one.iter().zip(other));
        pairs
            .find_map(|(key, (one, other))| {
                let order = by_key(key, one, other);
                order.is_ne().then_some(order)
            })
            .unwrap_or(Ordering::Equal)
    });
    rows.extend(keyed.into_iter().map(|(_, row)| row));
}

fn by_key(key: &SortKey, one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) if key.nulls_first => Ordering::Less,
        (Value::Null, _) => Ordering::Greater,
        (_, Value::Null) if key.nulls_first => Ordering::Greater,
        (_, Value::Null) => Ordering::Less,
        _ if key.is_descending => compare(other, one),
        _ => compare(one, other),
    }
}

/// The order of two values of one type. A null is the least; NaN is the greatest number.
pub fn compare(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        (Value::Int(one), Value::Int(other)) => one.cmp(other),
        (Value::Long(one), Value::Long(other)) => one.cmp(other),
        (Value::Real(one), Value::Real(other)) => plain(*one).total_cmp(&plain(*other)),
        (Value::Decimal(one), Value::Decimal(other)) => one.cmp(other),
        (Value::String(one), Value::String(other)) => one.cmp(other),
        (Value::DateTime(one), Value::DateTime(other)) => one.cmp(other),
        (Value::TimeSpan(one), Value::TimeSpan(other)) => one.cmp(other),
        (Value::Guid(one), Value::Guid(other)) => one.cmp(other),
        (one, other) => order_key(one).cmp(&order_key(other)),
    }
}

/// Bytes that are in the order of the values. Dynamic values stand by what they hold: nulls, truths,
/// numbers, moments, lengths of time, identifiers, texts, then all else by its JSON.
pub fn order_key(value: &Value) -> Vec<u8> {
    match value {
        Value::Null | Value::Dynamic(Dynamic::Null) => vec![0],
        Value::Bool(truth) | Value::Dynamic(Dynamic::Bool(truth)) => vec![1, u8::from(*truth)],
        Value::Int(number) => real_key(f64::from(*number)),
        Value::Long(number) | Value::Dynamic(Dynamic::Long(number)) => {
            // Longs that are one real are told apart behind it.
            let mut key = real_key(*number as f64);
            key.extend(shifted(*number));
            key
        }
        Value::Real(number) | Value::Dynamic(Dynamic::Real(number)) => real_key(*number),
        Value::Decimal(number) => {
            // The exact number in units of the least fraction that a decimal has.
            let mut key = vec![2];
            let whole = number.trunc().mantissa();
            let mut fraction = number.fract();
            fraction.rescale(28);
            let floor = if fraction.is_sign_negative() && !fraction.is_zero() { 1 } else { 0 };
            let rest = fraction.mantissa() + floor * 10_i128.pow(28);
            for part in [whole - floor, rest] {
                key.extend((part.cast_unsigned() ^ (1 << 127)).to_be_bytes());
            }
            key
        }
        Value::DateTime(moment) | Value::Dynamic(Dynamic::DateTime(moment)) => {
            tagged(3, &shifted(moment.0))
        }
        Value::TimeSpan(length) | Value::Dynamic(Dynamic::TimeSpan(length)) => {
            tagged(4, &shifted(length.0))
        }
        Value::Guid(guid) | Value::Dynamic(Dynamic::Guid(guid)) => tagged(5, &guid.0.to_be_bytes()),
        Value::String(text) | Value::Dynamic(Dynamic::String(text)) => tagged(6, text.as_bytes()),
        Value::Dynamic(dynamic) => tagged(7, dynamic.json().as_bytes()),
    }
}

/// Bytes that are equal where a group or a join takes values for one key.
pub fn group_key(values: &[Value]) -> Vec<u8> {
    let values: Vec<Value> = values
        .iter()
        .map(|value| match value {
            Value::Real(number) => Value::Real(plain(*number)),
            Value::Decimal(number) => Value::Decimal(number.normalize()),
            Value::Dynamic(dynamic) => Value::String(dynamic.json()),
            value => value.clone(),
        })
        .collect();
    encode(&values)
}

fn real_key(number: f64) -> Vec<u8> {
    let bits = plain(number).to_bits();
    let ordered = if bits >> 63 == 1 { !bits } else { bits | 1 << 63 };
    tagged(2, &ordered.to_be_bytes())
}

fn shifted(number: i64) -> [u8; 8] {
    (number.cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut key = vec![tag];
    key.extend(content);
    key
}

/// The number with one zero and one NaN.
fn plain(number: f64) -> f64 {
    if number.is_nan() {
        f64::NAN
    } else if number == 0.0 {
        0.0
    } else {
        number
    }
}

#[cfg(test)]
mod tests {
    use super::{Ordering, compare, order_key};
    use crate::kql::{Dynamic, Value};

    #[test]
    fn keys_are_in_the_order_of_values() {
        let decimal = |text: &str| Value::Decimal(text.parse().expect("a decimal"));
        let long = |number| Value::Dynamic(Dynamic::Long(number));
        let real = |number| Value::Dynamic(Dynamic::Real(number));
        let text = |text: &str| Value::Dynamic(Dynamic::String(text.to_owned()));
        let rows = [
            vec![decimal("-2"), decimal("-1.5"), decimal("-1.25"), decimal("0.1"), decimal("10")],
            vec![Value::Null, long(-3), real(-0.5), long(2), real(2.5), text("10"), text("9")],
            vec![long(i64::MAX - 1), long(i64::MAX)],
        ];
        for row in rows {
            for pair in row.windows(2) {
                assert!(order_key(&pair[0]) < order_key(&pair[1]), "{pair:?}");
                assert_eq!(compare(&pair[0], &pair[1]), Ordering::Less);
            }
        }
        assert_eq!(compare(&Value::Real(-0.0), &Value::Real(0.0)), Ordering::Equal);
    }
}
