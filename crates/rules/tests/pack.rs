//! The pack of rules that comes with Coldtrail, against what each of them has to match, and what not.
//!
//! Every rule below `rules/sigma` has a file of cases at the same path below `rules/tests`;
//! `rules/sigma/README.md` says how these are written. Records are given the log source of the rule itself, so that nothing
//! depends on how logs are recognised.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use coldtrail_rules::sigma::{
    BaseMatch, Correlator, Event, Limits, Rule, RuleKind, RuleSet, RuleText, Telemetry, Value,
    builtin_pack,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    positive: Vec<Case>,
    negative: Vec<Case>,
}

/// A record, or a sequence of them, and why it is there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    why: String,
    event: Option<Map<String, Json>>,
    #[serde(default)]
    events: Vec<Moment>,
}

/// A record at a time, perhaps again and again; `{n}` in its texts is the number of the repetition.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Moment {
    at: String,
    #[serde(default = "once")]
    times: i64,
    #[serde(default)]
    every: i64,
    /// The name of the rule whose log source the record is of, where there are several.
    rule: Option<String>,
    event: Map<String, Json>,
}

fn once() -> i64 {
    1
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn load(text: &RuleText) -> RuleSet {
    let set = RuleSet::load(std::slice::from_ref(text), &[], &|_| true, &Limits::default());
    assert!(set.problems().is_empty(), "{}: {:?}", text.file.display(), set.problems());
    set
}

/// The path below `rules/sigma`.
fn path(text: &RuleText) -> &Path {
    text.file.strip_prefix("builtin").unwrap()
}

fn cases(text: &RuleText) -> Cases {
    let file = repository().join("rules/tests").join(path(text));
    let written = std::fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    yaml_serde::from_str(&written).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// A record of names and values where it is flat, as logs of Windows and of proxies are, and an object else.
fn event<'e>(record: &'e Map<String, Json>, telemetry: &'e Telemetry) -> Event<'e> {
    let text = |value: &'e Json| match value {
        Json::String(text) => Some(Cow::Borrowed(text.as_str())),
        Json::Number(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    };
    let pairs: Option<Vec<_>> = record
        .iter()
        .map(|(name, value)| Some((Cow::Borrowed(name.as_str()), text(value)?)))
        .collect();
    let object = if pairs.is_none() { Some(record) } else { None };
    Event { pairs: pairs.unwrap_or_default(), object, telemetry: Some(telemetry) }
}

fn telemetry_of(rule: &Rule) -> Telemetry {
    Telemetry {
        name: rule.key().to_owned(),
        log_sources: vec![rule.log_source.clone()],
        ..Telemetry::default()
    }
}

fn numbered(value: &Json, number: i64) -> Json {
    match value {
        Json::String(text) => Json::String(text.replace("{n}", &number.to_string())),
        Json::Array(values) => {
            Json::Array(values.iter().map(|value| numbered(value, number)).collect())
        }
        Json::Object(fields) => Json::Object(numbered_fields(fields, number)),
        other => other.clone(),
    }
}

fn numbered_fields(fields: &Map<String, Json>, number: i64) -> Map<String, Json> {
    fields.iter().map(|(name, value)| (name.clone(), numbered(value, number))).collect()
}

fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Truth(truth) => truth.to_string(),
        Value::Null => String::new(),
        Value::List(values) => values.first().map(shown).unwrap_or_default(),
    }
}

/// Whether the rule of a file matches a record.
fn matches(set: &RuleSet, record: &Map<String, Json>) -> bool {
    let telemetry = telemetry_of(&set.rules()[0]);
    let feed = set.feed(&telemetry);
    let event = event(record, &telemetry);
    let matched = set.evaluate(&feed, &event);
    assert_eq!(matched, set.evaluate_each(&feed, &event), "the two ways of evaluating differ");
    matched == [0]
}

/// Whether the correlation of a file holds over a sequence.
fn holds(set: &RuleSet, moments: &[Moment]) -> bool {
    let detections: Vec<&Rule> =
        set.rules().iter().filter(|rule| rule.kind == RuleKind::Detection).collect();
    let mut happened = Vec::new();
    for moment in moments {
        let rule = match &moment.rule {
            Some(name) => detections.iter().find(|rule| rule.name == *name).expect(name),
            None => detections.first().unwrap(),
        };
        let begin: Timestamp = moment.at.parse().expect(&moment.at);
        for number in 0..moment.times {
            let at = begin.as_microsecond() + number * moment.every * 1_000_000;
            happened.push((at, numbered_fields(&moment.event, number + 1), telemetry_of(rule)));
        }
    }
    happened.sort_by_key(|(at, _, _)| *at);

    let mut correlator = Correlator::new(set);
    let mut held = BTreeSet::new();
    for (number, (timestamp, record, telemetry)) in happened.iter().enumerate() {
        let event = event(record, telemetry);
        for rule in set.evaluate(&set.feed(telemetry), &event) {
            let kept = set.kept(rule).iter();
            let values =
                kept.filter_map(|name| Some((name.clone(), shown(&event.value(name)?)))).collect();
            let matched = BaseMatch { timestamp: *timestamp, rule, values, event: number as u64 };
            held.extend(correlator.take(&matched).into_iter().map(|correlated| correlated.rule));
        }
    }
    let correlation =
        set.rules().iter().position(|rule| rule.kind == RuleKind::Correlation).unwrap();
    held.contains(&correlation)
}

