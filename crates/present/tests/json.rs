//! The contract `coldtrail.report/1`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod example;

use std::path::Path;

use coldtrail_model::Report;
use coldtrail_present::{Format, TextOptions, json, schema, write};
use serde_json::Value;

/// Every key that the contract promises, as a path; `*` stands for each entry of a list.
const CONTRACT: &[&str] = &[
    "schema",
    "generated",
    "window.since",
    "window.until",
    "findings.*.id",
    "findings.*.title",
    "findings.*.score",
    "findings.*.severity",
    "findings.*.confidence",
    "findings.*.endpoint.host",
    "findings.*.endpoint.provider",
    "findings.*.endpoint.platform",
    "findings.*.endpoint.kind",
    "findings.*.endpoint.tenant",
    "findings.*.endpoint.group",
    "findings.*.endpoint.function",
    "findings.*.endpoint.reach",
    "findings.*.endpoint.via",
    "findings.*.endpoint.related_hosts",
    "findings.*.actor.host",
    "findings.*.actor.ip",
    "findings.*.actor.user",
    "findings.*.actor.process",
    "findings.*.actor.parent_process",
    "findings.*.first_seen",
    "findings.*.last_seen",
    "findings.*.events",
    "findings.*.scores.rhythm",
    "findings.*.scores.context",
    "findings.*.contributions.*.name",
    "findings.*.contributions.*.points",
    "findings.*.contributions.*.because",
    "findings.*.signals.*.detection",
    "findings.*.signals.*.attack",
    "findings.*.signals.*.strength",
    "findings.*.signals.*.summary",
    "findings.*.signals.*.records.*.source",
    "findings.*.signals.*.records.*.offset",
    "findings.*.signals.*.records.*.length",
    "findings.*.signals.*.records.*.sha256",
    "findings.*.questions.*.id",
    "findings.*.questions.*.question",
    "findings.*.questions.*.answer",
    "findings.*.questions.*.because",
    "findings.*.questions.*.records.*.source",
    "findings.*.escalation.decision",
    "findings.*.escalation.because",
    "findings.*.actions.*.action",
    "findings.*.actions.*.collateral",
    "seen.*.source",
    "seen.*.format",
    "seen.*.tables",
    "seen.*.first",
    "seen.*.last",
    "seen.*.records",
    "seen.*.anomalies",
    "not_run.*.detection",
    "not_run.*.because",
    "faults.*.source",
    "faults.*.code",
    "faults.*.offset",
    "faults.*.count",
    "faults.*.message",
    "faults.*.help",
];

#[test]
fn a_report_with_its_keys_in_order() {
    let report = Report { seen: Vec::new(), faults: Vec::new(), ..example::report() };
    insta::assert_snapshot!(written(&report));
}

#[test]
fn every_key_of_the_contract_is_there() {
    let report = parsed(&example::report());
    for path in CONTRACT {
        let parts: Vec<&str> = path.split('.').collect();
        let (present, missing) = places(&report, &parts);
        assert!(present > 0 && missing == 0, "{path} is missing");
    }
}

#[test]
fn values_are_spelled_as_the_contract_says() {
    let report = parsed(&example::report());
    for (pointer, expected) in [
        ("/schema", "coldtrail.report/1"),
        ("/window/since", "2026-04-13T08:00:00Z"),
        ("/findings/0/severity", "high"),
        ("/findings/0/confidence", "high"),
        ("/findings/0/endpoint/platform", "Workers"),
        ("/findings/0/endpoint/kind", "edge-worker"),
        ("/findings/0/endpoint/reach", "tenant"),
        ("/findings/0/endpoint/via", "host"),
        ("/findings/0/questions/1/answer", "not answerable"),
        ("/findings/0/escalation/decision", "escalate"),
    ] {
        assert_eq!(report.pointer(pointer).and_then(Value::as_str), Some(expected), "{pointer}");
    }
    assert_eq!(report.pointer("/window/until"), Some(&Value::Null));
    assert_eq!(report.pointer("/findings/2/scores/rhythm"), Some(&Value::Null));
}

#[test]
fn reports_are_valid_by_the_schema_and_others_are_not() {
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for report in [example::report(), example::empty()] {
        let report = parsed(&report);
        let errors: Vec<_> =
            validator.iter_errors(&report).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0]);
    }
    for (pointer, wrong) in [
        ("/schema", Value::from("coldtrail.report/2")),
        ("/findings/0/score", Value::from(101)),
        ("/findings/0/severity", Value::from("grave")),
        ("/findings/0/endpoint/kind", Value::Null),
        ("/generated", Value::from(0)),
    ] {
        let mut report = parsed(&example::report());
        *report.pointer_mut(pointer).unwrap() = wrong;
        assert!(!validator.is_valid(&report), "{pointer}");
    }
    let mut report = parsed(&example::report());
    report.pointer_mut("/window").unwrap().as_object_mut().unwrap().remove("until");
    assert!(!validator.is_valid(&report), "an open end is null, not absent");
}

#[test]
fn the_committed_schema_is_the_generated_one() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/coldtrail.report-1.schema.json");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == schema(),
        "{} is not what the model says: run `cargo xtask gen`",
        path.display()
    );
}

#[test]
fn secrets_are_blanked_and_nothing_hides() {
    let text = written(&example::report());
    assert!(text.contains("/a?token=REDACTED and") && text.contains("/api/x?code=REDACTED\\r\\n"));
    assert!(text.contains("invoice\\u202efdp.exe") && text.contains("dns\\u0007.log"));
    assert!(!text.contains(|hidden: char| hidden.is_control() && hidden != '\n'), "{text}");
    let report = parsed(&example::report());
    let process = report.pointer("/findings/2/actor/process").and_then(Value::as_str);
    assert_eq!(process, Some("invoice\u{202e}fdp.exe"), "a program reads the name as it was");
}

#[test]
fn the_format_decides() {
    let mut text = Vec::new();
    write(&example::empty(), Format::Json, &TextOptions::default(), &mut text).unwrap();
    assert_eq!(String::from_utf8(text).unwrap(), written(&example::empty()));
}

#[test]
fn a_writer_that_fails_is_an_error() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    for format in [Format::Json, Format::Text] {
        let error =
            write(&example::report(), format, &TextOptions::default(), &mut Closed).unwrap_err();
        let source = std::error::Error::source(&error).unwrap();
        let kind = source.downcast_ref::<std::io::Error>().unwrap().kind();
        assert_eq!(kind, std::io::ErrorKind::BrokenPipe, "{format:?}");
    }
}

fn written(report: &Report) -> String {
    let mut text = Vec::new();
    json(report, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.ends_with("}\n"));
    text
}

fn parsed(report: &Report) -> Value {
    serde_json::from_str(&written(report)).unwrap()
}

/// At how many places a path leads to a value, and at how many it does not.
fn places(value: &Value, path: &[&str]) -> (usize, usize) {
    match path {
        [] => (1, 0),
        ["*", rest @ ..] => {
            let entries = value.as_array().unwrap().iter().map(|entry| places(entry, rest));
            entries.fold((0, 0), |sum, entry| (sum.0 + entry.0, sum.1 + entry.1))
        }
        [key, rest @ ..] => value.get(key).map_or((0, 1), |value| places(value, rest)),
    }
}
