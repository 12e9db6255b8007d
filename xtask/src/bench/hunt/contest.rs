//! The commands that are measured beside each other, in turns: a busy machine slows all of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use coldtrail_catalogue::Catalogue;

use super::duckdb::DuckDb;
use super::logs::Logs;
use super::options::{Form, Options};
use crate::bench::measured::{Measured, measure};

/// One command, and its runs.
#[derive(Debug)]
pub(super) struct Entrant {
    pub(super) name: &'static str,
    command: Command,
    /// What the command makes, so that it must not be there before a run.
    makes: Option<PathBuf>,
    /// Whether it is slow and runs once only.
    once: bool,
    pub(super) runs: Vec<Measured>,
}

/// All commands, and why some are left out.
#[derive(Debug, Default)]
pub(super) struct Contest {
    pub(super) entrants: Vec<Entrant>,
    pub(super) skipped: Vec<String>,
    /// The versions of the others' programs.
    pub(super) versions: Vec<String>,
}

pub(super) const SEARCH: &str = "rg -c -F -f suffixes.txt LOGS";
pub(super) const QUERY: &str = "DuckDB, the published query";
const HUNT: &str = "coldtrail hunt LOGS";
const HUNT_UNFILTERED: &str = "coldtrail hunt LOGS --no-prefilter";
const INGEST: &str = "coldtrail ingest LOGS --store STORE";
const HUNT_STORE: &str = "coldtrail hunt --store STORE";

/// Above this size, the hunt without a filter would take the patience of whoever measures.
const LARGEST_UNFILTERED: u64 = 1 << 30;

/// The time of the hunts: after all logs.
const NOW: &str = "2026-05-01";

impl Contest {
    /// Finds out which commands can run. `scratch` is for what they need and make.
    pub(super) fn prepare(
        options: &Options,
        size: u64,
        logs: &Logs,
        binary: &Path,
        scratch: &Path,
    ) -> anyhow::Result<Contest> {
        let mut contest = Contest::default();
        contest.search(options.form, logs, scratch)?;
        contest.query(options.form, logs)?;
        contest.enter(Entrant::new(HUNT, hunt(binary, &[&logs.folder])));
        if !knows(binary, &["hunt"], "--no-prefilter") {
            contest.skip(HUNT_UNFILTERED, "this `coldtrail` does not know the flag");
        } else if size > LARGEST_UNFILTERED {
            contest.skip(HUNT_UNFILTERED, "the corpus is larger than 1 GiB");
        } else {
            let mut command = hunt(binary, &[&logs.folder]);
            command.arg("--no-prefilter");
            contest.enter(Entrant { once: true, ..Entrant::new(HUNT_UNFILTERED, command) });
        }
        if knows(binary, &["ingest"], "--store") && knows(binary, &["hunt"], "--store") {
            let store = scratch.join("store");
            let mut ingest = Command::new(binary);
            ingest.arg("ingest").arg(&logs.folder).arg("--store").arg(&store);
            let hunt_store = hunt(binary, &[Path::new("--store"), &store]);
            contest.enter(Entrant { makes: Some(store), ..Entrant::new(INGEST, ingest) });
            contest.enter(Entrant::new(HUNT_STORE, hunt_store));
        } else {
            contest.skip(INGEST, "this `coldtrail` knows no store");
            contest.skip(HUNT_STORE, "this `coldtrail` knows no store");
        }
        Ok(contest)
    }

    /// Runs all of them, round after round. The hunt over the store follows the ingestion.
    pub(super) fn run(&mut self, rounds: usize) -> anyhow::Result<()> {
        for round in 0..rounds {
            for entrant in &mut self.entrants {
                if entrant.once && round > 0 {
                    continue;
                }
                if let Some(made) = entrant.makes.as_ref().filter(|made| made.exists()) {
                    fs::remove_dir_all(made)
                        .with_context(|| format!("cannot remove {}", made.display()))?;
                }
                entrant.runs.push(measure(&entrant.command)?);
            }
        }
        Ok(())
    }

