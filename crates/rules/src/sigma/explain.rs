//! Why a rule matches an event, or does not.
//!
//! The rule is read again as its author wrote it, and every part of it is asked by itself, each value of a list
//! too, by the same comparisons that decide when rules are run. Nothing is left out because something before it
//! has decided already.

use std::cell::RefCell;
use std::collections::BTreeMap;

use rsigma_eval::{compile_to_compiled, evaluate_rule};
use rsigma_ir::{IrCondition, IrDetection, IrRule, IrRuleMetadata};
use rsigma_parser::{ConditionExpr, Quantifier};
use yaml_serde::{Mapping, Value as Yaml};

use super::detection::{Means, detection, item, scalar, texts};
use super::event::Record;
use super::repair::condition::of_rules;
use super::repair::filter::Filter;
use super::{Event, Limits, RuleKind, RuleSet, Value};

/// At most so many characters of a value are shown.
const MAX_SHOWN: usize = 200;

/// At most so many values of a list are asked one by one.
const MAX_VALUES: usize = 200;

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
///
/// The steps are the parts of its condition that all have to hold; where it has several conditions, these, of
/// which one has to. Filters that take something away from the rule are steps of their own, behind those of its condition.
pub fn explain(rules: &RuleSet, rule: usize, event: &Event<'_>) -> Option<Explanation> {
    let told = rules.rules().get(rule).filter(|rule| rule.kind == RuleKind::Detection)?;
    let means = Means {
        placeholders: rules.placeholders(),
        is_lenient: true,
        pattern_bytes: Limits::default().pattern_bytes,
    };
    let asked = |section: &Yaml, own: &[&str]| {
        let told = RefCell::default();
        Asked { event, record: Record::new(event), means: means.clone(), told }
            .section(section, own)
    };
    let document = mapping_of(rules, rule)?;
    let (mut is_match, mut steps) = asked(document.get("detection")?, &["condition", "timeframe"])?;
    let filters = rules.rules().iter().enumerate().filter(|(_, one)| one.kind == RuleKind::Filter);
    for (place, filter) in filters {
        let document = mapping_of(rules, place)?;
        let read = Filter::read(&document, &filter.log_source, &means);
        if !read.is_ok_and(|filter| filter.is_for(told)) {
            continue;
        }
        let (holds, parts) = asked(document.get("filter")?, &["rules", "condition"])?;
        is_match &= holds;
        let what = format!("filter `{}`", shown(&filter.title));
        steps.push(Step { what, holds, because: String::new(), parts });
    }
    Some(Explanation { is_match, steps })
}

fn mapping_of(rules: &RuleSet, rule: usize) -> Option<Mapping> {
    yaml_serde::from_str(rules.text(rule)).ok()
}

/// An event that parts of a rule are asked about.
struct Asked<'a, 'e> {
    event: &'a Event<'e>,
    record: Record<'a, 'e>,
    means: Means<'a>,
    /// Detections that were told, and whether they hold. A condition may name one more than once.
    told: RefCell<BTreeMap<String, bool>>,
}

impl Asked<'_, '_> {
    /// Whether the condition of a section holds, and its parts. What has a key of the section's `own` is no
    /// detection.
    fn section(&self, section: &Yaml, own: &[&str]) -> Option<(bool, Vec<Step>)> {
        let section = section.as_mapping()?;
        let entries = section.iter().filter_map(|(key, value)| Some((key.as_str()?, value)));
        let entries: Vec<(&str, &Yaml)> = entries.filter(|(key, _)| !own.contains(key)).collect();
        let names: Vec<String> = entries.iter().map(|(name, _)| (*name).to_owned()).collect();
        let conditions = texts(section.get("condition")?);
        let conditions: Result<Vec<_>, _> =
            conditions.iter().map(|text| of_rules(text, &names)).collect();
        let conditions = conditions.ok()?;
        let told = |condition| self.condition(condition, &entries);
        let steps: Vec<Step> = match conditions.as_slice() {
            // What is put together by `and` is told part by part.
            [ConditionExpr::And(parts)] => {
                let parts: Vec<Step> = parts.iter().map(told).collect();
                return Some((parts.iter().all(|part| part.holds), parts));
            }
            conditions => conditions.iter().map(told).collect(),
        };
        Some((steps.iter().any(|step| step.holds), steps))
    }

