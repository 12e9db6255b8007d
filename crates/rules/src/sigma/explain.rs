//! Why a rule matches an event, or does not.

use super::{Event, RuleSet};

/// Why a rule matches an event, or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Whether it does.
    pub is_match: bool,
    /// The parts of its condition.
    pub steps: Vec<Step>,
}

/// A part of a condition, with what it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The part as the rule writes it, such as `selection`, `not filter` or `Image|endswith: \curl.exe`.
    pub what: String,
    /// Whether it holds for the event.
    pub holds: bool,
    /// What the event has there, in words, such as `C:\Windows\curl.exe` or `the event has no such field`; may
    /// be empty.
    pub because: String,
    /// What it is made of.
    pub parts: Vec<Step>,
}

/// Explains a rule by its place in the rule set; `None` for a correlation or a filter, which match no event.
pub fn explain(_rules: &RuleSet, _rule: usize, _event: &Event<'_>) -> Option<Explanation> {
    None
}
