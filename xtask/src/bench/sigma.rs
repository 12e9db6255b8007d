//! How fast Sigma rules run over Windows logs, by stage, and beside what others publish.
//!
//! The logs of the kit are small, so they are copied until there is enough of them. Stages are measured on one
//! thread, each as what it adds: records are read and counted; then made into names and values; then shown to
//! rules. The whole is the release build, as a person runs it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail};
use arrow_array::RecordBatch;
use coldtrail_model::Table;
use coldtrail_rules::sigma::{Event, Limits, RuleSet, RuleText, Taxonomy};
use coldtrail_sources::{Input, Origin, Receiver, Selection, Stopped, WholeRecord, read_all};
use walkdir::WalkDir;

use super::measured::measure;
use super::release;

/// Runs of which the best counts.
const RUNS: usize = 3;

/// Seconds that Chainsaw 2.16.4 took over EVTX-ATTACK-SAMPLES (8,255 events) with SigmaHQ's rules, of which it
/// loaded 3,398, where it was run for us.
const CHAINSAW: (&str, f64) = ("Chainsaw 2.16.4, 3,398 rules", 8_255.0 / 65.9);

/// Events a second of all cores that Hayabusa's authors published: 4.82 million events in 6 minutes and 17 seconds
/// with 3,633 rules (hayabusa-rules issue 396). They do not say how many cores; at least 4 are assumed.
const HAYABUSA: (&str, f64) =
    ("Hayabusa, 3,633 rules, published, a core of 4", 4_820_000.0 / 377.0 / 4.0);

/// What is measured.
struct Options {
    rules: Vec<PathBuf>,
    logs: PathBuf,
    copies: usize,
    binary: Option<PathBuf>,
}

/// Prints events a second by stage, and the whole.
pub(super) fn run(arguments: &[&str]) -> anyhow::Result<()> {
    if cfg!(debug_assertions) {
        return release::run_again(&[&["bench", "sigma"], arguments].concat());
    }
    let Some(options) = Options::parse(arguments)? else { return Ok(()) };
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let small = copied(&options.logs, &scratch.path().join("small"), 1)?;
    let large = copied(&options.logs, &scratch.path().join("large"), options.copies)?;
    let rules = loaded(&options.rules)?;
    stages(&large, &rules)?;
    whole(&options, &[&small, &large])
}

impl Options {
    fn parse(arguments: &[&str]) -> anyhow::Result<Option<Self>> {
        let data = crate::root()?.join("../shared/data");
        let folders = ["rules", "rules-emerging-threats", "rules-threat-hunting"];
        let rules = folders.map(|folder| data.join("sigmahq").join(folder)).to_vec();
        let mut options = Self { rules, logs: data.join("windows_evtx"), copies: 20, binary: None };
        let mut rest = arguments.iter();
        while let Some(option) = rest.next() {
            let value = rest.next().with_context(|| format!("{option} wants a value"))?;
            match *option {
                "--logs" => options.logs = PathBuf::from(value),
                "--copies" => options.copies = value.parse().context("--copies wants a number")?,
                "--binary" => options.binary = Some(PathBuf::from(value)),
                option => bail!("there is no {option}"),
            }
        }
        let needed = [&options.rules[..], std::slice::from_ref(&options.logs)].concat();
        if let Some(missing) = needed.iter().find(|folder| !folder.is_dir()) {
            println!("skipped: there is no {}", missing.display());
            return Ok(None);
        }
        Ok(Some(options))
    }
}

/// A folder with copies of all binary logs of Windows below another.
fn copied(from: &Path, to: &Path, copies: usize) -> anyhow::Result<PathBuf> {
    fs::create_dir_all(to)?;
    let entries = WalkDir::new(from).sort_by_file_name().into_iter().filter_map(Result::ok);
    let logs = entries.filter(|entry| entry.path().extension().is_some_and(|it| it == "evtx"));
    for (place, entry) in logs.enumerate() {
        for copy in 0..copies {
            fs::copy(entry.path(), to.join(format!("{place}-{copy}.evtx")))?;
        }
    }
    Ok(to.to_owned())
}

fn loaded(folders: &[PathBuf]) -> anyhow::Result<RuleSet> {
    let mut texts = Vec::new();
    for folder in folders {
        for entry in WalkDir::new(folder).sort_by_file_name() {
            let path = entry?.into_path();
            if path.extension().is_some_and(|it| it == "yml") {
                let text = fs::read_to_string(&path)?;
                texts.push(RuleText { file: path, text, license: String::new() });
            }
        }
    }
    let begin = Instant::now();
    let rules = RuleSet::load(&texts, &[], &|_| true, &Limits::default());
    let seconds = begin.elapsed().as_secs_f64();
    println!("{} rules of {} files loaded in {seconds:.2} s\n", rules.rules().len(), texts.len());
    Ok(rules)
}