fn is_met(set: &RuleSet, case: &Case) -> bool {
    match &case.event {
        Some(record) => matches(set, record),
        None => holds(set, &case.events),
    }
}

/// Asserts that the rules of the pack, or its correlations, match what they should and nothing near it.
fn assert_that_cases_hold(of_correlations: bool) {
    let mut wrong = Vec::new();
    for text in builtin_pack() {
        let set = load(&text);
        let correlates = set.rules().iter().any(|rule| rule.kind == RuleKind::Correlation);
        if correlates != of_correlations {
            continue;
        }
        let cases = cases(&text);
        assert!(
            !cases.positive.is_empty() && !cases.negative.is_empty(),
            "{}",
            path(&text).display()
        );
        for (cases, should) in [(cases.positive, true), (cases.negative, false)] {
            for case in cases {
                if is_met(&set, &case) != should {
                    let verb = if should { "should match" } else { "should not match" };
                    wrong.push(format!("{}: {verb}: {}", path(&text).display(), case.why));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_matches_what_it_should_and_nothing_near_it() {
    assert_that_cases_hold(false);
}

#[test]
fn every_correlation_holds_when_it_should_and_at_nothing_near_it() {
    assert_that_cases_hold(true);
}

#[test]
fn the_pack_loads_as_a_whole_and_says_who_wrote_it_and_what_it_is_about() {
    let set = RuleSet::load(&builtin_pack(), &[], &|_| true, &Limits::default());
    assert!(set.problems().is_empty(), "{:?}", set.problems());
    let written: usize = builtin_pack().iter().map(|text| text.text.split("\n---\n").count()).sum();
    assert_eq!(set.rules().len(), written);
    let mut identifiers = BTreeSet::new();
    for rule in set.rules() {
        let place = format!("{}:{}", rule.file.display(), rule.line);
        assert!(identifiers.insert(rule.id.clone()), "{place}: {} is there twice", rule.id);
        assert_eq!(
            (rule.author.as_str(), rule.license.as_str()),
            ("Coldtrail", "Apache-2.0"),
            "{place}"
        );
        assert!(rule.level.is_some() && rule.status.is_some(), "{place}");
        assert!(!rule.techniques().is_empty() && !rule.tactics().is_empty(), "{place}");
        assert!(!rule.falsepositives.is_empty() && !rule.description.is_empty(), "{place}");
    }
}

/// The hosts that the catalogue knows, with their placeholders.
fn catalogue() -> Vec<String> {
    let mut hosts = Vec::new();
    for file in std::fs::read_dir(repository().join("crates/catalogue/data")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for list in text.split("\nhosts = [").skip(1) {
            let list = list.split(']').next().unwrap();
            hosts.extend(list.split('"').skip(1).step_by(2).map(str::to_owned));
        }
    }
    hosts
}

/// The fields of a detection and their values, with modifiers in the names.
fn searched(detection: &Json, found: &mut Vec<(String, String)>) {
    match detection {
        Json::Array(searches) => searches.iter().for_each(|search| searched(search, found)),
        Json::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Json::Object(_) => searched(value, found),
                    Json::Array(values) => {
                        for value in values {
                            match value {
                                Json::String(text) => found.push((name.clone(), text.clone())),
                                other => searched(other, found),
                            }
                        }
                    }
                    Json::String(text) => found.push((name.clone(), text.clone())),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

#[test]
fn names_of_platforms_are_those_of_the_catalogue_and_end_at_a_label() {
    let hosts = catalogue();
    assert!(hosts.len() > 300, "only {} hosts were read", hosts.len());
    let any = |test: &dyn Fn(&str) -> bool| hosts.iter().any(|host| test(host));
    let (mut names, mut wrong) = (0, Vec::new());
    for text in builtin_pack() {
        for document in text.text.split("\n---\n") {
            let document: Json = yaml_serde::from_str(document).unwrap();
            let mut found = Vec::new();
            searched(&document["detection"], &mut found);
            for (field, value) in found {
                let (field, modifier) = field.split_once('|').unwrap_or((&field, ""));
                let known = match (field, modifier) {
                    ("QueryName" | "query" | "cs-host" | "DestinationHostname", modifier) => {
                        match modifier {
                            "" => any(&|host| host == value),
                            "endswith" => {
                                value.starts_with('.') && any(&|host| host.ends_with(&value))
                            }
                            "startswith" => {
                                value.ends_with('.') && any(&|host| host.starts_with(&value))
                            }
                            _ => {
                                value.starts_with('.')
                                    && value.ends_with('.')
                                    && any(&|host| host.contains(&value))
                            }
                        }
                    }
                    // A command line holds a URL: what begins with a dot and has another is the end of a host, or its middle.
                    ("CommandLine", _) if value.starts_with('.') && value[1..].contains('.') => {
                        let host = value.split('/').next().unwrap_or_default();
                        any(&|known| {
                            known.ends_with(host) || host.ends_with('.') && known.contains(host)
                        })
                    }
                    _ => continue,
                };
                names += 1;
                if !known {
                    wrong.push(format!("{}: {field}: {value}", path(&text).display()));
                }
            }
        }
    }
    assert!(names > 500, "only {names} names were compared");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
