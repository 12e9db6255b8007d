//! The rows to measure on: as CSV, and the same as Parquet.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use coldtrail_range::corpus::{Corpus, Form};

use super::options::Options;
use crate::bench::hunt::duckdb::{DuckDb, defender_table, header, quoted};

/// How large a corpus must be for its rows to be of average length.
const SAMPLE: u64 = 4 << 20;

/// One in so many goes to a serverless name.
const SERVERLESS: f64 = 0.01;

/// What was written.
#[derive(Debug)]
pub(super) struct Logs {
    pub(super) csv: PathBuf,
    pub(super) parquet: PathBuf,
    /// A few of the rows.
    pub(super) sample: PathBuf,
    /// The tables as DuckDB reads them.
    pub(super) csv_table: String,
    pub(super) parquet_table: String,
    /// The clock: right behind the last row.
    pub(super) now: String,
    /// The last month, as DuckDB asks for it.
    pub(super) since: String,
    /// What it is, for people.
    pub(super) told: String,
}

impl Logs {
    /// Writes the rows, or takes those that are there from an earlier run with the same options.
    pub(super) fn write(options: &Options, root: &Path, duckdb: &DuckDb) -> anyhow::Result<Logs> {
        let sample = root.join("sample");
        let corpus = Corpus {
            size: SAMPLE,
            seed: options.seed,
            form: Form::DefenderCsv,
            serverless: SERVERLESS,
        };
        let written = corpus.write(&sample)?;
        let width = written.bytes / written.exchanges.max(1);
        let name = format!("{}-rows-seed{}", options.rows, options.seed);
        let csv = root.join(format!("{name}-csv"));
        if !csv.exists() {
            let partial = root.join(format!("{name}-csv.partial"));
            if partial.exists() {
                fs::remove_dir_all(&partial).context("cannot remove an interrupted corpus")?;
            }
            Corpus { size: options.rows * width, ..corpus }.write(&partial)?;
            fs::rename(&partial, &csv).context("cannot rename the corpus")?;
        }
        let header = header(&csv, "DeviceNetworkEvents")?;
        let names: Vec<&str> = header
            .first()
            .map_or("", String::as_str)
            .trim_start_matches('\u{feff}')
            .split(',')
            .collect();
        let columns = || names.iter().map(|name| ((*name).to_owned(), column_type(name)));
        let csv_table = defender_table(&csv, columns());
        let parquet = root.join(format!("{name}-parquet"));
        let file = parquet.join("DeviceNetworkEvents.parquet");
        if !file.exists() {
            fs::create_dir_all(&parquet).context("cannot make a folder")?;
            let sql = format!("COPY (FROM {csv_table}) TO '{}' (FORMAT parquet)", quoted(&file));
            said(duckdb.run(&sql))?;
        }
        let parquet_table = format!("read_parquet('{}')", quoted(&file));
        let last = said(duckdb.run(&format!(
            "SELECT strftime(max(Timestamp) + INTERVAL 1 SECOND, '%Y-%m-%dT%H:%M:%SZ'), count(*) \
             FROM {parquet_table}"
        )))?;
        let parts: Vec<&str> = last.trim().split('|').collect();
        let [now, rows] = parts.as_slice() else { bail!("DuckDB says {last}") };
        Ok(Logs {
            told: format!("{rows} rows of {} columns, {width} bytes each as CSV", names.len()),
            since: format!(
                "Timestamp > TIMESTAMP '{}' - INTERVAL 30 DAY",
                now.trim_end_matches('Z')
            ),
            now: (*now).to_owned(),
            csv,
            parquet,
            sample,
            csv_table,
            parquet_table,
        })
    }
}

fn column_type(name: &str) -> &'static str {
    match name {
        "Timestamp" => "TIMESTAMP",
        "RemotePort" | "LocalPort" => "INTEGER",
        name if name.ends_with("ProcessId") || name.ends_with("ParentId") => "BIGINT",
        _ => "VARCHAR",
    }
}

/// What a command says.
fn said(mut command: Command) -> anyhow::Result<String> {
    let output = command.output().context("cannot run DuckDB")?;
    if !output.status.success() {
        bail!("DuckDB failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
