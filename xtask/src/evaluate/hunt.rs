//! The binary under test, on the logs of an enterprise.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};
use coldtrail_range::RenderedFile;
use serde_json::Value;

use super::alert::Alert;

/// What the evaluation needs of a finding.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Finding {
    pub(super) alert: Alert,
    pub(super) severity: String,
    pub(super) provider: String,
    pub(super) platform: String,
    pub(super) contributions: String,
}

/// The severities, least first.
pub(super) const SEVERITIES: [&str; 4] = ["low", "medium", "high", "critical"];

/// Whether the binary takes a folder of context.
pub(super) fn knows_context(binary: &Path) -> anyhow::Result<bool> {
    let help = Command::new(binary)
        .args(["hunt", "--help"])
        .output()
        .with_context(|| format!("cannot run {}", binary.display()))?;
    Ok(String::from_utf8_lossy(&help.stdout).contains("--context"))
}

/// Writes files and hunts in them. The truth is not among what is written.
pub(super) fn findings(
    binary: &Path,
    files: &[RenderedFile],
    has_context: bool,
    now: &str,
) -> anyhow::Result<Vec<Finding>> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    for file in files.iter().filter(|file| file.path != "truth.json") {
        let path = folder.path().join(&file.path);
        fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
        fs::write(&path, &file.contents)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    let mut hunt = Command::new(binary);
    hunt.arg("hunt").arg(folder.path().join("logs")).args(["--format", "json", "--now", now]);
    if has_context {
        hunt.arg("--context").arg(folder.path().join("context"));
    }
    let output = hunt.output().with_context(|| format!("cannot run {}", binary.display()))?;
    if !matches!(output.status.code(), Some(0 | 1)) {
        bail!("{hunt:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let report: Value = serde_json::from_slice(&output.stdout).context("the report is no JSON")?;
    let findings = report["findings"].as_array().context("the report has no findings")?;
    Ok(findings.iter().map(finding).collect())
}

/// Findings rank as the product sorts them: by severity, then by score.
fn finding(value: &Value) -> Finding {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let severity = text(&value["severity"]);
    let step = SEVERITIES.iter().position(|it| *it == severity).unwrap_or_default();
    let score = value["score"].as_f64().unwrap_or_default();
    let named = value["contributions"].as_array().into_iter().flatten();
    let named = named.map(|it| format!("{} {}", text(&it["name"]), it["points"]));
    Finding {
        alert: Alert {
            host: text(&value["actor"]["host"]),
            name: text(&value["endpoint"]["host"]),
            tenant: value["endpoint"]["tenant"].as_str().map(str::to_owned),
            rank: 1000.0 * step as f64 + score,
        },
        severity,
        provider: text(&value["endpoint"]["provider"]),
        platform: text(&value["endpoint"]["platform"]),
        contributions: named.collect::<Vec<_>>().join(", "),
    }
}
