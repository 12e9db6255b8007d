//! Release builds: a measurement of an unoptimised program means nothing.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use serde_json::Value;

/// Runs a command of `cargo xtask` again, in release mode.
pub(super) fn run_again(arguments: &[&str]) -> anyhow::Result<()> {
    let status = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--release", "--manifest-path"])
        .arg(crate::root()?.join("xtask/Cargo.toml"))
        .arg("--")
        .args(arguments)
        .status()
        .context("cannot run cargo")?;
    if !status.success() {
        bail!("the measurement failed");
    }
    Ok(())
}

/// Builds `coldtrail` in release mode, and says where it is.
pub(super) fn binary() -> anyhow::Result<PathBuf> {
    binary_of("coldtrail")
}

/// Builds a package in release mode, and says where its binary is.
pub(super) fn binary_of(package: &str) -> anyhow::Result<PathBuf> {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--release", "--package", package, "--message-format", "json"])
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
