//! Detections of volume, each with a benign twin.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;

use coldtrail_model::{Finding, Report, Timestamp};
use coldtrail_pipeline::{Hunt, hunt};

const NOW: Timestamp = Timestamp(1_777_593_600_000_000);
const START: u64 = 1_776_038_400;

fn report(log: &str) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log");
    fs::write(&path, log).expect("a log");
    hunt(Hunt::over(&[path.display().to_string()], NOW).expect("a hunt")).expect("a report")
}

fn told<'r>(report: &'r Report, host: &str, detection: &str) -> Option<&'r Finding> {
    report.findings.iter().find(|finding| {
        finding.actor.host == host
            && finding.signals.iter().any(|signal| signal.detection == detection)
    })
}

/// A request as Zeek writes it, with the bytes that went up and down.
fn request(at: u64, source: &str, path: &str, up: u64, down: u64) -> String {
    format!(
        "{{\"_path\":\"http\",\"ts\":{at}.3,\"uid\":\"C{source}{at}\",\"id.orig_h\":\"{source}\",\"id.resp_h\":\"192.0.2.9\",\"method\":\"POST\",\"host\":\"{}\",\"uri\":\"{path}\",\"request_body_len\":{up},\"response_body_len\":{down},\"status_code\":200}}\n",
        name(source)
    )
}

/// A connection with its handshake, with the bytes that went up and down.
fn session(at: u64, source: &str, up: u64, down: u64) -> String {
    let name = name(source);
    format!(
        "{{\"_path\":\"ssl\",\"ts\":{at}.3,\"uid\":\"C{source}{at}\",\"id.orig_h\":\"{source}\",\"id.resp_h\":\"192.0.2.9\",\"server_name\":\"{name}\"}}\n\
         {{\"_path\":\"conn\",\"ts\":{at}.1,\"uid\":\"C{source}{at}\",\"id.orig_h\":\"{source}\",\"id.resp_h\":\"192.0.2.9\",\"proto\":\"tcp\",\"orig_bytes\":{up},\"resp_bytes\":{down}}}\n"
    )
}

/// Each host has a tenant of its own.
fn name(source: &str) -> String {
    format!("range-{}.cold.workers.dev", source.replace('.', "-"))
}

#[test]
fn one_large_exchange_among_polls_is_told() {
    let mut log = String::new();
    for poll in 0..60 {
        let at = START + poll * 300;
        let is_work = poll == 40;
        log += &session(at, "10.0.0.5", if is_work { 3_000_000 } else { 900 }, 5_000);
        log += &session(at, "10.0.0.6", 900, 5_000);
        // A page that polls after it was loaded.
        log += &session(at, "10.0.0.7", 900, if poll == 0 { 3_000_000 } else { 5_000 });
        // A site is large each time.
        log += &session(at, "10.0.0.8", 900, 200_000 + poll * 9_000);
        log += &request(at, "10.0.0.9", "/", 300, if is_work { 900_000 } else { 40 });
    }
    let report = report(&log);
    let points = |source| {
        let finding = told(&report, source, "volume.data_after_resolution").expect("an exception");
        let because = finding.contributions.iter().find(|one| one.name == "data after resolution");
        because.map(|one| (one.points, one.because.clone())).expect("points")
    };
    let (points_up, because) = points("10.0.0.5");
    assert_eq!(points_up, 6);
    assert!(because.starts_with("an exchange of 3.0 MB with "), "{because}");
    assert_eq!(points("10.0.0.9").0, 3);
    for quiet in ["10.0.0.6", "10.0.0.7", "10.0.0.8"] {
        assert!(told(&report, quiet, "volume.data_after_resolution").is_none(), "{quiet}");
    }
}

#[test]
fn one_path_again_and_again_is_told_and_a_site_is_not() {
    let mut log = String::new();
    for poll in 0..120 {
        let at = START + poll * 300;
        log += &request(at, "10.0.0.5", "/v1/next", 300, 40);
        log += &request(at, "10.0.0.6", &format!("/pages/{}", poll % 7), 300, 40);
        // What lasts for minutes was one task.
        log += &request(START + poll, "10.0.0.7", "/v1/next", 300, 40);
    }
    let report = report(&log);
    assert!(told(&report, "10.0.0.5", "volume.few_functions").is_some());
    for quiet in ["10.0.0.6", "10.0.0.7"] {
        assert!(told(&report, quiet, "volume.few_functions").is_none(), "{quiet}");
    }
}
