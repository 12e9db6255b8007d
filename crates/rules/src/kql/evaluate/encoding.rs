//! Values as bytes, and back without loss: what an aggregate knows travels so, and equal rows have equal
//! bytes.

use indexmap::IndexMap;
use rust_decimal::Decimal;

use crate::kql::{DateTime, Dynamic, Guid, TimeSpan, Value};

/// How deeply arrays and bags may be nested to be read back.
const DEEPEST: usize = 512;

/// The bytes of values, one behind the other.
pub fn encode(values: &[Value]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for value in values {
        put(&mut bytes, value);
    }
    bytes
}

/// The values that such bytes say; nothing if they are no such bytes.
pub fn decode(mut bytes: &[u8]) -> Option<Vec<Value>> {
    let mut values = Vec::new();
    while !bytes.is_empty() {
        values.push(take(&mut bytes)?);
    }
    Some(values)
}

fn put(bytes: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => bytes.push(0),
        Value::Bool(truth) => bytes.extend([1, u8::from(*truth)]),
        Value::Int(number) => tagged(bytes, 2, &number.to_le_bytes()),
        Value::Long(number) => tagged(bytes, 3, &number.to_le_bytes()),
        Value::Real(number) => tagged(bytes, 4, &number.to_bits().to_le_bytes()),
        Value::Decimal(number) => tagged(bytes, 5, &number.serialize()),
        Value::String(text) => {
            bytes.push(6);
            put_text(bytes, text);
        }
        Value::DateTime(moment) => tagged(bytes, 7, &moment.0.to_le_bytes()),
        Value::TimeSpan(length) => tagged(bytes, 8, &length.0.to_le_bytes()),
        Value::Guid(guid) => tagged(bytes, 9, &guid.0.to_le_bytes()),
        Value::Dynamic(dynamic) => {
            bytes.push(10);
            put_dynamic(bytes, dynamic);
        }
    }
}

fn put_dynamic(bytes: &mut Vec<u8>, dynamic: &Dynamic) {
    match dynamic {
        Dynamic::Null => bytes.push(0),
        Dynamic::Bool(truth) => bytes.extend([1, u8::from(*truth)]),
        Dynamic::Long(number) => tagged(bytes, 3, &number.to_le_bytes()),
        Dynamic::Real(number) => tagged(bytes, 4, &number.to_bits().to_le_bytes()),
        Dynamic::String(text) => {
            bytes.push(6);
            put_text(bytes, text);
        }
        Dynamic::DateTime(moment) => tagged(bytes, 7, &moment.0.to_le_bytes()),
        Dynamic::TimeSpan(length) => tagged(bytes, 8, &length.0.to_le_bytes()),
        Dynamic::Guid(guid) => tagged(bytes, 9, &guid.0.to_le_bytes()),
        Dynamic::Array(elements) => {
            tagged(bytes, 11, &(elements.len() as u64).to_le_bytes());
            for element in elements {
                put_dynamic(bytes, element);
            }
        }
        Dynamic::Bag(properties) => {
            tagged(bytes, 12, &(properties.len() as u64).to_le_bytes());
            for (name, value) in properties {
                put_text(bytes, name);
                put_dynamic(bytes, value);
            }
        }
    }
}

fn tagged(bytes: &mut Vec<u8>, tag: u8, content: &[u8]) {
    bytes.push(tag);
    bytes.extend(content);
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend((text.len() as u64).to_le_bytes());
    bytes.extend(text.as_bytes());
}

fn take(bytes: &mut &[u8]) -> Option<Value> {
    Some(match fixed::<1>(bytes)? {
        [0] => Value::Null,
        [1] => Value::Bool(fixed::<1>(bytes)? == [1]),
        [2] => Value::Int(i32::from_le_bytes(fixed(bytes)?)),
        [3] => Value::Long(i64::from_le_bytes(fixed(bytes)?)),
        [4] => Value::Real(f64::from_bits(u64::from_le_bytes(fixed(bytes)?))),
        [5] => Value::Decimal(Decimal::deserialize(fixed(bytes)?)),
        [6] => Value::String(text(bytes)?),
        [7] => Value::DateTime(DateTime(i64::from_le_bytes(fixed(bytes)?))),
        [8] => Value::TimeSpan(TimeSpan(i64::from_le_bytes(fixed(bytes)?))),
        [9] => Value::Guid(Guid(u128::from_le_bytes(fixed(bytes)?))),
        [10] => Value::Dynamic(dynamic(bytes, 0)?),
        _ => return None,
    })
}

fn dynamic(bytes: &mut &[u8], depth: usize) -> Option<Dynamic> {
    if depth > DEEPEST {
        return None;
    }
    Some(match fixed::<1>(bytes)? {
        [0] => Dynamic::Null,
        [1] => Dynamic::Bool(fixed::<1>(bytes)? == [1]),
        [3] => Dynamic::Long(i64::from_le_bytes(fixed(bytes)?)),
        [4] => Dynamic::Real(f64::from_bits(u64::from_le_bytes(fixed(bytes)?))),
        [6] => Dynamic::String(text(bytes)?),
        [7] => Dynamic::DateTime(DateTime(i64::from_le_bytes(fixed(bytes)?))),
        [8] => Dynamic::TimeSpan(TimeSpan(i64::from_le_bytes(fixed(bytes)?))),
        [9] => Dynamic::Guid(Guid(u128::from_le_bytes(fixed(bytes)?))),
        [11] => {
            let elements = u64::from_le_bytes(fixed(bytes)?);
            let elements = (0..elements).map(|_| dynamic(bytes, depth + 1));
            Dynamic::Array(elements.collect::<Option<_>>()?)
        }
        [12] => {
            let mut properties = IndexMap::new();
            for _ in 0..u64::from_le_bytes(fixed(bytes)?) {
                let name = text(bytes)?;
                properties.insert(name, dynamic(bytes, depth + 1)?);
            }
            Dynamic::Bag(properties)
        }
        _ => return None,
    })
}

fn text(bytes: &mut &[u8]) -> Option<String> {
    let length = usize::try_from(u64::from_le_bytes(fixed(bytes)?)).ok()?;
    let (text, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    String::from_utf8(text.to_vec()).ok()
}

fn fixed<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (content, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*content)
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::{decode, encode};
    use crate::kql::{DateTime, Dynamic, Guid, TimeSpan, Value};

    #[test]
    fn what_goes_in_comes_out() {
        let bag = IndexMap::from([
            ("a".to_owned(), Dynamic::Array(vec![Dynamic::Null, Dynamic::Long(1)])),
            ("b".to_owned(), Dynamic::DateTime(DateTime(5))),
        ]);
        let values = vec![
            Value::Null,
            Value::Bool(true),
            Value::Int(-1),
            Value::Real(-0.0),
            Value::Decimal("1.50".parse().expect("a decimal")),
            Value::String("é".to_owned()),
            Value::TimeSpan(TimeSpan(-7)),
            Value::Guid(Guid(7)),
            Value::Dynamic(Dynamic::Bag(bag)),
        ];
        let bytes = encode(&values);
        assert_eq!(decode(&bytes), Some(values));
        assert_eq!(decode(&bytes[..bytes.len() - 1]), None);
        assert_eq!(decode(&[11, 255]), None);
    }

    #[test]
    fn what_claims_to_be_endless_is_no_value() {
        let mut bytes = vec![10, 11];
        bytes.extend(u64::MAX.to_le_bytes());
        assert_eq!(decode(&bytes), None);
    }
}
