//! `coldtrail rules run`.

use std::io::Write;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::available_parallelism;

use anyhow::bail;
use clap::{Args, ValueEnum};
use coldtrail_model::{NotRun, Report, RuleMatch, RuleSummary, Timestamp, Window};
use coldtrail_pipeline::query::{Queried, QueryEngine};
use coldtrail_pipeline::sigma::{SigmaRun, Timeline};
use coldtrail_pipeline::{RuleFiles, RuleHits};
use coldtrail_present::{MatchFormat, MatchWriter, RuleSummaryOptions, TextOptions, redacted};

use super::choice::{self, Choice};
use super::{Beside, queried};
use crate::moment::{self, Edge};
use crate::{Outcome, output, terminal};

const EXAMPLES: &str = "\
Examples:
  coldtrail rules run builtin logs/                    our own rules for serverless platforms
  coldtrail rules run sigma/rules evtx/ --min-level high
  coldtrail rules run sigma/rules evtx/ --format csv --output timeline.csv
  coldtrail rules run rule.yml sysmon.evtx --format json
  coldtrail rules run 'Detections/' exports/ zeek/     Sentinel's analytics rules over local logs
  coldtrail rules run rules/ --store /var/lib/coldtrail --functions parsers/
  coldtrail hunt logs/ --rules rules/                  with our own detections beside them";

const NOTES: &str = "\
Rules are Sigma (.yml) and KQL (.kql, Sentinel's .yaml). The first argument is rules, as are those behind it
that are files of rules or folders of nothing else; what follows are logs. `builtin` stands for our own.

Events of Windows, CloudTrail, Zeek and others are shown to Sigma rules with all of their fields; of other
logs, and of a store, rules see the rows of our tables under the names that Sigma has for them.

Exit code: 0 nothing found, 1 matches, 2 could not run.";

/// Run rules over logs.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, after_help = NOTES)]
pub(crate) struct Run {
    /// Rules, then logs: files, folders, globs, archives.
    #[arg(required = true, value_name = "RULES|PATH")]
    arguments: Vec<String>,

    /// A store that `coldtrail ingest` filled, in place of logs.
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,

    /// How to write what was found.
    #[arg(long, value_enum, default_value_t)]
    format: RunFormat,

    /// Write to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Look at events from this time on: a time, a date, or a span before --now such as 24h or 7d.
    #[arg(long, value_name = "TIME", value_parser = Edge::parse)]
    since: Option<Edge>,

    /// Look at events before this time.
    #[arg(long, value_name = "TIME", value_parser = Edge::parse)]
    until: Option<Edge>,

    /// Take this as the time of the run: what now() is in queries.
    #[arg(long, value_name = "TIME", value_parser = moment::moment)]
    now: Option<Timestamp>,

    /// How many rules and hosts to list.
    #[arg(long, default_value_t = 20, value_name = "COUNT")]
    top: usize,

    /// How many findings to explain.
    #[arg(long, default_value_t = 3, value_name = "COUNT")]
    explained: usize,

    #[command(flatten)]
    choice: Choice,

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

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum RunFormat {
    /// What matched, by level, rule, host and day, then the findings.
    #[default]
    Text,
    /// The contract coldtrail.report/1, with the summary below `rules`.
    Json,
    /// Each match, in order of time.
    Csv,
    /// Each match, in order of time, an object a line.
    Jsonl,
    /// A page to read and to pass on, that needs nothing but itself.
    Html,
    /// A layer for ATT&CK Navigator.
    Navigator,
    /// SARIF 2.1.0.
    Sarif,
}

impl RunFormat {
    /// Whether each match is told, and not only how many there are.
    fn is_timeline(self) -> bool {
        matches!(self, RunFormat::Csv | RunFormat::Jsonl | RunFormat::Html | RunFormat::Sarif)
    }
}

impl Run {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let now = self.now.unwrap_or_else(moment::now);
        let window = Window {
            since: self.since.map(|edge| edge.resolve(now)),
            until: self.until.map(|edge| edge.resolve(now)),
        };
        let (rules, paths) = choice::rules_and_paths(&self.arguments)?;
        if paths.is_empty() && self.store.is_none() {
            bail!("there are rules and no logs: name them behind the rules, or a --store");
        }
        self.spare_inputs()?;
        let queried = queried(&paths, self.store.as_deref(), &self.maps)?;
        let run = RulesRun {
            rules: &rules,
            choice: &self.choice,
            beside: &self.beside,
            threads: self.threads,
            now,
            window,
            is_timeline: self.format.is_timeline(),
        };
        let (hits, timeline) = run.over(queried)?;
        let context = match &self.context {
            Some(folder) => super::super::context::read(folder, now)?.context,
            None => Default::default(),
        };
        let is_clean = hits.signals.is_empty();
        let report = hits.report(now, window, &context);
        let mut failed = None;
        let matches = timeline.into_iter().flatten();
        let matches = matches.map_while(|it| it.map_err(|error| failed = Some(error)).ok());
        output::to(self.output.as_deref(), |writer| self.write(&report, matches, writer))?;
        if let Some(error) = failed {
            return Err(error.into());
        }
        Ok(if is_clean { Outcome::Clean } else { Outcome::Found })
    }

