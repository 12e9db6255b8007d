//! Runs `coldtrail hunt` over folders of real logs, and tells what it cost.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};
use serde_json::Value;

/// A line for each folder: files, records, anomalies, findings, seconds, peak memory.
pub(crate) fn run(folders: &[&str]) -> anyhow::Result<()> {
    let binary = release_binary()?;
    println!(
        "| folder | sources | records | rows | anomalies | unread | findings (high/medium/low) | seconds | peak MiB |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for folder in folders {
        println!("{}", row(&binary, folder)?);
    }
    Ok(())
}

fn release_binary() -> anyhow::Result<PathBuf> {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--release", "--package", "coldtrail", "--message-format", "json"])
        .current_dir(crate::root()?)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        bail!("the release build failed");
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let executable = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|message| Some(PathBuf::from(message["executable"].as_str()?)))
        .next_back();
    executable.context("cargo named no executable")
}

/// GNU time reports the largest resident set of a child.
fn row(binary: &PathBuf, folder: &str) -> anyhow::Result<String> {
    let peak = tempfile::NamedTempFile::new().context("cannot make a temporary file")?;
    let start = Instant::now();
    let output = Command::new("/usr/bin/time")
        .args(["--format", "%M", "--output"])
        .arg(peak.path())
        .arg("--")
        .arg(binary)
        .args(["hunt", folder, "--format", "json", "--now", "2026-01-01"])
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run GNU time (Debian's package `time`)")?;
    let seconds = start.elapsed().as_secs_f64();
    if !matches!(output.status.code(), Some(0 | 1)) {
        bail!("hunting in {folder} ended with {}", output.status);
    }
    let report: Value = serde_json::from_slice(&output.stdout).context("cannot read the report")?;
    let peak = std::fs::read_to_string(peak.path()).context("cannot read what GNU time wrote")?;
    let kibibytes: f64 = peak.lines().last().unwrap_or("0").trim().parse().unwrap_or_default();
    Ok(format!("| {} | {seconds:.1} | {:.0} |", counts(folder, &report), kibibytes / 1024.0))
}

fn counts(folder: &str, report: &Value) -> String {
    let seen = || report["seen"].as_array().into_iter().flatten();
    let findings = || report["findings"].as_array().into_iter().flatten();
    let faults = || report["faults"].as_array().into_iter().flatten();
    let records: u64 = seen().filter_map(|source| source["records"].as_u64()).sum();
    let rows: u64 = seen()
        .filter_map(|source| source["tables"].as_object())
        .flat_map(|tables| tables.values().filter_map(Value::as_u64))
        .sum();
    let anomalies: u64 = faults().filter_map(|fault| fault["count"].as_u64()).sum();
    let unread = seen().filter(|source| source["format"].is_null()).count();
    let of = |severity: &str| findings().filter(|one| one["severity"] == severity).count();
    let name = folder.trim_end_matches('/').rsplit('/').next().unwrap_or(folder);
    format!(
        "{name} | {} | {records} | {rows} | {anomalies} | {unread} | {}/{}/{}",
        seen().count(),
        of("high") + of("critical"),
        of("medium"),
        of("low")
    )
}
