use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::bail;
use clap::{Args, Subcommand};
use coldtrail_model::Timestamp;
use coldtrail_pipeline::discover;
use coldtrail_pipeline::query::{
    ExternalFiles, Queried, QueryEngine, RuleHits, Rules, StoredFunctions, Surroundings,
};
use coldtrail_present::{TextOptions, redacted};
use coldtrail_rules::kql::DateTime;
use coldtrail_rules::kql::functions::geography;

use super::hunt::ReportFormat;
use crate::{Outcome, mapping, moment, output, terminal};

const EXAMPLES: &str = "\
Examples:
  coldtrail rules run 'Detections/' exports/ zeek/     Sentinel's analytics rules over local logs
  coldtrail rules run beacon.kql sysmon.evtx --now 2026-04-13 --format json
  coldtrail rules run rules/ --store /var/lib/coldtrail --functions parsers/
  coldtrail hunt logs/ --rules rules/                  with our own detections beside them";

/// Run rules that people wrote.
#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// Run rules over logs, and report what they say as findings.
    Run(Run),
}

/// Run rules over logs.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Run {
    /// A rule, or a folder of rules: .kql, or Sentinel's .yaml.
    #[arg(value_name = "RULES")]
    rules: PathBuf,

    /// Files, folders, globs, archives.
    #[arg(required_unless_present = "store", value_name = "PATH")]
    paths: Vec<String>,

    /// A store that `coldtrail ingest` filled, in place of paths.
    #[arg(long, value_name = "DIR", conflicts_with = "paths")]
    store: Option<PathBuf>,

    /// How to write the report.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,

    /// Write the report to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Take this as the time of the run: what now() is in rules.
    #[arg(long, value_name = "TIME", value_parser = moment::moment)]
    now: Option<Timestamp>,

    /// How many findings to explain below the table.
    #[arg(long, default_value_t = 5, value_name = "COUNT")]
    top: usize,

    #[command(flatten)]
    beside: Beside,

    /// A folder of what you know and no log tells.
    #[arg(long, value_name = "DIR")]
    context: Option<PathBuf>,

    /// Describe logs that no format knows: see `coldtrail sources map`.
    #[arg(long = "map", value_name = "FILE", conflicts_with = "store")]
    maps: Vec<PathBuf>,

    /// How many threads read and compute; all cores by default.
    #[arg(long, value_name = "COUNT")]
    threads: Option<NonZero<usize>>,
}

/// What queries and rules read beside the logs.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Beside {
    /// Stored functions: a folder of .kql and .yaml files, or one of them.
    #[arg(long, value_name = "PATH")]
    functions: Option<PathBuf>,

    /// Watchlists: a folder in which each is a CSV file of its name.
    #[arg(long, value_name = "DIR")]
    watchlists: Option<PathBuf>,

    /// What externaldata names: a file of `address,file` lines, or a folder in which files are called as
    /// addresses end.
    #[arg(long, value_name = "PATH")]
    external: Option<PathBuf>,

    /// Where addresses are: a database of cities in MaxMind's format, for geo_info_from_ip_address.
    #[arg(long, value_name = "FILE")]
    geo: Option<PathBuf>,

    /// Whose networks addresses are in: a database of autonomous systems in MaxMind's format.
    #[arg(long, value_name = "FILE")]
    asn: Option<PathBuf>,

    /// Stop a query after so many seconds; 0 for never.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    timeout: u64,
}

impl RulesCommand {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        match self {
            RulesCommand::Run(run) => run.run(),
        }
    }
}

impl Run {
    fn run(self) -> anyhow::Result<Outcome> {
        let now = self.now.unwrap_or_else(moment::now);
        let queried = queried(&self.paths, self.store.as_deref(), &self.maps)?;
        let engine = self.beside.engine(queried, self.threads, now)?;
        let hits = run_rules(&self.rules, &engine)?;
        let context = match &self.context {
            Some(folder) => super::context::read(folder, now)?.context,
            None => Default::default(),
        };
        let report = engine.report(hits, now, &context);
        let options = TextOptions {
            width: terminal::width(),
            colour: self.output.is_none() && terminal::wants_colour(),
            top: self.top,
            rhythms: false,
        };
        output::to(self.output.as_deref(), |writer| {
            Ok(coldtrail_present::write(&report, self.format.format(), &options, writer)?)
        })?;
        Ok(if report.findings.is_empty() { Outcome::Clean } else { Outcome::Found })
    }
}