    fn condition(&self, condition: &ConditionExpr, entries: &[(&str, &Yaml)]) -> Step {
        let all = |parts: &[ConditionExpr]| -> Vec<Step> {
            parts.iter().map(|part| self.condition(part, entries)).collect()
        };
        let what = shown(&written(condition, true));
        match condition {
            ConditionExpr::And(parts) => all_of(what, all(parts)),
            ConditionExpr::Or(parts) => one_of(what, all(parts)),
            ConditionExpr::Not(part) => {
                let part = self.condition(part, entries);
                Step { what, holds: !part.holds, because: String::new(), parts: vec![part] }
            }
            ConditionExpr::Identifier(name) => {
                let found = entries.iter().find(|(key, _)| key == name);
                // That a condition was read says that each of its names is there.
                found.map_or_else(
                    || one_of(what, Vec::new()),
                    |(name, value)| self.named(name, value),
                )
            }
            ConditionExpr::Selector { quantifier, pattern } => {
                let named = entries.iter().filter(|(name, _)| is_like(&pattern.to_string(), name));
                let parts: Vec<Step> = named.map(|(name, value)| self.named(name, value)).collect();
                let count = parts.iter().filter(|part| part.holds).count();
                let holds = match quantifier {
                    Quantifier::All => count == parts.len(),
                    Quantifier::Any => count > 0,
                    Quantifier::Count(needed) => count as u64 >= *needed,
                };
                let because = format!("{count} of {} hold", parts.len());
                Step { what, holds, because, parts }
            }
        }
    }

    /// A detection by its name, with its parts where it is told for the first time.
    fn named(&self, name: &str, value: &Yaml) -> Step {
        if let Some(holds) = self.told.borrow().get(name).copied() {
            let because = "as told above".to_owned();
            return Step { what: shown(name), holds, because, parts: Vec::new() };
        }
        let step = self.detection(name, value);
        self.told.borrow_mut().insert(name.to_owned(), step.holds);
        step
    }

    /// A detection: a mapping of which all has to hold, a list of which one has to, or words.
    fn detection(&self, name: &str, value: &Yaml) -> Step {
        let what = shown(name);
        let holds = detection(value, &self.means).is_ok_and(|detection| self.holds(detection));
        let parts = match value {
            Yaml::Mapping(entries) => {
                let entries = entries.iter();
                entries
                    .map(|(key, value)| self.item(key.as_str().unwrap_or_default(), value))
                    .collect()
            }
            Yaml::Sequence(members)
                if members.iter().any(|one| one.is_mapping() || one.is_sequence()) =>
            {
                let members = members.iter().take(MAX_VALUES).enumerate();
                members
                    .map(|(index, member)| self.detection(&format!("entry {}", index + 1), member))
                    .collect()
            }
            words => vec![self.item("", words)],
        };
        Step { what, holds, because: String::new(), parts }
    }

    /// A field and what it is compared with, each value by itself where there are several.
    fn item(&self, key: &str, value: &Yaml) -> Step {
        let asked = |value: &Yaml| item(key, value, &self.means).is_ok_and(|one| self.holds(one));
        let holds = asked(value);
        let values = match value {
            Yaml::Sequence(values) if values.len() > 1 => values.as_slice(),
            Yaml::Sequence(values) => {
                return self.one(key, values.first().unwrap_or(&Yaml::Null), holds);
            }
            other => return self.one(key, other, holds),
        };
        let few = values.iter().take(MAX_VALUES);
        let parts: Vec<Step> = few.map(|value| self.one(key, value, asked(value))).collect();
        let needs_all = key.split('|').skip(1).any(|modifier| modifier == "all");
        let how = if needs_all { "all" } else { "one" };
        let key = if key.is_empty() { "any field" } else { key };
        let what = format!("{}: {how} of {} values", shown(key), values.len());
        let count = parts.iter().filter(|part| part.holds).count();
        let because = match parts.len() < values.len() {
            true => format!("{count} of the first {} hold", parts.len()),
            false => format!("{count} of {} hold", parts.len()),
        };
        Step { what, holds, because, parts }
    }

    /// A field and one value.
    fn one(&self, key: &str, value: &Yaml, holds: bool) -> Step {
        let wanted = shown(&scalar(value).unwrap_or_else(|| "null".to_owned()));
        let (field, modifiers) = key.split_once('|').unwrap_or((key, ""));
        let what =
            if key.is_empty() { wanted.clone() } else { format!("{}: {wanted}", shown(key)) };
        let because = if field.is_empty() {
            let which = if holds { "a" } else { "no" };
            format!("{which} field of the event has it")
        } else {
            match self.event.value(field) {
                None => format!("the event has no field {}", shown(field)),
                Some(value) if holds => in_words(&value),
                Some(value) if modifiers == "exists" => {
                    format!("the event has it: `{}`", in_words(&value))
                }
                Some(value) => format!("`{}` {} `{wanted}`", in_words(&value), how(modifiers)),
            }
        };
        Step { what, holds, because, parts: Vec::new() }
    }

