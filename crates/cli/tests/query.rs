//! `coldtrail query` and `coldtrail rules run`, as a user would run them, over logs that the tests write.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Connections as Defender exports them: one program calls a worker, a browser does, and one calls elsewhere.
const EXPORT: &str = "\
Timestamp,DeviceName,ActionType,RemoteUrl,RemoteIP,RemotePort,InitiatingProcessFileName,InitiatingProcessCommandLine,InitiatingProcessAccountName
2026-04-13T09:00:00.1234567Z,ws-01,ConnectionSuccess,https://c2.example-tenant.workers.dev,192.0.2.7,443,powershell.exe,\"powershell -c \"\"iwr\"\"\",jane
2026-04-13T09:01:00Z,ws-02,ConnectionSuccess,https://c2.example-tenant.workers.dev,192.0.2.7,443,chrome.exe,chrome.exe,joe
2026-04-13T09:02:00Z,ws-01,ConnectionSuccess,https://www.example.com,192.0.2.8,443,powershell.exe,\"powershell\nsecond line\",jane
2026-04-11T09:02:00Z,ws-01,ConnectionSuccess,https://old.example-tenant.workers.dev,192.0.2.7,443,powershell.exe,powershell,jane
";

/// The same story as Zeek and Sysmon see it.
const ZEEK: &str = "\
{\"_path\":\"dns\",\"ts\":1776070800.0,\"uid\":\"C1\",\"id.orig_h\":\"10.0.0.5\",\"id.orig_p\":5353,\"id.resp_h\":\"10.0.0.1\",\"id.resp_p\":53,\"query\":\"c2.example-tenant.workers.dev\",\"qtype_name\":\"A\",\"answers\":[\"192.0.2.7\"]}
";

const SEED: &str = "\
let ServerlessDomains = dynamic([\"workers.dev\", \"lambda-url\"]);
let BrowserProcesses = dynamic([\"chrome.exe\"]);
DeviceNetworkEvents
| where Timestamp > ago(24h)
| where RemoteUrl has_any (ServerlessDomains)
| where InitiatingProcessFileName !in~ (BrowserProcesses)
| extend Platform = case(RemoteUrl has \"workers.dev\", \"Cloudflare Workers\", \"Other\")
| project Timestamp, DeviceName, AccountName, InitiatingProcessFileName, RemoteUrl, RemotePort, Platform
| sort by Timestamp desc";

const NOW: [&str; 2] = ["--now", "2026-04-13T12:00:00Z"];

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coldtrail"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("it runs")
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("export.csv"), EXPORT).expect("a file");
    fs::write(folder.path().join("zeek.json"), ZEEK).expect("a file");
    fs::write(folder.path().join("seed.kql"), SEED).expect("a file");
    folder
}

#[test]
fn a_hunting_query_runs_over_exports_as_it_is() {
    let folder = folder();
    let output = run(
        folder.path(),
        &["query", "--file", "seed.kql", "export.csv", NOW[0], NOW[1], "--format", "jsonl"],
    );
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    let rows = lines(&output);
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["Timestamp"], "2026-04-13T09:00:00.1234567Z");
    assert_eq!(rows[0]["InitiatingProcessFileName"], "powershell.exe");
    assert_eq!(
        (&rows[0]["RemotePort"], &rows[0]["Platform"]),
        (&Value::from(443), &Value::from("Cloudflare Workers"))
    );
    assert_eq!(rows[0]["AccountName"], "");
    assert!(told(&output).contains("InitiatingProcessAccountName"), "{}", told(&output));
}