    /// Refuses to write over a rule or a log: evidence must not be lost to a slip of the hand.
    fn spare_inputs(&self) -> anyhow::Result<()> {
        let Some(output) = self.output.as_deref().and_then(|path| path.canonicalize().ok()) else {
            return Ok(());
        };
        if !output.is_file() {
            bail!("{} is no file that could be replaced", output.display());
        }
        let is_it = |path: &String| Path::new(path).canonicalize().is_ok_and(|it| it == output);
        match self.arguments.iter().find(|path| is_it(path)) {
            Some(input) => bail!("--output would replace {}, which is read", redacted(input)),
            None => Ok(()),
        }
    }

    fn write(
        &self,
        report: &Report,
        matches: impl Iterator<Item = RuleMatch>,
        mut writer: &mut (dyn Write + Send),
    ) -> anyhow::Result<()> {
        let nothing = RuleSummary::default();
        let summary = report.rules.as_ref().unwrap_or(&nothing);
        match self.format {
            RunFormat::Text => self.text(report, writer)?,
            RunFormat::Json => coldtrail_present::json(report, writer)?,
            RunFormat::Csv => timeline(MatchFormat::Csv, summary, matches, &mut writer)?,
            RunFormat::Jsonl => timeline(MatchFormat::JsonLines, summary, matches, &mut writer)?,
            RunFormat::Html => coldtrail_present::html(summary, report, matches, writer)?,
            RunFormat::Navigator => {
                coldtrail_present::navigator(summary, &report.findings, writer)?;
            }
            RunFormat::Sarif => coldtrail_present::sarif(summary, matches, writer)?,
        }
        Ok(())
    }

    /// What matched comes first, since a folder of rules says much about few; then the findings.
    fn text(&self, report: &Report, writer: &mut dyn Write) -> anyhow::Result<()> {
        let (width, top) = (terminal::width(), self.top);
        let colour = self.output.is_none() && terminal::wants_colour();
        if let Some(summary) = &report.rules {
            let options = RuleSummaryOptions { width, colour, top };
            coldtrail_present::rule_summary(summary, &options, writer)?;
            writeln!(writer)?;
        }
        let findings = Report { rules: None, ..report.clone() };
        let options = TextOptions { width, colour, top: self.explained, rhythms: false };
        Ok(coldtrail_present::text(&findings, &options, writer)?)
    }
}

/// Writes matches one by one.
fn timeline(
    format: MatchFormat,
    summary: &RuleSummary,
    matches: impl Iterator<Item = RuleMatch>,
    writer: impl Write,
) -> anyhow::Result<()> {
    let mut timeline = MatchWriter::new(format, summary, writer)?;
    for one in matches {
        timeline.write(&one)?;
    }
    timeline.finish()?;
    Ok(())
}

/// A run of rules of both languages.
struct RulesRun<'r> {
    rules: &'r RuleFiles,
    choice: &'r Choice,
    beside: &'r Beside,
    threads: Option<NonZero<usize>>,
    now: Timestamp,
    window: Window,
    is_timeline: bool,
}

