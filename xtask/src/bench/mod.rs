//! Measures every claim of speed and memory, as ratios in one run on one machine.
//!
//! A measurement of an unoptimised program means nothing, so each bench runs itself again in release
//! mode if it has to.

mod catalogue;
mod kit;

use std::process::Command;

use anyhow::{Context, bail};

/// Names identified per second.
pub(crate) fn catalogue() -> anyhow::Result<()> {
    if cfg!(debug_assertions) {
        return in_release(&["bench", "catalogue"]);
    }
    catalogue::run()
}

/// What `hunt` costs on folders of logs.
pub(crate) fn kit(folders: &[&str]) -> anyhow::Result<()> {
    kit::run(folders)
}

fn in_release(arguments: &[&str]) -> anyhow::Result<()> {
    let status = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--release", "--package", "xtask", "--"])
        .args(arguments)
        .current_dir(crate::root()?)
        .status()
        .context("cannot run cargo")?;
    if !status.success() {
        bail!("the measurement failed");
    }
    Ok(())
}
