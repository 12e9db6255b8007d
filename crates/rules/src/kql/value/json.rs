//! Dynamic values from JSON and back.

use std::fmt;

use indexmap::IndexMap;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{Dynamic, real};

impl Dynamic {
    /// The value that JSON text says; nothing if it is no JSON or is nested more than 127 deep.
    ///
    /// Keys keep their order, and of a key that comes twice the last counts. A whole number beyond 64 bits
    /// is a real.
    pub fn of_json(text: &str) -> Option<Dynamic> {
        serde_json::from_str(text).ok()
    }

    /// The value as JSON, without blanks. Real numbers that JSON has no word for are text.
    pub fn json(&self) -> String {
        let mut json = String::new();
        self.write(&mut json);
        json
    }

    fn write(&self, json: &mut String) {
        match self {
            Dynamic::Null => json.push_str("null"),
            Dynamic::Bool(true) => json.push_str("true"),
            Dynamic::Bool(false) => json.push_str("false"),
            Dynamic::Long(number) => json.push_str(&number.to_string()),
            Dynamic::Real(number) if number.is_finite() => json.push_str(&real::text(*number)),
            Dynamic::Real(number) => write_text(&real::text(*number), json),
            Dynamic::String(text) => write_text(text, json),
            Dynamic::DateTime(moment) => write_text(&moment.to_string(), json),
            Dynamic::TimeSpan(length) => write_text(&length.to_string(), json),
            Dynamic::Guid(guid) => write_text(&guid.to_string(), json),
            Dynamic::Array(elements) => {
                json.push('[');
                for (place, element) in elements.iter().enumerate() {
                    if place > 0 {
                        json.push(',');
                    }
                    element.write(json);
                }
                json.push(']');
            }
            Dynamic::Bag(properties) => {
                json.push('{');
                for (place, (name, value)) in properties.iter().enumerate() {
                    if place > 0 {
                        json.push(',');
                    }
                    write_text(name, json);
                    json.push(':');
                    value.write(json);
                }
                json.push('}');
            }
        }
    }
}

impl<'json> Deserialize<'json> for Dynamic {
    fn deserialize<D: Deserializer<'json>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DynamicVisitor)
    }
}

struct DynamicVisitor;

impl<'json> Visitor<'json> for DynamicVisitor {
    type Value = Dynamic;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Dynamic, E> {
        Ok(Dynamic::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Dynamic, E> {
        Ok(Dynamic::Bool(value))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Dynamic, E> {
        Ok(Dynamic::Long(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Dynamic, E> {
        // A number beyond 64 bits with a sign loses its last digits, as any real does.
        #[allow(clippy::cast_precision_loss)]
        let real = number as f64;
        Ok(i64::try_from(number).map_or(Dynamic::Real(real), Dynamic::Long))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Dynamic, E> {
        Ok(Dynamic::Real(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Dynamic, E> {
        Ok(Dynamic::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Dynamic, E> {
        Ok(Dynamic::String(text))
    }

    fn visit_seq<A: SeqAccess<'json>>(self, mut access: A) -> Result<Dynamic, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = access.next_element()? {
            elements.push(element);
        }
        Ok(Dynamic::Array(elements))
    }

    fn visit_map<A: MapAccess<'json>>(self, mut access: A) -> Result<Dynamic, A::Error> {
        let mut properties = IndexMap::new();
        while let Some((name, value)) = access.next_entry::<String, Dynamic>()? {
            properties.insert(name, value);
        }
        Ok(Dynamic::Bag(properties))
    }
}

/// Writes text in quotes; only what JSON demands is escaped.
fn write_text(text: &str, json: &mut String) {
    json.push('"');
    for letter in text.chars() {
        match letter {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\u{8}' => json.push_str("\\b"),
            '\u{c}' => json.push_str("\\f"),
            control if control < ' ' => json.push_str(&format!("\\u{:04x}", u32::from(control))),
            letter => json.push(letter),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_itself_again_without_blanks() {
        let json = r#"{"b":[1,2.5,-3.0,1E+20,null,true],"a":{"é\"\\\n\u0001":"x/y"},"":[]}"#;
        let spaced = json.replace(',', " , ").replace("1E+20", "1e20");
        assert_eq!(Dynamic::of_json(&spaced).unwrap().json(), json);
    }

    #[test]
    fn of_a_key_that_comes_twice_the_last_counts() {
        assert_eq!(Dynamic::of_json(r#"{"a":1,"b":2,"a":3}"#).unwrap().json(), r#"{"a":3,"b":2}"#);
    }

    #[test]
    fn numbers_beyond_64_bits_are_reals() {
        assert_eq!(Dynamic::of_json("9223372036854775807"), Some(Dynamic::Long(i64::MAX)));
        assert_eq!(
            Dynamic::of_json("9223372036854775808"),
            Some(Dynamic::Real(9_223_372_036_854_775_808.0))
        );
        assert_eq!(Dynamic::of_json("-1e400"), None);
    }

    #[test]
    fn deep_nesting_is_refused() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(Dynamic::of_json(&nested(100)).is_some());
        assert_eq!(Dynamic::of_json(&nested(100_000)), None);
    }
}
