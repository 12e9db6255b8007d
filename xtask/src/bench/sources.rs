//! How fast each format is read, on the real logs of the kit, beside a peer on the same file.
//!
//! A log of the kit is small, so it is repeated until reading it takes long enough to be measured.
//! We decode every column of every record on one thread; DuckDB, on one thread as well, makes typed
//! columns of the same JSON or cells, without knowing what they mean.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, bail};
use arrow_array::RecordBatch;
use coldtrail_model::Table;
use coldtrail_sources::{Input, Origin, Receiver, Selection, SourceTally, Stopped, read};
use walkdir::WalkDir;

/// A log is repeated until it has so many bytes.
const ENOUGH: usize = 16 << 20;

/// Runs of which the best counts.
const RUNS: usize = 3;

/// No log of the kit that is larger is looked at.
const LARGEST: u64 = 64 << 20;

/// What DuckDB is asked, with the path in place of `{}`.
const JSON: &str = "SET threads=1; SELECT count(COLUMNS(*)) FROM read_json_auto('{}', \
                    ignore_errors=true, maximum_object_size=67108864)";
const CELLS: &str = "SET threads=1; SELECT count(COLUMNS(*)) FROM read_csv('{}', delim='\\t', \
                     header=false, comment='#', quote='', null_padding=true, ignore_errors=true)";
const CSV: &str =
    "SET threads=1; SELECT count(COLUMNS(*)) FROM read_csv_auto('{}', ignore_errors=true)";

/// How it is asked: settings, then the question; the answer is how many seconds that took.
const ASK: &str = "import duckdb, sys, time\n*settings, question = sys.argv[1].split('; ')\n\
                   for it in settings: duckdb.execute(it)\nbegin = time.perf_counter()\n\
                   duckdb.execute(question).fetchall()\nprint(time.perf_counter() - begin)";

/// A line for each format: its log, and how many megabytes a second are read of it.
pub(super) fn run(kit: &Path, only: &[&str]) -> anyhow::Result<()> {
    if !kit.is_dir() {
        println!("skipped: there are no real logs at {}", kit.display());
        return Ok(());
    }
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    println!("| format | log | MB | rows | MB/s | peer | MB/s | ratio |");
    println!("|---|---|--:|--:|--:|---|--:|--:|");
    for (format, path) in largest_of_each(kit)? {
        if !only.is_empty() && !only.contains(&format) {
            continue;
        }
        let log = repeated(&path, scratch.path())?;
        let (seconds, rows) = best(&log)?;
        let megabytes = fs::metadata(&log)?.len() as f64 / 1e6;
        let speed = megabytes / seconds;
        let name = path.strip_prefix(kit).unwrap_or(&path).display();
        let peer = match peer(format, &log) {
            Some((peer, seconds)) => {
                let theirs = megabytes / seconds;
                format!("{peer} | {theirs:.0} | {:.1}", speed / theirs)
            }
            None => "– | | ".to_owned(),
        };
        println!("| {format} | {name} | {megabytes:.0} | {rows} | {speed:.0} | {peer} |");
        fs::remove_file(&log)?;
    }
    Ok(())
}

/// Of each format the log of the kit with the most rows.
fn largest_of_each(kit: &Path) -> anyhow::Result<BTreeMap<&'static str, PathBuf>> {
    let mut largest: BTreeMap<&str, (u64, PathBuf)> = BTreeMap::new();
    for entry in WalkDir::new(kit).sort_by_file_name() {
        let entry = entry?;
        if !entry.file_type().is_file() || entry.metadata()?.len() > LARGEST {
            continue;
        }
        for tally in read_once(entry.path(), &mut Count::default()) {
            let rows = tally.tally.rows.values().sum();
            let Some(format) = tally.format.filter(|_| !tally.source.contains("!/")) else {
                continue;
            };
            let known = largest.entry(format).or_default();
            if rows > known.0 {
                *known = (rows, entry.path().to_owned());
            }
        }
    }
    Ok(largest
        .into_iter()
        .filter(|(_, (rows, _))| *rows > 0)
        .map(|(it, (_, path))| (it, path))
        .collect())
}

/// The log behind itself, again and again; a binary one cannot be put behind another.
fn repeated(path: &Path, folder: &Path) -> anyhow::Result<PathBuf> {
    let packed = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut log = Vec::new();
    if packed.starts_with(&[0x1f, 0x8b]) {
        flate2::read::MultiGzDecoder::new(packed.as_slice()).read_to_end(&mut log)?;
    } else {
        log = packed;
    }
    let is_binary = log.starts_with(b"ElfFile") || log.starts_with(b"PAR1");
    if !is_binary && !log.is_empty() {
        if !log.ends_with(b"\n") {
            log.push(b'\n');
        }
        log = log.repeat((ENOUGH / log.len()).max(1));
    }
    let place = folder.join("log");
    fs::write(&place, log)?;
    Ok(place)
}

/// The seconds that the fastest of a few runs takes, and the rows.
fn best(log: &Path) -> anyhow::Result<(f64, u64)> {
    let mut fastest = f64::INFINITY;
    let mut count = Count::default();
    for _ in 0..RUNS {
        // What is too small to be measured is read more than once.
        let again = (ENOUGH as u64 / fs::metadata(log)?.len().max(1)).clamp(1, 64);
        let start = Instant::now();
        for _ in 0..again {
            count = Count::default();
            read_once(log, &mut count);
        }
        fastest = fastest.min(start.elapsed().as_secs_f64() / again as f64);
    }
    if count.0 == 0 {
        bail!("{} made no rows", log.display());
    }
    Ok((fastest, count.0))
}

fn read_once(path: &Path, count: &mut Count) -> Vec<SourceTally> {
    let input = Input { name: path.display().to_string(), origin: Origin::File(path.to_owned()) };
    read(&input, Selection::everything(), count, &|_bytes| {})
}

#[derive(Default)]
struct Count(u64);

impl Receiver for Count {
    fn receive(&mut self, _table: Table, batch: RecordBatch) -> Result<(), Stopped> {
        self.0 += batch.num_rows() as u64;
        Ok(())
    }
}

/// The program that others would take for the format, and how long it takes.
fn peer(format: &str, log: &Path) -> Option<(&'static str, f64)> {
    if format == "evtx" {
        let mut dump = Command::new("evtx_dump");
        dump.args(["--format", "jsonl", "--threads", "1"]).arg(log);
        let start = Instant::now();
        let is_done = dump.output().ok()?.status.success();
        return is_done.then(|| ("evtx_dump", start.elapsed().as_secs_f64()));
    }
    let head = fs::read(log).ok()?;
    let question = match head.iter().find(|byte| !byte.is_ascii_whitespace())? {
        b'{' | b'[' => JSON,
        _ if format == "zeek-tsv" => CELLS,
        _ if log_is_csv(format) => CSV,
        _ => return None,
    };
    let question = question.replace("{}", &log.display().to_string());
    let output = Command::new("python3").args(["-c", ASK, &question]).output().ok()?;
    let seconds: f64 = String::from_utf8(output.stdout).ok()?.trim().parse().ok()?;
    Some(("DuckDB", seconds))
}

/// Whether the kit's largest log of a format is comma-separated with a header.
fn log_is_csv(format: &str) -> bool {
    ["azure", "defender", "defender-sensor", "sentinel"].contains(&format)
}
