//! `coldtrail rules list`.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use coldtrail_model::Window;
use coldtrail_pipeline::query::Queried;
use coldtrail_pipeline::sigma::SigmaRun;
use coldtrail_present::{answer, redacted};
use coldtrail_rules::sigma::{Rule, RuleKind, RuleSet, Taxonomy, Telemetry};

use super::choice::{self, Choice};
use super::{Beside, queried};
use crate::{Outcome, moment, output, terminal};

const EXAMPLES: &str = "\
Examples:
  coldtrail rules list builtin
  coldtrail rules list sigma/rules evtx/              which rules these logs can feed
  coldtrail rules list sigma/rules evtx/ --unfed      and which they cannot
  coldtrail rules list sigma/rules --min-level high --tag attack.command-and-control";

/// List Sigma rules, and whether logs can feed them.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct List {
    /// Rules, then logs: files, folders, globs, archives. Without logs, it is told what could feed a rule.
    #[arg(required = true, value_name = "RULES|PATH")]
    arguments: Vec<String>,

    /// A store that `coldtrail ingest` filled, in place of logs.
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,

    /// Only rules that are fed.
    #[arg(long, conflicts_with = "unfed")]
    fed: bool,

    /// Only rules that are not fed.
    #[arg(long)]
    unfed: bool,

    /// How to write the list.
    #[arg(long, value_enum, default_value_t)]
    format: ListFormat,

    /// Write to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    #[command(flatten)]
    choice: Choice,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum ListFormat {
    /// A table that fits the terminal.
    #[default]
    Text,
    /// An object a line.
    Jsonl,
}

impl List {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let (files, paths) = choice::rules_and_paths(&self.arguments)?;
        let rules = self.choice.load(&files)?;
        let sorts = match (&paths[..], &self.store) {
            ([], None) => None,
            (paths, store) => Some(sorts(paths, store.as_deref())?),
        };
        let listed: Vec<Listed<'_>> = rules
            .rules()
            .iter()
            .filter(|rule| rule.kind == RuleKind::Detection)
            .map(|rule| Listed { rule, fed_by: fed_by(rule, sorts.as_deref()) })
            .collect();
        let wanted: Vec<&Listed<'_>> = listed
            .iter()
            .filter(|it| (!self.fed || it.is_fed()) && (!self.unfed || !it.is_fed()))
            .collect();
        output::to(self.output.as_deref(), |writer| {
            match self.format {
                ListFormat::Text => {
                    for line in table(&wanted) {
                        writeln!(writer, "{line}")?;
                    }
                    for line in footer(&listed, sorts.is_some()) {
                        writeln!(writer, "{line}")?;
                    }
                }
                ListFormat::Jsonl => {
                    for it in &wanted {
                        writeln!(writer, "{}", it.object())?;
                    }
                }
            }
            Ok(())
        })?;
        Ok(Outcome::Clean)
    }
}

/// A rule with what feeds it.
struct Listed<'r> {
    rule: &'r Rule,
    /// Sorts of events, each with how many there are, where logs were looked at.
    fed_by: Vec<(String, Option<u64>)>,
}

impl Listed<'_> {
    fn is_fed(&self) -> bool {
        !self.fed_by.is_empty()
    }

    fn row(&self) -> Vec<String> {
        let rule = self.rule;
        let fed_by = match &self.fed_by[..] {
            [] => "nothing".to_owned(),
            [(one, count)] => with_count(one, *count),
            [(one, count), more @ ..] => {
                format!("{}, {} more", with_count(one, *count), more.len())
            }
        };
        [rule.level.map_or("", |it| it.name()), &rule.title, &rule.log_source.to_string(), &fed_by]
            .map(redacted)
            .to_vec()
    }

    fn object(&self) -> serde_json::Value {
        let rule = self.rule;
        let fed_by: Vec<serde_json::Value> = self
            .fed_by
            .iter()
            .map(|(name, events)| serde_json::json!({ "sort": name, "events": events }))
            .collect();
        serde_json::json!({
            "id": rule.id,
            "title": rule.title,
            "file": rule.file.display().to_string(),
            "line": rule.line,
            "level": rule.level.map(|it| it.name()),
            "status": rule.status.map(|it| it.name()),
            "author": rule.author,
            "license": rule.license,
            "tags": rule.tags,
            "log_source": rule.log_source.to_string(),
            "is_fed": self.is_fed(),
            "fed_by": fed_by,
        })
    }
}

fn with_count(name: &str, count: Option<u64>) -> String {
    match count {
        Some(count) => format!("{name} × {count}"),
        None => name.to_owned(),
    }
}

/// What feeds a rule: of the events that there are, or else of all that could be.
fn fed_by(rule: &Rule, sorts: Option<&[(Arc<Telemetry>, u64)]>) -> Vec<(String, Option<u64>)> {
    match sorts {
        Some(sorts) => {
            let feeds = |sort: &Telemetry| {
                sort.log_sources.iter().any(|given| rule.log_source.is_fed_by(given))
            };
            let fed = sorts.iter().filter(|(sort, _)| feeds(sort));
            fed.map(|(sort, events)| (sort.name.clone(), Some(*events))).collect()
        }
        None => {
            let sorts = Taxonomy::builtin().feeding(&rule.log_source);
            sorts.iter().map(|sort| (sort.name.clone(), None)).collect()
        }
    }
}

fn table(listed: &[&Listed<'_>]) -> Vec<String> {
    let columns = [("LEVEL", false), ("TITLE", false), ("LOG SOURCE", false), ("FED BY", false)];
    let rows: Vec<Vec<String>> = listed.iter().map(|it| it.row()).collect();
    answer(&columns, &rows, terminal::width())
}

/// How many rules are fed, and what the others would need.
fn footer(listed: &[Listed<'_>], by_logs: bool) -> Vec<String> {
    let fed = listed.iter().filter(|it| it.is_fed()).count();
    let what = if by_logs { "these logs" } else { "some log that is read" };
    let mut lines = vec![format!("{fed} of {} rules are fed by {what}", listed.len())];
    let mut lacking: BTreeMap<String, usize> = BTreeMap::new();
    for it in listed.iter().filter(|it| !it.is_fed()) {
        *lacking.entry(it.rule.log_source.to_string()).or_default() += 1;
    }
    let mut lacking: Vec<(String, usize)> = lacking.into_iter().collect();
    lacking.sort_by_key(|(_, rules)| std::cmp::Reverse(*rules));
    let told: Vec<String> =
        lacking.iter().take(12).map(|(source, rules)| format!("{source} ({rules})")).collect();
    if !told.is_empty() {
        let more = lacking.len().saturating_sub(told.len());
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        lines.push(redacted(&format!("Nothing feeds: {}{more}", told.join(", "))));
    }
    lines
}

/// What sorts of events there are in logs or in a store.
pub(super) fn sorts(
    paths: &[String],
    store: Option<&Path>,
) -> anyhow::Result<Vec<(Arc<Telemetry>, u64)>> {
    let queried = queried(paths, store, &[])?;
    let rules = RuleSet::default();
    let run = SigmaRun {
        rules: &rules,
        window: Window::default(),
        threads: std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN),
        mappings: Arc::default(),
        progress: Arc::new(|_bytes| {}),
        is_timeline: false,
    };
    let told = match &queried {
        Queried::Logs(inputs, _) => run.over(inputs)?,
        Queried::Store(_) | Queried::Nothing => {
            run.over_store(&Beside::default().engine(queried, None, moment::now())?)?
        }
    };
    Ok(told.sorts)
}
