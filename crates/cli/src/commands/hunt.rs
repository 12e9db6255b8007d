use std::num::NonZero;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::bail;
use clap::{Args, ValueEnum};
use coldtrail_model::{Report, Severity, Timestamp, Window};
use coldtrail_pipeline::context_faults;
use coldtrail_present::{Format, TextOptions};

use super::rules::{queried, told_by_rules};
use crate::Outcome;
use crate::moment::{self, Edge};
use crate::{mapping, output, terminal};

const EXAMPLES: &str = "\
Examples:
  coldtrail hunt examples/
  coldtrail hunt '/var/log/zeek/2026-04-*/' --since 2026-04-10 --until 2026-04-14
  coldtrail hunt exports.zip Security.evtx --format json --output report.json
  coldtrail hunt zeek/ --explain                  with the intervals and terms of each rhythm
  coldtrail hunt --store /var/lib/coldtrail --since 7d
  coldtrail hunt zeek/ --context context/         with sanctioned services, assets and indicators
  zcat ssl.*.log.gz | coldtrail hunt - --min-severity medium";

const FORMATS: &str = "\
Formats are recognised by content, whatever a file is called: Zeek, Suricata, name servers, proxies,
firewalls, Windows and Sysmon events, Defender and Sentinel exports, AWS, Google Cloud, Azure,
Cloudflare, OCSF, ECS and others. `coldtrail sources list` has them all, `sources explain` says what
was made of a log, and --map describes one that nobody knows. Gzip, zstd, zip and tar are opened.

Exit code: 0 nothing found, 1 findings, 2 could not run.";

/// Read logs and report findings.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, after_help = FORMATS)]
pub(crate) struct Hunt {
    /// Files, folders, globs, archives; `-` is standard input.
    #[arg(required_unless_present = "store", value_name = "PATH")]
    paths: Vec<String>,

    /// Hunt in a store that `coldtrail ingest` filled, in place of paths.
    #[arg(long, value_name = "DIR", conflicts_with = "paths")]
    store: Option<PathBuf>,

    /// How to write the report.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,

    /// Write the report to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Look at events from this time on: a time, a date, or a span before --now such as 24h or 7d.
    #[arg(long, value_name = "TIME", value_parser = Edge::parse)]
    since: Option<Edge>,

    /// Look at events before this time.
    #[arg(long, value_name = "TIME", value_parser = Edge::parse)]
    until: Option<Edge>,

    /// Take this as the time of the run, for old logs and for reports that come out the same.
    #[arg(long, value_name = "TIME", value_parser = moment::moment)]
    now: Option<Timestamp>,

    /// Report findings of this severity and above.
    #[arg(long, value_enum, default_value_t = Least::Low, value_name = "SEVERITY")]
    min_severity: Least,

    /// How many findings to explain below the table.
    #[arg(long, default_value_t = 5, value_name = "COUNT")]
    top: usize,

    /// Show the rhythm of the explained findings in full: intervals, terms, what was collapsed. With the
    /// ID of a finding, report that one alone.
    #[arg(long, num_args = 0..=1, default_missing_value = "all", value_name = "ID|all")]
    #[arg(value_parser = Explain::parse)]
    explain: Option<Explain>,

    /// Read every record whole, even those that cannot matter: slower, with the same findings.
    #[arg(long)]
    no_prefilter: bool,

    /// Describe logs that no format knows: see `coldtrail sources map`.
    #[arg(long = "map", value_name = "FILE", conflicts_with = "store")]
    maps: Vec<PathBuf>,

    /// A folder of what you know and no log tells: sanctioned.csv, assets.csv, changes.csv, intel/,
    /// settings.toml.
    #[arg(long, value_name = "DIR")]
    context: Option<PathBuf>,

    /// Run these rules, too, a file or folder of Sigma or KQL: what they say stands beside what we find.
    #[arg(long, value_name = "RULES")]
    rules: Vec<String>,

    /// Tell on standard error how long each stage took.
    #[arg(long)]
    timings: bool,

    /// How many threads read and compute; all cores by default.
    #[arg(long, value_name = "COUNT")]
    threads: Option<NonZero<usize>>,
}

/// Which findings are explained down to the intervals between polls.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Explain {
    /// All that are explained.
    All,
    /// The one with this identifier.
    One(String),
}

