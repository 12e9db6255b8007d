//! What is wrong with a rule, or will be when it runs.
//!
//! Each document of a file is read with the places of its parts (`document`), and every check looks at it
//! for itself: one file each, from a document to findings. A check tells the place, quotes the rule, and says
//! what to write instead.

use std::sync::Arc;

use super::{LogSource, RuleText, Taxonomy, Telemetry};

mod cased_names;
mod code;
mod conditions;
mod dates;
mod document;
mod encodings;
mod everything;
mod fields;
mod finding;
#[cfg(test)]
mod fixtures;
mod host_names;
mod identifier;
mod keys;
mod loading;
mod log_sources;
mod modifiers;
mod numbers;
mod patterns;
mod place;
mod reverse_names;
mod serverless;
mod specification;
mod structure;
mod suffixes;
mod tags;
#[cfg(test)]
mod tests;
mod values;
mod wildcards;
mod words;
mod yaml;

pub use code::{LintCode, Weight};

use document::{Document, Node};
use finding::{Findings, quote};
use yaml_serde::Value;

/// Larger files are not read, in bytes.
const MAX_FILE_BYTES: usize = 4 << 20;

/// Something about a rule that its author would want to know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lint {
    /// The file.
    pub file: String,
    /// The line, counted from 1.
    pub line: u64,
    /// The column in characters, counted from 1.
    pub column: u64,
    /// The bytes of the text that are to blame.
    pub start: usize,
    /// The byte behind the last that is to blame.
    pub end: usize,
    /// What sort.
    pub code: LintCode,
    /// What is wrong, quoting the rule.
    pub reason: String,
    /// What to write instead, or to do about it.
    pub help: String,
}

/// Every check, in no order that matters.
const CHECKS: &[fn(&Document<'_>, &mut Findings)] = &[
    structure::check,
    keys::check,
    conditions::check,
    modifiers::check,
    values::check,
    patterns::check,
    everything::check,
    identifier::check,
    dates::check,
    words::check,
    tags::check,
    specification::check,
    suffixes::check,
    reverse_names::check,
    cased_names::check,
    fields::check,
    numbers::check,
    wildcards::check,
    encodings::check,
    log_sources::check,
    serverless::check,
];

/// Tells what is wrong with the rules of a file, in order of place. `present` are the telemetries of the logs at
/// hand; nothing where there are none to compare with. Of a file, at most 10,000 things are told.
pub fn lint(text: &RuleText, taxonomy: &Taxonomy, present: Option<&[&Telemetry]>) -> Vec<Lint> {
    lint_with(text, &|source| taxonomy.feeding(source), present)
}

/// The same, given what feeds a log source.
fn lint_with(
    text: &RuleText,
    feeding: &dyn Fn(&LogSource) -> Vec<Arc<Telemetry>>,
    present: Option<&[&Telemetry]>,
) -> Vec<Lint> {
    let mut findings = Findings::default();
    let whole = text.text.as_str();
    if whole.len() > MAX_FILE_BYTES {
        let reason = format!("the file has {} bytes, {MAX_FILE_BYTES} are read", whole.len());
        findings.add(LintCode::Invalid, 0..0, reason, "write rules into files of their own");
        return placed(text, findings);
    }
    let documents = yaml::documents(whole);
    if documents.is_empty() {
        findings.add(
            LintCode::Invalid,
            0..0,
            "there is no rule in the file".to_owned(),
            "write one, or remove the file",
        );
    }
    // A document with an `action` goes on in others, and none of them is all that there is to a rule.
    let mut is_whole = true;
    for span in documents {
        if findings.is_full() {
            break;
        }
        let value = match yaml::read(whole, span.clone()) {
            Ok(value) => value,
            Err(error) => {
                let reason = format!("this is no YAML that can be read: {}", quote(&error.reason));
                let help = "look for quotation marks, brackets and indentation at this place and before it";
                findings.add(LintCode::Invalid, error.at..error.at, reason, help);
                continue;
            }
        };
        let outline = place::outline(whole, span.clone());
        let root = Node::root(whole, &value, &outline);
        if !value.is_mapping() {
            let reason = format!(
                "`{}` is no rule: a rule is a mapping of keys such as `title` and `detection`",
                quote(root.source())
            );
            findings.add(
                LintCode::Invalid,
                root.span,
                reason,
                "see https://sigmahq.io/docs/basics/rules.html",
            );
            continue;
        }
        if value.get("action").is_some() {
            is_whole = value.get("action").and_then(Value::as_str) == Some("reset");
        }
        let mut document = Document::new(root, is_whole && value.get("action").is_none(), present);
        document.feeding = feeding(&document.log_source);
        let before = findings.found.len();
        for check in CHECKS {
            check(&document, &mut findings);
        }
        if !findings.has_error_since(before) {
            loading::check(&document, whole, span, &mut findings);
        }
    }
    placed(text, findings)
}

/// Puts findings in order of place, and counts lines and columns on the way.
fn placed(text: &RuleText, findings: Findings) -> Vec<Lint> {
    let mut found = findings.found;
    found.sort();
    found.dedup();
    let file = text.file.display().to_string();
    let (mut at, mut line, mut column) = (0, 1, 1);
    let mut lints = Vec::with_capacity(found.len());
    for finding in found {
        for c in text.text.get(at..finding.start).unwrap_or_default().chars() {
            (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        at = finding.start;
        lints.push(Lint {
            file: file.clone(),
            line,
            column,
            start: finding.start,
            end: finding.end,
            code: finding.code,
            reason: finding.reason,
            help: finding.help,
        });
    }
    lints
}
