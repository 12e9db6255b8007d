//! What a user of `coldtrail hunt` relies on, tried on the binary itself.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn coldtrail(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coldtrail"))
        .args(arguments)
        .current_dir(repository())
        .output()
        .expect("the binary runs")
}

fn json(output: &Output) -> Value {
    let errors = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"))
}

fn report(paths: &[&str]) -> Value {
    let arguments = [&["hunt", "--format", "json", "--now", "2026-04-14"], paths].concat();
    json(&coldtrail(&arguments))
}

fn findings(report: &Value) -> &Vec<Value> {
    report["findings"].as_array().expect("findings")
}

/// The findings about one process on one host, such as `("ws-07.corp.example", "powershell.exe")`.
fn about<'r>(report: &'r Value, host: &str, process: &str) -> Vec<&'r Value> {
    findings(report)
        .iter()
        .filter(|one| one["actor"]["host"] == host && one["actor"]["process"] == process)
        .collect()
}

#[test]
fn the_examples_hold_two_attacks_and_their_benign_twins() {
    let report = report(&["examples/"]);
    let high: Vec<&Value> =
        findings(&report).iter().filter(|finding| finding["severity"] == "high").collect();
    let actors: Vec<(&str, &str)> = high
        .iter()
        .filter_map(|one| Some((one["actor"]["host"].as_str()?, one["actor"]["process"].as_str()?)))
        .collect();
    assert_eq!(actors.len(), 2, "{actors:?}");
    assert!(actors.contains(&("ws-07.corp.example", "powershell.exe")));
    assert!(actors.contains(&("ws-11.corp.example", "rundll32.exe")));
    for finding in &high {
        let records = finding["signals"][0]["records"].as_array().expect("records");
        assert!(records.iter().all(|record| record["sha256"].is_string()), "{records:?}");
    }

    // A plain regular poller on one host is worth a look, no more.
    let backup = about(&report, "backup-01.corp.example", "backup-agent.exe");
    assert_eq!(backup.len(), 1);
    assert_eq!(backup[0]["severity"], "medium");
    // An agent on every host, and people with browsers, are low.
    for finding in findings(&report) {
        let process = finding["actor"]["process"].as_str().unwrap_or_default();
        if ["acme-agent.exe", "chrome.exe", "msedge.exe"].contains(&process) {
            assert_eq!(finding["severity"], "low", "{finding:#}");
        }
    }
}

