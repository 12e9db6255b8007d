//! Logs that nobody knows are read by a user's description, and every log can be explained.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;

const MAPPING: &str = r#"
name = "acme-gateway"
table = "web"
records = "csv"
time = { from = "when", zone = "+02:00" }
[columns]
source_ip = "client"
url_full = "url"
http_request_bytes = "sent"
"#;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coldtrail")).args(arguments).output().expect("it runs")
}

/// A gateway's log in which one host polls a worker every minute, and everybody visits a wiki.
fn log() -> String {
    let mut log = "when,client,url,sent\n".to_owned();
    for minute in 0..240 {
        let (hour, minute) = (9 + minute / 60, minute % 60);
        let host = minute % 9 + 10;
        log += &format!(
            "2026-04-13 {hour:02}:{minute:02}:00,10.0.0.5,https://coldtrail-range.cold.workers.dev/p,310\n\
             2026-04-13 {hour:02}:{minute:02}:07,10.0.0.{host},https://wiki.example/x?code=secret,900\n"
        );
    }
    log
}

#[test]
fn a_log_that_nobody_knows_is_hunted_in_by_its_description() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (log_file, mapping, store) = (place("gateway.csv"), place("acme.toml"), place("store"));
    fs::write(&log_file, log()).expect("a log");
    fs::write(&mapping, MAPPING).expect("a mapping");

    let without = run(&["hunt", &log_file, "--format", "json"]);
    let without: Value = serde_json::from_slice(&without.stdout).expect("a report");
    assert_eq!(without["findings"], Value::Array(Vec::new()));
    assert_eq!(without["faults"][0]["code"], "unknown-format");

    let hunted =
        run(&["hunt", &log_file, "--map", &mapping, "--format", "json", "--now", "2026-05-01"]);
    let raw: Value = serde_json::from_slice(&hunted.stdout).expect("a report");
    assert_eq!(raw["seen"][0]["format"], "acme-gateway");
    assert_eq!(raw["findings"][0]["endpoint"]["host"], "coldtrail-range.cold.workers.dev");
    assert_eq!(raw["findings"][0]["first_seen"], "2026-04-13T07:00:00Z");

    let ingested = run(&["ingest", &log_file, "--map", &mapping, "--store", &store]);
    assert!(ingested.status.success(), "{}", String::from_utf8_lossy(&ingested.stderr));
    let stored = run(&["hunt", "--store", &store, "--format", "json", "--now", "2026-05-01"]);
    let stored: Value = serde_json::from_slice(&stored.stdout).expect("a report");
    assert_eq!(stored["findings"], raw["findings"]);
}

#[test]
fn an_explanation_says_what_each_field_became() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (log_file, mapping) = (place("gateway.csv"), place("acme.toml"));
    fs::write(&log_file, log()).expect("a log");
    fs::write(&mapping, MAPPING).expect("a mapping");

    let output = run(&["sources", "explain", &log_file, "--map", &mapping, "--format", "json"]);
    let explained: Value = serde_json::from_slice(&output.stdout).expect("an object");
    let web = &explained["tables"]["web"];
    assert_eq!(web["rows"], 480);
    assert_eq!(web["columns"]["source_ip"]["from"][0], "client");
    assert_eq!(web["columns"]["http_request_bytes"]["example"], "310");
    assert!(web["missing"]["process"].is_string());

    let text = run(&["sources", "explain", &log_file, "--map", &mapping]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("acme-gateway, 480 records") && !text.contains("secret"), "{text}");
}

#[test]
fn a_description_that_makes_no_sense_is_refused_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let mapping = folder.path().join("acme.toml").display().to_string();
    fs::write(&mapping, MAPPING.replace("source_ip", "source_pi")).expect("a mapping");
    let refused = run(&["hunt", &mapping, "--map", &mapping]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2));
    assert!(said.contains("acme.toml: line 7, column 1") && said.contains("`source_ip`"), "{said}");
}

#[test]
fn a_template_is_a_mapping_once_its_columns_are_filled_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let mapping = folder.path().join("acme.toml").display().to_string();
    for table in ["flow", "dns", "web", "tls", "process", "file", "script", "cloud"] {
        let template = String::from_utf8(run(&["sources", "map", table]).stdout).expect("text");
        let filled = template.replacen("# user_name = \"\"", "user_name = \"who\"", 1);
        assert!(filled != template, "{template}");
        fs::write(&mapping, filled).expect("a mapping");
        let read = run(&["sources", "explain", &mapping, "--map", &mapping]);
        assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    }
}
