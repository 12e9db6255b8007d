//! Conditions, with bounds, and with selectors that mean the detections that are there.
//!
//! The library parses brackets of any depth by recursion; its `all of x*` holds for every event where no detection is
//! called so; it knows one wildcard in a pattern; and it looks names up again at every event, among which those of
//! filters would be. Here a selector becomes the detections it stands for.

use std::collections::BTreeMap;

use coldtrail_diagnostics::ProblemKind;
use rsigma_ir::{IrCondition, IrDetection};
use rsigma_parser::{ConditionExpr, Quantifier, SelectorPattern, parse_condition};

use super::super::detection::beginning;
use super::super::document::Fault;

/// A condition is at most so long, in bytes.
const BYTES: usize = 16 << 10;

/// Brackets and negations are at most so many deep.
const DEPTH: usize = 50;

/// A condition may name so many detections in all, those that selectors stand for among them.
const NAMES: usize = 20_000;

/// Reads a condition over detections, to which it adds those that it needs besides.
pub(in super::super) fn read(
    text: &str,
    named: &mut BTreeMap<String, IrDetection>,
) -> Result<IrCondition, Fault> {
    let text = checked(text)?;
    let parsed = parse_condition(&text).map_err(|error| {
        let told = error.to_string();
        let cause = told.lines().last().unwrap_or_default().trim_start_matches([' ', '=']);
        let reason = format!("`{}` is no condition: {cause}", beginning(&text));
        let help = "write one such as `selection and not 1 of filter_*`";
        Fault::new(ProblemKind::InvalidValue, reason, help)
    })?;
    let mut left = NAMES;
    resolved(&parsed, named, &mut left)
}

/// The names of the rules that a condition over rules speaks of, and the condition.
pub(in super::super) fn of_rules(text: &str, rules: &[String]) -> Result<ConditionExpr, Fault> {
    let mut named = BTreeMap::new();
    for rule in rules {
        named.insert(rule.clone(), IrDetection::AnyOf(Vec::new()));
    }
    read(text, &mut named)?;
    // It has just been parsed, so that it is one.
    parse_condition(&checked(text)?).map_err(|error| {
        Fault::new(ProblemKind::InvalidValue, error.to_string(), "write a condition over the rules")
    })
}

/// A condition that the parser may see, its words in small letters.
fn checked(text: &str) -> Result<String, Fault> {
    let too_large = |reason: String| {
        let help = "write a shorter condition, or several rules";
        Err(Fault::new(ProblemKind::TooLarge, reason, help))
    };
    if text.len() > BYTES {
        return too_large(format!("the condition is longer than {BYTES} bytes"));
    }
    if text.contains('|') {
        let reason = "the condition counts events behind `|`, which Sigma no longer has";
        let help = "write a correlation of type `event_count` or `value_count` for it";
        return Err(Fault::new(ProblemKind::Unsupported, reason, help));
    }
    let (mut depth, mut deepest, mut negations) = (0_usize, 0_usize, 0_usize);
    let mut words = String::with_capacity(text.len());
    let is_name =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '*');
    for part in text.split_inclusive(|letter: char| !is_name(letter)) {
        let (word, rest) =
            part.split_at(part.find(|letter: char| !is_name(letter)).unwrap_or(part.len()));
        let small = word.to_ascii_lowercase();
        let is_word =
            matches!(small.as_str(), "and" | "or" | "not" | "of" | "all" | "any" | "them");
        negations += usize::from(small == "not");
        words.push_str(if is_word { &small } else { word });
        for letter in rest.chars() {
            match letter {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            deepest = deepest.max(depth);
            words.push(if letter.is_whitespace() { ' ' } else { letter });
        }
    }
    if deepest > DEPTH || negations > DEPTH * 10 {
        return too_large(format!(
            "the condition nests {deepest} brackets and {negations} negations"
        ));
    }
    Ok(words)
}

