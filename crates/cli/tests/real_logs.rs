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
    // A source without a format has a fault that says why, unless there is nothing in it.
    let is_empty = |seen: &Value| {
        let path = seen["source"].as_str().expect("a path");
        std::fs::metadata(path).is_ok_and(|file| file.len() == 0)
    };
    let unread = list(report, "seen").iter().filter(|seen| seen["format"].is_null());
    for seen in unread.filter(|seen| !is_empty(seen)) {
        let has_reason =
            list(report, "faults").iter().any(|fault| fault["source"] == seen["source"]);
        assert!(has_reason, "no reason for {}", seen["source"]);
    }
}

/// The folders inside that have files, each a capture or the samples of one product: what a user would
/// hunt in. What is usual differs from place to place, so the whole and its parts are not the same.
fn parts(folder: &Path) -> Vec<PathBuf> {
    let entries = || std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("it"));
    let mut folders: Vec<PathBuf> =
        entries().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    let mut parts: Vec<PathBuf> = folders.iter().flat_map(|folder| parts(folder)).collect();
    if entries().any(|entry| entry.path().is_file()) {
        parts.push(folder.to_owned());
    }
    parts
}

/// Benign days, and days with attacks of other kinds: ordinary as a whole, and each part by itself.
fn assert_all_ordinary(name: &str) {
    let Some(folder) = kit(name) else { return };
    assert_ordinary(&report(&folder));
    for part in parts(&folder) {
        assert_ordinary(&report(&part));
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

#[test]
fn captures_of_zeek_one_by_one() {
    assert_all_ordinary("zeek");
}

#[test]
fn samples_of_sensors_and_servers() {
    for name in ["suricata", "dns", "proxy", "firewall", "ocsf"] {
        assert_all_ordinary(name);
    }
}

#[test]
fn samples_of_clouds() {
    let clouds = [
        "aws_other",
        "aws_vpcflow",
        "azure_activity",
        "cloudflare",
        "gcp_audit",
        "google_workspace",
    ];
    for name in clouds {
        assert_all_ordinary(name);
    }
}

/// A red team opened functions to everybody, and nothing else of the trails is told above low.
#[test]
fn a_red_team_in_a_cloud() {
    let Some(folder) = kit("aws_cloudtrail") else { return };
    let report = report(&folder);
    let told: Vec<&Value> =
        list(&report, "findings").iter().filter(|finding| finding["severity"] != "low").collect();
    assert_eq!(told.len(), 2, "{told:#?}");
    for finding in told {
        assert_eq!(finding["severity"], "medium");
        assert_eq!(finding["endpoint"]["function"], "stratus-red-team-backdoor-f-func");
        let mut signals = list(finding, "signals").iter();
        assert!(signals.any(|signal| signal["detection"] == "cloud.exposed"));
    }
}

/// A library of other people's scripts is on every second page: it is known, and weighs nothing.
#[test]
fn a_delivery_network_of_everybody_weighs_nothing() {
    let Some(folder) = kit("zeek/rita/proxy_rolling") else { return };
    let report = report(&folder);
    let of_everybody = |finding: &&Value| finding["endpoint"]["tenant"] == "jsdelivr";
    for finding in list(&report, "findings").iter().filter(of_everybody) {
        assert_eq!(finding["score"], 0, "{}", finding["title"]);
    }
    assert!(rows(&report, "dns") > 2_500);
}