impl RulesRun<'_> {
    /// Runs the rules, and tells how many of them there were.
    fn over(&self, queried: Queried) -> anyhow::Result<(RuleHits, Option<Timeline>)> {
        let mut hits = RuleHits::default();
        for (file, reason) in &self.rules.problems {
            let detection = format!("rule:{}", file.display());
            hits.not_run.push(NotRun { detection, because: reason.clone() });
        }
        let mut timeline = None;
        let mut loaded = 0;
        if !self.rules.sigma.is_empty() {
            let rules = self.choice.load(self.rules)?;
            loaded = rules.rules().len();
            if loaded == 0 && self.rules.kql.is_empty() {
                bail!(
                    "none of the rules is left to run: see above, and the options that choose rules"
                );
            }
            let bar = terminal::progress_bar(bytes(&queried));
            let progress = {
                let bar = bar.clone();
                Arc::new(move |bytes| bar.inc(bytes))
            };
            let run = SigmaRun {
                rules: &rules,
                window: self.window,
                threads: self
                    .threads
                    .or_else(|| available_parallelism().ok())
                    .map_or(ONE, |threads| threads.min(MOST_THREADS)),
                mappings: mappings(&queried),
                progress,
                is_timeline: self.is_timeline,
            };
            let told = match &queried {
                Queried::Logs(inputs, _) => run.over(inputs),
                Queried::Store(_) | Queried::Nothing => run.over_store(&self.engine(&queried)?),
            };
            bar.finish_and_clear();
            let mut told = told?;
            hits.not_run.extend(rules.problems().iter().filter(|it| !it.is_used).map(not_run));
            timeline = Some(std::mem::take(&mut told.timeline));
            hits.add(told);
        }
        if !self.rules.kql.is_empty() {
            hits.join(self.engine(&queried)?.run_rules(self.rules));
        }
        let queries = self.rules.kql.len();
        let matched = hits.rows.iter().filter(|(_, rows)| *rows > 0).count()
            + hits.summary.as_ref().map_or(0, |summary| summary.rules.len());
        // What could not be told of everything is in the report; here, rules are counted.
        let broken = hits.not_run.iter().filter(|it| it.detection.starts_with("rule:")).count();
        terminal::say(&format!(
            "{} rules, {matched} of them with matches; {broken} could not run",
            loaded + queries,
        ));
        Ok((hits, timeline))
    }

    fn engine(&self, queried: &Queried) -> anyhow::Result<QueryEngine> {
        self.beside.engine(queried.clone(), self.threads, self.now)
    }
}

const ONE: NonZero<usize> = NonZero::<usize>::MIN;

/// More threads than any machine has would only fail to start.
const MOST_THREADS: NonZero<usize> = ONE.saturating_add(255);

/// How many bytes there are to read.
fn bytes(queried: &Queried) -> u64 {
    match queried {
        Queried::Logs(inputs, _) => inputs.iter().map(coldtrail_pipeline::Input::bytes).sum(),
        Queried::Store(_) | Queried::Nothing => 0,
    }
}

fn mappings(queried: &Queried) -> Arc<[coldtrail_pipeline::Mapping]> {
    match queried {
        Queried::Logs(_, mappings) => Arc::clone(mappings),
        Queried::Store(_) | Queried::Nothing => Arc::default(),
    }
}

fn not_run(problem: &coldtrail_pipeline::Problem) -> NotRun {
    let place = [problem.line, problem.column].into_iter().flatten();
    let place: String = place.map(|number| format!(":{number}")).collect();
    NotRun {
        detection: format!("rule:{}{place}", problem.file),
        because: format!("{}; {}", problem.reason, problem.help),
    }
}

/// What the rules of a file or folder say, for a hunt with them.
pub(crate) fn told_by_rules(
    rules: &[String],
    queried: Queried,
    threads: Option<NonZero<usize>>,
    now: Timestamp,
    window: Window,
) -> anyhow::Result<RuleHits> {
    let run = RulesRun {
        rules: &choice::rule_files(rules)?,
        choice: &Choice::default(),
        beside: &Beside::default(),
        threads,
        now,
        window,
        is_timeline: false,
    };
    Ok(run.over(queried)?.0)
}
