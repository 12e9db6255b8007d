//! `coldtrail rules explain`.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use coldtrail_pipeline::discover;
use coldtrail_pipeline::sigma::{ExplainedEvent, explained};
use coldtrail_present::redacted;
use coldtrail_rules::sigma::{Event, Explanation, RuleKind, RuleSet, Step, explain};

use super::choice::{Choice, rule_files};
use crate::{Outcome, mapping, output};

const EXAMPLES: &str = "\
Examples:
  coldtrail rules explain rule.yml sysmon.evtx@4704         the record at that offset, as findings name it
  coldtrail rules explain rule.yml zeek/dns.log --first 3
  coldtrail rules explain rule.yml '{\"Image\": \"C:\\\\Windows\\\\System32\\\\curl.exe\"}'
  coldtrail rules explain sigma/rules cloudtrail.json --id 5a2a3f5b-8b1b-4f0c-9d6b-3e6f3c0f9a11";

const NOTES: &str = "\
Exit code: 0 no event matches, 1 an event matches, 2 could not run.";

/// Say why a Sigma rule matches an event, or does not.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, after_help = NOTES)]
pub(crate) struct Explain {
    /// The rule; of files with several, --id says which.
    #[arg(value_name = "RULE")]
    rule: String,

    /// The event: FILE@OFFSET, the first ones of FILE, or an object of JSON.
    #[arg(value_name = "EVENT")]
    event: String,

    /// How many events of FILE to explain.
    #[arg(long, default_value_t = 1, value_name = "COUNT")]
    first: usize,

    #[command(flatten)]
    choice: Choice,

    /// Describe logs that no format knows: see `coldtrail sources map`.
    #[arg(long = "map", value_name = "FILE")]
    maps: Vec<PathBuf>,
}

impl Explain {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let rules = self.choice.load(&rule_files(std::slice::from_ref(&self.rule))?)?;
        let rule = only(&rules)?;
        let mut is_match = false;
        if self.event.trim_start().starts_with('{') {
            let object: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(&self.event).context("the event is no object of JSON")?;
            let event = Event { object: Some(&object), ..Event::default() };
            let explanation = explain(&rules, rule, &event)
                .context("a correlation matches no single event: explain the rules it is about")?;
            is_match = explanation.is_match;
            output::to(None, |writer| {
                for line in lines(&explanation) {
                    writeln!(writer, "{line}")?;
                }
                Ok(())
            })?;
        } else {
            let events = self.events(&rules, rule)?;
            output::to(None, |writer| {
                for event in &events {
                    is_match |= event.explanation.is_match && event.is_shown;
                    for line in head(&rules, rule, event).iter().chain(&lines(&event.explanation)) {
                        writeln!(writer, "{line}")?;
                    }
                }
                Ok(())
            })?;
        }
        Ok(if is_match { Outcome::Found } else { Outcome::Clean })
    }

    fn events(&self, rules: &RuleSet, rule: usize) -> anyhow::Result<Vec<ExplainedEvent>> {
        let at = self.event.rsplit_once('@').and_then(|(file, offset)| {
            offset.parse::<u64>().ok().map(|offset| (file, Some(offset)))
        });
        let (file, offset) = at.unwrap_or((&self.event, None));
        let (inputs, _) = discover(&[file.to_owned()]);
        if inputs.is_empty() {
            bail!("there is no {}", redacted(file));
        }
        let mappings = mapping::read(&self.maps)?;
        let events = explained(rules, rule, &inputs, mappings, offset, self.first)?;
        if events.is_empty() {
            match offset {
                Some(offset) => bail!("{} has no record at {offset}", redacted(file)),
                None => bail!("{} has no event that rules know", redacted(file)),
            }
        }
        Ok(events)
    }
}

/// The only rule that there is.
fn only(rules: &RuleSet) -> anyhow::Result<usize> {
    let all = rules.rules().iter().enumerate();
    let found: Vec<usize> =
        all.filter(|(_, rule)| rule.kind == RuleKind::Detection).map(|(place, _)| place).collect();
    match found[..] {
        [one] => Ok(one),
        [] => bail!("no rule could be loaded that matches events"),
        _ => bail!("there are {} rules: say which one with --id", found.len()),
    }
}

/// What the event is, and whether the rule is ever shown such.
fn head(rules: &RuleSet, rule: usize, event: &ExplainedEvent) -> Vec<String> {
    let place = format!("{}@{}", event.record.source, event.record.offset);
    let mut lines = vec![redacted(&format!("{place}: {}", event.telemetry))];
    if let Some(rule) = rules.rules().get(rule).filter(|_| !event.is_shown) {
        let given: Vec<String> = event.log_sources.iter().map(ToString::to_string).collect();
        lines.push(redacted(&format!(
            "the rule is never shown this event: it asks for {}, the event is of {}",
            rule.log_source,
            given.join(", ")
        )));
    }
    lines
}

fn lines(explanation: &Explanation) -> Vec<String> {
    let word = if explanation.is_match { "matches" } else { "does not match" };
    let mut lines = vec![word.to_owned()];
    for step in &explanation.steps {
        tell(step, 1, &mut lines);
    }
    lines
}

fn tell(step: &Step, depth: usize, lines: &mut Vec<String>) {
    let mark = if step.holds { '✓' } else { '✗' };
    let because = match step.because.as_str() {
        "" => String::new(),
        because => format!(": {because}"),
    };
    lines.push(format!(
        "{}{mark} {}",
        "  ".repeat(depth),
        redacted(&format!("{}{because}", step.what))
    ));
    for part in &step.parts {
        tell(part, depth + 1, lines);
    }
}
