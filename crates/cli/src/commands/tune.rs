use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use coldtrail_model::{Finding, Severity, Timestamp};
use coldtrail_pipeline::{Context, Covered, Effect, Proposal, Settings, Tuning, proposed, tried};
use coldtrail_present::redacted;
use serde_json::{Value, json};

use crate::{Outcome, mapping, moment, output};

const EXAMPLES: &str = "\
Examples:
  coldtrail tune examples/
  coldtrail tune --store /var/lib/coldtrail --context context/ --write draft.csv
  coldtrail tune zeek/ --context context/ --try draft.csv";

const EXPLANATION: &str = "\
Without --try, entries are proposed for what repeats: a program and a tenant on three hosts or more, or
over three days or more. What is high, what an indicator accuses and what is sanctioned already is left
out. A proposal has no owner until a person gives it one.

With --try, a draft takes the place of the context's sanctioned.csv. Each line is told with the findings
that it covers; a line that matches nothing is told as well.

Nothing is contacted, and nothing is changed but the file that --write makes.";

/// Propose entries of sanctioned.csv, and say what each would take away.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, after_help = EXPLANATION)]
pub(crate) struct Tune {
    /// Files, folders, globs, archives.
    #[arg(required_unless_present = "store", value_name = "PATH")]
    paths: Vec<String>,

    /// Look into a store that `coldtrail ingest` filled, in place of paths.
    #[arg(long, value_name = "DIR", conflicts_with = "paths")]
    store: Option<PathBuf>,

    /// A folder of what is known already: sanctioned.csv, assets.csv, changes.csv, intel/, settings.toml.
    #[arg(long, value_name = "DIR")]
    context: Option<PathBuf>,

    /// Show what each line of this draft of a sanctioned.csv does, in place of proposals.
    #[arg(long = "try", value_name = "FILE", conflicts_with = "write")]
    draft: Option<PathBuf>,

    /// Write the proposals to a new file; one that exists is left alone.
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,

    /// How to write the answer.
    #[arg(long, value_enum, default_value_t = TuneFormat::Text)]
    format: TuneFormat,

    /// Describe logs that no format knows: see `coldtrail sources map`.
    #[arg(long = "map", value_name = "FILE", conflicts_with = "store")]
    maps: Vec<PathBuf>,

    /// Take this as the time of the run: entries expire.
    #[arg(long, value_name = "TIME", value_parser = moment::moment)]
    now: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TuneFormat {
    /// For a person at a terminal.
    Text,
    /// For a program: coldtrail.tuning/1.
    Json,
}

/// An entry with its line as it would stand in the file.
struct Entry<'t> {
    text: String,
    reason: &'t str,
    effect: &'t Effect,
}

impl Tune {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let now = self.now.unwrap_or_else(moment::now);
        let (context, settings) = self.known(now)?;
        let report = self.hunt(&context, settings, now)?;
        let mut proposals: Vec<Proposal> = Vec::new();
        let mut lines: Vec<String> = Vec::new();
        let tuning = match &self.draft {
            Some(draft) => {
                let text = fs::read(draft).with_context(|| cannot_read(draft))?;
                let text = String::from_utf8_lossy(&text);
                lines = text.lines().map(str::to_owned).collect();
                tried(&report, &context, &text, now)
            }
            None => {
                let (made, tuning) = proposed(&report, &context, now);
                proposals = made;
                tuning
            }
        };
        let entries: Vec<Entry<'_>> =
            tuning.effects.iter().map(|effect| entry(effect, &lines, &proposals)).collect();
        match self.format {
            TuneFormat::Text => output::to(None, |writer| self.text(&tuning, &entries, writer))?,
            TuneFormat::Json => output::to(None, |writer| {
                let value = tuning_as_json(&tuning, &entries);
                Ok(writeln!(writer, "{value:#}")?)
            })?,
        }
        if let Some(path) = &self.write {
            write_new(path, &entries)?;
        }
        Ok(Outcome::Clean)
    }

    /// What is known. A draft takes the place of what is sanctioned already.
    fn known(&self, now: Timestamp) -> anyhow::Result<(Context, Settings)> {
        let Some(folder) = &self.context else { return Ok(Default::default()) };
        let known = super::context::read(folder, now)?;
        let context = match self.draft {
            Some(_) => known.context.without_sanctions(),
            None => known.context,
        };
        Ok((context, known.settings))
    }

    fn hunt(
        &self,
        context: &Context,
        settings: Settings,
        now: Timestamp,
    ) -> anyhow::Result<coldtrail_model::Report> {
        let mut hunt = match &self.store {
            Some(store) => coldtrail_pipeline::Hunt::over_store(store, now)?,
            None => coldtrail_pipeline::Hunt::over(&self.paths, now)?,
        };
        hunt.mappings = mapping::read(&self.maps)?;
        hunt.context = context.clone();
        hunt.settings = settings;
        Ok(coldtrail_pipeline::hunt(hunt)?)
    }

    fn text(
        &self,
        tuning: &Tuning,
        entries: &[Entry<'_>],
        writer: &mut dyn Write,
    ) -> anyhow::Result<()> {
        if let Some(draft) = &self.draft {
            let (folder, name) = (draft.parent().unwrap_or(Path::new("")), draft.file_name());
            let name = name.unwrap_or_default().to_string_lossy().into_owned();
            for problem in &tuning.problems {
                let problem = coldtrail_pipeline::Problem { file: name.clone(), ..problem.clone() };
                let folder = folder.display().to_string();
                let folder = if folder.is_empty() { "." } else { folder.as_str() };
                writeln!(writer, "{}", coldtrail_present::problem(folder, &problem))?;
            }
        }
        let is_draft = self.draft.is_some();
        let what = if is_draft { "in the draft" } else { "proposed" };
        let count = number(entries.len(), "entry", "entries");
        writeln!(writer, "{count} {what}; {}", change(&tuning.before, &tuning.after, entries))?;
        for entry in entries {
            writeln!(writer)?;
            entry_as_text(entry, writer)?;
        }
        if !is_draft && entries.is_empty() {
            let why = "nothing that may be sanctioned repeats on three hosts or over three days";
            writeln!(writer, "{why}")?;
        }
        Ok(())
    }
}

