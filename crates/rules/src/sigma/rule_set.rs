//! Rules, ready to be run.

use std::path::PathBuf;

use coldtrail_diagnostics::Problem;

use super::{Event, LogSource, Rule, Telemetry};

/// A file of rules.
#[derive(Clone, Debug)]
pub struct RuleText {
    /// The file.
    pub file: PathBuf,
    /// What is in it.
    pub text: String,
    /// Under which terms rules of it may be used if they do not say so themselves; empty if nothing tells.
    pub license: String,
}

/// How much of what people wrote is taken.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Files that are larger are not read, in bytes.
    pub file_bytes: usize,
    /// At most so many documents are loaded.
    pub documents: usize,
    /// At most so many bytes does a regular expression take when it is compiled.
    pub pattern_bytes: usize,
}

/// Rules, ready to be run.
#[derive(Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    problems: Vec<Problem>,
}

/// Which engines of a rule set a telemetry feeds.
#[derive(Clone, Debug, Default)]
pub struct Feed(pub(crate) Vec<usize>);

impl Feed {
    /// Whether it feeds no rule.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_bytes: 4 << 20, documents: 200_000, pattern_bytes: 10 << 20 }
    }
}

impl RuleSet {
    /// Reads files of rules. Whatever is wrong with one is a problem with its place, and harms no other.
    ///
    /// `wanted` says which rules to load, besides those that a correlation that is loaded refers to;
    /// `placeholders` are the values of `%name%`.
    pub fn load(
        _texts: &[RuleText],
        _placeholders: &[(String, Vec<String>)],
        _wanted: &dyn Fn(&Rule) -> bool,
        _limits: &Limits,
    ) -> Self {
        Self::default()
    }

    /// All documents that were loaded, in the order of files and lines; whatever tells of a rule tells its place
    /// here.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What is wrong with files and documents.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Whether a match of a rule is told by itself: not that of a rule that was loaded, or is kept, for a
    /// correlation alone (`generate: false`).
    pub fn is_told(&self, _rule: usize) -> bool {
        true
    }

    /// The fields whose values correlations over a rule need of each of its matches, in order of name.
    pub fn kept(&self, _rule: usize) -> &[String] {
        &[]
    }

    /// Whether a correlation refers to a rule.
    pub fn is_correlated(&self, _rule: usize) -> bool {
        false
    }

    /// The log sources of the rules, each with how many rules name it.
    pub fn log_sources(&self) -> Vec<(LogSource, usize)> {
        Vec::new()
    }

    /// Which engines a telemetry feeds; it is worth keeping.
    pub fn feed(&self, _telemetry: &Telemetry) -> Feed {
        Feed::default()
    }

    /// The rules that an event matches, in order.
    pub fn evaluate(&self, _feed: &Feed, _event: &Event<'_>) -> Vec<usize> {
        Vec::new()
    }

    /// The same by the slow way that asks every rule, which tests compare with.
    pub fn evaluate_each(&self, _feed: &Feed, _event: &Event<'_>) -> Vec<usize> {
        Vec::new()
    }
}
