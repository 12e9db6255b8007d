//! `coldtrail rules`, as a user would run it, over rules and logs that the tests write.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

/// A rule about commands, with an author and a licence.
const CURL: &str = "\
title: Command Names a Worker
id: 0b6f6e5e-6a55-4b0c-9f7e-1f1f3a4d5c01
status: test
description: A command names a worker.
author: Jane Doe
license: Example Licence 1.0
date: 2026-11-23
tags:
    - attack.command-and-control
    - attack.t1102
logsource:
    category: process_creation
    product: windows
detection:
    selection:
        Image|endswith: '\\curl.exe'
        CommandLine|contains|windash: ' -o '
        CommandLine|re: 'https?://[a-z0-9.-]+\\.workers\\.dev'
    filter:
        User|startswith: 'NT AUTHORITY'
    condition: selection and not filter
level: high
";

/// A rule about the names of connections.
const NAMED: &str = "\
title: Connection to a Worker
id: 0b6f6e5e-6a55-4b0c-9f7e-1f1f3a4d5c02
logsource:
    category: network_connection
    product: windows
detection:
    selection:
        DestinationHostname|endswith: '.workers.dev'
    condition: selection
level: medium
";

/// Three queries within an hour.
const OFTEN: &str = "\
title: Query for a Worker
name: worker_query
id: 0b6f6e5e-6a55-4b0c-9f7e-1f1f3a4d5c03
logsource:
    category: dns_query
    product: windows
detection:
    selection:
        QueryName|endswith: '.workers.dev'
    condition: selection
level: low
---
title: Many Queries for a Worker
id: 0b6f6e5e-6a55-4b0c-9f7e-1f1f3a4d5c04
correlation:
    type: event_count
    rules:
        - worker_query
    group-by:
        - Computer
        - QueryName
    timespan: 1h
    condition:
        gte: 3
level: high
";

fn sysmon(id: u32, second: u32, data: Value) -> Value {
    json!({ "Event": {
        "System": {
            "Provider": { "#attributes": { "Name": "Microsoft-Windows-Sysmon" } },
            "EventID": id,
            "Channel": "Microsoft-Windows-Sysmon/Operational",
            "Computer": "ws-01",
            "TimeCreated": { "#attributes": { "SystemTime": format!("2026-04-13T09:00:{second:02}.000000Z") } },
        },
        "EventData": data,
    }})
}

fn command(second: u32, command_line: &str, user: &str) -> Value {
    let image = r"C:\Windows\System32\curl.exe";
    sysmon(1, second, json!({ "Image": image, "CommandLine": command_line, "User": user }))
}

fn events() -> Vec<Value> {
    let query = |second| {
        let (name, results) = ("c2.example-tenant.workers.dev", "::ffff:192.0.2.7;");
        sysmon(
            22,
            second,
            json!({ "ProcessGuid": "{1}", "QueryName": name, "QueryResults": results }),
        )
    };
    let connection = |second, guid: &str| {
        let (ip, name) = ("192.0.2.7", "edge.example.net");
        let data = json!({ "ProcessGuid": guid, "DestinationIp": ip, "DestinationHostname": name });
        sysmon(3, second, data)
    };
    vec![
        // The slash stands for the dash of the rule.
        command(1, "curl https://a.workers.dev/x /o =cmd", "WS\\jane"),
        command(2, "curl https://a.workers.dev/x -o y", "NT AUTHORITY\\SYSTEM"),
        command(3, "curl https://workers.dev.example/x -o y", "WS\\jane"),
        // The last of three queries comes first in the file.
        query(12),
        // A connection before its name, in the file but not in time, and one of another process.
        connection(13, "{1}"),
        connection(13, "{2}"),
        query(10),
        query(11),
    ]
}

