//! Documents that vendors made, without the records that they were made of: columns hold what the
//! fields hold.

use std::collections::BTreeMap;

use coldtrail_model::Table;
use serde_json::{Map, Value};
use walkdir::WalkDir;

use super::EcsJson;
use crate::format::JsonShape;
use crate::kept_rows::{KeptRows, ecs_differences, kit};

const FIELDS: [(&str, &str); 17] = [
    ("source_ip", "/source/ip"),
    ("source_port", "/source/port"),
    ("destination_ip", "/destination/ip"),
    ("destination_port", "/destination/port"),
    ("destination_domain", "/destination/domain"),
    ("source_bytes", "/source/bytes"),
    ("destination_bytes", "/destination/bytes"),
    ("network_transport", "/network/transport"),
    ("dns_question_name", "/dns/question/name"),
    ("dns_question_type", "/dns/question/type"),
    ("dns_response_code", "/dns/response_code"),
    ("url_domain", "/url/domain"),
    ("url_path", "/url/path"),
    ("http_request_method", "/http/request/method"),
    ("http_response_status_code", "/http/response/status_code"),
    ("tls_client_server_name", "/tls/client/server_name"),
    ("event_outcome", "/event/outcome"),
];

#[test]
fn columns_hold_what_the_fields_hold() {
    let (mut rows, mut compared, mut different) = (BTreeMap::new(), 0, Vec::new());
    for folder in ["zeek", "proxy", "firewall", "dns", "suricata", "gcp_audit", "aws_cloudtrail"] {
        let Some(folder) = kit(folder) else { return };
        for file in WalkDir::new(folder).sort_by_file_name() {
            let file = file.expect("the folder can be read").into_path();
            if !file.to_string_lossy().ends_with("-expected.json") {
                continue;
            }
            for document in documents(&file) {
                let kept = read(&document);
                for table in Table::ALL {
                    for row in kept.rows(table) {
                        *rows.entry(table).or_insert(0) += 1;
                        let document = Value::Object(document.clone());
                        let (same, differ) = ecs_differences(&FIELDS, table, &row, &document);
                        compared += same;
                        let name = file.display();
                        different.extend(differ.iter().map(|differ| format!("{name}: {differ}")));
                    }
                }
            }
        }
    }
    // Here an address has its shortest spelling, and a transport its name.
    different.retain(|differ: &String| {
        !differ.contains(":0000:") && !differ.ends_with("`icmp`, not `1`")
    });
    println!("{rows:?} {compared} equal, {} different", different.len());
    assert!(compared > 2000 && rows.len() >= 4, "{rows:?} {compared}");
    assert_eq!(different, [""; 0]);
}

fn read(document: &Map<String, Value>) -> KeptRows {
    if EcsJson.claims(document) {
        KeptRows::of_object(&EcsJson, &Value::Object(document.clone()).to_string())
    } else {
        KeptRows::default()
    }
}

/// The documents of a file, without their originals.
fn documents(file: &std::path::Path) -> Vec<Map<String, Value>> {
    let text = std::fs::read(file).expect("the file can be read");
    let mut written: Value = serde_json::from_slice(&text).expect("JSON");
    let documents = written.get_mut("expected").map(Value::take).unwrap_or(written);
    let documents: Vec<Value> = serde_json::from_value(documents).unwrap_or_default();
    let objects = documents.into_iter().filter_map(|document| match document {
        Value::Object(object) => Some(object),
        _ => None,
    });
    objects
        .map(|mut object| {
            object.remove("message");
            if let Some(Value::Object(event)) = object.get_mut("event") {
                event.remove("original");
            }
            object
        })
        .collect()
}
