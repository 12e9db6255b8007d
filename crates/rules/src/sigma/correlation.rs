//! What a correlation asks for, as its author wrote it.

use std::collections::{BTreeMap, BTreeSet};

use coldtrail_diagnostics::ProblemKind;
use rsigma_parser::{ConditionExpr, ConditionOperator, CorrelationType, Timespan};
use yaml_serde::{Mapping, Value};

use super::Rule;
use super::detection::{beginning, scalar, texts};
use super::document::Fault;
use super::repair;

/// A correlation, read.
#[derive(Clone, Debug)]
pub(super) struct Correlation {
    pub(super) kind: CorrelationType,
    /// The rules that it refers to, by identifier or name, each once unless the order needs it more often.
    pub(super) rules: Vec<String>,
    pub(super) group_by: Vec<String>,
    /// Of a field called so, what it is called in the events of a rule, by identifier or name of that rule.
    aliases: BTreeMap<String, BTreeMap<String, String>>,
    pub(super) seconds: u64,
    /// Bounds of what is counted, all of which have to hold.
    pub(super) bounds: Vec<(ConditionOperator, f64)>,
    /// The fields whose values are counted or added up.
    pub(super) fields: Vec<String>,
    /// Which percentile is meant, from 0 to 100.
    pub(super) percentile: f64,
    /// Which rules have to match, where that is not all of them.
    pub(super) expression: Option<ConditionExpr>,
    /// Whether matches of the rules are told by themselves as well.
    pub(super) generate: bool,
}

/// At most so many matches of a group are kept, so that no correlation can ask for more.
pub(super) const MOST_MATCHES: usize = 100_000;

/// A correlation refers to at most so many rules, and groups by at most so many fields.
const MOST_NAMES: usize = 200;

impl Correlation {
    /// Reads the correlation of a document.
    pub(super) fn read(document: &Mapping) -> Result<Self, Fault> {
        let section = document.get("correlation").and_then(Value::as_mapping);
        let Some(section) = section else {
            let help = "write `type`, `rules`, `timespan` and `condition` below `correlation`";
            let fault = Fault::new(ProblemKind::InvalidValue, "`correlation` is no mapping", help);
            return Err(fault.below("correlation"));
        };
        let correlation = Self::of(section, document.get("generate"));
        correlation.map_err(|fault| fault.below("correlation"))
    }

    fn of(section: &Mapping, generate: Option<&Value>) -> Result<Self, Fault> {
        let kind = kind(section)?;
        let list = |key: &str| section.get(key).map(texts).unwrap_or_default();
        let mut rules = list("rules");
        if kind != CorrelationType::TemporalOrdered {
            let mut seen = BTreeSet::new();
            rules.retain(|rule| seen.insert(rule.clone()));
        }
        let group_by = list("group-by");
        for (key, names) in [("rules", &rules), ("group-by", &group_by)] {
            if names.len() > MOST_NAMES {
                let reason = format!("`{key}` has {} entries", names.len());
                let help = format!("name at most {MOST_NAMES}");
                return Err(Fault::new(ProblemKind::TooMany, reason, help).below(key));
            }
        }
        if rules.is_empty() {
            let help = "name the rules whose matches are correlated, by identifier or name";
            let reason = "the correlation refers to no rule";
            return Err(Fault::new(ProblemKind::MissingValue, reason, help).below("rules"));
        }
        let mut correlation = Self {
            kind,
            rules,
            group_by,
            aliases: aliases(section),
            seconds: seconds(section)?,
            bounds: Vec::new(),
            fields: Vec::new(),
            percentile: 50.0,
            expression: None,
            generate: generate.or(section.get("generate")).and_then(Value::as_bool) == Some(true),
        };
        correlation.read_condition(section.get("condition")).map_err(|f| f.below("condition"))?;
        Ok(correlation)
    }

    fn read_condition(&mut self, condition: Option<&Value>) -> Result<(), Fault> {
        let is_temporal =
            matches!(self.kind, CorrelationType::Temporal | CorrelationType::TemporalOrdered);
        match condition {
            None if is_temporal => Ok(()),
            Some(Value::String(text)) if self.kind == CorrelationType::Temporal => {
                self.expression = Some(repair::condition::of_rules(text, &self.rules)?);
                Ok(())
            }
            Some(Value::Mapping(bounds)) => self.read_bounds(bounds),
            _ => {
                let reason = "there is no `condition` that says how much it takes";
                let help = "write one such as `condition: {gte: 10}`";
                Err(Fault::new(ProblemKind::MissingValue, reason, help))
            }
        }
    }

