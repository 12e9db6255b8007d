//! What a user of `coldtrail tune` relies on, tried on the binary itself.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn tune(options: &[&str]) -> Output {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let examples = examples.display().to_string();
    Command::new(env!("CARGO_BIN_EXE_coldtrail"))
        .args(["tune", &examples, "--now", "2026-05-01"])
        .args(options)
        .output()
        .expect("the binary runs")
}

fn tuning(options: &[&str]) -> Value {
    let output = tune(&[options, &["--format", "json"]].concat());
    let errors = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"))
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().expect("a list").iter().filter_map(Value::as_str).collect()
}

#[test]
fn an_agent_on_many_hosts_is_proposed_with_what_it_would_take_away() {
    let tuning = tuning(&[]);
    let entries = tuning["entries"].as_array().expect("entries");
    let agent = entries.iter().find(|entry| entry["process"] == "acme-agent.exe");
    let agent = agent.expect("the agent that twelve hosts have");
    assert_eq!(agent["hosts"], 12);
    assert_eq!(agent["host"], Value::Null);
    assert_eq!(agent["covered"].as_array().map(Vec::len), Some(12));
    assert!(agent["covered"].as_array().expect("findings").iter().all(|one| {
        one["before"] == "low" && one["after"] == "low" && one["is_closed"] == true
    }));
    assert_eq!(agent["records"].as_array().map(Vec::len), Some(3));
    assert!(agent["entry"].as_str().expect("a line").ends_with(",2027-05-01"), "{agent}");
    // What the attackers do is on one host each, and high: nobody is asked to allow it.
    for entry in entries {
        assert!(
            !["powershell.exe", "rundll32.exe"].contains(&entry["process"].as_str().unwrap_or(""))
        );
    }
    assert_eq!(tuning["before"]["high"], tuning["after"]["high"]);
}

#[test]
fn what_was_written_is_a_list_that_works_and_is_never_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let draft = folder.path().join("sanctioned.csv").display().to_string();
    assert_eq!(tune(&["--write", &draft]).status.code(), Some(0));
    let written = fs::read_to_string(&draft).expect("the proposals");
    assert!(written.starts_with("endpoint,host,user,process,owner,reason,expires\n"), "{written}");
    assert!(written.contains(",acme-agent.exe,"), "{written}");

    let again = tune(&["--write", &draft]);
    assert_eq!(again.status.code(), Some(2));
    assert_eq!(fs::read_to_string(&draft).expect("the proposals"), written);

    let tried = tuning(&["--try", &draft]);
    let entries = tried["entries"].as_array().expect("entries");
    assert!(!entries.is_empty());
    assert!(entries.iter().all(|entry| entry["hosts"].as_u64() > Some(0)), "{tried:#}");

    // What is sanctioned is not proposed again.
    let context = folder.path().display().to_string();
    let entries = tuning(&["--context", &context]);
    let entries = entries["entries"].as_array().expect("entries");
    assert!(entries.iter().all(|entry| entry["process"] != "acme-agent.exe"), "{entries:#?}");
}

#[test]
fn a_draft_is_told_line_by_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let draft = folder.path().join("draft.csv");
    let list = "endpoint,host,process,owner\n\
                *.coldtrail-range.workers.dev,,,somebody\n\
                nobody.coldtrail-elsewhere.workers.dev,,,somebody\n\
                *.workers.dev,,,somebody\n";
    fs::write(&draft, list).expect("a draft");
    let draft = draft.display().to_string();
    let tuning = tuning(&["--try", &draft]);
    let entries = tuning["entries"].as_array().expect("entries");
    assert_eq!(entries.len(), 2, "{tuning:#}");
    // The first line would hide an attacker, and says so.
    let covered = entries[0]["covered"].as_array().expect("findings");
    assert!(covered.iter().any(|one| one["before"] == "high" && one["after"] == "low"));
    let warnings = texts(&entries[0]["warnings"]);
    assert!(warnings.iter().any(|one| one.contains("high or critical")), "{warnings:?}");
    assert!(warnings.iter().any(|one| one.contains("runs whatever it is given")), "{warnings:?}");
    assert_eq!(entries[1]["covered"].as_array().map(Vec::len), Some(0));
    assert_eq!(tuning["problems"][0]["line"], 4);
    assert_eq!(tuning["problems"][0]["code"], "too-wide");

    let text = tune(&["--try", &draft]);
    let text = String::from_utf8_lossy(&text.stdout);
    assert!(text.contains("matches  nothing in these logs"), "{text}");
    assert!(text.contains("draft.csv:4:1: error: "), "{text}");
}
