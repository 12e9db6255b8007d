//! Real exports, and what a vendor made of the same records.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use coldtrail_model::Table;
use serde_json::Value;
use walkdir::WalkDir;

use super::Defender;
use crate::kept_rows::{KeptRow, KeptRows, kit};

#[test]
fn a_mixed_export_of_the_portal_is_told_apart() {
    let Some(folder) = kit("defender/dafneb+defender_hunting") else { return };
    let kept = KeptRows::of_file(&folder.join("advanced_hunting_test.csv"));
    assert_eq!((kept.records(), kept.anomalies().len()), (26, 0));
    let actions: Vec<_> =
        kept.rows(Table::Flow).iter().map(|row| value(row, "event_action").to_owned()).collect();
    let expected = [
        "ConnectionFailed",
        "ConnectionSuccess",
        "IcmpConnectionInspected",
        "InboundConnectionAccepted",
    ];
    assert_eq!(actions, expected);
    let tls = &kept.rows(Table::Tls)[0];
    assert_eq!(value(tls, "tls_client_server_name"), "login.microsoftonline.com");
    let dns = &kept.rows(Table::Dns)[0];
    assert_eq!(value(dns, "dns_question_name"), "array504.prod.do.dsp.mp.microsoft.com");
    assert_eq!(value(dns, "dns_answers_data"), "[52.184.216.174]");
    assert_eq!(kept.rows(Table::Web).len(), 2);
    let process = &kept.rows(Table::Process)[0];
    assert_eq!(value(process, "process_parent_name"), "agentexecutor.exe");
    assert_eq!(kept.rows(Table::Script).len(), 1);
}

/// Columns, and the fields that Sekoia fills with the same.
const ECS: [(&str, &str); 12] = [
    ("host_name", "/host/name"),
    ("source_ip", "/source/ip"),
    ("source_port", "/source/port"),
    ("destination_ip", "/destination/ip"),
    ("destination_port", "/destination/port"),
    ("process_name", "/process/name"),
    ("process_executable", "/process/executable"),
    ("process_command_line", "/process/command_line"),
    ("process_hash_sha256", "/process/hash/sha256"),
    ("process_parent_name", "/process/parent/name"),
    ("process_parent_command_line", "/process/parent/command_line"),
    ("event_action", "/action/type"),
];

/// Names that we have in lower case.
const LOWER: [&str; 3] = ["host_name", "process_name", "process_parent_name"];

#[test]
fn columns_hold_what_the_ecs_fields_hold() {
    let Some(folder) = kit("defender/sekoia") else { return };
    let mut rows = BTreeMap::new();
    let mut compared = 0;
    for file in WalkDir::new(folder).sort_by_file_name() {
        let file = file.expect("the folder can be read").into_path();
        if file.is_dir() {
            continue;
        }
        let pair = json(&file);
        let kept = KeptRows::of_object(&Defender, pair["input"]["message"].as_str().expect("text"));
        assert_eq!(kept.anomalies(), [], "{file:?}");
        for table in Table::ALL {
            for row in kept.rows(table) {
                *rows.entry(table).or_insert(0) += 1;
                compared += compare(&row, table, &pair["expected"], &file);
            }
        }
    }
    let expected = [
        (Table::Flow, 6),
        (Table::Dns, 1),
        (Table::Web, 1),
        (Table::Process, 5),
        (Table::File, 1),
        (Table::Script, 3),
    ];
    assert_eq!(rows, BTreeMap::from(expected));
    assert!(compared > 80, "{compared}");
}

fn compare(row: &KeptRow, table: Table, expected: &Value, file: &Path) -> usize {
    let has = |column: &str| table.fields().iter().any(|field| field.name() == column);
    let mut compared = 0;
    for (column, field) in ECS.into_iter().filter(|(column, _)| has(column)) {
        let Some(theirs) = expected.pointer(field) else { continue };
        let mut theirs = theirs.as_str().map_or(theirs.to_string(), str::to_owned);
        if LOWER.contains(&column) {
            theirs = theirs.to_lowercase();
        }
        assert_eq!(value(row, column), theirs, "{column} of {file:?}");
        compared += 1;
    }
    compared
}

fn value<'r>(row: &'r KeptRow, column: &str) -> &'r str {
    row.iter().find(|(name, _)| name == column).map_or("", |(_, value)| value)
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("the file can be read")).expect("JSON")
}
