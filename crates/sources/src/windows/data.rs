use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::filling::Values;

/// The values of an event's own, by name.
pub(crate) enum Data<'e> {
    /// Names and values in the order of the record, as XML has them.
    Pairs(Vec<(String, String)>),
    /// An object of their own.
    Object(Cow<'e, Map<String, Value>>),
    /// Keys that begin with the path to that object, written with dots, such as
    /// `winlog.event_data.`.
    Dotted(&'e Map<String, Value>, &'static str),
    /// Keys beside those of the system, as nxlog writes them.
    Flat(&'e Map<String, Value>),
    /// What a table of Azure Monitor keeps as XML, beside columns for some of the values.
    Beside(Vec<(String, String)>, &'e Map<String, Value>),
}

impl Data<'_> {
    /// The value of that name as text; empty where there is none.
    ///
    /// Where a name occurs twice, the first one counts.
    pub(crate) fn get(&self, name: &str) -> Cow<'_, str> {
        let value = match self {
            Data::Pairs(pairs) => {
                let pair = pairs.iter().find(|(known, _)| known == name);
                return Cow::Borrowed(pair.map_or("", |(_, value)| value));
            }
            Data::Beside(pairs, object) => {
                if let Some((_, value)) = pairs.iter().find(|(known, _)| known == name) {
                    return Cow::Borrowed(value);
                }
                object.get(name)
            }
            Data::Object(object) => object.get(name),
            Data::Dotted(object, prefix) => object.get(&format!("{prefix}{name}")),
            // In a flat record this is the process that wrote the event, even where the event has a
            // value of that name itself: nxlog drops the latter.
            Data::Flat(_) if name == "ProcessID" => None,
            Data::Flat(object) if name == "ProcessId" && !object.contains_key(name) => {
                return Cow::Borrowed(process_in_message(object).unwrap_or_default());
            }
            Data::Flat(object) => object.get(name),
        };
        value.map(text).unwrap_or_default()
    }
}

impl Values for Data<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        let value = self.get(name);
        (!matches!(value.as_ref(), "" | "-")).then_some(value)
    }
}

impl Default for Data<'_> {
    fn default() -> Self {
        Data::Pairs(Vec::new())
    }
}

/// The number of the process that acted, which older versions of nxlog leave in the message alone:
/// to them, `ProcessId` is the name of a value that they have already. Sysmon's messages are the same
/// in every language; of those of the Security log, only the English ones are understood.
fn process_in_message(object: &Map<String, Value>) -> Option<&str> {
    let mut lines = object.get("Message")?.as_str()?.lines();
    lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        matches!(name.trim_ascii(), "ProcessId" | "Process ID").then_some(value.trim_ascii())
    })
}

/// A JSON value as the text that it stands for.
///
/// An element with attributes is an object with `#text` in the JSON of `evtx_dump`, and the fields
/// of an Elasticsearch hit are arrays of one value.
pub(super) fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Number(number) => Cow::Owned(number.to_string()),
        Value::Bool(truth) => Cow::Borrowed(if *truth { "true" } else { "false" }),
        Value::Null => Cow::Borrowed(""),
        Value::Array(values) => values.first().map(text).unwrap_or_default(),
        Value::Object(object) => object.get("#text").map(text).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use serde_json::{Map, Value, json};

    use super::Data;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().expect("an object").clone()
    }

    #[test]
    fn every_kind_of_value_is_text() {
        let values = object(json!({
            "text": "a", "number": 7, "truth": true, "null": null, "list": ["b", "c"],
            "element": { "#text": "d", "#attributes": { "Name": "x" } }, "empty": [], "other": {},
        }));
        let data = Data::Object(Cow::Owned(values));
        for (name, expected) in [
            ("text", "a"),
            ("number", "7"),
            ("truth", "true"),
            ("null", ""),
            ("list", "b"),
            ("element", "d"),
            ("empty", ""),
            ("other", ""),
            ("absent", ""),
        ] {
            assert_eq!(data.get(name), expected, "{name}");
        }
    }

    #[test]
    fn names_are_found_behind_a_dotted_path() {
        let values = object(json!({ "winlog.event_data.Image": "C:\\a.exe" }));
        assert_eq!(Data::Dotted(&values, "winlog.event_data.").get("Image"), "C:\\a.exe");
    }

    #[test]
    fn the_process_of_a_flat_record_is_not_the_event_s_own() {
        let values = object(json!({ "ProcessID": 4, "ProcessId": "3432" }));
        let data = Data::Flat(&values);
        assert_eq!((data.get("ProcessID"), data.get("ProcessId")), ("".into(), "3432".into()));
    }

    #[test]
    fn the_message_of_a_flat_record_names_a_process_that_the_record_lost() {
        for message in [
            "Process Create:\r\nParentProcessId: 4\r\nProcessId: 3432\r\nImage: C:\\a.exe",
            "Application Information:\r\n\tNew Process ID:\t\t7\r\n\tProcess ID:\t\t3432",
        ] {
            let values = object(json!({ "ProcessID": 4, "Message": message }));
            assert_eq!(Data::Flat(&values).get("ProcessId"), "3432");
        }
        let values = object(json!({ "ProcessID": 4, "Message": "Processus cree" }));
        assert_eq!(Data::Flat(&values).get("ProcessId"), "");
    }
}
