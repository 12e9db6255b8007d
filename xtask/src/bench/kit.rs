//! Runs `coldtrail hunt` over folders of real logs, and tells what it cost.

use std::path::Path;
use std::process::Command;

use anyhow::Context;
use serde_json::Value;

use super::measured::measure;
use super::{release, severities};

/// A line for each folder: files, records, anomalies, findings, seconds, peak memory.
pub(crate) fn run(folders: &[&str]) -> anyhow::Result<()> {
    let binary = release::binary()?;
    println!(
        "| folder | sources | records | rows | anomalies | unread | findings (high/medium/low) | seconds | peak MiB |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for folder in folders {
        println!("{}", row(&binary, folder)?);
    }
    Ok(())
}

fn row(binary: &Path, folder: &str) -> anyhow::Result<String> {
    let mut hunt = Command::new(binary);
    hunt.args(["hunt", folder, "--format", "json", "--now", "2026-01-01"]);
    let measured = measure(&hunt)?;
    eprint!("{}", measured.stderr);
    let report: Value =
        serde_json::from_slice(&measured.stdout).context("cannot read the report")?;
    let counts = counts(folder, &report);
    Ok(format!("| {counts} | {:.1} | {:.0} |", measured.seconds, measured.mebibytes))
}

fn counts(folder: &str, report: &Value) -> String {
    let seen = || report["seen"].as_array().into_iter().flatten();
    let faults = || report["faults"].as_array().into_iter().flatten();
    let records: u64 = seen().filter_map(|source| source["records"].as_u64()).sum();
    let rows: u64 = seen()
        .filter_map(|source| source["tables"].as_object())
        .flat_map(|tables| tables.values().filter_map(Value::as_u64))
        .sum();
    let anomalies: u64 = faults().filter_map(|fault| fault["count"].as_u64()).sum();
    let unread = seen().filter(|source| source["format"].is_null()).count();
    let name = folder.trim_end_matches('/').rsplit('/').next().unwrap_or(folder);
    format!(
        "{name} | {} | {records} | {rows} | {anomalies} | {unread} | {}",
        seen().count(),
        severities(report)
    )
}
