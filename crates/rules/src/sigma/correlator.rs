//! Which correlations hold.

use super::RuleSet;

/// A match of a rule that correlations refer to.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct BaseMatch {
    /// When the event took place, in microseconds since 1970, UTC.
    pub timestamp: i64,
    /// The rule that it matches: its place in the rule set.
    pub rule: usize,
    /// Values of the fields that are [kept](RuleSet::kept) for the rule; absent ones are left out.
    pub values: Vec<(String, String)>,
    /// What whoever feeds it knows the event by.
    pub event: u64,
}

/// A correlation that holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Correlated {
    /// The correlation: its place in the rule set.
    pub rule: usize,
    /// When the event took place that made it hold.
    pub timestamp: i64,
    /// The fields that matches were grouped by, and their values.
    pub group: Vec<(String, String)>,
    /// What was counted, summed or averaged.
    pub value: f64,
    /// How long the time is that is looked at, in seconds.
    pub seconds: u64,
    /// The events, a sample where there are many, in order of time.
    pub events: Vec<u64>,
}

/// Takes matches in order of time and tells which correlations hold.
pub struct Correlator<'r> {
    _rules: &'r RuleSet,
}

impl<'r> Correlator<'r> {
    /// Nothing seen yet.
    pub fn new(rules: &'r RuleSet) -> Self {
        Self { _rules: rules }
    }

    /// Takes a match. Matches have to come in order of time, and those of one moment in order of the rest.
    pub fn take(&mut self, _matched: &BaseMatch) -> Vec<Correlated> {
        Vec::new()
    }

    /// Whether some groups were forgotten, since there were too many.
    pub fn has_dropped(&self) -> bool {
        false
    }
}
