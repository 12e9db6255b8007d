//! Documents in the Elastic Common Schema, whoever normalised them: exports of indices, and what
//! pipelines forward (<https://www.elastic.co/guide/en/ecs/current/index.html>).
//!
//! Names may be nested or dotted. A document that still has its original record, of a product that is
//! known here, is left to that product: whoever normalised it may have left out what matters. One with
//! no place in our tables is not claimed, since much that is no event has a `@timestamp`.

mod columns;

#[cfg(test)]
mod kit_tests;

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::Table;
use serde_json::{Map, Value};

use crate::filling::{Values, fill};
use crate::format::{Format, JsonShape};
use crate::nested::Nested;
use crate::windows::xml::WindowsXml;
use crate::{Collector, Stopped, json, log_lines, time};

/// Documents in the Elastic Common Schema.
pub(crate) struct EcsJson;

/// Where documents keep the record that they were made of.
const ORIGINALS: [&str; 2] = ["event.original", "message"];

/// Modules whose events are actions on a control plane.
const CONTROL_PLANES: [&str; 8] =
    ["aws", "azure", "gcp", "o365", "google_workspace", "gsuite", "cloudflare", "okta"];

impl JsonShape for EcsJson {
    fn name(&self) -> &'static str {
        "ecs"
    }

    fn claims(&self, object: &Map<String, Value>) -> bool {
        let document = Nested(object);
        document.has("@timestamp") && table(document).is_some() && !has_known_original(document)
    }

    fn rows(
        &self,
        object: &Map<String, Value>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        let document = Nested(object);
        let Some(table) = table(document) else { return Ok(()) };
        let written = document.text("@timestamp").unwrap_or_default();
        let Some(moment) = time::rfc3339_assuming_utc(&written).or_else(|| time::epoch(&written))
        else {
            collector.anomaly(Anomaly::InvalidTimestamp, &written);
            return Ok(());
        };
        fill(collector, table, dataset(document), moment, &document, columns::set)
    }
}

/// The data set that the document names, if it does.
fn dataset<'o>(document: Nested<'o>) -> &'o str {
    let names = ["event.dataset", "data_stream.dataset", "event.module"];
    names.iter().find_map(|name| document.str(name)).unwrap_or("ecs")
}

fn has_known_original(document: Nested<'_>) -> bool {
    ORIGINALS.iter().filter_map(|name| document.str(name)).any(|text| {
        json::shape_of_text(text.trim()).is_some()
            || WindowsXml.recognises(text.as_bytes())
            || log_lines::is_known(text)
    })
}

/// The table that says most about the event.
fn table(document: Nested<'_>) -> Option<Table> {
    let is = |name: &str, value: &str| {
        document.elements(name).iter().any(|element| element.as_str() == Some(value))
    };
    let has = |names: &[&str]| names.iter().any(|name| document.has(name));
    let reaches =
        has(&["destination.ip", "server.ip", "destination.domain", "destination.address"]);
    if document.has("dns.question.name") {
        Some(Table::Dns)
    } else if document.has("powershell.file.script_block_text") {
        Some(Table::Script)
    } else if is("event.category", "process") {
        (is("event.type", "start") && has(&["process.executable", "process.name"]))
            .then_some(Table::Process)
    } else if is_control_plane(document) {
        Some(Table::Cloud)
    } else if has(&["url.full", "url.path", "url.original", "http.request.method"]) {
        Some(Table::Web)
    } else if has(&["tls.client.server_name", "tls.client.ja3", "tls.server.subject"]) {
        Some(Table::Tls)
    } else if is("event.category", "file") && document.has("file.path") {
        (is("event.type", "creation") || is("event.type", "change")).then_some(Table::File)
    } else if reaches && (has(&["source.ip", "client.ip"]) || is("event.category", "network")) {
        Some(Table::Flow)
    } else {
        None
    }
}