impl Explain {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Explain::All),
            id if id.starts_with("ct-") => Ok(Explain::One(id.to_owned())),
            _ => Err("it is `all` or the ID of a finding, such as ct-0123456789ab; paths come \
                      before --explain"
                .to_owned()),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// A table that fits the terminal, then the top findings explained.
    Text,
    /// The contract coldtrail.report/1; its JSON Schema is in schemas/.
    Json,
}

impl ReportFormat {
    /// The format of the report.
    pub(crate) fn format(self) -> Format {
        match self {
            ReportFormat::Text => Format::Text,
            ReportFormat::Json => Format::Json,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Least {
    Low,
    Medium,
    High,
    Critical,
}

impl Hunt {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let now = self.now.unwrap_or_else(moment::now);
        let mut hunt = match &self.store {
            Some(store) => coldtrail_pipeline::Hunt::over_store(store, now)?,
            None => coldtrail_pipeline::Hunt::over(&self.paths, now)?,
        };
        hunt.window = self.window(now);
        hunt.prefilter = !self.no_prefilter;
        hunt.mappings = mapping::read(&self.maps)?;
        if let Some(folder) = &self.context {
            let known = super::context::read(folder, now)?;
            hunt.context_faults = context_faults(&folder.display().to_string(), &known.problems);
            hunt.context = known.context;
            hunt.settings = known.settings;
        }
        if !self.rules.is_empty() {
            let queried = queried(&self.paths, self.store.as_deref(), &self.maps)?;
            let window = self.window(now);
            hunt.told = told_by_rules(&self.rules, queried, self.threads, now, window)?;
        }
        hunt.threads = self.threads.map_or(hunt.threads, NonZero::get);
        let bar = terminal::progress_bar(0);
        let watch = Arc::new(Stopwatch::default());
        hunt.progress = {
            let bar = bar.clone();
            Arc::new(move |bytes| bar.inc(bytes))
        };
        hunt.stages = {
            let (bar, watch) = (bar.clone(), Arc::clone(&watch));
            Arc::new(move |stage| {
                bar.set_position(0);
                bar.set_length(stage.bytes);
                bar.set_message(stage.name);
                watch.next(stage.name);
            })
        };
        let report = coldtrail_pipeline::hunt(hunt);
        bar.finish_and_clear();
        if self.timings {
            watch.tell();
        }
        let mut report = report?;
        match &self.explain {
            Some(Explain::One(id)) => {
                report.findings.retain(|finding| finding.id == *id);
                if report.findings.is_empty() {
                    bail!("no finding has the ID {id}: a report without --explain lists them");
                }
            }
            Some(Explain::All) | None => {
                let least = self.min_severity.severity();
                report.findings.retain(|finding| finding.severity >= least);
            }
        }
        self.write(&report)?;
        Ok(if report.findings.is_empty() { Outcome::Clean } else { Outcome::Found })
    }

    fn window(&self, now: Timestamp) -> Window {
        Window {
            since: self.since.map(|edge| edge.resolve(now)),
            until: self.until.map(|edge| edge.resolve(now)),
        }
    }

    fn write(&self, report: &Report) -> anyhow::Result<()> {
        let to_terminal = self.output.is_none();
        let options = TextOptions {
            width: terminal::width(),
            colour: to_terminal && terminal::wants_colour(),
            top: self.top,
            rhythms: self.explain.is_some(),
        };
        output::to(self.output.as_deref(), |writer| {
            Ok(coldtrail_present::write(report, self.format.format(), &options, writer)?)
        })
    }
}

/// Measures stages, each from its beginning to that of the next.
#[derive(Default)]
struct Stopwatch {
    begun: Mutex<Vec<(&'static str, Instant)>>,
}

impl Stopwatch {
    fn next(&self, stage: &'static str) {
        self.begun().push((stage, Instant::now()));
    }

    fn tell(&self) {
        let begun = self.begun();
        let ends = begun.iter().skip(1).map(|(_, end)| *end).chain([Instant::now()]);
        for ((stage, begin), end) in begun.iter().zip(ends) {
            terminal::say(&format!("{:>8.3} s  {stage}", (end - *begin).as_secs_f64()));
        }
    }

    fn begun(&self) -> MutexGuard<'_, Vec<(&'static str, Instant)>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Least {
    fn severity(self) -> Severity {
        match self {
            Least::Low => Severity::Low,
            Least::Medium => Severity::Medium,
            Least::High => Severity::High,
            Least::Critical => Severity::Critical,
        }
    }
}
