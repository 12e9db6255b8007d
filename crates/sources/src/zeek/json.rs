//! Zeek's logs as JSON, one object a record.
//!
//! The names of nested fields come with dots as Zeek writes them (`"id.orig_h"`), nested as other
//! programs rewrite them (`"id":{"orig_h"…}`), or with underscores as log stores that know no dots
//! have them (`"id_orig_h"`). The path is in `_path` (Zeek's `json-streaming-logs`, Corelight), in
//! `@stream`, in the name of the object around the record (Zeek's plugin for Kafka), or absent.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::filling::Values;
use crate::format::JsonShape;
use crate::whole::{Contents, Pairs};
use crate::{Collector, Stopped, moment};

use super::Log;

/// Fields by which records of other logs show that they are Zeek's, where they name neither a path
/// nor a connection: `files`, `dhcp`, `ocsp`, `known_certs` and `known_services`, `notice`,
/// `software`, `weird`, `pe`, `capture_loss` and `stats`.
const OTHERS: [&[&str]; 10] = [
    &["fuid"],
    &["uids"],
    &["hashAlgorithm", "issuerNameHash"],
    &["host", "port_num"],
    &["note", "actions"],
    &["software_type", "name"],
    &["name", "notice"],
    &["machine", "subsystem"],
    &["ts_delta", "peer"],
    &["peer", "mem"],
];

/// Parsed values take far more memory than their text, so a list inside a text is bounded.
const LONGEST_LIST: usize = 1 << 20;

/// Zeek's logs as JSON.
pub(crate) struct ZeekJson;

impl ZeekJson {
    /// The path of the log that a record is from, and the record itself, which may be in an object of the
    /// log's name.
    pub(crate) fn log_of(object: &Map<String, Value>) -> Option<(&str, &Map<String, Value>)> {
        if let Some((log, record)) = named_after_log(object) {
            return Some((log.path(), record));
        }
        let path = path(object).or_else(|| log(object).map(Log::path));
        Some((path?, object))
    }
}

impl JsonShape for ZeekJson {
    fn name(&self) -> &'static str {
        "zeek-json"
    }

    fn claims(&self, object: &Map<String, Value>) -> bool {
        if named_after_log(object).is_some() {
            return true;
        }
        let record = JsonRecord(object);
        let timed = object.contains_key("ts") || object.contains_key("_write_ts");
        timed
            && (path(object).is_some()
                || record.get("id.orig_h").is_some()
                || OTHERS.iter().any(|names| names.iter().all(|name| object.contains_key(*name)))
                || log(object).is_some())
    }

    fn rows(
        &self,
        object: &Map<String, Value>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        let named = named_after_log(object);
        match named.or_else(|| Some((log(object)?, object))) {
            Some((log, record)) => log.row(&JsonRecord(record), collector),
            None => Ok(()),
        }
    }

    fn pass_on(
        &self,
        object: &Map<String, Value>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        let (path, record) = Self::log_of(object).unwrap_or(("", object));
        let moment = moment::of_object(record, collector);
        let mut pairs = Pairs::default();
        if !path.is_empty() {
            pairs.push("_path", path);
        }
        let contents = Contents { moment, pairs, object: Some(record), ..Contents::default() };
        collector.pass_on(self.name(), contents)
    }
}

/// The log and the record of an object whose only member is a record under the name of its log.
fn named_after_log(object: &Map<String, Value>) -> Option<(Log, &Map<String, Value>)> {
    let mut members = object.iter();
    let ((name, Value::Object(record)), None) = (members.next()?, members.next()) else {
        return None;
    };
    Some((Log::named(name).filter(|_| record.contains_key("ts"))?, record))
}

fn log(object: &Map<String, Value>) -> Option<Log> {
    let record = JsonRecord(object);
    Log::of(path(object), |name| record.get(name).is_some())
}

fn path(object: &Map<String, Value>) -> Option<&str> {
    object.get("_path").or_else(|| object.get("@stream"))?.as_str()
}

/// A JSON object as the record of a log.
pub(crate) struct JsonRecord<'o>(pub(crate) &'o Map<String, Value>);

impl JsonRecord<'_> {
    /// The value of a field in any of the spellings of its name, if it is set.
    fn get(&self, name: &str) -> Option<&Value> {
        let value = self.0.get(name).or_else(|| {
            let (outer, inner) = name.split_once('.')?;
            let nested = self.0.get(outer).and_then(|outer| outer.get(inner));
            nested.or_else(|| self.0.get(&name.replace('.', "_")))
        })?;
        (!value.is_null()).then_some(value)
    }
}

impl Values for JsonRecord<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        scalar(self.get(name)?)
    }

    fn texts(&self, name: &'static str) -> Option<Vec<Cow<'_, str>>> {
        match self.get(name)? {
            Value::Array(values) => Some(values.iter().map(element).collect()),
            // Defender has the list as JSON inside a text.
            Value::String(text) if text.starts_with('[') && text.len() <= LONGEST_LIST => {
                let values: Vec<Value> = serde_json::from_str(text).ok()?;
                Some(values.iter().map(|value| Cow::Owned(element(value).into_owned())).collect())
            }
            value => Some(vec![scalar(value)?]),
        }
    }
}