    fn read_bounds(&mut self, section: &Mapping) -> Result<(), Fault> {
        for (key, value) in section {
            let key = key.as_str().unwrap_or_default();
            match (key.parse::<ConditionOperator>(), key) {
                (Ok(operator), _) => self.bounds.push((operator, number(value, key)?)),
                (Err(()), "field") => self.fields = texts(value),
                (Err(()), "percentile") => self.percentile = number(value, key)?,
                (Err(()), other) => {
                    let reason = format!("`{}` is no part of a condition", beginning(other));
                    let help = "write gt, gte, lt, lte, eq, neq, field or percentile";
                    return Err(Fault::new(ProblemKind::Unsupported, reason, help).below(other));
                }
            }
        }
        let counts = matches!(self.kind, CorrelationType::EventCount | CorrelationType::ValueCount);
        #[expect(clippy::cast_precision_loss, reason = "it is a small number")]
        let most = MOST_MATCHES as f64;
        if counts && self.bounds.iter().any(|(_, bound)| *bound > most) {
            let reason = format!("the condition asks for more than {MOST_MATCHES} matches");
            let help = "ask for fewer; no more matches of a group are kept";
            return Err(Fault::new(ProblemKind::TooLarge, reason, help));
        }
        if !(0.0..=100.0).contains(&self.percentile) {
            let help = "write a number from 0 to 100";
            let reason = "`percentile` is not between 0 and 100";
            return Err(Fault::new(ProblemKind::InvalidValue, reason, help).below("percentile"));
        }
        if self.bounds.is_empty() {
            let reason = "the condition has no bound";
            let help = "write one such as `gte: 10`";
            return Err(Fault::new(ProblemKind::MissingValue, reason, help));
        }
        let wanted = match self.kind {
            CorrelationType::ValueCount => 1..=MOST_NAMES,
            CorrelationType::ValueSum
            | CorrelationType::ValueAvg
            | CorrelationType::ValuePercentile
            | CorrelationType::ValueMedian => 1..=1,
            _ => 0..=MOST_NAMES,
        };
        if !wanted.contains(&self.fields.len()) {
            let reason = "the condition does not say of which one field the values count";
            let help = "add `field:` with the name of the field";
            return Err(Fault::new(ProblemKind::MissingValue, reason, help));
        }
        Ok(())
    }

    /// What a field that is grouped by or counted is called in the matches of a rule.
    pub(super) fn field<'f>(&'f self, name: &'f str, rule: &Rule) -> &'f str {
        let aliased = self.aliases.get(name).and_then(|by_rule| {
            by_rule
                .get(&rule.id)
                .or_else(|| by_rule.get(&rule.name))
                .or_else(|| by_rule.get(&rule.title))
        });
        aliased.map_or(name, String::as_str)
    }

    /// The fields that it needs of the matches of a rule.
    pub(super) fn needed(&self, rule: &Rule) -> BTreeSet<String> {
        let names = self.group_by.iter().chain(&self.fields);
        names.map(|name| self.field(name, rule).to_owned()).collect()
    }

    /// Whether what was counted is within the bounds.
    pub(super) fn holds(&self, value: f64) -> bool {
        self.bounds.iter().all(|(operator, bound)| match operator {
            ConditionOperator::Lt => value < *bound,
            ConditionOperator::Lte => value <= *bound,
            ConditionOperator::Gt => value > *bound,
            ConditionOperator::Gte => value >= *bound,
            ConditionOperator::Eq => (value - *bound).abs() < f64::EPSILON,
            ConditionOperator::Neq => (value - *bound).abs() >= f64::EPSILON,
        })
    }
}

fn kind(section: &Mapping) -> Result<CorrelationType, Fault> {
    let word = section.get("type").and_then(scalar).unwrap_or_default();
    word.parse().map_err(|()| {
        let reason = match word.as_str() {
            "" => "the correlation has no `type`".to_owned(),
            word => format!("`{}` is no type of correlation", beginning(word)),
        };
        let help = "write event_count, value_count, temporal, temporal_ordered, value_sum, value_avg, \
                    value_percentile or value_median";
        Fault::new(ProblemKind::InvalidValue, reason, help).below("type")
    })
}

