//! Values as ones of another type. No conversion fails: what cannot be converted is null.

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

use super::{DateTime, Dynamic, Guid, TimeSpan, Value};
use crate::kql::Type;

impl Value {
    /// The value as one of another type, as `tolong()` and the like convert it; null, or the empty text, if
    /// it cannot be one.
    ///
    /// Moments and lengths of time are numbers of ticks and back. A dynamic value converts as what it holds.
    pub fn convert(&self, to: Type) -> Value {
        match (self, to) {
            (value, Type::String) => Value::String(value.text()),
            (Value::Null, _) => Value::Null,
            (value, to) if value.type_of() == Some(to) => value.clone(),
            (Value::String(text), Type::Dynamic) => parsed(text),
            (value, Type::Dynamic) => Value::of_dynamic(value.clone().into_dynamic()),
            (Value::Dynamic(Dynamic::Array(_) | Dynamic::Bag(_)), _) => Value::Null,
            (Value::Dynamic(dynamic), to) => dynamic.clone().held().convert(to),
            (value, to) => scalar(value, to).unwrap_or(Value::Null),
        }
    }
}

/// What `parse_json()` makes of a text: JSON's value, or the text itself if it is none; null of blanks.
fn parsed(text: &str) -> Value {
    if text.trim().is_empty() {
        return Value::Null;
    }
    let dynamic = Dynamic::of_json(text).unwrap_or_else(|| Dynamic::String(text.to_owned()));
    Value::of_dynamic(dynamic)
}

fn scalar(value: &Value, to: Type) -> Option<Value> {
    Some(match to {
        Type::Bool => Value::Bool(truth(value)?),
        Type::Int => Value::Int(int(value)?),
        Type::Long => Value::Long(long(value)?),
        Type::Real => Value::Real(real(value)?),
        Type::Decimal => Value::Decimal(decimal(value)?),
        Type::DateTime => Value::DateTime(moment(value)?),
        Type::TimeSpan => Value::TimeSpan(length(value)?),
        Type::Guid => match value {
            Value::String(text) => Value::Guid(Guid::parse(text)?),
            _ => return None,
        },
        Type::String | Type::Dynamic => return None,
    })
}

/// A number is true unless it is zero; text is `true`, `false` or a whole number.
fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Int(number) => Some(*number != 0),
        Value::Long(number) => Some(*number != 0),
        Value::Real(number) => Some(*number != 0.0),
        Value::Decimal(number) => Some(!number.is_zero()),
        Value::String(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
        Value::String(text) => whole_number(text).map(|number| number != 0),
        _ => None,
    }
}

/// A long keeps its lower 32 bits; a real ends at the bounds; text beyond them is none.
fn int(value: &Value) -> Option<i32> {
    #[allow(clippy::cast_possible_truncation)]
    let wrapped = |number: i64| number as i32;
    match value {
        Value::Real(number) => saturated(*number).map(|number| {
            #[allow(clippy::cast_possible_truncation)]
            let bounded = number.clamp(i32::MIN.into(), i32::MAX.into()) as i32;
            bounded
        }),
        Value::String(text) => whole_number(text)?.try_into().ok(),
        value => long(value).map(wrapped),
    }
}

fn long(value: &Value) -> Option<i64> {
    match value {
        Value::Bool(value) => Some((*value).into()),
        Value::Int(number) => Some((*number).into()),
        Value::Long(number) => Some(*number),
        Value::Real(number) => saturated(*number),
        Value::Decimal(number) => number.trunc().to_i64(),
        Value::String(text) => whole_number(text),
        Value::DateTime(moment) => Some(moment.0),
        Value::TimeSpan(length) => Some(length.0),
        _ => None,
    }
}

fn real(value: &Value) -> Option<f64> {
    match value {
        Value::Real(number) => Some(*number),
        Value::Decimal(number) => number.to_f64(),
        Value::String(text) => text.trim().parse().ok(),
        // Past 53 bits a real keeps the leading digits alone.
        #[allow(clippy::cast_precision_loss)]
        value => long(value).map(|number| number as f64),
    }
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Decimal(number) => Some(*number),
        Value::Real(number) => Decimal::from_f64(*number),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| Decimal::from_scientific(text).ok())
        }
        value => long(value).map(Decimal::from),
    }
}

fn moment(value: &Value) -> Option<DateTime> {
    match value {
        Value::String(text) => DateTime::parse(text),
        Value::Bool(_) => None,
        value => DateTime::of_ticks(long(value)?),
    }
}