fn entry<'t>(effect: &'t Effect, lines: &[String], proposals: &'t [Proposal]) -> Entry<'t> {
    let index = usize::try_from(effect.line).unwrap_or(usize::MAX).saturating_sub(1);
    // The first line of a table is its header.
    let proposal = index.checked_sub(1).and_then(|index| proposals.get(index));
    match proposal {
        Some(proposal) => Entry { text: proposal.line(), reason: &proposal.reason, effect },
        None => Entry { text: lines.get(index).cloned().unwrap_or_default(), reason: "", effect },
    }
}

fn entry_as_text(
    Entry { text, reason, effect }: &Entry<'_>,
    writer: &mut dyn Write,
) -> anyhow::Result<()> {
    writeln!(writer, "line {}: {}", effect.line, redacted(text))?;
    if !reason.is_empty() {
        writeln!(writer, "  why      {}", redacted(reason))?;
    }
    let Some((first, last)) = effect.first_seen.zip(effect.last_seen) else {
        return Ok(writeln!(writer, "  matches  nothing in these logs")?);
    };
    writeln!(
        writer,
        "  covers   {} on {}, {} – {} UTC",
        severities(effect.covered.iter().map(|covered| covered.before)),
        number(effect.hosts, "host", "hosts"),
        second(first),
        second(last),
    )?;
    writeln!(writer, "  becomes  {}", becomes(&effect.covered))?;
    for covered in effect.covered.iter().take(MOST_TITLES) {
        writeln!(writer, "           {}  {}", covered.id, redacted(&covered.title))?;
    }
    if let Some(more @ 1..) = effect.covered.len().checked_sub(MOST_TITLES) {
        writeln!(writer, "           … and {more} more")?;
    }
    for record in &effect.records {
        let source = redacted(&record.source);
        writeln!(writer, "  record   {source}:{} · {} bytes", record.offset, record.length)?;
    }
    for warning in &effect.warnings {
        writeln!(writer, "  warning  {}", redacted(warning))?;
    }
    Ok(())
}

/// More findings of one entry are only counted.
const MOST_TITLES: usize = 3;