/// A place in a list stays where it is, even if nothing is there.
fn element(value: &Value) -> Cow<'_, str> {
    scalar(value).unwrap_or_default()
}

fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        // What is unset or empty in tab-separated values may have been carried over as it was.
        Value::String(text) if text == "-" || text == "(empty)" => None,
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(truth) => Some(Cow::Borrowed(if *truth { "true" } else { "false" })),
        // A set, such as the services of a connection; the text that Zeek would have written.
        Value::Array(values) if !values.is_empty() => {
            let elements: Vec<_> = values.iter().map(element).collect();
            Some(Cow::Owned(elements.join(",")))
        }
        Value::Array(_) | Value::Object(_) | Value::Null => None,
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use coldtrail_model::Table;

    use super::ZeekJson;
    use crate::format::JsonShape;
    use crate::kept_rows::KeptRows;

    fn rows(object: &str) -> KeptRows {
        KeptRows::of_object(&ZeekJson, object)
    }

    #[test]
    fn three_spellings_of_a_nested_name() {
        let expected = "timestamp=1547188415857497 event_dataset=zeek.conn source_ip=10.0.0.5 \
                        source_port=49200 destination_ip=192.0.2.7 network_session_id=C1 \
                        network_protocol=http,tls event_duration=76967000 event_action=SF";
        let start = r#"{"ts":1547188415.857497,"uid":"C1","conn_state":"SF","duration":0.076967"#;
        let service = r#""service":["http","tls"]"#;
        for id in [
            r#""id.orig_h":"10.0.0.5","id.orig_p":49200,"id.resp_h":"192.0.2.7","id.resp_p":null"#,
            r#""id_orig_h":"10.0.0.5","id_orig_p":"49200","id_resp_h":"192.0.2.7""#,
            r#""id":{"orig_h":"10.0.0.5","orig_p":49200.0,"resp_h":"192.0.2.7"}"#,
        ] {
            let rows = rows(&format!("{start},{service},{id}}}"));
            assert_eq!(rows.only(Table::Flow), expected);
            assert_eq!(rows.anomalies(), []);
        }
    }

    #[test]
    fn the_path_is_where_the_writer_put_it() {
        let time = r#""ts":"2018-03-24T17:15:20.600843Z""#;
        for path in
            [r#""_path":"ssl""#, r#""@stream":"ssl""#, r#""resumed":false,"established":true"#]
        {
            let rows = rows(&format!(r#"{{{path},{time},"server_name":"A.workers.dev"}}"#));
            let row = rows.only(Table::Tls);
            assert!(
                row.contains("event_dataset=zeek.ssl tls_client_server_name=a.workers.dev"),
                "{row}"
            );
        }
    }

    #[test]
    fn a_record_may_be_under_the_name_of_its_log() {
        let rows = rows(r#"{"ssl":{"ts":1547188415.5,"uid":"C1","server_name":"a.workers.dev"}}"#);
        assert!(rows.only(Table::Tls).ends_with("tls_client_server_name=a.workers.dev"));
        let object = serde_json::json!({"input": {"ts": 1.5, "_path": "ssl"}});
        assert!(!ZeekJson.claims(object.as_object().expect("an object")));
    }

    #[test]
    fn a_stream_has_a_path_and_fields_that_nobody_knows() {
        let rows = rows(
            r#"{"resp_pkts":4,"new_field":{"a":[1]},"_write_ts":"2024-05-04T10:00:09.5Z","uid":"C1",
                "_path":"conn","_system_name":"sensor","id.orig_h":"10.0.0.5","orig_pkts":3,
                "ts":"2024-05-04T10:00:00.000000Z"}"#,
        );
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=zeek.conn source_ip=10.0.0.5 \
             network_session_id=C1 source_packets=3 destination_packets=4"
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn other_logs_are_claimed_and_feed_no_table() {
        for object in [
            r#"{"ts":1.5,"fuid":"F1","source":"HTTP"}"#,
            r#"{"ts":1.5,"host":"192.0.2.7","port_num":443,"subject":"CN=a"}"#,
            r#"{"_path":"corelight_metrics_cpu","_write_ts":"2020-04-01T16:20:08Z"}"#,
            r#"{"ts":"2021-11-17T13:54:01.721755136Z","id":{"orig_h":"192.0.2.7"},"name":"bad"}"#,
        ] {
            let rows = rows(object);
            assert_eq!(rows.anomalies(), [], "{object}");
            assert_eq!(rows.count(), 0);
        }
    }

    #[test]
    fn a_certificate_may_be_nested() {
        let rows = rows(
            r#"{"ts":"2021-11-18T08:04:34.309665792Z","id":null,"fingerprint":"ab",
                "certificate":{"subject":"CN=a"},"san":{"dns":["a.example","*.a.example"]}}"#,
        );
        assert_eq!(
            rows.only(Table::Tls),
            "timestamp=1637222674309665 event_dataset=zeek.x509 network_session_id=ab \
             tls_server_subject=CN=a x509_alternative_names=[a.example|*.a.example]"
        );
    }

    #[test]
    fn a_time_that_names_no_moment_is_told() {
        let rows = rows(r#"{"_path":"conn","ts":-1,"uid":"C1"}"#);
        assert_eq!(rows.anomalies(), [(Anomaly::InvalidTimestamp, 1)]);
        assert_eq!(rows.count(), 0);
    }
}
