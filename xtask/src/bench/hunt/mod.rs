//! `coldtrail hunt` over generated logs, beside a search for the same names and a database that
//! answers the published query.
//!
//! The search is the yardstick because nothing that reads the logs can be much faster; the database,
//! because it is what an analyst would reach for. All of them see the same files in the same run.

mod contest;
pub(super) mod duckdb;
mod findings;
mod logs;
mod options;

use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::bench::release;
use contest::{Contest, Entrant, QUERY, SEARCH};
use logs::{Logs, mebibytes};
pub(super) use options::Options;
use options::size_name;

/// Memory is flat if a corpus several times the size takes no more than that times the memory.
const FLAT: f64 = 1.25;

/// Measures, and prints tables in Markdown.
pub(super) fn run(options: &Options) -> anyhow::Result<()> {
    let temporary = tempfile::tempdir().context("cannot make a temporary folder")?;
    let root = options.corpus.as_deref().unwrap_or(temporary.path());
    fs::create_dir_all(root).with_context(|| format!("cannot make {}", root.display()))?;
    let binary = options.binary.clone().map_or_else(release::binary, Ok)?;
    let mut measured = Vec::new();
    for &size in &options.sizes {
        let Some(logs) = Logs::prepare(options, size, root)? else {
            println!("skipped: ../shared, with real event logs to copy, is absent");
            return Ok(());
        };
        measured.push((size, contest(options, size, &logs, &binary, root)?));
    }
    if let [(size, entrants), (other_size, others)] = measured.as_slice() {
        memory((*size, entrants), (*other_size, others));
    }
    Ok(())
}

fn contest(
    options: &Options,
    size: u64,
    logs: &Logs,
    binary: &Path,
    root: &Path,
) -> anyhow::Result<Vec<Entrant>> {
    let scratch = tempfile::tempdir_in(root).context("cannot make a temporary folder")?;
    let mut contest = Contest::prepare(options, size, logs, binary, scratch.path())?;
    introduce(options, logs, &contest);
    logs.warm()?;
    contest.run(options.runs)?;
    times(logs, &contest.entrants);
    for line in &contest.skipped {
        println!("\n{line}");
    }
    println!("\n| hunt | findings (high/medium/low) | as the first hunt | each run alike |");
    println!("|---|---|---|---|");
    for line in findings::lines(&contest.entrants)? {
        println!("{line}");
    }
    match contest::timings(logs, binary)? {
        Some(timings) => println!("\n`coldtrail hunt LOGS --timings`:\n\n```text\n{timings}```\n"),
        None => println!("\n`--timings` skipped: this `coldtrail` does not know the flag\n"),
    }
    Ok(contest.entrants)
}

fn introduce(options: &Options, logs: &Logs, contest: &Contest) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!(
        "{:.0} MiB of {} in {} files: {}.",
        mebibytes(logs.bytes),
        options.form.name(),
        logs.files,
        logs.origin
    );
    println!(
        "{cores} cores; {} runs in turns; all files were read once beforehand, so that every \
         command finds them in the page cache.",
        options.runs
    );
    println!("{}.\n", contest.versions.join(", "));
}

/// A line for each command. The ratios are of medians: above 1 is slower than the other.
fn times(logs: &Logs, entrants: &[Entrant]) {
    let median = |name| {
        let entrant = entrants.iter().find(|entrant| entrant.name == name);
        entrant.map_or(f64::NAN, Entrant::median)
    };
    let (search, query) = (median(SEARCH), median(QUERY));
    println!("| command | median s | best s | MiB/s | ratio to rg | ratio to DuckDB | peak MiB |");
    println!("|---|---|---|---|---|---|---|");
    for entrant in entrants {
        let seconds = entrant.median();
        println!(
            "| `{}` | {seconds:.2} | {:.2} | {:.0} | {} | {} | {:.0} |",
            entrant.name,
            entrant.best(),
            mebibytes(logs.bytes) / seconds,
            ratio(seconds / search),
            ratio(seconds / query),
            entrant.peak()
        );
    }
}

fn ratio(ratio: f64) -> String {
    if ratio.is_nan() { "–".to_owned() } else { format!("{ratio:.2}") }
}

/// Whether memory grows with the logs.
fn memory((size, entrants): (u64, &[Entrant]), (other_size, others): (u64, &[Entrant])) {
    let (name, other_name) = (size_name(size), size_name(other_size));
    println!("| command | peak MiB at {name} | at {other_name} | ratio | flat |");
    println!("|---|---|---|---|---|");
    for entrant in entrants {
        let Some(other) = others.iter().find(|other| other.name == entrant.name) else { continue };
        let ratio = other.peak() / entrant.peak();
        println!(
            "| `{}` | {:.0} | {:.0} | {ratio:.2} | {} |",
            entrant.name,
            entrant.peak(),
            other.peak(),
            if ratio <= FLAT { "yes" } else { "no" }
        );
    }
}
