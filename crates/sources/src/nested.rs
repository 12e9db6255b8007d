//! The values of a JSON object by dotted names, such as `actor.email`: objects may be nested, keys may
//! hold the dots, or both, as log stores rewrite them.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::filling::Values;

/// Parsed values take far more memory than their text, so an object inside a text is bounded.
const LONGEST: usize = 1 << 20;

/// A JSON object as a record.
#[derive(Clone, Copy)]
pub(crate) struct Nested<'o>(pub(crate) &'o Map<String, Value>);

impl<'o> Nested<'o> {
    /// The value of that name, if it is set.
    pub(crate) fn get(&self, name: &str) -> Option<&'o Value> {
        at(self.0, name)
    }

    /// Whether there is a value of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The value of that name, if it is a text.
    pub(crate) fn str(&self, name: &str) -> Option<&'o str> {
        self.get(name)?.as_str()
    }

    /// The object of that name.
    pub(crate) fn object(&self, name: &str) -> Option<Nested<'o>> {
        self.get(name)?.as_object().map(Nested)
    }

    /// The elements of the list of that name; of a value that is no list, itself.
    pub(crate) fn elements(&self, name: &str) -> &'o [Value] {
        match self.get(name) {
            Some(Value::Array(elements)) => elements,
            Some(value) => std::slice::from_ref(value),
            None => &[],
        }
    }
}

impl Values for Nested<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        text(self.get(name)?)
    }

    fn texts(&self, name: &'static str) -> Option<Vec<Cow<'_, str>>> {
        let elements: Vec<_> = self.elements(name).iter().filter_map(text).collect();
        (!elements.is_empty()).then_some(elements)
    }
}

/// A value as text: a list or an object as its JSON. Nothing for what is empty, or `-`.
pub(crate) fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) if text.is_empty() || text == "-" => None,
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Null => None,
        Value::Array(elements) if elements.is_empty() => None,
        Value::Object(object) if object.is_empty() => None,
        value => Some(Cow::Owned(value.to_string())),
    }
}

/// The object that a text holds.
pub(crate) fn object_in(text: &str) -> Option<Map<String, Value>> {
    if !text.trim_ascii_start().starts_with('{') || text.len() > LONGEST {
        return None;
    }
    serde_json::from_str(text).ok()
}

fn at<'o>(object: &'o Map<String, Value>, name: &str) -> Option<&'o Value> {
    if let Some(value) = object.get(name) {
        return (!value.is_null()).then_some(value);
    }
    name.match_indices('.').find_map(|(place, _)| {
        let (outer, inner) = name.split_at(place);
        at(object.get(outer)?.as_object()?, inner.get(1..)?)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value};

    use super::Nested;
    use crate::filling::Values;

    fn object(text: &str) -> Map<String, Value> {
        serde_json::from_str(text).expect("an object")
    }

    #[test]
    fn a_name_is_found_however_it_is_nested() {
        for text in
            [r#"{"a":{"b":{"c":1}}}"#, r#"{"a.b.c":1}"#, r#"{"a":{"b.c":1}}"#, r#"{"a.b":{"c":1}}"#]
        {
            let object = object(text);
            assert_eq!(Nested(&object).text("a.b.c").as_deref(), Some("1"), "{text}");
            assert!(!Nested(&object).has("a.c"));
        }
    }

    #[test]
    fn what_is_empty_is_nothing() {
        let object = object(r#"{"a":"","b":"-","c":null,"d":[],"e":{},"f":[1,{"g":2}]}"#);
        for name in ["a", "b", "c", "d", "e"] {
            assert_eq!(Nested(&object).text(name), None, "{name}");
        }
        assert_eq!(Nested(&object).text("f").as_deref(), Some(r#"[1,{"g":2}]"#));
        assert_eq!(Nested(&object).texts("f").expect("elements"), ["1", r#"{"g":2}"#]);
    }
}