fn length(value: &Value) -> Option<TimeSpan> {
    match value {
        Value::String(text) => TimeSpan::parse(text),
        value => long(value).map(TimeSpan),
    }
}

/// The number without its fraction, no farther than the bounds of 64 bits.
fn saturated(number: f64) -> Option<i64> {
    #[allow(clippy::cast_possible_truncation)]
    let whole = number as i64;
    number.is_finite().then_some(whole)
}

/// The number that text says in decimal digits, or in hexadecimal ones behind `0x`; a fraction or an exponent
/// makes it none.
fn whole_number(text: &str) -> Option<i64> {
    let text = text.trim();
    let (is_negative, magnitude) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if let Some(digits) = magnitude.strip_prefix("0x").or_else(|| magnitude.strip_prefix("0X")) {
        let is_hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let bits = is_hexadecimal.then(|| u64::from_str_radix(digits, 16).ok()).flatten()?;
        return Some(if is_negative {
            bits.cast_signed().wrapping_neg()
        } else {
            bits.cast_signed()
        });
    }
    let is_decimal = magnitude.bytes().all(|byte| byte.is_ascii_digit());
    is_decimal.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    #[test]
    fn only_whole_numbers_of_text_are_whole_numbers() {
        assert_eq!(text(" +42 ").convert(Type::Long), Value::Long(42));
        assert_eq!(text("0x2a").convert(Type::Long), Value::Long(42));
        assert_eq!(text("-9223372036854775808").convert(Type::Long), Value::Long(i64::MIN));
        for none in ["", "5.7", "1e3", "5.", "1_000", "9223372036854775808", "-", "+-5", "0x"] {
            assert_eq!(text(none).convert(Type::Long), Value::Null, "{none}");
        }
        assert_eq!(text("9999999999").convert(Type::Int), Value::Null);
    }

    #[test]
    fn numbers_become_narrower_by_bits_or_by_bounds() {
        assert_eq!(Value::Long(9_999_999_999).convert(Type::Int), Value::Int(1_410_065_407));
        assert_eq!(Value::Real(1e10).convert(Type::Int), Value::Int(i32::MAX));
        assert_eq!(Value::Real(-1.9).convert(Type::Long), Value::Long(-1));
        assert_eq!(Value::Real(f64::NAN).convert(Type::Long), Value::Null);
    }

    #[test]
    fn times_are_ticks() {
        assert_eq!(
            Value::TimeSpan(TimeSpan(TimeSpan::DAY)).convert(Type::Long),
            Value::Long(864_000_000_000)
        );
        assert_eq!(Value::Long(5).convert(Type::TimeSpan), Value::TimeSpan(TimeSpan(5)));
        assert_eq!(Value::Long(-5).convert(Type::DateTime), Value::Null);
    }

    #[test]
    fn truth_of_text_is_a_word_or_a_whole_number() {
        for (said, truth) in [("TRUE", true), ("\tfalse", false), ("2", true), ("0", false)] {
            assert_eq!(text(said).convert(Type::Bool), Value::Bool(truth));
        }
        assert_eq!(text("yes").convert(Type::Bool), Value::Null);
        assert_eq!(text("1.5").convert(Type::Bool), Value::Null);
        assert_eq!(Value::Real(1.5).convert(Type::Bool), Value::Bool(true));
    }

    #[test]
    fn dynamic_values_convert_as_what_they_hold() {
        let held = |value| Value::Dynamic(value);
        assert_eq!(held(Dynamic::String("5.7".to_owned())).convert(Type::Long), Value::Null);
        assert_eq!(held(Dynamic::String("5.7".to_owned())).convert(Type::Real), Value::Real(5.7));
        assert_eq!(held(Dynamic::Array(vec![])).convert(Type::Long), Value::Null);
        assert_eq!(held(Dynamic::Array(vec![])).convert(Type::String), text("[]"));
        assert_eq!(Value::Null.convert(Type::String), text(""));
    }

    #[test]
    fn text_that_is_no_json_stays_text() {
        assert_eq!(
            text("[1]").convert(Type::Dynamic),
            Value::Dynamic(Dynamic::Array(vec![Dynamic::Long(1)]))
        );
        assert_eq!(
            text("{x").convert(Type::Dynamic),
            Value::Dynamic(Dynamic::String("{x".to_owned()))
        );
        assert_eq!(text("null").convert(Type::Dynamic), Value::Null);
    }
}
