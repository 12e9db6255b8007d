//! Shortcuts spare work and change nothing: with and without the prefilter, on one thread and on
//! many, a hunt finds the same and counts the same.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says when it is skipped"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use coldtrail_range::corpus::{Corpus, Form};
use serde_json::Value;

fn hunt(folder: &Path, options: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_coldtrail"))
        .args(["hunt", "--format", "json", "--now", "2026-05-01"])
        .args(options)
        .arg(folder)
        .output()
        .expect("the binary runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"))
}

/// The report without what a shortcut may leave out: anomalies in values that nobody asked for.
fn comparable(mut report: Value) -> Value {
    for seen in report["seen"].as_array_mut().expect("a list") {
        seen["anomalies"].as_object_mut().expect("an object").remove("invalid-value");
    }
    let faults = report["faults"].as_array_mut().expect("a list");
    faults.retain(|fault| fault["code"] != "invalid-value");
    report
}

fn assert_same(folder: &Path, options: &[&str]) -> Value {
    let quick = hunt(folder, options);
    let slow = hunt(folder, &[options, &["--no-prefilter"]].concat());
    assert_eq!(comparable(quick.clone()), comparable(slow), "{}", folder.display());
    let alone = hunt(folder, &[options, &["--threads", "1"]].concat());
    assert_eq!(quick, alone, "{}", folder.display());
    quick
}

fn corpus(form: Form) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let corpus = Corpus { size: 6 << 20, seed: 7, form, serverless: 0.02 };
    corpus.write(folder.path()).expect("a corpus");
    folder
}

#[test]
fn over_generated_logs() {
    for form in [Form::ZeekTabSeparated, Form::ZeekJson] {
        let folder = corpus(form);
        let report = assert_same(folder.path(), &[]);
        let findings = report["findings"].as_array().expect("a list");
        assert!(findings.len() > 5, "{} findings", findings.len());
        let with_bytes = findings.iter().any(|finding| finding["events"].as_u64() > Some(20));
        assert!(with_bytes, "a beacon is among them");
        assert_same(
            folder.path(),
            &["--since", "2026-04-13T09:30:00Z", "--until", "2026-04-13T12:00:00Z"],
        );
    }
}

#[test]
fn over_the_examples() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    assert_same(&examples, &[]);
}

#[test]
fn over_real_logs() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    for folder in ["zeek", "windows_json", "windows_evtx", "defender"] {
        let folder: PathBuf = data.join(folder);
        if !folder.is_dir() {
            println!("skipped: {} is absent", folder.display());
            continue;
        }
        assert_same(&folder, &[]);
    }
}
