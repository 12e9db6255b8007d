//! Shortcuts spare work and change nothing: with and without the prefilter, on one thread and on
//! many, a hunt finds the same and counts the same.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says when it is skipped"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use coldtrail_range::corpus::{Corpus, Form};
use serde_json::Value;

fn hunt(folder: &Path, options: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_coldtrail"))
        .args(["hunt", "--format", "json", "--now", "2026-05-01"])
        .args(options)
        .arg(folder)
        .output()
        .expect("the binary runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"))
}

/// The report without what a shortcut may leave out: anomalies in values that nobody asked for.
fn comparable(mut report: Value) -> Value {
    for seen in report["seen"].as_array_mut().expect("a list") {
        seen["anomalies"].as_object_mut().expect("an object").remove("invalid-value");
    }
    let faults = report["faults"].as_array_mut().expect("a list");
    faults.retain(|fault| fault["code"] != "invalid-value");
    report
}

fn assert_same(folder: &Path, options: &[&str]) -> Value {
    let quick = hunt(folder, options);
    let slow = hunt(folder, &[options, &["--no-prefilter"]].concat());
    assert!(comparable(quick.clone()) == comparable(slow), "{}", folder.display());
    let alone = hunt(folder, &[options, &["--threads", "1"]].concat());
    assert!(quick == alone, "{}", folder.display());
    quick
}

/// A store that the logs were ingested into gives the same findings, twice ingested as well.
fn assert_store_agrees(folder: &Path, options: &[&str]) {
    let store = tempfile::tempdir().expect("a folder");
    for _ in 0..2 {
        let status = Command::new(env!("CARGO_BIN_EXE_coldtrail"))
            .arg("ingest")
            .arg(folder)
            .args(["--whole", "--store"])
            .arg(store.path())
            .output()
            .expect("the binary runs");
        assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
    }
    let mut stored = Command::new(env!("CARGO_BIN_EXE_coldtrail"));
    stored.args(["hunt", "--format", "json", "--now", "2026-05-01"]).args(options);
    let output = stored.arg("--store").arg(store.path()).output().expect("the binary runs");
    let mut stored: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let raw = hunt(folder, options);
    // Only a store knows what is usual for a host.
    let hosts = stored["baseline"]["hosts"].take();
    let is_empty = hosts.as_object().is_none_or(|hosts| hosts.is_empty());
    assert_eq!(is_empty, raw["findings"].as_array().is_none_or(|findings| findings.is_empty()));
    stored["baseline"]["hosts"] = Value::Object(Default::default());
    for part in ["findings", "baseline", "not_run"] {
        assert!(stored[part] == raw[part], "{part} of {}", folder.display());
    }
}

fn corpus(form: Form) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let corpus = Corpus { size: 6 << 20, seed: 7, form, serverless: 0.02 };
    corpus.write(folder.path()).expect("a corpus");
    folder
}

#[test]
fn over_generated_logs() {
    for form in [Form::ZeekTabSeparated, Form::ZeekJson] {
        let folder = corpus(form);
        let report = assert_same(folder.path(), &[]);
        let findings = report["findings"].as_array().expect("a list");
        assert!(findings.len() > 5, "{} findings", findings.len());
        let with_bytes = findings.iter().any(|finding| finding["events"].as_u64() > Some(20));
        assert!(with_bytes, "a beacon is among them");
        assert_same(
            folder.path(),
            &["--since", "2026-04-13T09:30:00Z", "--until", "2026-04-13T12:00:00Z"],
        );
        assert_store_agrees(folder.path(), &[]);
    }
}

#[test]
fn over_the_examples() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    assert_same(&examples, &[]);
    assert_store_agrees(&examples, &[]);
}

#[test]
fn over_real_logs() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    for folder in ["zeek", "windows_json", "windows_evtx", "defender"] {
        let folder: PathBuf = data.join(folder);
        if !folder.is_dir() {
            println!("skipped: {} is absent", folder.display());
            continue;
        }
        assert_same(&folder, &[]);
        assert_store_agrees(&folder, &[]);
    }
}

