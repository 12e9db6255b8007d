//! Compares what our sources make of real logs with what vendors make of the same ones.
//!
//! Beside many samples of the kit lies what their vendor normalised them to: the Elastic Common
//! Schema, after which our columns are named. Each row of ours is held against the vendor's document
//! of the same record, column by column. A difference is wrong, unless `reasons.toml` says why it is
//! meant; a value that only we have is an extra, and no mistake.

mod comparison;
mod documents;
mod ecs;
mod formats;
mod ocsf;
mod options;
mod pairs;
mod reasons;
mod results;
mod rows;
mod sniff;
mod tables;
mod tenzir;
mod tql;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::root;
use options::Options;
use pairs::Pair;
use reasons::Reasons;
use results::Results;

/// The usage of `cargo xtask conformance`.
pub(crate) use options::USAGE;

/// Compares, and prints what came of it.
///
/// # Errors
///
/// When the goals are not met, or something cannot be read.
pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<()> {
    let options = Options::parse(arguments)?;
    let Some(kit) = kit()? else {
        println!("skipped: ../shared, with real logs, is absent");
        return Ok(());
    };
    if options.sniffs {
        return sniff::run(&kit, &options.folders);
    }
    let reasons = Reasons::read(&root()?.join("xtask/conformance/reasons.toml"))?;
    let mut results = Results::default();
    for path in pairs::find(&kit, &options.folders)? {
        let pair =
            Pair::read(&kit, &path).with_context(|| format!("cannot use {}", path.display()))?;
        match pair {
            Some(pair) if options.takes(&pair.format) => results.add(&pair, &reasons),
            _ => {}
        }
    }
    tables::print(&results, &options);
    if options.is_whole() {
        tables::print_stale(&reasons, &results);
    }
    if options.goals && !results.meets_goals() {
        bail!("the goals are not met: {}", results::GOALS);
    }
    Ok(())
}

/// The folder of real logs beside the repository, if it is there.
fn kit() -> anyhow::Result<Option<PathBuf>> {
    let kit = root()?.join("../shared/data");
    if !kit.is_dir() {
        return Ok(None);
    }
    Ok(Some(kit.canonicalize().context("cannot find the folder of real logs")?))
}

/// The kit's own name of a file.
fn name_in_kit(kit: &Path, path: &Path) -> String {
    path.strip_prefix(kit).unwrap_or(path).display().to_string()
}