#[test]
fn what_a_table_lacks_is_an_error_for_the_strict() {
    let folder = folder();
    let output = run(
        folder.path(),
        &["query", "--file", "seed.kql", "export.csv", NOW[0], NOW[1], "--strict"],
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(
        told(&output).contains("did you mean `InitiatingProcessAccountName`?"),
        "{}",
        told(&output)
    );
}

#[test]
fn the_same_query_runs_over_other_logs() {
    let folder = folder();
    let output = run(
        folder.path(),
        &["query", "--file", "seed.kql", "zeek.json", NOW[0], NOW[1], "--format", "jsonl"],
    );
    let rows = lines(&output);
    assert_eq!(rows.len(), 1, "{}", told(&output));
    assert_eq!(rows[0]["RemoteUrl"], "c2.example-tenant.workers.dev");
}

#[test]
fn a_store_answers_as_its_logs_do() {
    let folder = folder();
    let ingested = run(folder.path(), &["ingest", "export.csv", "zeek.json", "--store", "store"]);
    assert!(ingested.status.success(), "{}", told(&ingested));
    let output = run(
        folder.path(),
        &["query", "--file", "seed.kql", "--store", "store", NOW[0], NOW[1], "--format", "jsonl"],
    );
    let hosts: Vec<Value> =
        lines(&output).into_iter().map(|row| row["InitiatingProcessFileName"].clone()).collect();
    assert_eq!(hosts.len(), 2, "{}", told(&output));
    assert!(hosts.contains(&Value::from("powershell.exe")), "{hosts:?}");

    let counted = |query: &str| {
        let output =
            run(folder.path(), &["query", "--sql", query, "--store", "store", "--format", "jsonl"]);
        lines(&output).first().map(|row| row["n"].clone())
    };
    assert_eq!(counted("select count(*) as n from dns"), Some(1.into()));
    assert_eq!(counted("select count(*) as n from script"), Some(0.into()), "a table without rows");
}

#[test]
fn sql_reads_the_event_tables_and_does_nothing_else() {
    let folder = folder();
    let query =
        "select destination_domain, count(*) as n from flow group by 1 order by 2 desc, 1 limit 1";
    let output = run(folder.path(), &["query", "--sql", query, "export.csv", "--format", "csv"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(
        text,
        "destination_domain,n\nc2.example-tenant.workers.dev,2\n",
        "{}",
        told(&output)
    );
    let refused =
        run(folder.path(), &["query", "--sql", "create table x as select 1", "export.csv"]);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn a_mistake_is_told_with_its_place_and_a_remedy() {
    let folder = folder();
    let query = "DeviceNetworkEvents\n| project RemoteUrl\n| where Remoteurl has 'x'";
    let output = run(folder.path(), &["query", query, "export.csv"]);
    assert_eq!(output.status.code(), Some(2));
    let told = told(&output);
    assert!(told.contains("query:3:9") && told.contains("did you mean `RemoteUrl`?"), "{told}");
    let output = run(folder.path(), &["query", "T | make-graph a --> b", "export.csv"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn answers_are_files_too() {
    let folder = folder();
    for (format, name) in [("csv", "a.csv"), ("parquet", "a.parquet"), ("jsonl", "a.jsonl")] {
        let output = run(
            folder.path(),
            &[
                "query",
                "DeviceNetworkEvents | project Timestamp, RemoteUrl",
                "export.csv",
                "--format",
                format,
                "--output",
                name,
            ],
        );
        assert_eq!(output.status.code(), Some(1), "{}", told(&output));
        assert!(fs::metadata(folder.path().join(name)).expect("a file").len() > 100, "{name}");
    }
    let text = fs::read_to_string(folder.path().join("a.csv")).expect("text");
    assert!(text.starts_with("Timestamp,RemoteUrl\n") && text.lines().count() == 5, "{text}");
}

#[test]
fn hostile_queries_end() {
    let folder = folder();
    let deep = format!("print {}1{}", "(".repeat(100_000), ")".repeat(100_000));
    fs::write(folder.path().join("deep.kql"), deep).expect("a file");
    let long = format!("print strlen(\"{}\")", "x".repeat(10 << 20));
    fs::write(folder.path().join("long.kql"), long).expect("a file");
    let crossed = "let T = range x from 1 to 100000 step 1 | extend k = 1; T | join kind=inner (T) on k | join kind=inner (T) on k | summarize count()";
    fs::write(folder.path().join("crossed.kql"), crossed).expect("a file");
    let deep = run(folder.path(), &["query", "--file", "deep.kql"]);
    assert_eq!(deep.status.code(), Some(2), "{}", told(&deep));
    assert!(told(&deep).contains("64 brackets"), "{}", told(&deep));
    let long = run(folder.path(), &["query", "--file", "long.kql", "--format", "csv"]);
    assert_eq!(String::from_utf8_lossy(&long.stdout), "print_0\n10485760\n", "{}", told(&long));
    let crossed = run(folder.path(), &["query", "--file", "crossed.kql", "--timeout", "3"]);
    assert_eq!(crossed.status.code(), Some(2), "{}", told(&crossed));
    let slow = "datatable(s:string)['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'] | where s matches regex '^(a+)+$' | count";
    let slow = run(folder.path(), &["query", slow, "--format", "csv"]);
    assert_eq!(String::from_utf8_lossy(&slow.stdout), "Count\n0\n", "{}", told(&slow));
}

#[test]
fn rules_of_sentinel_become_findings() {
    let folder = folder();
    let rule = "id: 00000000-0000-4000-8000-000000000001\nname: Scripts that call workers\nseverity: High\n\
                tactics: [CommandAndControl]\nrelevantTechniques: [T1583.007]\nquery: |\n  DeviceNetworkEvents\n  \
                | where RemoteUrl has 'workers.dev' and InitiatingProcessFileName =~ 'powershell.exe'\n  \
                | where Timestamp > ago(1d)\nentityMappings:\n  - entityType: Host\n    fieldMappings:\n      \
                - identifier: HostName\n        columnName: DeviceName\n";
    fs::create_dir(folder.path().join("rules")).expect("a folder");
    fs::write(folder.path().join("rules/workers.yaml"), rule).expect("a file");
    fs::write(folder.path().join("rules/broken.kql"), "DeviceNetworkEvents | wher x")
        .expect("a file");
    let output = run(
        folder.path(),
        &["rules", "run", "rules", "export.csv", NOW[0], NOW[1], "--format", "json"],
    );
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let finding = &report["findings"][0];
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(1), "{report}");
    assert_eq!(
        (&finding["severity"], &finding["actor"]["host"]),
        (&Value::from("high"), &Value::from("ws-01"))
    );
    assert_eq!(finding["endpoint"]["provider"], "Cloudflare");
    assert_eq!(finding["signals"][0]["rule"]["name"], "Scripts that call workers");
    assert_eq!(finding["signals"][0]["attack"][0], "T1583.007");
    let not_run = report["not_run"].to_string();
    assert!(not_run.contains("rule:broken") && not_run.contains("line 1"), "{not_run}");
    let hunted = run(
        folder.path(),
        &["hunt", "export.csv", "--rules", "rules", NOW[0], NOW[1], "--format", "json"],
    );
    let report: Value = serde_json::from_slice(&hunted.stdout).expect("JSON");
    let with_ours = report["findings"].as_array().expect("findings").iter().find(|finding| {
        let signals = finding["signals"].as_array().expect("signals");
        signals.iter().any(|signal| signal["rule"].is_object())
            && signals.iter().any(|signal| signal["rule"].is_null())
    });
    assert!(with_ours.is_some(), "{report}");
}

#[test]
fn the_tables_describe_themselves() {
    let folder = folder();
    let tables = run(folder.path(), &["query", "--schema"]);
    let text = String::from_utf8_lossy(&tables.stdout).into_owned();
    assert!(
        ["flow", "DeviceNetworkEvents", "CommonSecurityLog", "_Im_Dns"]
            .iter()
            .all(|name| text.contains(name)),
        "{text}"
    );
    let table = run(folder.path(), &["query", "--schema", "DeviceNetworkEvents"]);
    let text = String::from_utf8_lossy(&table.stdout).into_owned();
    assert!(text.contains("InitiatingProcessFileName") && text.contains("datetime"), "{text}");
    let plan =
        run(folder.path(), &["query", "--explain", "DeviceNetworkEvents | count", "export.csv"]);
    assert!(String::from_utf8_lossy(&plan.stdout).contains("Exec"), "{}", told(&plan));
}