    fn search(&mut self, form: Form, logs: &Logs, scratch: &Path) -> anyhow::Result<()> {
        let Ok(version) = Command::new("rg").arg("--version").output() else {
            self.skip(SEARCH, "install ripgrep");
            return Ok(());
        };
        let version = String::from_utf8_lossy(&version.stdout);
        self.versions.extend(version.lines().next().map(str::to_owned));
        let suffixes = scratch.join("suffixes.txt");
        let lines: String =
            Catalogue::builtin().suffixes().map(|text| format!("{text}\n")).collect();
        fs::write(&suffixes, lines).context("cannot write the suffixes")?;
        let mut command = Command::new("rg");
        command.args(["-c", "-F", "-f"]).arg(&suffixes);
        if form == Form::Evtx {
            // It would leave a binary file at the first byte that shows it to be one.
            command.arg("--text");
        }
        command.arg(&logs.folder);
        self.enter(Entrant::new(SEARCH, command));
        Ok(())
    }

    fn query(&mut self, form: Form, logs: &Logs) -> anyhow::Result<()> {
        let Some(duckdb) = DuckDb::find() else {
            self.skip(QUERY, "install DuckDB, such as by `python3 -m pip install duckdb`");
            return Ok(());
        };
        match duckdb.ask(form, &logs.folder)? {
            Some(command) => {
                self.enter(Entrant::new(QUERY, command));
                self.versions.push(duckdb.version);
            }
            None => self.skip(QUERY, "DuckDB does not read such files"),
        }
        Ok(())
    }

    fn enter(&mut self, entrant: Entrant) {
        self.entrants.push(entrant);
    }

    fn skip(&mut self, name: &str, because: &str) {
        self.skipped.push(format!("`{name}` skipped: {because}"));
    }
}

impl Entrant {
    fn new(name: &'static str, command: Command) -> Entrant {
        Entrant { name, command, makes: None, once: false, runs: Vec::new() }
    }

    /// Whether its output is a report.
    pub(super) fn hunts(&self) -> bool {
        [HUNT, HUNT_UNFILTERED, HUNT_STORE].contains(&self.name)
    }

    /// The middle of the wall times, in seconds.
    pub(super) fn median(&self) -> f64 {
        let mut seconds: Vec<f64> = self.runs.iter().map(|run| run.seconds).collect();
        seconds.sort_by(f64::total_cmp);
        seconds.get(seconds.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// The least wall time, in seconds.
    pub(super) fn best(&self) -> f64 {
        self.runs.iter().map(|run| run.seconds).fold(f64::NAN, f64::min)
    }

    /// The largest resident set of all runs.
    pub(super) fn peak(&self) -> f64 {
        self.runs.iter().map(|run| run.mebibytes).fold(f64::NAN, f64::max)
    }
}

/// What the stages of a hunt took, in the words of the program itself; none if it does not say.
pub(super) fn timings(logs: &Logs, binary: &Path) -> anyhow::Result<Option<String>> {
    if !knows(binary, &["hunt"], "--timings") {
        return Ok(None);
    }
    let mut command = hunt(binary, &[&logs.folder]);
    command.arg("--timings");
    Ok(Some(measure(&command)?.stderr))
}

fn hunt(binary: &Path, over: &[&Path]) -> Command {
    let mut command = Command::new(binary);
    command.arg("hunt").args(over).args(["--format", "json", "--now", NOW]);
    command
}

/// Whether a command of `coldtrail` has a flag: programs of several ages are measured.
fn knows(binary: &Path, command: &[&str], flag: &str) -> bool {
    let help = Command::new(binary).args(command).arg("--help").output();
    help.is_ok_and(|help| {
        help.status.success() && String::from_utf8_lossy(&help.stdout).contains(flag)
    })
}