/// What each stage adds, on one thread.
fn stages(logs: &Path, rules: &RuleSet) -> anyhow::Result<()> {
    let read = best(logs, None, false)?;
    let flattened = best(logs, None, true)?;
    let evaluated = best(logs, Some(rules), true)?;
    let events = evaluated.events as f64;
    let rate = |seconds: f64| format!("{:.0}", events / seconds);
    println!("| stage, one thread, {} events | seconds | events a second |", evaluated.events);
    println!("|---|--:|--:|");
    println!("| read | {:.2} | {} |", read.seconds, rate(read.seconds));
    let flatten = (flattened.seconds - read.seconds).max(f64::MIN_POSITIVE);
    println!("| flatten | {flatten:.2} | {} |", rate(flatten));
    let evaluate = (evaluated.seconds - flattened.seconds).max(f64::MIN_POSITIVE);
    println!("| evaluate | {evaluate:.2} | {} |", rate(evaluate));
    println!("| all | {:.2} | {} |", evaluated.seconds, rate(evaluated.seconds));
    println!("| matches | {} | |\n", evaluated.matches);
    Ok(())
}

/// What a run over all logs came to.
#[derive(Clone, Copy, Debug)]
struct Stage {
    seconds: f64,
    events: u64,
    matches: u64,
}

fn best(logs: &Path, rules: Option<&RuleSet>, is_whole: bool) -> anyhow::Result<Stage> {
    let inputs: Vec<Input> = WalkDir::new(logs)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| Input {
            name: entry.path().display().to_string(),
            origin: Origin::File(entry.into_path()),
        })
        .collect();
    let formats = if is_whole { Taxonomy::builtin().whole_formats() } else { Vec::new() };
    let mut best: Option<Stage> = None;
    for _ in 0..RUNS {
        // Without any table wanted, and not whole, records are read and counted alone.
        let mut selection = Selection::nothing().whole(&formats);
        if !is_whole {
            selection = selection.except_formats(&["evtx"]);
        }
        let begin = Instant::now();
        let shower = Shower { rules, events: 0, matches: 0 };
        let read = read_all(&inputs, &Arc::new(selection), vec![shower], &|_bytes| {})?;
        let seconds = begin.elapsed().as_secs_f64();
        let shower = read.receivers.first().context("there is no receiver")?;
        let stage = Stage { seconds, events: shower.events, matches: shower.matches };
        if best.is_none_or(|best| stage.seconds < best.seconds) {
            best = Some(stage);
        }
    }
    best.context("nothing was run")
}

/// Shows events to rules, if there are any.
struct Shower<'r> {
    rules: Option<&'r RuleSet>,
    events: u64,
    matches: u64,
}

impl Receiver for Shower<'_> {
    fn receive(&mut self, _table: Table, _batch: RecordBatch) -> Result<(), Stopped> {
        Ok(())
    }

    fn receive_whole(&mut self, record: WholeRecord<'_>) -> Result<(), Stopped> {
        self.events += 1;
        let (Some(rules), Some(windows)) = (self.rules, &record.windows) else { return Ok(()) };
        let taxonomy = Taxonomy::builtin();
        let telemetry = taxonomy.windows(&windows.channel, &windows.provider, windows.event_id);
        let feed = rules.feed(&telemetry);
        let event =
            Event { pairs: record.pairs, object: record.object, telemetry: Some(&telemetry) };
        self.matches += rules.evaluate(&feed, &event).len() as u64;
        Ok(())
    }
}

/// The release build over folders of different sizes, with all cores.
fn whole(options: &Options, folders: &[&PathBuf]) -> anyhow::Result<()> {
    let binary = options.binary.clone().map_or_else(release::binary, Ok)?;
    let cores = std::thread::available_parallelism()?.get();
    println!("| `rules run`, {cores} cores | MB | events | seconds | events/s a core | peak MiB |");
    println!("|---|--:|--:|--:|--:|--:|");
    let mut last = 0.0;
    for folder in folders {
        let mut command = Command::new(&binary);
        command.args(["rules", "run"]).args(&options.rules).arg(folder);
        command.args(["--format", "json"]);
        let mut best: Option<super::measured::Measured> = None;
        for _ in 0..RUNS {
            let measured = measure(&command)?;
            if best.as_ref().is_none_or(|best| measured.seconds < best.seconds) {
                best = Some(measured);
            }
        }
        let best = best.context("nothing was run")?;
        let report: serde_json::Value =
            serde_json::from_slice(&best.stdout).context("the report is no JSON")?;
        let events = report["rules"]["events"].as_f64().unwrap_or_default();
        let bytes: u64 = WalkDir::new(folder)
            .into_iter()
            .filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len()))
            .sum();
        last = events / best.seconds / cores as f64;
        println!(
            "| {} | {:.0} | {events} | {:.2} | {last:.0} | {:.0} |",
            folder.file_name().unwrap_or_default().to_string_lossy(),
            bytes as f64 / 1e6,
            best.seconds,
            best.mebibytes
        );
    }
    println!("\n| beside | events/s a core | we are faster by |\n|---|--:|--:|");
    for (name, rate) in [CHAINSAW, HAYABUSA] {
        println!("| {name} | {rate:.0} | {:.1} |", last / rate);
    }
    Ok(())
}
