//! Filters, put into the rules that they are for.
//!
//! The library renames the detections of a filter and the names in its condition, but not what its selectors mean:
//! `1 of x*` of a filter would speak of the rule's detections, and `all of *` of a rule of the filter's. Here a filter
//! is read by itself, as every selector is replaced by names, and its names become ones that no rule can have.

use coldtrail_diagnostics::ProblemKind;
use rsigma_ir::IrCondition;
use rsigma_parser::SelectorPattern;
use yaml_serde::{Mapping, Value};

use super::super::detection::{self, Detections, Means, texts};
use super::super::document::Fault;
use super::super::{LogSource, Rule, RuleKind};

/// A filter, ready to be put into rules.
#[derive(Clone, Debug)]
pub(in super::super) struct Filter {
    /// The rules that it is for, by identifier, name or title; any rule where nothing is here.
    rules: Option<Vec<String>>,
    log_source: LogSource,
    detections: Detections,
}

impl Filter {
    /// Reads the filter of a document.
    pub(in super::super) fn read(
        document: &Mapping,
        log_source: &LogSource,
        means: &Means<'_>,
    ) -> Result<Self, Fault> {
        let Some(section) = document.get("filter").and_then(Value::as_mapping) else {
            let help = "write `rules`, a selection and a `condition` below `filter`";
            let fault = Fault::new(ProblemKind::InvalidValue, "`filter` is no mapping", help);
            return Err(fault.below("filter"));
        };
        let rules = match section.get("rules") {
            Some(Value::String(word)) if word.eq_ignore_ascii_case("any") => None,
            Some(Value::Sequence(members)) if members.is_empty() => None,
            Some(value) if !texts(value).is_empty() => Some(texts(value)),
            _ => {
                let reason = "the filter does not say for which rules it is";
                let help = "add `rules:` with identifiers or names of rules, or `rules: any`";
                let fault = Fault::new(ProblemKind::MissingValue, reason, help);
                return Err(fault.below("filter"));
            }
        };
        let detections = detection::read(section, means, &["rules", "condition"])
            .map_err(|fault| fault.below("filter"))?;
        Ok(Self { rules, log_source: log_source.clone(), detections })
    }

    /// The rules that it names.
    pub(in super::super) fn named(&self) -> &[String] {
        self.rules.as_deref().unwrap_or_default()
    }

    /// Whether it is for a rule.
    pub(in super::super) fn is_for(&self, rule: &Rule) -> bool {
        let is_named =
            |name: &String| *name == rule.id || *name == rule.name || *name == rule.title;
        rule.kind == RuleKind::Detection
            && self.log_source.is_fed_by(&rule.log_source)
            && self.rules.as_ref().is_none_or(|names| names.iter().any(is_named))
    }

    /// Puts it into a rule. `number` tells the filters of a rule apart.
    pub(in super::super) fn apply(&self, number: usize, rule: &mut Detections) {
        // No name in a condition has a space, so that these are nobody else's.
        let prefix = format!("filter {number} ");
        for (name, detection) in &self.detections.named {
            rule.named.insert(format!("{prefix}{name}"), detection.clone());
        }
        let conditions = self.detections.conditions.iter();
        let filter: Vec<_> = conditions.map(|condition| renamed(condition, &prefix)).collect();
        for condition in &mut rule.conditions {
            *condition = IrCondition::And(vec![condition.clone(), IrCondition::Or(filter.clone())]);
        }
    }
}