/// What the list as a whole does: `of 2 high, 13 low findings, 12 are covered, which leaves …`.
fn change(before: &[Finding], after: &[Finding], entries: &[Entry<'_>]) -> String {
    let all = severities(before.iter().map(|finding| finding.severity));
    let left = severities(after.iter().map(|finding| finding.severity));
    let ids = entries.iter().flat_map(|entry| &entry.effect.covered).map(|one| (&one.id, ()));
    let covered = BTreeMap::from_iter(ids).len();
    format!("of {all}, {covered} are covered, which leaves {left}")
}

/// `2 medium, 12 low` findings; `no finding`.
fn severities(severities: impl Iterator<Item = Severity>) -> String {
    let mut counts: BTreeMap<Severity, usize> = BTreeMap::new();
    for severity in severities {
        *counts.entry(severity).or_default() += 1;
    }
    let all: usize = counts.values().sum();
    let parts: Vec<String> = counts
        .iter()
        .rev()
        .map(|(severity, count)| format!("{count} {}", severity.name()))
        .collect();
    match all {
        0 => "no finding".to_owned(),
        1 => format!("{} finding", parts.join(", ")),
        _ => format!("{} findings", parts.join(", ")),
    }
}

/// What becomes of findings, alike ones counted together: `2 medium → low (score 61 → 36), 9 stay low`,
/// and how many of them nobody has to look at any more.
fn becomes(covered: &[Covered]) -> String {
    let mut changes: BTreeMap<(Severity, Option<Severity>), Vec<&Covered>> = BTreeMap::new();
    for one in covered {
        changes.entry((one.before, one.after)).or_default().push(one);
    }
    let mut told: Vec<String> = changes
        .iter()
        .rev()
        .map(|((before, after), group)| change_of(*before, *after, group))
        .collect();
    let closed = covered.iter().filter(|one| one.is_closed).count();
    if closed > 0 {
        told.push(format!("{closed} closed as sanctioned"));
    }
    told.join(", ")
}

fn change_of(before: Severity, after: Option<Severity>, group: &[&Covered]) -> String {
    let highest = |score: fn(&Covered) -> u8| group.iter().map(|one| score(one)).max().unwrap_or(0);
    let (score, then) =
        (highest(|one| one.score_before), highest(|one| one.score_after.unwrap_or(0)));
    let (count, before) = (group.len(), before.name());
    match after.map(Severity::name) {
        None => format!("{count} {before} → no finding"),
        Some(after) if after == before && score == then => format!("{count} stay {after}"),
        Some(after) => format!("{count} {before} → {after} (score {score} → {then})"),
    }
}

/// A moment to the second: `2026-04-13 09:00:07`.
fn second(moment: Timestamp) -> String {
    moment.to_string().chars().take(19).collect::<String>().replace('T', " ")
}

fn number(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn tuning_as_json(tuning: &Tuning, entries: &[Entry<'_>]) -> Value {
    let counted = |findings: &[Finding]| {
        let count = |severity| findings.iter().filter(|one| one.severity == severity).count();
        json!({
            "critical": count(Severity::Critical),
            "high": count(Severity::High),
            "medium": count(Severity::Medium),
            "low": count(Severity::Low),
        })
    };
    let entries = entries.iter().map(|Entry { text, reason, effect }| {
        let mut value = json!({ "entry": redacted(text), "reason": redacted(reason) });
        if let (Some(value), Ok(Value::Object(effect))) =
            (value.as_object_mut(), serde_json::to_value(effect))
        {
            value.extend(effect.into_iter().map(|(key, value)| (key, clean(value))));
        }
        value
    });
    let problems = tuning.problems.iter().map(|one| {
        json!({
            "line": one.line,
            "column": one.column,
            "code": one.kind.code(),
            "is_used": one.is_used,
            "reason": redacted(&one.reason),
            "help": redacted(&one.help),
        })
    });
    json!({
        "schema": "coldtrail.tuning/1",
        "before": counted(&tuning.before),
        "after": counted(&tuning.after),
        "entries": entries.collect::<Vec<_>>(),
        "problems": problems.collect::<Vec<_>>(),
    })
}

/// A value without bearer secrets and hidden characters.
fn clean(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(redacted(&text)),
        Value::Array(values) => values.into_iter().map(clean).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(key, value)| (key, clean(value))).collect()
        }
        other => other,
    }
}

/// Writes proposals to a file that must not be there yet. What a warning speaks against is a comment
/// until somebody takes the `#` away.
fn write_new(path: &Path, entries: &[Entry<'_>]) -> anyhow::Result<()> {
    let cannot = || format!("cannot write {}, which must not exist yet", path.display());
    let mut file = File::create_new(path).with_context(cannot)?;
    let mut text = format!("{}\n", Proposal::HEADER);
    for Entry { text: line, effect, .. } in entries {
        for warning in &effect.warnings {
            text.push_str(&format!("# {}\n", redacted(warning)));
        }
        let comment = if effect.warnings.is_empty() { "" } else { "# " };
        text.push_str(&format!("{comment}{line}\n"));
    }
    file.write_all(text.as_bytes()).with_context(cannot)
}

fn cannot_read(path: &Path) -> String {
    format!("cannot read {}", path.display())
}