/// What sessions, commands and files tell beside contacts.
#[test]
fn over_sessions_commands_and_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let host = "coldtrail-range.cold.workers.dev";
    let session = |source: &str, front: &str, fingerprint: &str| {
        let id =
            format!("\"uid\":\"C{source}\",\"id.orig_h\":\"{source}\",\"id.resp_h\":\"192.0.2.9\"");
        format!(
            "{{\"_path\":\"conn\",\"ts\":1776070805.1,{id},\"proto\":\"tcp\"}}\n\
             {{\"_path\":\"ssl\",\"ts\":1776070805.3,{id},\"server_name\":\"{front}\",\"ja4\":\"{fingerprint}\"}}\n\
             {{\"_path\":\"http\",\"ts\":1776070805.5,{id},\"method\":\"GET\",\"host\":\"{host}\",\"uri\":\"/\",\"user_agent\":\"curl/8.4.0\"}}\n"
        )
    };
    let mut sensor = String::new();
    let mut defender =
        "Timestamp,DeviceName,ActionType,FileName,FolderPath,ProcessCommandLine,LocalIP,\
                        RemoteIP,RemoteUrl,InitiatingProcessFileName\n"
            .to_owned();
    for number in 1..=5 {
        let (name, address) = (format!("ws-{number}"), format!("10.0.0.{number}"));
        let fingerprint = if number == 5 { "t13d0000" } else { "t13d1516h2" };
        let front = if number == 4 { "www.example.com" } else { host };
        sensor += &session(&address, front, fingerprint);
        defender += &format!(
            "2026-04-13T09:00:00Z,{name},ConnectionSuccess,,,,{address},192.0.2.9,{host},chrome.exe\n"
        );
    }
    let script = r"C:\Users\kim\Downloads\a.js";
    for row in [
        format!("2026-04-13T09:00:00Z,ws-6,FileCreated,a.js,{script},,,,,outlook.exe"),
        format!(
            "2026-04-13T09:01:00Z,ws-6,ProcessCreated,wscript.exe,,wscript {script},,,,explorer.exe"
        ),
        format!(
            "2026-04-13T09:02:00Z,ws-6,ConnectionSuccess,,,,10.0.0.6,192.0.2.9,{host},wscript.exe"
        ),
        format!(
            "2026-04-13T09:02:00Z,ws-7,ProcessCreated,curl.exe,,curl https://{host}/,,,,cmd.exe"
        ),
    ] {
        defender += &format!("{row}\n");
    }
    std::fs::write(folder.path().join("sensor.json"), sensor).expect("a log");
    std::fs::write(folder.path().join("defender.csv"), defender).expect("a log");
    let report = assert_same(folder.path(), &[]);
    assert_store_agrees(folder.path(), &[]);
    let findings = report["findings"].as_array().expect("a list").iter();
    let signals = findings.flat_map(|finding| finding["signals"].as_array().expect("a list"));
    let told: Vec<&str> = signals.filter_map(|signal| signal["detection"].as_str()).collect();
    for detection in [
        "client.host_mismatch",
        "client.tls_fingerprint",
        "client.user_agent",
        "endpoint.dropped_script",
        "endpoint.mention",
    ] {
        assert!(told.contains(&detection), "{detection} is not among {told:?}");
    }
}

/// A hunt in the last hours of a store knows what was usual before.
#[test]
fn history_before_the_window_counts() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let store = tempfile::tempdir().expect("a folder");
    let ingest = Command::new(env!("CARGO_BIN_EXE_coldtrail"))
        .arg("ingest")
        .arg(&examples)
        .arg("--store")
        .arg(store.path())
        .output()
        .expect("the binary runs");
    assert!(ingest.status.success(), "{}", String::from_utf8_lossy(&ingest.stderr));
    let late = ["--since", "2026-04-13T15:00:00Z"];
    let output = Command::new(env!("CARGO_BIN_EXE_coldtrail"))
        .args(["hunt", "--format", "json", "--now", "2026-05-01", "--store"])
        .arg(store.path())
        .args(late)
        .output()
        .expect("the binary runs");
    let stored: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let reaches = stored["baseline"]["reaches_back_to"].as_str().expect("a time");
    assert!(reaches.starts_with("2026-04-13T09:00"), "{reaches}");
    let findings = stored["findings"].as_array().expect("a list");
    assert!(findings.iter().all(|finding| finding["first_seen"].as_str() >= Some("2026-04-13T15")));
    // The tenant of the beacon was met in the morning, and its signal says so.
    let signals =
        findings.iter().flat_map(|finding| finding["signals"].as_array().expect("a list"));
    let summaries: Vec<&str> = signals.filter_map(|signal| signal["summary"].as_str()).collect();
    assert!(
        summaries.iter().any(|summary| summary.contains("first seen 2026-04-13T10:01")),
        "{summaries:#?}"
    );
}