fn renamed(condition: &IrCondition, prefix: &str) -> IrCondition {
    let all = |parts: &[IrCondition]| parts.iter().map(|part| renamed(part, prefix)).collect();
    match condition {
        IrCondition::Detection(name) => IrCondition::Detection(format!("{prefix}{name}")),
        IrCondition::And(parts) => IrCondition::And(all(parts)),
        IrCondition::Or(parts) => IrCondition::Or(all(parts)),
        IrCondition::Not(part) => IrCondition::Not(Box::new(renamed(part, prefix))),
        IrCondition::Selector { quantifier, pattern } => {
            let pattern = match pattern {
                SelectorPattern::Them => SelectorPattern::Them,
                SelectorPattern::Pattern(names) => {
                    SelectorPattern::Pattern(format!("{prefix}{names}"))
                }
            };
            IrCondition::Selector { quantifier: quantifier.clone(), pattern }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{load, matches};
    use super::*;

    const RULE: &str = "title: A rule\nid: r1\nname: one\nlogsource: {category: c, product: p}\n\
                        detection:\n  selection: {A: a}\n  selection_b: {B: b}\n  condition: all of sel*\n";

    fn filter(rules: &str, log_source: &str, rest: &str) -> String {
        format!("title: f\nlogsource: {log_source}\nfilter:\n  rules: {rules}\n  {rest}\n")
    }

    #[test]
    fn a_filter_takes_away_from_the_rules_it_names() {
        let rest = "selection: {U|startswith: adm_}\n  condition: not selection";
        for (rules, log_source, is_for) in [
            ("any", "{category: c}", true),
            ("[]", "{product: P}", true),
            ("[r1]", "{category: c, product: p}", true),
            ("one", "{category: c}", true),
            ("[A rule]", "{category: c}", true),
            ("[r2, x]", "{category: c}", false),
            ("any", "{category: d}", false),
            ("any", "{category: c, product: p, service: s}", false),
        ] {
            let set = load(&[RULE, &filter(rules, log_source, rest)]);
            let hits = matches(&set, &[("A", "a"), ("B", "b"), ("U", "adm_x")]);
            assert_eq!(hits.is_empty(), is_for, "{rules} {log_source}");
            assert_eq!(matches(&set, &[("A", "a"), ("B", "b"), ("U", "x")]), [0]);
            assert_eq!(matches(&set, &[("A", "a"), ("B", "b")]), [0]);
        }
    }

    #[test]
    fn selectors_of_filters_mean_their_own_detections() {
        let rest = "selection: {U: x}\n  selection_b: {U: y}\n  condition: not 1 of selection*";
        let set = load(&[RULE, &filter("any", "{category: c}", rest)]);
        assert_eq!(matches(&set, &[("A", "a"), ("B", "b"), ("U", "z")]), [0]);
        assert_eq!(matches(&set, &[("A", "a"), ("B", "b"), ("U", "y")]), [] as [usize; 0]);
        let rest = "a: {U: x}\n  b: {V: y}\n  c: {W: z}\n  condition: not 2 of them";
        let set = load(&[RULE, &filter("any", "{category: c}", rest)]);
        assert_eq!(matches(&set, &[("A", "a"), ("B", "b"), ("U", "x")]), [0]);
        assert!(matches(&set, &[("A", "a"), ("B", "b"), ("U", "x"), ("W", "z")]).is_empty());
    }

    #[test]
    fn several_filters_do_not_meet() {
        let one = filter("any", "{category: c}", "selection: {U: x}\n  condition: not selection");
        let two = filter("any", "{category: c}", "selection: {U: y}\n  condition: not selection");
        let set = load(&[&one, RULE, &two]);
        for (user, is_left) in [("x", false), ("y", false), ("z", true)] {
            let hits = matches(&set, &[("A", "a"), ("B", "b"), ("U", user)]);
            assert_eq!(hits.len(), usize::from(is_left), "{user}");
        }
    }

    #[test]
    fn a_filter_that_says_too_little_is_told() {
        let set = load(&[
            RULE,
            "title: f\nlogsource: {category: c}\nfilter: {s: {A: a}, condition: s}\n",
        ]);
        assert_eq!(set.problems().len(), 1);
        assert!(set.problems()[0].reason.contains("for which rules"));
        assert_eq!(set.rules().len(), 1);
        let set = load(&[RULE, &filter("[nobody]", "{category: c}", "s: {A: a}\n  condition: s")]);
        assert_eq!(set.problems()[0].kind, ProblemKind::UnknownReference);
        assert!(set.problems()[0].is_used);
    }
}
