//! How much memory rules take, so that a set of them has a bound.
//!
//! The library puts the texts that rules look for into automata that take several hundred bytes for each byte of
//! text. Rules with very many of them are kept from that and asked about each event by themselves; and no more
//! regular expressions are compiled than a set may hold.

use regex_automata::nfa::thompson;
use rsigma_ir::{IrDetection, IrMatcher, IrStrOp};
use rsigma_parser::ConditionExpr;

use super::repair::regex::is_written;

/// What a rule takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cost {
    /// Bytes of texts that are looked for.
    pub(super) texts: usize,
    /// Bytes of regular expressions when they are compiled.
    pub(super) patterns: usize,
}

/// What is left for the rules of a set.
pub(super) struct Budget {
    texts: usize,
    patterns: usize,
}

/// The texts of one rule, and of all rules, that go into automata over many rules.
const RULE_TEXTS: usize = 32 << 10;
const ALL_TEXTS: usize = 1 << 20;

/// The regular expressions of one rule, and of all rules, in the largest that one may be.
pub(super) const RULE_PATTERNS: usize = 4;
const ALL_PATTERNS: usize = 64;

/// What becomes of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is found by its texts.
    Indexed,
    /// It is asked about each event.
    Asked,
    /// It is too large.
    Refused,
}

impl Budget {
    /// All that a set may take, where one regular expression may take so many bytes.
    pub(super) fn new(pattern_bytes: usize) -> Self {
        Self { texts: ALL_TEXTS, patterns: pattern_bytes.saturating_mul(ALL_PATTERNS) }
    }

    /// Whether nothing is left for regular expressions.
    pub(super) fn has_no_patterns(&self) -> bool {
        self.patterns == 0
    }

    /// What becomes of a rule; those that come first are served first.
    pub(super) fn spend(&mut self, cost: Cost, pattern_bytes: usize) -> Fate {
        if cost.patterns > pattern_bytes.saturating_mul(RULE_PATTERNS) {
            return Fate::Refused;
        }
        let Some(patterns) = self.patterns.checked_sub(cost.patterns) else {
            // Those that come later are not tried one by one.
            self.patterns = 0;
            return Fate::Refused;
        };
        self.patterns = patterns;
        match self.texts.checked_sub(cost.texts) {
            Some(texts) if cost.texts <= RULE_TEXTS => {
                self.texts = texts;
                Fate::Indexed
            }
            _ => Fate::Asked,
        }
    }
}

/// A condition that means the same, and by which the library does not look for texts.
pub(super) fn unindexed(condition: ConditionExpr) -> ConditionExpr {
    ConditionExpr::Not(Box::new(ConditionExpr::Not(Box::new(condition))))
}

impl Cost {
    /// Adds what a detection takes; `false` where it is more than a rule may take.
    pub(super) fn add(&mut self, detection: &IrDetection, pattern_bytes: usize) -> bool {
        self.add_detection(detection);
        self.patterns <= pattern_bytes.saturating_mul(RULE_PATTERNS)
    }

    /// Adds what another takes.
    pub(super) fn join(&mut self, other: Cost) {
        self.texts += other.texts;
        self.patterns += other.patterns;
    }

    fn add_detection(&mut self, detection: &IrDetection) {
        match detection {
            IrDetection::AllOf(items) => {
                items.iter().for_each(|item| self.add_matcher(&item.matcher));
            }
            IrDetection::AnyOf(parts) | IrDetection::And(parts) => {
                parts.iter().for_each(|part| self.add_detection(part));
            }
            IrDetection::Keywords(matcher) => self.add_matcher(matcher),
            IrDetection::ArrayMatch { body, .. } => self.add_detection(body),
            IrDetection::Conditional { named, .. } => {
                named.values().for_each(|detection| self.add_detection(detection));
            }
        }
    }

    fn add_matcher(&mut self, matcher: &IrMatcher) {
        match matcher {
            IrMatcher::Str { op, pattern, .. } if *op != IrStrOp::Exact => {
                self.texts += pattern.as_plain().map_or(0, |text| text.len());
            }
            IrMatcher::Regex { pattern, .. } => self.patterns += size(pattern),
            IrMatcher::AnyOf(parts) | IrMatcher::AllOf(parts) => {
                parts.iter().for_each(|part| self.add_matcher(part));
            }
            IrMatcher::Not(part) => self.add_matcher(part),
            _ => {}
        }
    }
}

/// What a regular expression takes, about. Those that stand for wildcards grow with their length alone.
fn size(pattern: &str) -> usize {
    const LETTER: usize = 300;
    const LEAST: usize = 4 << 10;
    let compiled = is_written(pattern).then(|| thompson::NFA::new(pattern).ok()).flatten();
    // There is one for each direction.
    compiled.map_or(pattern.len() * LETTER, |compiled| compiled.memory_usage() * 2) + LEAST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_served_in_their_order() {
        let mut budget = Budget::new(1_000);
        let texts = |texts: usize| Cost { texts, patterns: 0 };
        let patterns = |patterns: usize| Cost { texts: 0, patterns };
        assert_eq!(budget.spend(texts(RULE_TEXTS), 1_000), Fate::Indexed);
        assert_eq!(budget.spend(texts(RULE_TEXTS + 1), 1_000), Fate::Asked);
        for _ in 1..ALL_TEXTS / RULE_TEXTS {
            assert_eq!(budget.spend(texts(RULE_TEXTS), 1_000), Fate::Indexed);
        }
        assert_eq!(budget.spend(texts(1), 1_000), Fate::Asked);
        assert_eq!(budget.spend(patterns(4_001), 1_000), Fate::Refused);
        for _ in 0..16 {
            assert_eq!(budget.spend(patterns(4_000), 1_000), Fate::Indexed);
        }
        assert_eq!(budget.spend(patterns(1), 1_000), Fate::Refused);
    }
}