/// A condition whose names are those of detections.
fn resolved(
    parsed: &ConditionExpr,
    named: &mut BTreeMap<String, IrDetection>,
    left: &mut usize,
) -> Result<IrCondition, Fault> {
    let all = |parts: &[ConditionExpr], named: &mut BTreeMap<_, _>, left: &mut usize| {
        parts.iter().map(|part| resolved(part, named, left)).collect::<Result<Vec<_>, _>>()
    };
    Ok(match parsed {
        ConditionExpr::And(parts) => IrCondition::And(all(parts, named, left)?),
        ConditionExpr::Or(parts) => IrCondition::Or(all(parts, named, left)?),
        ConditionExpr::Not(part) => IrCondition::Not(Box::new(resolved(part, named, left)?)),
        ConditionExpr::Identifier(name) => {
            if !named.contains_key(name) {
                let reason =
                    format!("the condition names `{}`, which is not there", beginning(name));
                let help = "write the name of a detection of the rule";
                return Err(Fault::new(ProblemKind::UnknownReference, reason, help));
            }
            spend(left, 1)?;
            IrCondition::Detection(name.clone())
        }
        ConditionExpr::Selector { quantifier, pattern } => {
            let names = selected(pattern, named);
            if names.is_empty() {
                let reason =
                    format!("no detection is called like `{}`", beginning(&pattern.to_string()));
                let help = "write a pattern that fits names of detections of the rule";
                return Err(Fault::new(ProblemKind::UnknownReference, reason, help));
            }
            spend(left, names.len())?;
            match quantifier {
                Quantifier::Any => joined(names, IrCondition::Or),
                Quantifier::All => joined(names, IrCondition::And),
                Quantifier::Count(count) => counted(*count, names, named),
            }
        }
    })
}

fn spend(left: &mut usize, names: usize) -> Result<(), Fault> {
    let Some(rest) = left.checked_sub(names) else {
        let reason = format!("the condition stands for more than {NAMES} detections");
        let help = "write a shorter condition, or several rules";
        return Err(Fault::new(ProblemKind::TooLarge, reason, help));
    };
    *left = rest;
    Ok(())
}

fn joined(names: Vec<String>, all: fn(Vec<IrCondition>) -> IrCondition) -> IrCondition {
    all(names.into_iter().map(IrCondition::Detection).collect())
}

/// At least so many of some detections. Only the library can count, and only by a pattern, so that the detections get
/// names that nothing else has: no name has a space.
fn counted(
    count: u64,
    names: Vec<String>,
    named: &mut BTreeMap<String, IrDetection>,
) -> IrCondition {
    let prefix = format!("count {} ", named.len());
    for name in names {
        if let Some(detection) = named.get(&name).cloned() {
            named.insert(format!("{prefix}{name}"), detection);
        }
    }
    IrCondition::Selector {
        quantifier: Quantifier::Count(count),
        pattern: SelectorPattern::Pattern(format!("{prefix}*")),
    }
}

/// The names that a pattern stands for. Those that begin with `_` are meant by no pattern that does not.
fn selected(pattern: &SelectorPattern, named: &BTreeMap<String, IrDetection>) -> Vec<String> {
    let pattern = match pattern {
        SelectorPattern::Them => "*",
        SelectorPattern::Pattern(pattern) => pattern,
    };
    let is_meant = |name: &&String| {
        !name.contains(' ')
            && (pattern.starts_with('_') || !name.starts_with('_'))
            && fits(pattern, name)
    };
    named.keys().filter(is_meant).cloned().collect()
}

