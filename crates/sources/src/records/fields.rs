//! A record's fields by the names that its product gave them.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// A record of whatever format.
pub(crate) trait OwnFields {
    /// The text of a field, as the record has it; `None` where it has none.
    fn own(&self, name: &str) -> Option<Cow<'_, str>>;
}

/// Fields are keys, or paths of keys with dots between them.
impl OwnFields for Map<String, Value> {
    fn own(&self, name: &str) -> Option<Cow<'_, str>> {
        text(at(self, name)?)
    }
}

/// Fields that came in an envelope, which has what they lack.
pub(crate) struct Wrapped<'o> {
    pub(crate) inner: &'o Map<String, Value>,
    pub(crate) envelope: &'o Map<String, Value>,
}

impl OwnFields for Wrapped<'_> {
    fn own(&self, name: &str) -> Option<Cow<'_, str>> {
        self.inner.own(name).or_else(|| self.envelope.own(name))
    }
}

/// A value as it is written; objects and lists are their JSON.
pub(crate) fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Bool(true) => Some(Cow::Borrowed("true")),
        Value::Bool(false) => Some(Cow::Borrowed("false")),
        value => Some(Cow::Owned(value.to_string())),
    }
}

/// The value at a path, whether objects are nested or keys are written with dots.
pub(crate) fn at<'o>(object: &'o Map<String, Value>, path: &str) -> Option<&'o Value> {
    if let Some(value) = object.get(path) {
        return Some(value);
    }
    path.match_indices('.').find_map(|(dot, _)| {
        let (outer, inner) = path.split_at_checked(dot)?;
        at(object.get(outer)?.as_object()?, inner.strip_prefix('.')?)
    })
}
