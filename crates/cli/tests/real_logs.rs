//! Real logs that none of us wrote: a hunt ends well, names every file it cannot read, and raises no
//! alarm over the ordinary services in them.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says when it is skipped"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The folder of real logs beside the repository, where there is one.
fn kit(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    if !folder.is_dir() {
        println!("skipped: ../shared/data/{name} is absent");
        return None;
    }
    Some(folder)
}

fn report(folder: &Path) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_coldtrail"))
        .args(["hunt", "--format", "json", "--now", "2026-01-01"])
        .arg(folder)
        .output()
        .expect("the binary runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"))
}

fn list<'r>(report: &'r Value, key: &str) -> &'r Vec<Value> {
    report[key].as_array().expect("a list")
}

/// What holds of every folder of ordinary traffic.
fn assert_ordinary(report: &Value) {
    for finding in list(report, "findings") {
        assert_eq!(finding["severity"], "low", "{}", finding["title"]);
    }
    // A source without a format has a fault that says why.
    for seen in list(report, "seen").iter().filter(|seen| seen["format"].is_null()) {
        let has_reason =
            list(report, "faults").iter().any(|fault| fault["source"] == seen["source"]);
        assert!(has_reason, "no reason for {}", seen["source"]);
    }
}

fn rows(report: &Value, table: &str) -> u64 {
    list(report, "seen").iter().filter_map(|seen| seen["tables"][table].as_u64()).sum()
}

#[test]
fn zeek() {
    let Some(folder) = kit("zeek") else { return };
    let report = report(&folder);
    assert_ordinary(&report);
    assert!(rows(&report, "dns") > 119_000 && rows(&report, "tls") > 104_000);
    let hosts = || list(&report, "findings").iter().map(|finding| &finding["endpoint"]["host"]);
    assert!(hosts().any(|host| host == "open-rating-prod.azurewebsites.net"));
}

#[test]
fn windows_as_evtx() {
    let Some(folder) = kit("windows_evtx") else { return };
    let report = report(&folder);
    assert_ordinary(&report);
    assert!(rows(&report, "process") > 300 && rows(&report, "dns") > 150);
}

#[test]
fn windows_as_json() {
    let Some(folder) = kit("windows_json") else { return };
    let report = report(&folder);
    assert_ordinary(&report);
    assert!(rows(&report, "flow") > 3_000 && rows(&report, "script") > 250);
}

#[test]
fn windows_as_xml() {
    let Some(folder) = kit("windows_xml") else { return };
    let report = report(&folder);
    assert_ordinary(&report);
    let read = list(&report, "seen").iter().filter(|seen| seen["format"] == "windows-xml").count();
    assert_eq!(read, 78);
}

#[test]
fn defender() {
    let Some(folder) = kit("defender") else { return };
    let report = report(&folder);
    assert_ordinary(&report);
    assert!(rows(&report, "flow") > 10 && rows(&report, "process") > 5);
}
