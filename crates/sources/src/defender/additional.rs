//! The column `AdditionalFields`: a JSON object, as an object or as text.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::filling::Values;

/// Parsed values take far more memory than their text, and Defender cuts what is longer than this
/// much earlier.
const LONGEST: usize = 1 << 20;

/// The additional fields of a record; none if it has none, or no valid JSON.
#[derive(Default)]
pub(super) struct Additional(Map<String, Value>);

impl Additional {
    pub(super) fn of(record: &dyn Values) -> Self {
        let text = record.text("AdditionalFields").filter(|text| text.len() <= LONGEST);
        let fields = text.and_then(|text| serde_json::from_str(&text).ok());
        fields.map(Self).unwrap_or_default()
    }

    /// The fields as they are.
    pub(super) fn fields(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The objects of a list that is itself JSON inside a text, or a list.
    pub(super) fn objects(&self, name: &str) -> Vec<Map<String, Value>> {
        match self.0.get(name) {
            Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
            Some(list) => serde_json::from_value(list.clone()).unwrap_or_default(),
            None => Vec::new(),
        }
    }
}

impl Values for Additional {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        super::json::text(self.0.get(name)?)
    }
}