/// Runs the rules of a file or folder, and tells how many of them there were.
pub(crate) fn run_rules(path: &Path, engine: &QueryEngine) -> anyhow::Result<RuleHits> {
    if !path.exists() {
        bail!("there is no {}", path.display());
    }
    let rules = Rules::of(path);
    if rules.rules.is_empty() && rules.problems.is_empty() {
        bail!("{} holds no rules: files that end with .kql, .yaml or .yml", path.display());
    }
    let hits = engine.run_rules(&rules);
    let hit = hits.rows.iter().filter(|(_, rows)| *rows > 0).count();
    terminal::say(&format!(
        "{} rules, {hit} of them with rows; {} could not run",
        rules.rules.len() + rules.problems.len(),
        hits.not_run.len()
    ));
    Ok(hits)
}

/// What there is to query: paths, a store, or nothing.
pub(crate) fn queried(
    paths: &[String],
    store: Option<&Path>,
    maps: &[PathBuf],
) -> anyhow::Result<Queried> {
    match store {
        Some(_) if !paths.is_empty() => {
            bail!("--store stands in place of paths; leave out {}", paths.join(" "))
        }
        Some(store) => Ok(Queried::Store(store.to_owned())),
        None if paths.is_empty() => Ok(Queried::Nothing),
        None => {
            let (inputs, faults) = discover(paths);
            if inputs.is_empty() {
                let missing =
                    faults.iter().map(|fault| fault.source.clone()).next().unwrap_or_default();
                bail!("nothing to read at {}", redacted(&missing));
            }
            Ok(Queried::Logs(inputs, mapping::read(maps)?))
        }
    }
}

impl Beside {
    /// An engine over what there is to query.
    pub(crate) fn engine(
        &self,
        queried: Queried,
        threads: Option<NonZero<usize>>,
        now: Timestamp,
    ) -> anyhow::Result<QueryEngine> {
        self.engine_telling(queried, threads, now, Arc::new(|_bytes| {}))
    }

    /// The same, which tells how many bytes it read.
    pub(crate) fn engine_telling(
        &self,
        queried: Queried,
        threads: Option<NonZero<usize>>,
        now: Timestamp,
        progress: coldtrail_pipeline::Progress,
    ) -> anyhow::Result<QueryEngine> {
        let threads = threads.or_else(|| available_parallelism().ok()).map_or(1, NonZero::get);
        let engine = QueryEngine::new(queried, self.surroundings(now)?, threads, progress)?;
        Ok(engine.within((self.timeout > 0).then(|| Duration::from_secs(self.timeout))))
    }

    fn surroundings(&self, now: Timestamp) -> anyhow::Result<Surroundings> {
        let functions = match &self.functions {
            Some(folder) if !folder.exists() => bail!("there is no {}", folder.display()),
            Some(folder) => StoredFunctions::of(folder),
            None => StoredFunctions::default(),
        };
        for (file, reason) in &functions.problems {
            let line = format!("warning: {} stores no function: {reason}", file.display());
            terminal::say(&redacted(&line));
        }
        if let Some(file) = &self.geo {
            geography::use_database(file).map_err(anyhow::Error::msg)?;
        }
        if let Some(file) = &self.asn {
            geography::use_networks(file).map_err(anyhow::Error::msg)?;
        }
        let external = match &self.external {
            Some(path) => ExternalFiles::of(path).map_err(anyhow::Error::msg)?,
            None => ExternalFiles::default(),
        };
        Ok(Surroundings {
            now: DateTime(now.0.saturating_mul(10).saturating_add(DateTime::EPOCH)),
            functions,
            watchlists: self.watchlists.clone(),
            external,
        })
    }
}