struct Scene(tempfile::TempDir);

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let scene = Self(folder);
        fs::create_dir(scene.path().join("rules")).expect("a folder");
        for (name, rule) in [("curl.yml", CURL), ("named.yml", NAMED), ("often.yml", OFTEN)] {
            scene.write(&format!("rules/{name}"), rule);
        }
        let lines: Vec<String> = events().iter().map(Value::to_string).collect();
        scene.write("events.json", &(lines.join("\n") + "\n"));
        scene
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).expect("a file");
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_coldtrail"))
            .args(arguments)
            .current_dir(self.path())
            .output()
            .expect("it runs")
    }

    fn lines(&self, arguments: &[&str]) -> Vec<Value> {
        let output = self.run(arguments);
        let text = text(&output);
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const RUN: [&str; 6] = ["rules", "run", "rules", "events.json", "--format", "jsonl"];

#[test]
fn rules_match_commands_named_connections_and_what_happens_often() {
    let scene = Scene::new();
    let matches = scene.lines(&RUN);
    let told: Vec<(&str, &str)> = matches
        .iter()
        .map(|one| {
            (one["title"].as_str().expect("a title"), one["timestamp"].as_str().expect("a time"))
        })
        .collect();
    assert_eq!(
        told,
        [
            ("Command Names a Worker", "2026-04-13T09:00:01Z"),
            ("Many Queries for a Worker", "2026-04-13T09:00:12Z"),
            ("Connection to a Worker", "2026-04-13T09:00:13Z"),
        ]
    );
    assert_eq!(matches[0]["author"], "Jane Doe");
    assert_eq!(matches[0]["license"], "Example Licence 1.0");
    assert_eq!(matches[1]["events"], 3);
    assert_eq!(scene.run(&RUN).status.code(), Some(1));
}

#[test]
fn the_report_has_findings_with_records_and_the_summary() {
    let scene = Scene::new();
    let output = scene.run(&["rules", "run", "rules", "events.json", "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let rules = &report["rules"];
    assert_eq!(
        (&rules["loaded"], &rules["fed"], &rules["events"]),
        (&4.into(), &3.into(), &8.into())
    );
    let findings = report["findings"].as_array().expect("findings");
    let worker = findings.iter().find(|finding| finding["actor"]["process"] == "curl.exe");
    let worker = worker.expect("the command");
    assert_eq!(worker["severity"], "high");
    let signal = &worker["signals"][0];
    assert_eq!(signal["rule"]["license"], "Example Licence 1.0");
    assert_eq!(signal["records"][0]["offset"], 0);
    assert!(signal["records"][0]["sha256"].is_string(), "{signal}");
    // The name that the process was told makes it a finding about the tenant.
    let tenant = findings.iter().any(|finding| {
        finding["endpoint"]["tenant"] == "c2.example-tenant"
            && finding["signals"].to_string().contains("rule:0b6f6e5e-6a55-4b0c-9f7e-1f1f3a4d5c02")
    });
    assert!(tenant, "{findings:?}");
}

#[test]
fn threads_and_order_make_no_difference() {
    let scene = Scene::new();
    let mut shuffled = events();
    shuffled.reverse();
    let lines: Vec<String> = shuffled.iter().map(Value::to_string).collect();
    scene.write("events.json", &(lines.join("\n") + "\n"));
    let without_places = |mut lines: Vec<Value>| {
        for line in &mut lines {
            let line = line.as_object_mut().expect("an object");
            line.remove("offset");
            line.remove("length");
        }
        lines
    };
    let reversed = scene.lines(&RUN);
    let many = scene.lines(&[&RUN[..], &["--threads", "5"]].concat());
    assert_eq!(reversed, many);
    assert_eq!(without_places(reversed), without_places(Scene::new().lines(&RUN)));
}

#[test]
fn rules_are_chosen_by_level_tag_status_and_list() {
    let scene = Scene::new();
    scene.write("noisy.txt", "# too much here\n0b6f6e5e-6a55-4b0c-9f7e-1f1f3a4d5c01 # commands\n");
    for (options, expected) in [
        (&["--min-level", "high"][..], 2),
        (&["--exact-level", "medium"], 1),
        (&["--tag", "attack.t1102"], 1),
        (&["--exclude-tag", "attack.t1102"], 2),
        (&["--status", "test"], 1),
        (&["--exclude-status", "test"], 2),
        (&["--category", "process_creation"], 1),
        (&["--exclude-category", "network_connection"], 2),
        (&["--id", "0b6f6e5e-6a55-4b0c-9f7e-1f1f3a4d5c02"], 1),
        (&["--exclude-rules", "noisy.txt"], 2),
        (&["--noisy-rules", "noisy.txt"], 2),
        (&["--noisy-rules", "noisy.txt", "--with-noisy"], 3),
        (&["--since", "2026-04-13T09:00:12Z", "--until", "2026-04-13T09:00:13Z"], 0),
    ] {
        let matches = scene.lines(&[&RUN[..], options].concat());
        assert_eq!(matches.len(), expected, "{options:?}: {matches:?}");
    }
}

#[test]
fn a_table_holds_no_formula_and_a_page_no_markup() {
    let scene = Scene::new();
    let mut hostile =
        command(1, "=curl https://a.workers.dev/x -o <script>alert(1)</script>", "WS\\jane");
    hostile["Event"]["System"]["Computer"] = "=HYPERLINK(\"x\")<img src=x>".into();
    scene.write("events.json", &(hostile.to_string() + "\n"));
    let run = |format: &str| {
        text(&scene.run(&["rules", "run", "rules/curl.yml", "events.json", "--format", format]))
    };
    let table = run("csv");
    assert_eq!(table.lines().count(), 2, "{table}");
    assert!(table.contains("'=hyperlink"), "{table}");
    let page = run("html");
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script"), "{page}");
    assert!(!page.contains("<img"), "{page}");
    let layer: Value = serde_json::from_str(&run("navigator")).expect("JSON");
    assert_eq!(layer["techniques"][0]["techniqueID"], "T1102");
    let log: Value = serde_json::from_str(&run("sarif")).expect("JSON");
    assert_eq!(log["runs"][0]["results"][0]["ruleId"], "0b6f6e5e-6a55-4b0c-9f7e-1f1f3a4d5c01");
    let summary = run("text");
    assert!(
        summary.contains("Command Names a Worker") && summary.contains("Jane Doe"),
        "{summary}"
    );
}

#[test]
fn a_store_feeds_rules_with_rows() {
    let scene = Scene::new();
    let ingested = scene.run(&["ingest", "events.json", "--store", "store"]);
    assert!(ingested.status.success(), "{}", told(&ingested));
    let matches = scene.lines(&["rules", "run", "rules", "--store", "store", "--format", "jsonl"]);
    let titles: Vec<&str> = matches.iter().filter_map(|one| one["title"].as_str()).collect();
    assert!(titles.contains(&"Command Names a Worker"), "{matches:?}");
    assert!(titles.contains(&"Many Queries for a Worker"), "{matches:?}");
}

#[test]
fn a_hunt_takes_sigma_rules_beside_its_own_detections() {
    let scene = Scene::new();
    let output = scene.run(&[
        "hunt",
        "events.json",
        "--rules",
        "rules",
        "--rules",
        "builtin",
        "--format",
        "json",
    ]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let signals = report["findings"].as_array().expect("findings").iter().flat_map(|finding| {
        finding["signals"].as_array().expect("signals").iter().map(|it| it["detection"].clone())
    });
    let signals: Vec<Value> = signals.collect();
    assert!(signals.contains(&"rule:0b6f6e5e-6a55-4b0c-9f7e-1f1f3a4d5c01".into()), "{signals:?}");
    assert!(
        signals.iter().any(|it| !it.as_str().unwrap_or_default().starts_with("rule:")),
        "{signals:?}"
    );
    assert!(report["rules"]["loaded"].as_u64() > Some(4), "{}", report["rules"]["loaded"]);
}

#[test]
fn broken_rules_harm_no_other() {
    let scene = Scene::new();
    scene.write("rules/no.yml", "title: [\ndetection: x\n");
    scene.write("rules/deep.yml", &CURL.replace("selection and not filter", &"(".repeat(100_000)));
    scene.write("rules/again.yml", &CURL.replace("Names", "Has the Name of"));
    scene.write(
        "rules/slow.yml",
        &CURL
            .replace("1f1f3a4d5c01", "1f1f3a4d5c09")
            .replace("https?://", "((a{1000}){1000}){1000}"),
    );
    let cycle = |this: &str, other: &str| {
        format!(
            "title: {this}\nname: {this}\nid: {this}\ncorrelation:\n    type: event_count\n    rules:\n        - {other}\n    group-by:\n        - a\n    timespan: 1h\n    condition:\n        gte: 1\n"
        )
    };
    scene.write("rules/cycle.yml", &format!("{}---\n{}", cycle("one", "two"), cycle("two", "one")));
    scene.write("rules/lonely.yml", &cycle("lonely", "nobody"));
    let output = scene.run(&RUN);
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    assert!(text(&output).lines().count() >= 3, "{}", text(&output));
    let told = told(&output);
    for file in ["no.yml", "deep.yml", "again.yml", "slow.yml", "cycle.yml", "lonely.yml"] {
        assert!(told.contains(file), "{file}: {told}");
    }
}

#[test]
fn nothing_to_run_and_nothing_to_overwrite_are_refused() {
    let scene = Scene::new();
    let none = scene.run(&[&RUN[..], &["--id", "nope"]].concat());
    assert_eq!(none.status.code(), Some(2), "{}", told(&none));
    let before = fs::read(scene.path().join("events.json")).expect("the log");
    for output in ["events.json", "rules"] {
        let refused = scene.run(&[&RUN[..], &["--output", output]].concat());
        assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
    }
    assert_eq!(fs::read(scene.path().join("events.json")).expect("the log"), before);
    let many = scene.run(&[&RUN[..], &["--threads", "20000"]].concat());
    assert_eq!(many.status.code(), Some(1), "{}", told(&many));
    scene.write(
        "chain.yml",
        &CURL.replace("|re:", "|utf16le|base64offset|base64offset|base64offset|contains:"),
    );
    let bounded = scene.run(&["rules", "lint", "chain.yml"]);
    assert_eq!(bounded.status.code(), Some(1), "{}", told(&bounded));
}

#[test]
fn an_event_with_absurdly_many_fields_is_survived_and_told() {
    let scene = Scene::new();
    let mut many = command(1, "curl https://a.workers.dev/x -o y", "WS\\jane");
    let data = many["Event"]["EventData"].as_object_mut().expect("an object");
    for number in 0..20_000 {
        data.insert(format!("z{number}"), "x".into());
    }
    let quiet = command(2, "curl https://a.workers.dev/x -o y", "WS\\joe");
    scene.write("events.json", &format!("{many}\n{quiet}\n"));
    let output = scene.run(&["rules", "run", "rules", "events.json", "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["rules"]["rules"][0]["matches"], 2);
    assert_eq!(report["faults"][0]["code"], "too-many-fields");
}

#[test]
fn lint_says_where_what_and_why() {
    let scene = Scene::new();
    let detection = CURL.find("detection:").expect("a detection");
    let all =
        "detection:\n    selection:\n        Image: '*'\n    condition: selection\nlevel: high\n";
    scene.write("rules/all.yml", &format!("{}{all}", &CURL[..detection]));
    let output = scene.run(&["rules", "lint", "rules/all.yml"]);
    assert_eq!(output.status.code(), Some(1));
    let shown = text(&output);
    assert!(
        shown.contains("rules/all.yml:16:9") && shown.contains("[matches-everything]"),
        "{shown}"
    );
    let found = scene.lines(&["rules", "lint", "rules/all.yml", "--format", "jsonl"]);
    assert!(found.iter().any(|it| it["line"] == 16 && it["weight"] == "error"), "{found:?}");
    let clean = scene.run(&["rules", "lint", "rules/curl.yml"]);
    assert_eq!(clean.status.code(), Some(0), "{}", text(&clean));
    let lacking = scene.run(&["rules", "lint", "rules/curl.yml", "--logs", "empty.json"]);
    assert_eq!(lacking.status.code(), Some(2), "logs that are not there are no logs");
}

#[test]
fn list_says_which_rules_the_logs_feed() {
    let scene = Scene::new();
    scene.write(
        "rules/cloud.yml",
        &CURL
            .replace(
                "category: process_creation\n    product: windows",
                "product: aws\n    service: cloudtrail",
            )
            .replace("5c01", "5c08"),
    );
    let listed = scene.lines(&["rules", "list", "rules", "events.json", "--format", "jsonl"]);
    let fed = |file: &str| {
        let rule =
            listed.iter().find(|it| it["file"].as_str().is_some_and(|it| it.ends_with(file)));
        rule.expect("the rule")["is_fed"].clone()
    };
    assert_eq!((fed("curl.yml"), fed("cloud.yml")), (true.into(), false.into()));
    let shown = text(&scene.run(&["rules", "list", "rules", "events.json", "--unfed"]));
    assert!(shown.contains("aws/cloudtrail") && shown.contains("3 of 4 rules are fed"), "{shown}");
}

#[test]
fn explain_says_why_and_why_not() {
    let scene = Scene::new();
    let matching = scene.run(&["rules", "explain", "rules/curl.yml", "events.json@0"]);
    assert_eq!(matching.status.code(), Some(1), "{}", told(&matching));
    assert!(text(&matching).contains("matches"), "{}", text(&matching));
    let event = r#"{"Image": "C:\\Windows\\curl.exe", "CommandLine": "curl -V"}"#;
    let other = scene.run(&["rules", "explain", "rules/curl.yml", event]);
    assert_eq!(other.status.code(), Some(0), "{}", told(&other));
    let shown = text(&other);
    assert!(shown.contains("does not match") && shown.contains("curl -V"), "{shown}");
    let elsewhere =
        scene.run(&["rules", "explain", "rules/curl.yml", "events.json", "--first", "4"]);
    assert!(text(&elsewhere).contains("never shown this event"), "{}", text(&elsewhere));
}

#[test]
fn the_published_rule_runs_as_it_stands_matches_all_and_is_flagged() {
    let seed = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/seeds/001_3bf9b8c5726da55d.txt");
    if !seed.exists() {
        println!("skipped: there is no {}", seed.display());
        return;
    }
    let seed = seed.to_str().expect("a path");
    let scene = Scene::new();
    let matches = scene.lines(&["rules", "run", seed, "events.json", "--format", "jsonl"]);
    assert_eq!(matches.len(), 2, "both connections have an EventID");
    let lints = scene.lines(&["rules", "lint", seed, "--format", "jsonl"]);
    let at = |line: u64, code: &str| {
        lints.iter().any(|lint| lint["line"] == line && lint["code"] == code)
    };
    assert!(at(2, "invalid-id") && at(9, "old-date") && at(19, "matches-everything"), "{lints:?}");
    assert!(lints.iter().any(|lint| lint["help"].as_str().unwrap_or_default().contains("builtin")));
}