    /// Whether a detection holds for the event.
    fn holds(&self, detection: IrDetection) -> bool {
        let name = "it".to_owned();
        let rule = IrRule {
            metadata: IrRuleMetadata::default(),
            logsource: rsigma_parser::LogSource::default(),
            sigma_version: None,
            conditions: vec![IrCondition::Detection(name.clone())],
            detections: [(name, detection)].into(),
        };
        compile_to_compiled(&rule).is_ok_and(|rule| evaluate_rule(&rule, &self.record).is_some())
    }
}

fn all_of(what: String, parts: Vec<Step>) -> Step {
    Step { what, holds: parts.iter().all(|part| part.holds), because: String::new(), parts }
}

fn one_of(what: String, parts: Vec<Step>) -> Step {
    Step { what, holds: parts.iter().any(|part| part.holds), because: String::new(), parts }
}

/// A condition as rules write it.
fn written(condition: &ConditionExpr, is_outside: bool) -> String {
    let joined = |parts: &[ConditionExpr], word: &str| {
        let parts: Vec<String> = parts.iter().map(|part| written(part, false)).collect();
        let joined = parts.join(word);
        if is_outside { joined } else { format!("({joined})") }
    };
    match condition {
        ConditionExpr::And(parts) => joined(parts, " and "),
        ConditionExpr::Or(parts) => joined(parts, " or "),
        ConditionExpr::Not(part) => format!("not {}", written(part, false)),
        other => other.to_string(),
    }
}

/// Whether a pattern of a condition means a detection: `them`, or a name with wildcards.
fn is_like(pattern: &str, name: &str) -> bool {
    if pattern == "them" {
        return !name.starts_with('_');
    }
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

/// What a value does not do that its modifiers ask for.
fn how(modifiers: &str) -> &'static str {
    let has = |modifier: &str| modifiers.split('|').any(|one| one == modifier);
    let is_encoded = ["base64", "base64offset", "wide", "utf16", "utf16le", "utf16be"]
        .iter()
        .any(|one| has(one));
    match () {
        () if is_encoded => "does not have, encoded so,",
        () if has("fieldref") => "is not as the event's field",
        () if has("re") => "does not match",
        () if has("cidr") => "is not in",
        () if has("gt") => "is not greater than",
        () if has("gte") => "is less than",
        () if has("lt") => "is not less than",
        () if has("lte") => "is greater than",
        () if has("neq") => "is",
        () if has("contains") => "does not contain",
        () if has("startswith") => "does not begin with",
        () if has("endswith") => "does not end with",
        () => "is not",
    }
}

/// What a field holds, in words.
fn in_words(value: &Value<'_>) -> String {
    shown(&match value {
        Value::Text(text) => text.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Truth(truth) => truth.to_string(),
        Value::Null => "nothing".to_owned(),
        Value::List(values) => {
            let values: Vec<String> = values.iter().take(MAX_VALUES).map(in_words).collect();
            values.join(", ")
        }
    })
}

