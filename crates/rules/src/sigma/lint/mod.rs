//! What is wrong with a rule, or will be when it runs.

use super::{RuleText, Taxonomy, Telemetry};

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

/// What sort of thing is wrong. The code is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LintCode {
    /// The file is no valid YAML, or no rule.
    Invalid,
}

/// Tells what is wrong with the rules of a file, in order of place. `present` are the telemetries of the logs at
/// hand; nothing where there are none to compare with.
pub fn lint(_text: &RuleText, _taxonomy: &Taxonomy, _present: Option<&[&Telemetry]>) -> Vec<Lint> {
    Vec::new()
}
