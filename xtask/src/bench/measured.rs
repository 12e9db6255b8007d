//! What a program cost: its wall time, and its memory by GNU time.

use std::fs;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, bail};

/// A program that has run.
#[derive(Debug)]
pub(super) struct Measured {
    /// Wall time, the start of the program included.
    pub(super) seconds: f64,
    /// The largest resident set.
    pub(super) mebibytes: f64,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: String,
}

/// Runs a command to its end. Exit code 1 is no failure: it is how searches and hunts tell what they
/// found.
pub(super) fn measure(command: &Command) -> anyhow::Result<Measured> {
    let peak = tempfile::NamedTempFile::new().context("cannot make a temporary file")?;
    let start = Instant::now();
    let output = Command::new("/usr/bin/time")
        .args(["--format", "%M", "--output"])
        .arg(peak.path())
        .arg("--")
        .arg(command.get_program())
        .args(command.get_args())
        .output()
        .context("cannot run GNU time (Debian's package `time`)")?;
    let seconds = start.elapsed().as_secs_f64();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    if !matches!(output.status.code(), Some(0 | 1)) {
        bail!("{command:?} ended with {}\n{stderr}", output.status);
    }
    let peak = fs::read_to_string(peak.path()).context("cannot read what GNU time wrote")?;
    let kibibytes: f64 = peak.lines().last().unwrap_or("0").trim().parse().unwrap_or_default();
    Ok(Measured { seconds, mebibytes: kibibytes / 1024.0, stdout: output.stdout, stderr })
}
