//! Each detection tells what it is for, and nothing of its benign twin.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;

use coldtrail_model::{Finding, Report, Timestamp};
use coldtrail_pipeline::{Hunt, hunt};

const NOW: Timestamp = Timestamp(1_777_593_600_000_000);

fn report(log: &str) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log");
    fs::write(&path, log).expect("a log");
    hunt(Hunt::over(&[path.display().to_string()], NOW).expect("a hunt")).expect("a report")
}

fn told<'r>(report: &'r Report, host: &str, detection: &str) -> Option<&'r Finding> {
    let is_it = |finding: &&Finding| {
        finding.actor.host == host
            && finding.signals.iter().any(|signal| signal.detection == detection)
    };
    report.findings.iter().find(is_it)
}

/// A session of a source with a function, as Zeek writes it, with the bytes that went up and down.
fn session(number: u32, source: &str, name: &str, up: u64, down: u64) -> String {
    let at = 1_776_070_800 + number * 97;
    format!(
        "{{\"_path\":\"ssl\",\"ts\":{at}.3,\"uid\":\"C{number}\",\"id.orig_h\":\"{source}\",\"id.resp_h\":\"192.0.2.9\",\"server_name\":\"{name}\"}}\n\
         {{\"_path\":\"conn\",\"ts\":{at}.1,\"uid\":\"C{number}\",\"id.orig_h\":\"{source}\",\"id.resp_h\":\"192.0.2.9\",\"proto\":\"tcp\",\"orig_bytes\":{up},\"resp_bytes\":{down}}}\n"
    )
}

#[test]
fn an_upload_is_told_and_a_download_is_not() {
    let name = "coldtrail-range.cold.workers.dev";
    let mut log = String::new();
    for number in 0..6 {
        log += &session(number, "10.0.0.5", name, 40_000_000, 90_000);
        log += &session(number + 100, "10.0.0.6", name, 90_000, 40_000_000);
        // Many polls, and yet little of anything.
        log += &session(number + 200, "10.0.0.7", name, 900, 200);
    }
    let report = report(&log);
    let finding = told(&report, "10.0.0.5", "volume.upload_heavy").expect("an upload");
    let because = finding.contributions.iter().find(|one| one.name == "upload heavy");
    assert!(because.is_some_and(|one| one.because.starts_with("240.0 MB sent to ")), "{finding:?}");
    for quiet in ["10.0.0.6", "10.0.0.7"] {
        assert!(told(&report, quiet, "volume.upload_heavy").is_none(), "{quiet}");
    }
}

#[test]
fn a_program_in_a_temporary_folder_is_told_and_an_installed_one_is_not() {
    let row = |host: &str, folder: &str| {
        format!(
            "2026-04-13T09:00:00Z,{host},192.0.2.9,coldtrail-range.cold.workers.dev,agent.exe,{folder}\n"
        )
    };
    let log = [
        "Timestamp,DeviceName,RemoteIP,RemoteUrl,InitiatingProcessFileName,InitiatingProcessFolderPath\n"
            .to_owned(),
        row("ws-1", r"C:\Users\kim\AppData\Local\Temp\agent.exe"),
        row("ws-2", r"C:\Program Files\Agent\agent.exe"),
        row("ws-3", r"C:\Users\kim\AppData\Local\Agent\agent.exe"),
        // An underscore is no wildcard here.
        row("ws-4", r"C:\xTmpx\agent.exe"),
    ]
    .concat();
    let report = report(&log);
    assert!(told(&report, "ws-1", "endpoint.user_writable").is_some());
    for quiet in ["ws-2", "ws-3", "ws-4"] {
        assert!(told(&report, quiet, "endpoint.user_writable").is_none(), "{quiet}");
    }
}

#[test]
fn polls_in_turn_are_told_and_visits_are_not() {
    let mut log = String::new();
    let mut random = 9_u64;
    for poll in 0..120_u64 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let (tenant, jitter) = ((random >> 40) % 4, (random >> 33) % 8);
        let name = |account: &str| format!("coldtrail-range-{tenant}.{account}.workers.dev");
        let row = |at: u64, source: &str, name: &str| {
            format!(
                "{{\"_path\":\"ssl\",\"ts\":{at},\"uid\":\"C{source}{at}\",\"id.orig_h\":\"{source}\",\"id.resp_h\":\"192.0.2.9\",\"server_name\":\"{name}\"}}\n"
            )
        };
        log += &row(1_776_070_800 + poll * 60 + jitter, "10.0.0.5", &name("cold"));
        // Somebody comes and goes as people do: now and then, and then for long not at all.
        let pause = (random >> 20) % 600 * ((random >> 50) % 5);
        log += &row(1_776_070_800 + poll * 300 + pause, "10.0.0.6", &name("acme"));
    }
    let report = report(&log);
    let finding = told(&report, "10.0.0.5", "rhythm.rotation").expect("a rotation");
    assert_eq!(finding.endpoint.tenant.as_deref(), Some("cold"));
    assert!(told(&report, "10.0.0.6", "rhythm.rotation").is_none());
}

#[test]
fn a_connection_that_is_held_open_is_told_and_a_long_download_is_not() {
    let connection = |source: &str, hours: u32, bytes: u64| {
        format!(
            "{{\"_path\":\"ssl\",\"ts\":1776070800.3,\"uid\":\"C{source}\",\"id.orig_h\":\"{source}\",\"id.resp_h\":\"192.0.2.9\",\"server_name\":\"coldtrail-range.cold.workers.dev\"}}\n\
             {{\"_path\":\"conn\",\"ts\":1776070800.1,\"uid\":\"C{source}\",\"id.orig_h\":\"{source}\",\"id.resp_h\":\"192.0.2.9\",\"proto\":\"tcp\",\"duration\":{}.5,\"orig_bytes\":4000,\"resp_bytes\":{bytes}}}\n",
            hours * 3600
        )
    };
    let log = [
        connection("10.0.0.5", 5, 60_000),
        connection("10.0.0.6", 5, 900_000_000),
        connection("10.0.0.7", 0, 4_000),
    ];
    let report = report(&log.concat());
    let finding = told(&report, "10.0.0.5", "rhythm.keep_alive").expect("a kept connection");
    let because = finding.contributions.iter().find(|one| one.name == "keep alive");
    assert!(
        because.is_some_and(|one| one.points == 13 && one.because.contains("5.0 h")),
        "{finding:?}"
    );
    for quiet in ["10.0.0.6", "10.0.0.7"] {
        assert!(told(&report, quiet, "rhythm.keep_alive").is_none(), "{quiet}");
    }
}

#[test]
fn polls_at_night_are_told_and_those_of_working_days_are_not() {
    let mut log = String::new();
    for poll in 0..2 * 24 * 12 {
        let at = 1_776_038_400 + poll * 300;
        let row = |source: &str| {
            format!(
                "{{\"_path\":\"ssl\",\"ts\":{at},\"uid\":\"C{source}{at}\",\"id.orig_h\":\"{source}\",\"id.resp_h\":\"192.0.2.9\",\"server_name\":\"coldtrail-range.cold.workers.dev\"}}\n"
            )
        };
        log += &row("10.0.0.5");
        if (9..17).contains(&(poll / 12 % 24)) {
            log += &row("10.0.0.6");
        }
    }
    let report = report(&log);
    assert!(told(&report, "10.0.0.5", "rhythm.around_the_clock").is_some());
    assert!(told(&report, "10.0.0.6", "rhythm.beacon").is_some());
    assert!(told(&report, "10.0.0.6", "rhythm.around_the_clock").is_none());
}
