//! What tests of rules ask for: rules that are loaded and records that they are asked about.

use std::borrow::Cow;

use coldtrail_diagnostics::Problem;

use super::{Event, Limits, LogSource, RuleSet, RuleText, Telemetry};

/// Loads texts, each a file of its own.
pub(super) fn load(texts: &[&str]) -> RuleSet {
    load_with(texts, &|_| true)
}

/// Loads the rules of texts that are wanted.
pub(super) fn load_with(texts: &[&str], wanted: &dyn Fn(&super::Rule) -> bool) -> RuleSet {
    let text = |(number, text): (usize, &&str)| RuleText {
        file: format!("{number}.yml").into(),
        text: (*text).to_owned(),
        license: "of the folder".to_owned(),
    };
    let texts: Vec<RuleText> = texts.iter().enumerate().map(text).collect();
    let placeholders = [("admins".to_owned(), vec!["root".to_owned(), "adm_*".to_owned()])];
    RuleSet::load(&texts, &placeholders, wanted, &Limits::default())
}

/// A telemetry that feeds every rule of the log sources that tests use.
pub(super) fn telemetry() -> Telemetry {
    let log_source =
        LogSource { category: "c".into(), product: "p".into(), service: String::new() };
    Telemetry { name: "test".into(), log_sources: vec![log_source], ..Telemetry::default() }
}

/// The rules that a record matches, by both ways of asking.
pub(super) fn matches(set: &RuleSet, pairs: &[(&str, &str)]) -> Vec<usize> {
    let pair = |(name, value): &(&str, &str)| {
        (Cow::Owned((*name).to_owned()), Cow::Owned((*value).to_owned()))
    };
    let event = Event { pairs: pairs.iter().map(pair).collect(), ..Event::default() };
    asked(set, &event)
}

fn asked(set: &RuleSet, event: &Event<'_>) -> Vec<usize> {
    let feed = set.feed(&telemetry());
    let fast = set.evaluate(&feed, event);
    assert_eq!(fast, set.evaluate_each(&feed, event), "{event:?}");
    fast
}

fn rule(detection: &str) -> String {
    format!("title: test\nlogsource: {{category: c}}\ndetection: {detection}\n")
}

/// Whether a rule with a detection matches a record.
pub(super) fn holds(detection: &str, pairs: &[(&str, &str)]) -> bool {
    let set = load(&[&rule(detection)]);
    assert_eq!(set.problems(), [], "{detection}");
    matches(&set, pairs) == [0]
}

/// Whether a rule with a detection matches a JSON record.
pub(super) fn holds_for(detection: &str, json: &serde_json::Value) -> bool {
    let set = load(&[&rule(detection)]);
    assert_eq!(set.problems(), [], "{detection}");
    asked(&set, &Event { object: json.as_object(), ..Event::default() }) == [0]
}

/// What is wrong with a rule with a detection, which is not loaded.
pub(super) fn problem(detection: &str) -> Problem {
    let set = load(&[&rule(detection)]);
    assert_eq!((set.rules().len(), set.problems().len()), (0, 1), "{:?}", set.problems());
    set.problems()[0].clone()
}
