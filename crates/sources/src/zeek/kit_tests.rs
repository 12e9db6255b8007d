//! Real logs: every writing against the others, and against what a vendor made of the same records.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::Table;
use serde_json::Value;
use walkdir::WalkDir;

use crate::kept_rows::{KeptRow, KeptRows, kit};

/// What lies among the logs and is none, and the log that has lost its header.
const NO_LOGS: [&str; 6] =
    [".yml", ".tql", ".txt", "README", "-expected.json", "truncated/conn_top.log"];

/// The numbers were counted by another program.
#[test]
fn every_record_has_its_row() {
    let Some(folder) = kit("zeek") else { return };
    let mut rows = BTreeMap::new();
    let mut anomalies = BTreeMap::new();
    let mut logs = 0;
    for file in WalkDir::new(folder).sort_by_file_name() {
        let file = file.expect("the folder can be read").into_path();
        let name = file.display().to_string();
        if file.is_dir() || NO_LOGS.iter().any(|ending| name.ends_with(ending)) {
            continue;
        }
        logs += 1;
        let kept = KeptRows::of_file(&file);
        for table in Table::ALL {
            *rows.entry(table).or_insert(0) += kept.rows(table).len();
        }
        for (anomaly, count) in kept.anomalies() {
            *anomalies.entry(anomaly).or_insert(0) += count;
        }
    }
    assert_eq!(logs, 282);
    rows.retain(|_, count| *count > 0);
    let expected =
        [(Table::Flow, 60_064), (Table::Dns, 119_676), (Table::Web, 54_613), (Table::Tls, 105_821)];
    assert_eq!(rows, BTreeMap::from(expected));
    let expected = [
        (Anomaly::TruncatedStream, 1),
        (Anomaly::TruncatedRecord, 2),
        (Anomaly::WrongColumnCount, 1),
    ];
    assert_eq!(anomalies, BTreeMap::from(expected));
}

#[test]
fn both_writings_of_a_log_make_equal_rows() {
    let Some(folder) = kit("zeek/brimdata+zed-sample-data") else { return };
    for (log, table, rows) in
        [("dns", Table::Dns, 53_615), ("ssl", Table::Tls, 49_474), ("x509", Table::Tls, 348)]
    {
        let values = KeptRows::of_file(&folder.join(format!("tsv_{log}.log.gz"))).all(table);
        let json = KeptRows::of_file(&folder.join(format!("json_{log}.json.gz"))).all(table);
        assert_eq!((values.len(), json.len()), (rows, rows), "{log}");
        let differ = values.iter().zip(&json).find(|(one, other)| one != other);
        assert_eq!(differ, None, "{log}");
    }
}

/// Columns, and the ECS fields that Elastic's integration fills with the same.
const ECS: [(&str, &str); 22] = [
    ("source_ip", "/source/ip"),
    ("source_port", "/source/port"),
    ("destination_ip", "/destination/ip"),
    ("destination_port", "/destination/port"),
    ("network_session_id", "/event/id"),
    ("network_transport", "/network/transport"),
    ("event_duration", "/event/duration"),
    ("source_bytes", "/source/bytes"),
    ("destination_bytes", "/destination/bytes"),
    ("dns_question_name", "/dns/question/name"),
    ("dns_question_type", "/dns/question/type"),
    ("dns_response_code", "/dns/response_code"),
    ("http_request_method", "/http/request/method"),
    ("http_response_status_code", "/http/response/status_code"),
    ("http_request_body_bytes", "/http/request/body/bytes"),
    ("http_response_body_bytes", "/http/response/body/bytes"),
    ("url_domain", "/url/domain"),
    ("url_path", "/url/path"),
    ("url_query", "/url/query"),
    ("user_agent_original", "/user_agent/original"),
    ("tls_client_server_name", "/tls/client/server_name"),
    ("tls_version", "/tls/version"),
];

#[test]
fn columns_hold_what_the_ecs_fields_hold() {
    let Some(folder) = kit("zeek/elastic-integrations/zeek") else { return };
    for (log, table, compared) in [
        ("connection/test-conn", Table::Flow, 18),
        ("dns/test-dns", Table::Dns, 8),
        ("http/test-http", Table::Web, 9),
        ("ssl/test-ssl", Table::Tls, 12),
    ] {
        let rows = KeptRows::of_file(&folder.join(format!("{log}.log"))).rows(table);
        let expected = expected(&folder.join(format!("{log}.log-expected.json")));
        assert_eq!(rows.len(), compared, "{log}");
        let mut seen = 0;
        for row in rows {
            let id = value(&row, "network_session_id");
            let ecs = expected.iter().find(|event| event["event"]["id"].as_str() == id);
            let ecs = ecs.expect("the vendor has the connection");
            let has = |column: &str| table.fields().iter().any(|field| field.name() == column);
            for (column, field) in ECS.into_iter().filter(|(column, _)| has(column)) {
                if let Some(theirs) = ecs.pointer(field) {
                    let ours = value(&row, column).map(str::to_owned);
                    assert_eq!(ours, Some(text(theirs)), "{log} {column}");
                    seen += 1;
                }
            }
        }
        assert!(seen > 5 * compared, "{log}: {seen}");
    }
}

fn value<'r>(row: &'r KeptRow, column: &str) -> Option<&'r str> {
    row.iter().find(|(name, _)| name == column).map(|(_, value)| value.as_str())
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => {
            number.as_f64().map_or_else(String::new, |number| number.to_string())
        }
        other => other.to_string(),
    }
}

fn expected(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("the file can be read");
    let mut file: Value = serde_json::from_str(&text).expect("the file is JSON");
    serde_json::from_value(file["expected"].take()).expect("a list of events")
}