/// Whether a name fits a pattern with any number of wildcards.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match name.find(part) {
            Some(place) => name = name.get(place + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    name.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{holds, problem};
    use super::*;

    /// Whether a condition holds over detections that look for their own name in the field `A`.
    fn meets(condition: &str, there: &[&str]) -> bool {
        let names = ["sel_a", "sel_b", "filter_a", "filter_b", "_hidden", "notsel", "a-b"];
        let named: Vec<String> =
            names.iter().map(|name| format!("{name}: {{A: {name}}}")).collect();
        let pairs: Vec<(&str, &str)> = there.iter().map(|name| ("A", *name)).collect();
        holds(&format!("{{{}, condition: '{condition}'}}", named.join(", ")), &pairs)
    }

    #[test]
    fn operators_bind_as_they_should() {
        assert!(meets("sel_a or sel_b and filter_a", &["sel_a"]));
        assert!(!meets("(sel_a or sel_b) and filter_a", &["sel_a"]));
        assert!(meets("not sel_a and sel_b", &["sel_b"]));
        assert!(!meets("not (sel_a or sel_b)", &["sel_b"]));
        assert!(meets("not not sel_a", &["sel_a"]));
        assert!(meets("notsel and a-b", &["notsel", "a-b"]));
        assert!(meets("sel_a AND NOT sel_b", &["sel_a"]));
    }

    #[test]
    fn selectors_mean_what_is_there() {
        assert!(meets("1 of sel_*", &["sel_b"]) && !meets("1 of sel_*", &["filter_a"]));
        assert!(meets("any of *_a", &["filter_a"]));
        assert!(meets("all of sel_*", &["sel_a", "sel_b"]) && !meets("all of sel_*", &["sel_a"]));
        assert!(meets("sel_a and not 1 of filter_*", &["sel_a"]));
        assert!(!meets("sel_a and not 1 of filter_*", &["sel_a", "filter_b"]));
        assert!(meets("1 of them", &["a-b"]) && !meets("1 of them", &["_hidden"]));
        assert!(meets("1 of _*", &["_hidden"]));
        assert!(meets("all of them", &["sel_a", "sel_b", "filter_a", "filter_b", "notsel", "a-b"]));
        assert!(meets("1 of f*t*_b", &["filter_b"]) && !meets("1 of f*t*_b", &["filter_a"]));
        assert!(meets("2 of them", &["sel_a", "a-b"]) && !meets("2 of them", &["sel_a"]));
        assert!(meets("2 of sel_* and 1 of filter_*", &["sel_a", "sel_b", "filter_a"]));
        assert!(meets("1 of sel_a", &["sel_a"]));
    }

    #[test]
    fn one_of_several_conditions_is_enough() {
        let detection = "{a: {A: 1}, b: {B: 1}, condition: [a, b]}";
        assert!(holds(detection, &[("A", "1")]) && holds(detection, &[("B", "1")]));
        assert!(!holds(detection, &[("A", "2")]));
    }

    #[test]
    fn what_is_no_condition_is_told() {
        let told = |condition: &str| problem(&format!("{{a: {{A: 1}}, condition: '{condition}'}}"));
        assert_eq!(told("a and").kind, ProblemKind::InvalidValue);
        assert_eq!(told("").kind, ProblemKind::InvalidValue);
        assert_eq!(told("b").kind, ProblemKind::UnknownReference);
        assert_eq!(told("all of b*").kind, ProblemKind::UnknownReference);
        assert_eq!(told("a | count() > 5").kind, ProblemKind::Unsupported);
        assert_eq!(told(&"(".repeat(10_000)).kind, ProblemKind::TooLarge);
        assert_eq!(told(&"(".repeat(100_000)).kind, ProblemKind::TooLarge);
        let deep = format!("{}a{}", "(".repeat(5_000), ")".repeat(5_000));
        assert_eq!(told(&deep).kind, ProblemKind::TooLarge);
        assert_eq!(told(&format!("{}a", "not ".repeat(4_000))).kind, ProblemKind::TooLarge);
        let long = vec!["a"; 3_000].join(" or ");
        assert!(holds(&format!("{{a: {{A: 1}}, condition: '{long}'}}"), &[("A", "1")]));
    }

    #[test]
    fn wildcards_fit_in_order() {
        assert!(fits("a*b*c", "a1b2c") && !fits("a*b*c", "a1c2b") && !fits("ab*ba", "aba"));
        assert!(fits("*", "") && fits("a", "a") && !fits("a", "ab"));
    }
}
