//! JSON whose members are in the order of their names: whether `serde_json` keeps another order
//! depends on who else in a build asks it to, and the same seed must give the same bytes.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::RenderError;

/// The value as a line of text, without an end.
pub(crate) fn text(value: &Value) -> Result<String, RenderError> {
    serde_json::to_string(&Sorted(value)).map_err(RenderError::Json)
}

struct Sorted<'v>(&'v Value);

impl Serialize for Sorted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(members) => {
                let members: BTreeMap<_, _> =
                    members.iter().map(|(name, value)| (name, Sorted(value))).collect();
                serializer.collect_map(members)
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Sorted)),
            other => other.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn members_are_sorted_at_every_depth() {
        let value = json!({"b": [{"d": 1, "c": null}], "a": "x"});
        let text = super::text(&value).expect("it is JSON");
        assert_eq!(text, r#"{"a":"x","b":[{"c":null,"d":1}]}"#);
    }
}