fn seconds(section: &Mapping) -> Result<u64, Fault> {
    let text = section.get("timespan").or_else(|| section.get("timeframe")).and_then(scalar);
    let text = text.unwrap_or_default();
    let seconds = Timespan::parse(&text).ok().map(|span| span.seconds);
    // A thousand years, so that no time can overflow by it.
    const MOST: u64 = 31_557_600_000;
    seconds.filter(|seconds| (1..=MOST).contains(seconds)).ok_or_else(|| {
        let reason = match text.as_str() {
            "" => "the correlation has no `timespan`".to_owned(),
            text => format!("`{}` is no time span", beginning(text)),
        };
        let help = "write a number with its unit: s, m, h, d, w, M or y, such as `timespan: 5m`";
        Fault::new(ProblemKind::InvalidValue, reason, help).below("timespan")
    })
}

fn aliases(section: &Mapping) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut aliases = BTreeMap::new();
    for (alias, by_rule) in section.get("aliases").and_then(Value::as_mapping).into_iter().flatten()
    {
        let fields = by_rule.as_mapping().into_iter().flatten();
        let fields = fields.filter_map(|(rule, field)| Some((scalar(rule)?, scalar(field)?)));
        aliases.insert(scalar(alias).unwrap_or_default(), fields.collect());
    }
    aliases
}

fn number(value: &Value, key: &str) -> Result<f64, Fault> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    number.filter(|number| number.is_finite()).ok_or_else(|| {
        let reason = format!("`{key}` is no number");
        Fault::new(ProblemKind::InvalidValue, reason, "write a number").below(key)
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::load;
    use super::*;

    const BASE: &str = "title: base\nname: base\ndetection: {s: {A: a}, condition: s}\n---\n";

    #[test]
    fn what_is_wrong_with_a_correlation_is_told_with_its_line() {
        for (text, kind, line) in [
            ("x", ProblemKind::InvalidValue, 6),
            (
                "{type: event_count, timespan: 1m, condition: {gte: 1}}",
                ProblemKind::MissingValue,
                6,
            ),
            ("\n  type: count\n  rules: base\n", ProblemKind::InvalidValue, 7),
            ("\n  type: event_count\n  rules: base\n", ProblemKind::InvalidValue, 6),
            (
                "\n  type: event_count\n  rules: base\n  timespan: 5x\n",
                ProblemKind::InvalidValue,
                9,
            ),
            (
                "\n  type: event_count\n  rules: base\n  timespan: 0s\n",
                ProblemKind::InvalidValue,
                9,
            ),
            (
                "\n  type: event_count\n  rules: base\n  timespan: 5m\n  condition: {above: 1}\n",
                ProblemKind::Unsupported,
                10,
            ),
            (
                "\n  type: event_count\n  rules: base\n  timespan: 5m\n  condition: {gte: 100001}\n",
                ProblemKind::TooLarge,
                10,
            ),
            (
                "\n  type: value_sum\n  rules: base\n  timespan: 5m\n  condition: {gte: 1}\n",
                ProblemKind::MissingValue,
                10,
            ),
            (
                "\n  type: value_count\n  rules: base\n  timespan: 5m\n  condition: {field: A}\n",
                ProblemKind::MissingValue,
                10,
            ),
            (
                "\n  type: temporal\n  rules: base\n  timespan: 5m\n  condition: base and other\n",
                ProblemKind::UnknownReference,
                10,
            ),
            (
                "\n  type: event_count\n  rules: [base, other]\n  timespan: 5m\n  condition: {gte: 1}\n",
                ProblemKind::UnknownReference,
                8,
            ),
        ] {
            let set = load(&[&format!("{BASE}title: c\ncorrelation: {text}")]);
            let told: Vec<_> = set.problems().iter().map(|one| (one.kind, one.line)).collect();
            assert_eq!(told, [(kind, Some(line))], "{text} {:?}", set.problems());
            assert_eq!(set.rules().len(), 1, "{text}");
        }
    }
}