/// A text that is not too long to be shown; whoever shows it knows what to escape.
fn shown(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::tests::{load, matches};
    use super::*;

    fn event<'e>(pairs: &[(&'e str, &'e str)]) -> Event<'e> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Event { pairs, ..Event::default() }
    }

    fn rule(detection: &str) -> String {
        format!(
            "title: test\nlogsource: {{category: c}}\ndetection:\n  {}\n",
            detection.replace('\n', "\n  ")
        )
    }

    /// The tree, a line a step.
    fn tree(steps: &[Step], depth: usize, lines: &mut Vec<String>) {
        for step in steps {
            let mark = if step.holds { '+' } else { '-' };
            let because = if step.because.is_empty() {
                String::new()
            } else {
                format!(" | {}", step.because)
            };
            lines.push(format!("{}{mark} {}{because}", "  ".repeat(depth), step.what));
            tree(&step.parts, depth + 1, lines);
        }
    }

    fn explained(texts: &[&str], pairs: &[(&str, &str)]) -> Vec<String> {
        let set = load(texts);
        assert_eq!(set.problems(), []);
        let explanation = explain(&set, 0, &event(pairs)).unwrap();
        assert_eq!(explanation.is_match, matches(&set, pairs).contains(&0));
        let mut lines = vec![format!("{}", explanation.is_match)];
        tree(&explanation.steps, 0, &mut lines);
        lines
    }

    #[test]
    fn every_part_says_what_the_event_has() {
        let text = rule(
            "selection:\n  Image|endswith: '\\curl.exe'\n  CommandLine|contains: [a.dev, b.dev]\n\
             filter_user: {User: x}\nfilter_parent: {Parent: y}\n\
             condition: selection and not 1 of filter_*",
        );
        let pairs = [("Image", r"C:\a.exe"), ("CommandLine", "get b.dev"), ("User", "x")];
        assert_eq!(
            explained(&[&text], &pairs),
            [
                "false",
                "- selection",
                r"  - Image|endswith: \curl.exe | `C:\a.exe` does not end with `\curl.exe`",
                "  + CommandLine|contains: one of 2 values | 1 of 2 hold",
                "    - CommandLine|contains: a.dev | `get b.dev` does not contain `a.dev`",
                "    + CommandLine|contains: b.dev | get b.dev",
                "- not 1 of filter_*",
                "  + 1 of filter_* | 1 of 2 hold",
                "    + filter_user",
                "      + User: x | x",
                "    - filter_parent",
                "      - Parent: y | the event has no field Parent",
            ]
        );
    }

    #[test]
    fn lists_words_and_brackets() {
        let text = rule(
            "words: [evil, bad]\nlist:\n- A: a\n- B|re: b+\n  C|exists: false\n\
             condition: words or list or (words and not list)",
        );
        assert_eq!(
            explained(&[&text], &[("B", "abb"), ("X", "so bad")]),
            [
                "true",
                "+ words or list or (words and not list)",
                "  + words",
                "    + any field: one of 2 values | 1 of 2 hold",
                "      - evil | no field of the event has it",
                "      + bad | a field of the event has it",
                "  + list",
                "    - entry 1",
                "      - A: a | the event has no field A",
                "    + entry 2",
                "      + B|re: b+ | abb",
                "      + C|exists: false | the event has no field C",
                "  - words and not list",
                "    + words | as told above",
                "    - not list",
                "      + list | as told above",
            ]
        );
    }

    #[test]
    fn filters_are_steps_of_their_own() {
        let filter = "title: Admins\nlogsource: {category: c}\nfilter:\n  rules: any\n  selection: {User: root}\n  condition: not selection\n";
        let text = rule("selection: {A: a}\ncondition: selection");
        let lines = explained(&[&text, filter], &[("A", "a"), ("User", "root")]);
        assert_eq!(
            lines,
            [
                "false",
                "+ selection",
                "  + A: a | a",
                "- filter `Admins`",
                "  - not selection",
                "    + selection",
                "      + User: root | root"
            ]
        );
        assert_eq!(explained(&[&text, filter], &[("A", "a")])[0], "true");
        let set = load(&[&text, filter]);
        assert_eq!(explain(&set, 1, &Event::default()), None);
        assert_eq!(explain(&set, 2, &Event::default()), None);
    }

    #[test]
    fn long_values_are_cut() {
        let text = rule("selection: {A: b}\ncondition: selection");
        let long = "ä".repeat(500);
        let lines = explained(&[&text], &[("A", &long)]);
        assert!(lines[2].chars().count() < 240, "{}", lines[2]);
        assert!(lines[2].contains('…'));
    }

    #[test]
    fn patterns_of_names() {
        for (pattern, name, is) in [
            ("them", "a", true),
            ("them", "_a", false),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*b*c", "axbxc", true),
            ("a*b*c", "axc", false),
            ("abc", "abc", true),
            ("ab", "abc", false),
            ("*", "abc", true),
        ] {
            assert_eq!(is_like(pattern, name), is, "{pattern} {name}");
        }
    }

    #[test]
    fn verdicts_are_those_of_the_rules_of_others() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../../shared/data/sigmahq/rules/windows/dns_query");
        if !folder.exists() {
            // The data cannot be kept in the repository.
            eprintln!("skipped: {} is not here", folder.display());
            return;
        }
        let mut texts = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            texts.push(
                std::fs::read_to_string(entry.unwrap().path())
                    .unwrap()
                    .replace("category: dns_query", "category: c")
                    .replace("product: windows", "product: p"),
            );
        }
        texts.sort();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let set = load(&texts);
        let mut held = 0;
        for name in [
            "a.workers.dev",
            "api.telegram.org",
            "x.anydesk.com",
            "b.azurewebsites.net",
            "c.ngrok.io",
            "mega.co.nz",
            "d.trycloudflare.com",
        ] {
            for image in
                [r"C:\Users\a\b.exe", r"C:\Program Files\Google\Chrome\Application\chrome.exe", ""]
            {
                let pairs = [("QueryName", name), ("Image", image)];
                let matched = matches(&set, &pairs);
                held += matched.len();
                for place in 0..set.rules().len() {
                    let explanation = explain(&set, place, &event(&pairs)).unwrap();
                    assert_eq!(
                        explanation.is_match,
                        matched.contains(&place),
                        "{}",
                        set.rules()[place].title
                    );
                }
            }
        }
        assert!(held > 5, "{held}");
    }
}
