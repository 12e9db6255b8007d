//! The engine's riskiest assumption: one plan, two engines, the same rows.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;

use coldtrail_cluster::{Store, standalone, write_tables};
use coldtrail_detect::{Baseline, Settings, detect, links, with_names_of_hosts};
use coldtrail_engine::{Engine, Session};
use coldtrail_model::{Timestamp, Window};
use coldtrail_pipeline::{Hunt, Read, all_conversations};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");

/// Every detection's plan, from Parquet to signals, with our scalar and aggregate functions.
#[tokio::test(flavor = "multi_thread")]
async fn detections_say_the_same_on_ballista_as_embedded() {
    let folder = tempfile::tempdir().expect("a folder");
    let hunt = Hunt::over(&[EXAMPLES.to_owned()], Timestamp(0)).expect("examples");
    let read = write_tables(&hunt, folder.path()).await.expect("tables");

    let embedded = Session::new(2).expect("a session");
    let ballista = standalone(2).await.expect("a scheduler and an executor");
    let store = Store::at(&folder.path().to_string_lossy()).expect("a store");
    let files = store.files().await.expect("files");
    for session in [&embedded, &ballista] {
        files.register(session).expect("tables");
    }
    let one = signals(&embedded, &read).await;
    let other = signals(&ballista, &read).await;
    assert!(one.iter().any(|signal| signal.contains("rhythm.beacon")), "no beacon: {one:#?}");
    assert!(one.len() >= 8, "the examples hold more than {} signals", one.len());
    assert_eq!(one, other);
}

async fn signals(engine: &impl Engine, read: &Read) -> Vec<String> {
    let links = links(engine, Window::default()).await.expect("links");
    assert!(!links.is_empty(), "the examples hold names with their addresses");
    let conversations = all_conversations(engine, Window::default(), &links).await.expect("a plan");
    let named = with_names_of_hosts(conversations, &read.census).expect("a plan");
    let baseline = Baseline {
        active_hosts: read.census.active_hosts(),
        first_seen: Some(Timestamp(0)),
        last_seen: None,
        process_rows: read.census.process_rows(),
        name_rows: read.census.name_rows(),
    };
    let detected = detect(engine, &named, &baseline, &Settings::default()).await.expect("signals");
    detected.signals.iter().map(|signal| format!("{signal:?}")).collect()
}

/// The binary's own promise: its report has the same findings as the embedded one.
#[test]
fn the_binary_reports_what_the_embedded_hunt_reports() {
    let output = Command::new(env!("CARGO_BIN_EXE_coldtrail-cluster"))
        .args(["hunt", EXAMPLES, "--now", "2026-04-14T00:00:00Z"])
        .output()
        .expect("the binary runs");
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let distributed: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a report");

    let hunt = Hunt::over(&[EXAMPLES.to_owned()], Timestamp(0)).expect("examples");
    let embedded = coldtrail_pipeline::hunt(hunt).expect("a report");
    let embedded = serde_json::to_value(&embedded.findings).expect("JSON");
    assert!(Path::new(EXAMPLES).is_dir());
    assert_eq!(distributed["findings"], embedded);
}