#[test]
fn the_report_keeps_its_contract() {
    let schema = repository().join("schemas/coldtrail.report-1.schema.json");
    let schema: Value =
        serde_json::from_slice(&fs::read(schema).expect("the schema")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let report = report(&["examples/"]);
    let errors: Vec<String> =
        validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    for finding in findings(&report) {
        let points = finding["contributions"].as_array().expect("contributions").iter();
        let sum: i64 = points.filter_map(|one| one["points"].as_i64()).sum();
        assert_eq!(Some(sum), finding["score"].as_i64(), "{finding:#}");
    }
}

#[test]
fn the_same_input_gives_the_same_bytes_whatever_the_parallelism() {
    let run = |threads: &str| {
        let arguments =
            ["hunt", "examples/", "--format", "json", "--now", "2026-04-14", "--threads", threads];
        coldtrail(&arguments).stdout
    };
    let one = run("1");
    assert!(one.len() > 10_000);
    assert_eq!(one, run("2"));
    assert_eq!(one, run("7"));
}

#[test]
fn exit_codes_tell_nothing_something_and_failure() {
    assert_eq!(coldtrail(&["hunt", "examples/"]).status.code(), Some(1));

    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("dns.log");
    fs::write(&log, zeek_dns("www.example.com")).expect("a log");
    let clean = coldtrail(&["hunt", &log.to_string_lossy()]);
    assert_eq!(clean.status.code(), Some(0), "{}", String::from_utf8_lossy(&clean.stderr));

    let missing = coldtrail(&["hunt", "no/such/folder"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("no/such/folder"));
    assert!(missing.stdout.is_empty());
}

#[test]
fn standard_input_is_an_input() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_coldtrail"))
        .args(["hunt", "-", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(zeek_dns("sync.acme.workers.dev").as_bytes()).expect("the pipe takes it");
    drop(input);
    let report = json(&child.wait_with_output().expect("an end"));
    assert_eq!(report["seen"][0]["source"], "-");
    assert_eq!(report["seen"][0]["tables"]["dns"], 1);
}

#[test]
fn the_window_cuts_what_is_looked_at() {
    let arguments = ["hunt", "examples/", "--format", "json", "--now", "2026-04-14"];
    let early = [&arguments[..], &["--until", "2026-04-13T10:00:00Z"]].concat();
    let early = json(&coldtrail(&early));
    assert!(about(&early, "ws-07.corp.example", "powershell.exe").is_empty());
    assert_eq!(early["window"]["until"], "2026-04-13T10:00:00Z");
    let late = [&arguments[..], &["--since", "14h"]].concat();
    let late = json(&coldtrail(&late));
    assert_eq!(about(&late, "ws-07.corp.example", "powershell.exe").len(), 1);
}

/// Whatever is wrong with a file is named with its place, and the rest is still analysed.
#[test]
fn bad_input_is_named_and_its_neighbours_survive() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| {
        fs::write(folder.path().join(name), bytes).expect("a file");
    };
    let log = zeek_dns("sync.acme.workers.dev");
    let packed = gzip(log.repeat(1000).as_bytes());
    write("cut.log.gz", &packed[..packed.len() - 40]);
    write("half.log", &log.as_bytes()[..log.len() - 30]);
    write("junk.evtx", &[0x00, 0xff, 0x13, 0x37].repeat(5000));
    write("zeek-in-disguise.evtx", log.as_bytes());
    write(
        "long.log",
        format!("{log}{}\n{}", "x".repeat(40 << 20), row("a.b.workers.dev")).as_bytes(),
    );
    write("bad-time.log", log.replace("1776074400.5", "yesterday").as_bytes());
    write("empty.log", b"");
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).expect("a link");

    let report = report(&[&folder.path().to_string_lossy()]);
    let faults = report["faults"].as_array().expect("faults");
    let codes = |name: &str| -> Vec<&str> {
        faults
            .iter()
            .filter(|fault| fault["source"].as_str().is_some_and(|source| source.ends_with(name)))
            .filter_map(|fault| fault["code"].as_str())
            .collect()
    };
    assert!(codes("cut.log.gz").contains(&"truncated-stream"), "{faults:#?}");
    assert_eq!(codes("half.log"), ["truncated-record"]);
    assert_eq!(codes("junk.evtx"), ["unknown-format"]);
    assert_eq!(codes("zeek-in-disguise.evtx"), Vec::<&str>::new());
    assert_eq!(codes("long.log"), ["record-too-long"]);
    assert_eq!(codes("bad-time.log"), ["invalid-timestamp"]);
    #[cfg(unix)]
    assert_eq!(codes("loop"), ["directory-loop"]);

    let rows = |name: &str| {
        let seen = report["seen"].as_array().expect("sources").iter();
        let mut named = seen
            .filter(|seen| seen["source"].as_str().is_some_and(|source| source.ends_with(name)));
        named.next().map_or(0, |seen| seen["tables"]["dns"].as_u64().unwrap_or(0))
    };
    assert!(rows("cut.log.gz") > 0);
    assert_eq!((rows("zeek-in-disguise.evtx"), rows("long.log")), (1, 2));
    let place = faults.iter().find(|fault| fault["code"] == "record-too-long").expect("the fault");
    assert_eq!(place["offset"].as_u64(), Some(log.len() as u64));
}

#[test]
fn every_detection_can_be_explained() {
    let list = coldtrail(&["detections", "list"]);
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    assert!(list.starts_with("DETECTION") && list.contains("process names"), "{list}");
    let rows = list.lines().skip(1);
    let ids: Vec<&str> = rows.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(ids.len() >= 4);
    for id in ids {
        let explained = coldtrail(&["detections", "explain", id]);
        let text = String::from_utf8_lossy(&explained.stdout).into_owned();
        assert!(text.contains("# Blind spots") && text.contains("# Needs"), "{text}");
    }
}

#[test]
fn the_catalogue_answers_for_hosts_and_urls() {
    let output = coldtrail(&[
        "catalogue",
        "identify",
        "--format",
        "jsonl",
        "https://script.google.com/macros/s/AKfycbx123456/exec?token=secret",
        "script.google.com",
        "workers.dev.example.com",
        "216.239.32.53",
    ]);
    let lines: Vec<Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines[0]["endpoint"]["tenant"], "AKfycbx123456");
    assert_eq!(lines[1]["endpoint"]["reach"], "shared-host");
    assert_eq!(lines[2]["answer"], "unknown");
    assert_eq!(lines[3]["endpoint"]["via"], "address");
    assert_eq!(output.status.code(), Some(1));

    let known = coldtrail(&["catalogue", "known"]);
    assert!(String::from_utf8_lossy(&known.stdout).contains("officeci-mauservice"));
}

