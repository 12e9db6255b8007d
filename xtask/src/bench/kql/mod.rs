//! The published query as KQL, beside DuckDB with the same query as SQL, over the same files in the same
//! run; and how long it takes to plan it.
//!
//! The rows are Defender's network events as advanced hunting exports them, of which one in a hundred goes to
//! a serverless name. Both write what they find as comma-separated values.

mod logs;
mod options;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context;

use super::hunt::duckdb::{DuckDb, of_defender_table};
use super::measured::{Measured, measure};
use super::release;
use logs::Logs;
pub(super) use options::Options;

/// How often a query is planned.
const PLANS: usize = 5;

/// One command, and its runs.
struct Entrant {
    name: String,
    command: Command,
    runs: Vec<Measured>,
}

/// Measures, and prints a table in Markdown.
pub(super) fn run(options: &Options) -> anyhow::Result<()> {
    let Some(query) = published()? else {
        println!("skipped: ../shared, with the published query, is absent");
        return Ok(());
    };
    let Some(duckdb) = DuckDb::find() else {
        println!("skipped: install DuckDB, such as by `python3 -m pip install duckdb`");
        return Ok(());
    };
    let temporary = tempfile::tempdir().context("cannot make a temporary folder")?;
    let root = options.corpus.as_deref().unwrap_or(temporary.path());
    let binary = options.binary.clone().map_or_else(release::binary, Ok)?;
    let logs = Logs::write(options, root, &duckdb)?;
    println!("{}; {}; {} runs in turns.\n", logs.told, duckdb.version, options.runs);
    let file = root.join("query.kql");
    fs::write(&file, query).context("cannot write the query")?;

    let mut entrants = Vec::new();
    for (form, folder, table) in
        [("CSV", &logs.csv, &logs.csv_table), ("Parquet", &logs.parquet, &logs.parquet_table)]
    {
        entrants
            .push(Entrant::new(format!("coldtrail, {form}"), ours(&binary, &file, folder, &logs)));
        let sql = of_defender_table(table, &logs.since);
        let output = root.join("duckdb.csv");
        let sql = format!("COPY ({sql}) TO '{}' (FORMAT csv)", output.display());
        entrants.push(Entrant::new(format!("DuckDB, {form}"), duckdb.run(&sql)));
    }
    for _ in 0..options.runs {
        for entrant in &mut entrants {
            entrant.runs.push(measure(&entrant.command)?);
        }
    }
    tell(&entrants);
    let found = entrants.first().and_then(|entrant| entrant.runs.first());
    let found = found.map_or(0, |run| lines(&run.stdout).saturating_sub(1));
    let theirs = lines(&fs::read(root.join("duckdb.csv")).context("DuckDB wrote nothing")?);
    println!("\nrows found: {found}; by DuckDB: {}", theirs.saturating_sub(1));
    planning(&binary, &file, root, &logs)
}

/// The query between the words around it, of a month instead of a day, so that every row is looked at.
fn published() -> anyhow::Result<Option<String>> {
    let path = crate::root()?.join("../shared/seeds/004_cbd32ec1f3c0983a.txt");
    if !path.is_file() {
        return Ok(None);
    }
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let begin = text.find("let ServerlessDomains").context("the page has no query")?;
    let query = text.get(begin..).unwrap_or_default();
    let end = query.find("| sort by Timestamp desc").context("the query has no end")?;
    let query = query.get(..end).unwrap_or_default().replace("ago(24h)", "ago(30d)");
    Ok(Some(query + "| sort by Timestamp desc\n"))
}

fn ours(binary: &Path, query: &Path, folder: &Path, logs: &Logs) -> Command {
    let mut command = Command::new(binary);
    command.args(["query", "--file"]).arg(query).arg(folder);
    command.args(["--format", "csv", "--now", &logs.now]);
    command
}

fn lines(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte == b'\n').count()
}

fn tell(entrants: &[Entrant]) {
    println!("| command | median s | best s | ratio to DuckDB | peak MiB |\n|---|---|---|---|---|");
    for pair in entrants.chunks(2) {
        let theirs = pair.last().map_or(f64::NAN, Entrant::median);
        for entrant in pair {
            let median = entrant.median();
            println!(
                "| {} | {median:.2} | {:.2} | {:.2} | {:.0} |",
                entrant.name,
                entrant.runs.iter().map(|run| run.seconds).fold(f64::NAN, f64::min),
                median / theirs,
                entrant.runs.iter().map(|run| run.mebibytes).fold(f64::NAN, f64::max)
            );
        }
    }
}

/// How long it takes to plan the query: what the program says of it, or what its plan takes longer to be
/// shown than that of a query of nothing.
fn planning(binary: &Path, query: &Path, root: &Path, logs: &Logs) -> anyhow::Result<()> {
    let nothing = root.join("nothing.kql");
    fs::write(&nothing, "print 1").context("cannot write a query")?;
    let mut took = [Vec::new(), Vec::new()];
    let mut said = None;
    for _ in 0..PLANS {
        for (query, took) in [query, &nothing].into_iter().zip(&mut took) {
            let mut command = ours(binary, query, &logs.sample, logs);
            command.arg("--explain");
            let run = measure(&command)?;
            took.push(run.seconds);
            let output = format!("{}{}", String::from_utf8_lossy(&run.stdout), run.stderr);
            let line = output.lines().find(|line| line.contains("planned in"));
            said = said.or(line.map(|line| line.trim().to_owned()));
        }
    }
    let [full, empty] = took.map(median);
    println!("\nto show the plan takes {:.0} ms longer than that of nothing", (full - empty) * 1e3);
    if let Some(said) = said {
        println!("by itself the program says: {said}");
    }
    Ok(())
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds.get(seconds.len() / 2).copied().unwrap_or(f64::NAN)
}

impl Entrant {
    fn new(name: String, command: Command) -> Entrant {
        Entrant { name, command, runs: Vec::new() }
    }

    fn median(&self) -> f64 {
        median(self.runs.iter().map(|run| run.seconds).collect())
    }
}
