//! How much of KQL `coldtrail query` speaks, and how well: on hunting queries that people published, on
//! the examples of the language's documentation, and beside another engine on random queries.
//!
//! Queries and examples lie beside the repository, and are read in place. All of it runs the binary, as a
//! person would; only `--evaluate` takes the evaluator of constants instead, to try functions without it.

mod answer;
mod cell;
mod corpus;
mod differential;
mod documented;
mod evaluator;
mod generate;
mod loose;
mod moment;
mod options;
mod order;
mod outside;
mod printed;
mod program;
mod reasons;
mod surroundings;
mod tables;

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use serde::de::DeserializeOwned;

use crate::root;
use options::Options;
/// The usage of `cargo xtask kql`.
pub(crate) use options::USAGE;

/// The clock of every query, so that each run gives the same; generated rows are of the day before it.
const NOW: &str = "2026-05-01T00:00:00Z";

/// Runs one of the commands.
///
/// # Errors
///
/// When something cannot be read, built or run. Bad figures are no error.
pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<()> {
    let [command, arguments @ ..] = arguments else { bail!("usage:\n{USAGE}") };
    if let ("answer", [file]) = (*command, arguments) {
        return evaluator::run(Path::new(file));
    }
    let options = Options::parse(arguments)?;
    match *command {
        "corpus" => corpus::run(&options),
        "differential" => differential::run(&options),
        "generate" => generate::run(&options),
        "documented" => documented::run(&options),
        command => bail!("there is no {command}; usage:\n{USAGE}"),
    }
}

/// The records of a file of JSON lines among the shared data; nothing, and said so, if it is absent.
fn records<R: DeserializeOwned>(name: &str) -> anyhow::Result<Option<Vec<R>>> {
    let path = root()?.join("../shared/data/kql").join(name);
    if !path.is_file() {
        println!("skipped: ../shared/data/kql/{name} is absent");
        return Ok(None);
    }
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let records = text.lines().map(serde_json::from_str).collect::<Result<_, _>>();
    Ok(Some(records.with_context(|| format!("{} is not what it should be", path.display()))?))
}

/// A share with what it is of, such as `3 of 4 (75.0 %)`.
fn share(part: usize, whole: usize) -> String {
    let percent = 100.0 * part as f64 / whole.max(1) as f64;
    format!("{part} of {whole} ({percent:.1} %)")
}