fn zeek_dns(name: &str) -> String {
    format!(
        "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tdns\n\
         #fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tquery\tqtype_name\t\
         rcode_name\tanswers\tTTLs\n#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\t\
         string\tstring\tvector[string]\tvector[interval]\n{}",
        row(name)
    )
}

fn row(name: &str) -> String {
    format!(
        "1776074400.5\tCuid1\t10.20.0.9\t50000\t10.20.0.1\t53\tudp\t{name}\tA\tNOERROR\t\
         203.0.113.7\t60.0\n"
    )
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

#[test]
fn a_rhythm_is_explained_down_to_its_intervals() {
    let report = report(&["examples/"]);
    let finding = about(&report, "ws-07.corp.example", "powershell.exe");
    let signals = finding[0]["signals"].as_array().expect("signals");
    let beacon = signals.iter().find(|signal| signal["detection"] == "rhythm.beacon");
    let rhythm = &beacon.expect("a rhythm")["rhythm"];
    let sum = |list: &str, of: &str| -> f64 {
        rhythm[list].as_array().expect("a list").iter().filter_map(|one| one[of].as_f64()).sum()
    };
    let regularity = rhythm["regularity"].as_f64().expect("a number");
    assert!((sum("terms", "contribution") - regularity).abs() < 1e-9, "{rhythm:#}");
    assert_eq!(sum("intervals", "count") + 1.0, rhythm["polls"].as_f64().expect("a number"));
    assert!(signals.iter().filter(|signal| signal["rhythm"].is_object()).count() < signals.len());

    let id = finding[0]["id"].as_str().expect("an ID");
    let said = coldtrail(&["hunt", "examples/", "--now", "2026-04-14", "--explain", id]);
    let said = String::from_utf8_lossy(&said.stdout);
    assert!(said.starts_with("1 finding: 1 high"), "{said}");
    for part in ["  intervals  ", "█", "  terms      concentration", "chance reaches", "strength"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    let nobody = coldtrail(&["hunt", "examples/", "--explain", "ct-000000000000"]);
    assert_eq!(nobody.status.code(), Some(2));
    let path = coldtrail(&["hunt", "--explain", "examples/"]);
    assert_eq!(path.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&path.stderr).contains("paths come before --explain"));
}

#[test]
fn what_a_detection_lacks_is_told_with_what_to_add() {
    let report = report(&["examples/zeek/dns.log"]);
    let not_run = report["not_run"].as_array().expect("a list");
    let because = |detection: &str| {
        let told = not_run.iter().find(|one| one["detection"] == detection);
        told.map_or("it ran", |one| one["because"].as_str().expect("a reason"))
    };
    assert_eq!(
        because("volume.upload_heavy"),
        "no record of a serverless endpoint has bytes each way: add Zeek conn, firewall, VPC flow or \
         proxy logs"
    );
    assert!(because("rhythm.keep_alive").contains("add Zeek conn, Suricata flow"));
    assert!(because("endpoint.script_host").contains("add Sysmon"));
    assert_eq!(because("rhythm.beacon"), "it ran");
}