/// An action on a cloud has no other end but the cloud.
fn is_control_plane(document: Nested<'_>) -> bool {
    let module = dataset(document).split('.').next().unwrap_or_default();
    CONTROL_PLANES.contains(&module)
        && document.has("event.action")
        && ["user.name", "user.id", "user.email", "client.user.email", "event.provider"]
            .iter()
            .any(|name| document.has(name))
        && !["destination.ip", "url.path", "http.request.method"]
            .iter()
            .any(|name| document.has(name))
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use super::EcsJson;
    use crate::format::JsonShape;
    use crate::json::Json;
    use crate::kept_rows::KeptRows;

    fn only(table: Table, document: &str) -> String {
        KeptRows::of_object(&EcsJson, document).only(table)
    }

    #[test]
    fn names_may_be_nested_or_dotted() {
        let expected = "timestamp=1714816800500000 event_dataset=x.dns host_name=ws01 \
                        user_name=CORP\\jane source_ip=10.0.0.5 destination_ip=192.0.2.53 \
                        process_name=curl.exe process_executable=C:\\curl.exe process_pid=7 \
                        dns_question_name=a.workers.dev dns_question_type=A \
                        dns_response_code=NOERROR dns_answers_data=[b.example|192.0.2.7] \
                        dns_answers_ttl=[60|5] event_action=lookup";
        let nested = r#"{"@timestamp":"2024-05-04T10:00:00.500Z","ecs":{"version":"8.11.0"},
            "event":{"dataset":"x.dns","action":"lookup"},"host":{"name":"WS01"},
            "user":{"name":"jane","domain":"CORP"},"source":{"ip":"10.0.0.5"},
            "destination":{"ip":"192.0.2.53"},"process":{"executable":"C:\\curl.exe","pid":7},
            "dns":{"question":{"name":"A.workers.dev.","type":"A"},"response_code":"NOERROR",
            "answers":[{"data":"b.example","ttl":60},{"data":"192.0.2.7","ttl":5}]}}"#;
        let dotted = r#"{"@timestamp":"2024-05-04T10:00:00.500Z","event.dataset":"x.dns",
            "event.action":"lookup","host.name":"ws01","user.name":"jane","user.domain":"CORP",
            "source.ip":"10.0.0.5","destination.ip":"192.0.2.53","process.executable":"C:\\curl.exe",
            "process.pid":7,"dns.question.name":"a.workers.dev","dns.question.type":"A",
            "dns.response_code":"NOERROR","dns":{"answers.data":["b.example","192.0.2.7"],
            "answers.ttl":[60,5]}}"#;
        assert_eq!(only(Table::Dns, nested), expected);
        assert_eq!(only(Table::Dns, dotted), expected);
    }

    #[test]
    fn an_event_goes_where_most_is_said() {
        let event = |fields: &str| format!(r#"{{"@timestamp":"2024-05-04T10:00:00Z",{fields}}}"#);
        let row = only(
            Table::Web,
            &event(
                r#""url":{"full":"https://a.workers.dev/x?y"},"http":{"request":{"method":"GET"},
                "response":{"status_code":200,"bytes":20}},"source":{"ip":"10.0.0.5"},
                "event":{"type":["access","denied"],"duration":5},"observer":{"name":"P1"}"#,
            ),
        );
        assert_eq!(
            row,
            "timestamp=1714816800000000 event_dataset=ecs source_ip=10.0.0.5 \
             http_request_method=GET http_response_status_code=200 \
             url_full=https://a.workers.dev/x?y url_domain=a.workers.dev url_path=/x url_query=y \
             http_response_bytes=20 event_duration=5 event_type=denied observer_name=p1"
        );
        let row = only(
            Table::Tls,
            &event(
                r#""tls":{"client":{"server_name":"A.workers.dev"},"version":"1.3"},"destination":{"ip":"192.0.2.7"}"#,
            ),
        );
        assert!(row.contains("tls_client_server_name=a.workers.dev tls_version=1.3"), "{row}");
        let row = only(
            Table::Process,
            &event(
                r#""event":{"category":["process"],"type":["start"]},"process":{"name":"Curl.exe",
                "args":["curl"],"command_line":"curl x","parent":{"executable":"C:\\cmd.exe"}}"#,
            ),
        );
        assert!(row.contains("process_name=curl.exe process_command_line=curl x"), "{row}");
        assert!(row.contains("process_parent_name=cmd.exe"), "{row}");
        let row = only(
            Table::File,
            &event(
                r#""event":{"category":"file","type":"creation"},"file":{"path":"C:\\x.js",
                "hash":{"sha256":"00ff"}}"#,
            ),
        );
        assert!(row.ends_with("file_path=C:\\x.js file_hash_sha256=00ff"), "{row}");
        let row = only(
            Table::Flow,
            &event(
                r#""source":{"ip":"10.0.0.5","bytes":10},"destination":{"ip":"192.0.2.7","port":443},
                "network":{"transport":"tcp","direction":"egress"}"#,
            ),
        );
        assert_eq!(
            row,
            "timestamp=1714816800000000 event_dataset=ecs source_ip=10.0.0.5 \
             destination_ip=192.0.2.7 destination_port=443 network_transport=tcp \
             network_direction=outbound source_bytes=10"
        );
        let row = only(
            Table::Cloud,
            &event(
                r#""event":{"dataset":"aws.cloudtrail","action":"CreateFunctionUrlConfig",
                "provider":"lambda.amazonaws.com","outcome":"success"},"user":{"name":"jane"},
                "source":{"ip":"192.0.2.7"},"cloud":{"provider":"aws","account":{"id":"1"}}"#,
            ),
        );
        assert!(
            row.contains("event_action=CreateFunctionUrlConfig event_outcome=success"),
            "{row}"
        );
    }

    #[test]
    fn what_others_can_read_is_theirs() {
        let squid = r#"{"@timestamp":"2024-05-04T10:00:00Z","source":{"ip":"10.0.0.9"},
            "destination":{"ip":"192.0.2.9"},"event":{"original":
            "1714816800.123 24 10.0.0.5 TCP_MISS/200 394 GET http://a.example/ - HIER_NONE/- -"}}"#;
        let object = serde_json::from_str(squid).expect("an object");
        assert!(!EcsJson.claims(&object));
        let rows = KeptRows::read(&Json, squid.as_bytes());
        assert!(rows.only(Table::Web).contains("source_ip=10.0.0.5"));
        for other in [
            r#"{"@timestamp":"2024-05-04T10:00:00Z","message":"the disk is full"}"#,
            r#"{"@timestamp":"2024-05-04T10:00:00Z","event":{"category":["process"],"type":["end"]},"process":{"name":"x"}}"#,
        ] {
            let object = serde_json::from_str(other).expect("an object");
            assert!(!EcsJson.claims(&object), "{other}");
        }
    }
}
