//! Lengths of texts, and sizes of data as text.

use super::super::{Accepts, Function, Type, Value};
use crate::kql::Dynamic;
use crate::kql::functions::arguments::Arguments;

const TEXT: &[Accepts] = &[Accepts::Only(Type::String)];
const UNITS: [&str; 7] = ["Bytes", "KB", "MB", "GB", "TB", "PB", "EB"];
/// The most digits behind the point.
const MOST_DIGITS: i64 = 15;

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("strlen", TEXT, Type::Long, |arguments| {
        size(arguments.text(0).chars().count())
    }),
    Function::define("string_size", TEXT, Type::Long, |arguments| size(arguments.text(0).len())),
    Function::define("estimate_data_size", &[Accepts::Any], Type::Long, |arguments| {
        size(arguments.iter().map(data_size).sum())
    })
    .with_rest(Accepts::Any),
    Function::define(
        "format_bytes",
        &[Accepts::Only(Type::Real), Accepts::Only(Type::Long), Accepts::Only(Type::String)],
        Type::String,
        format_bytes,
    )
    .with_optional(2),
];

fn size(size: usize) -> Value {
    i64::try_from(size).map_or(Value::Null, Value::Long)
}

/// The bytes that a value takes in a column of its type.
fn data_size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 1,
        Value::Int(_) => 4,
        Value::Long(_) | Value::Real(_) | Value::DateTime(_) | Value::TimeSpan(_) => 8,
        Value::Decimal(_) | Value::Guid(_) => 16,
        Value::String(text) | Value::Dynamic(Dynamic::String(text)) => text.len(),
        Value::Dynamic(dynamic) => dynamic.json().len(),
    }
}

/// A number of bytes in the largest unit of which there is one, or in the unit that is asked for.
fn format_bytes(arguments: &[Value]) -> Value {
    let Some(bytes) = arguments.real(0) else { return Value::String(String::new()) };
    let digits =
        usize::try_from(arguments.long(1).unwrap_or(0).clamp(0, MOST_DIGITS)).unwrap_or_default();
    let wanted = arguments.text(2);
    let unit = match UNITS.iter().position(|unit| unit.eq_ignore_ascii_case(wanted)) {
        Some(unit) => unit,
        None if wanted.is_empty() => largest_unit(bytes),
        None => return Value::String(String::new()),
    };
    let size = bytes / 1024_f64.powi(i32::try_from(unit).unwrap_or_default());
    let scale = 10_f64.powi(i32::try_from(digits).unwrap_or_default());
    let rounded = (size * scale).round() / scale;
    let name = UNITS.get(unit).copied().unwrap_or_default();
    Value::String(format!("{rounded} {name}"))
}

fn largest_unit(bytes: f64) -> usize {
    let mut size = bytes.abs();
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    unit
}

#[cfg(test)]
mod tests {
    use super::super::super::function;
    use super::*;

    #[test]
    fn sizes_are_in_the_largest_unit_or_the_one_asked_for() {
        let format = |bytes, digits, unit: &str| {
            let unit = Value::String(unit.to_owned());
            (function("format_bytes").unwrap().call)(&[
                Value::Real(bytes),
                Value::Long(digits),
                unit,
            ])
            .text()
        };
        assert_eq!(format(564.0, 0, ""), "564 Bytes");
        assert_eq!(format(10332.0, 1, ""), "10.1 KB");
        assert_eq!(format(20_010_332.0, 0, ""), "19 MB");
        assert_eq!(format(20_010_332.0, 2, ""), "19.08 MB");
        assert_eq!(format(20_010_332.0, 0, "KB"), "19541 KB");
        assert_eq!(format(1.0, 0, "furlongs"), "");
    }

    #[test]
    fn lengths_are_in_letters_and_sizes_in_bytes() {
        let call = |name: &str, text: &str| {
            (function(name).unwrap().call)(&[Value::String(text.to_owned())])
        };
        assert_eq!(call("strlen", "héllo"), Value::Long(5));
        assert_eq!(call("string_size", "héllo"), Value::Long(6));
        assert_eq!(call("estimate_data_size", "0123456789"), Value::Long(10));
    }
}
