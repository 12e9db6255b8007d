//! A JSON object whose values are found by dotted names, however deep they lie. Keys may hold the dots
//! themselves, as log stores rewrite them.
//!
//! `answers.rdata` leads to a value of each element where `answers` is a list, and to one where a
//! writer left the list out because it had a single element.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::filling::Values;

/// Parsed values take far more memory than their text, so an object inside a text is bounded.
const LONGEST: usize = 1 << 20;

/// What an element of a list has in a place where others have something.
static NOTHING: Value = Value::Null;

/// An object as a record. What is empty or `-` is not set; an object or a list is its JSON.
#[derive(Clone, Copy)]
pub(crate) struct Nested<'o>(pub(crate) &'o Map<String, Value>);

impl<'o> Nested<'o> {
    /// The first value that a dotted name leads to, if it is set.
    pub(crate) fn get(&self, name: &str) -> Option<&'o Value> {
        self.values(name).into_iter().find(|value| text(value).is_some())
    }

    /// Whether a dotted name leads to a value that is set.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The object that a dotted name leads to.
    pub(crate) fn object(&self, name: &str) -> Option<Nested<'o>> {
        self.get(name)?.as_object().map(Nested)
    }

    /// The elements of the list that a dotted name leads to; of a value that is no list, itself.
    pub(crate) fn elements(&self, name: &str) -> &'o [Value] {
        match self.get(name) {
            Some(Value::Array(elements)) => elements,
            Some(value) => std::slice::from_ref(value),
            None => &[],
        }
    }

    /// The first text that a dotted name leads to.
    pub(crate) fn str(&self, name: &str) -> Option<&'o str> {
        self.get(name)?.as_str()
    }

    /// Every value that a dotted name leads to, in order.
    fn values(&self, name: &str) -> Vec<&'o Value> {
        let mut values = Vec::new();
        collect(self.0, name, &mut values);
        values
    }
}

impl Values for Nested<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        text(self.get(name)?)
    }

    /// A place in a list stays where it is, even if nothing is there.
    fn texts(&self, name: &'static str) -> Option<Vec<Cow<'_, str>>> {
        let values = self.values(name);
        let elements = values.iter().flat_map(|value| match value {
            Value::Array(elements) => elements.as_slice(),
            value => std::slice::from_ref(*value),
        });
        let texts: Vec<_> = elements.map(|element| text(element).unwrap_or_default()).collect();
        texts.iter().any(|text| !text.is_empty()).then_some(texts)
    }
}

fn collect<'o>(object: &'o Map<String, Value>, name: &str, values: &mut Vec<&'o Value>) {
    if let Some(value) = object.get(name) {
        values.push(value);
        return;
    }
    for (dot, _) in name.match_indices('.') {
        let (outer, inner) = name.split_at(dot);
        let inner = inner.get(1..).unwrap_or_default();
        match object.get(outer) {
            Some(Value::Object(object)) => collect(object, inner, values),
            Some(Value::Array(elements)) => {
                for element in elements.iter().filter_map(Value::as_object) {
                    let before = values.len();
                    collect(element, inner, values);
                    if values.len() == before {
                        values.push(&NOTHING);
                    }
                }
            }
            _ => {}
        }
        if !values.is_empty() {
            return;
        }
    }
}

/// The object that a text holds.
pub(crate) fn object_in(text: &str) -> Option<Map<String, Value>> {
    if !text.trim_ascii_start().starts_with('{') || text.len() > LONGEST {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// A value as text. Writers without whole numbers have `443.0` for 443.
pub(crate) fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Null => None,
        Value::String(text) if matches!(text.as_str(), "" | "-") => None,
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Bool(true) => Some(Cow::Borrowed("true")),
        Value::Bool(false) => Some(Cow::Borrowed("false")),
        Value::Number(number) => {
            let text = number.to_string();
            let whole = text.strip_suffix(".0").map(str::to_owned);
            Some(Cow::Owned(whole.unwrap_or(text)))
        }
        Value::Array(elements) if elements.is_empty() => None,
        Value::Object(object) if object.is_empty() => None,
        value => Some(Cow::Owned(value.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Nested;
    use crate::filling::Values;

    fn of(value: &Value, name: &'static str) -> Option<String> {
        Nested(value.as_object().expect("an object")).text(name).map(|text| text.into_owned())
    }

    #[test]
    fn a_dotted_name_leads_through_objects_and_lists() {
        let record = json!({"a": {"b": {"c": 1.0}}, "l": [{"x": null}, {"x": "2"}], "d.e": true});
        assert_eq!(of(&record, "a.b.c").as_deref(), Some("1"));
        assert_eq!(of(&record, "l.x").as_deref(), Some("2"));
        assert_eq!(of(&record, "d.e").as_deref(), Some("true"));
        assert_eq!(of(&record, "a.b").as_deref(), Some(r#"{"c":1.0}"#));
        assert_eq!(of(&record, "a.x"), None);
        for text in
            [r#"{"a":{"b":{"c":1}}}"#, r#"{"a.b.c":1}"#, r#"{"a":{"b.c":1}}"#, r#"{"a.b":{"c":1}}"#]
        {
            let record: Value = serde_json::from_str(text).expect("an object");
            assert_eq!(of(&record, "a.b.c").as_deref(), Some("1"), "{text}");
        }
    }

    #[test]
    fn a_list_keeps_its_places() {
        let record = json!({"answers": [{"data": "a"}, {"type": 1}, {"data": "b"}], "one": ["x"]});
        let record = Nested(record.as_object().expect("an object"));
        assert_eq!(record.texts("answers.data"), Some(vec!["a".into(), "".into(), "b".into()]));
        assert_eq!(record.texts("one"), Some(vec!["x".into()]));
        assert_eq!(record.texts("none"), None);
    }

    #[test]
    fn what_stands_for_nothing_is_nothing() {
        let record = json!({"a": "", "b": "-", "c": [], "d": {}, "e": null});
        for name in ["a", "b", "c", "d", "e"] {
            assert_eq!(of(&record, name), None, "{name}");
        }
    }
}
