//! `coldtrail rules lint`.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use coldtrail_present::{Excerpt, redacted};
use coldtrail_rules::sigma::{Lint as Finding, Taxonomy, Telemetry, Weight, lint};

use super::choice::rule_files;
use super::list::sorts;
use crate::{Outcome, output};

const EXAMPLES: &str = "\
Examples:
  coldtrail rules lint rule.yml
  coldtrail rules lint rules/ --errors-only
  coldtrail rules lint rules/ --logs evtx/ --logs zeek/    and what these logs lack
  coldtrail rules lint builtin --format jsonl";

const NOTES: &str = "\
Exit code: 0 nothing wrong, 1 errors or warnings, 2 could not run.";

/// Say what is wrong with Sigma rules, with line and column.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, after_help = NOTES)]
pub(crate) struct Lint {
    /// Files and folders of rules; `builtin` stands for our own.
    #[arg(required = true, value_name = "RULES")]
    rules: Vec<String>,

    /// Logs that the rules shall run over: log sources that they lack are told.
    #[arg(long = "logs", value_name = "PATH", conflicts_with = "store")]
    logs: Vec<String>,

    /// A store that the rules shall run over.
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,

    /// How to write what is wrong.
    #[arg(long, value_enum, default_value_t)]
    format: LintFormat,

    /// Tell errors alone, and no warnings and notes.
    #[arg(long)]
    errors_only: bool,

    /// Write to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum LintFormat {
    /// As compilers tell it: what, where, the line with a mark below it, and what to do.
    #[default]
    Text,
    /// An object a line.
    Jsonl,
}

impl Lint {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let files = rule_files(&self.rules)?;
        if files.sigma.is_empty() && files.problems.is_empty() {
            bail!("there are no Sigma rules; `coldtrail query` tells what is wrong with KQL");
        }
        let sorts = match (&self.logs[..], &self.store) {
            ([], None) => None,
            (logs, store) => Some(sorts(logs, store.as_deref())?),
        };
        let present: Option<Vec<&Telemetry>> =
            sorts.as_ref().map(|sorts| sorts.iter().map(|(sort, _)| sort.as_ref()).collect());
        let mut counts = [0u64; 3];
        output::to(self.output.as_deref(), |writer| {
            for (file, reason) in &files.problems {
                counts[0] += 1;
                writeln!(writer, "{}", redacted(&format!("{}: error: {reason}", file.display())))?;
            }
            for text in &files.sigma {
                for found in lint(text, Taxonomy::builtin(), present.as_deref()) {
                    let weight = found.code.weight();
                    if self.errors_only && weight != Weight::Error {
                        continue;
                    }
                    if let Some(count) = counts.get_mut(weight as usize) {
                        *count += 1;
                    }
                    match self.format {
                        LintFormat::Text => writeln!(writer, "{}", shown(&found, &text.text))?,
                        LintFormat::Jsonl => writeln!(writer, "{}", object(&found))?,
                    }
                }
            }
            let [errors, warnings, notes] = counts;
            if self.format == LintFormat::Text {
                let files = files.sigma.len() + files.problems.len();
                writeln!(
                    writer,
                    "{files} files: {errors} errors, {warnings} warnings, {notes} notes"
                )?;
            }
            Ok(())
        })?;
        let [errors, warnings, _] = counts;
        Ok(if errors + warnings == 0 { Outcome::Clean } else { Outcome::Found })
    }
}

fn shown(found: &Finding, text: &str) -> String {
    let reason = format!("{} [{}]", found.reason, found.code.code());
    let excerpt = Excerpt {
        name: &found.file,
        text,
        start: found.start,
        end: found.end,
        weight: found.code.weight().name(),
        reason: &reason,
        help: &found.help,
    };
    excerpt.lines().join("\n") + "\n"
}

fn object(found: &Finding) -> serde_json::Value {
    serde_json::json!({
        "file": found.file,
        "line": found.line,
        "column": found.column,
        "weight": found.code.weight().name(),
        "code": found.code.code(),
        "reason": coldtrail_present::blanked(&found.reason),
        "help": coldtrail_present::blanked(&found.help),
    })
}
