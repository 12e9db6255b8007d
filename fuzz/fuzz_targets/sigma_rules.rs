//! Sigma rules out of any text: loading, linting, evaluating and correlating never panics, and ends.

#![no_main]

use coldtrail_rules::sigma::{
    BaseMatch, Correlator, Event, Limits, RuleSet, RuleText, Taxonomy, Telemetry, lint,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let text = RuleText { file: "rule.yml".into(), text: text.to_owned(), license: String::new() };
    lint(&text, Taxonomy::builtin(), None);
    let rules = RuleSet::load(&[text], &[], &|_| true, &Limits::default());
    let event = Event {
        pairs: ["CommandLine", "Image", "QueryName", "EventID"]
            .map(|name| (name.into(), r"C:\Windows\curl.exe https://a.workers.dev -o 1".into()))
            .to_vec(),
        ..Event::default()
    };
    let mut correlator = Correlator::new(&rules);
    for (place, rule) in rules.rules().iter().enumerate() {
        let telemetry =
            Telemetry { log_sources: vec![rule.log_source.clone()], ..Telemetry::default() };
        let feed = rules.feed(&telemetry);
        let fast = rules.evaluate(&feed, &event);
        assert_eq!(fast, rules.evaluate_each(&feed, &event));
        let values = vec![("Image".to_owned(), "a".to_owned())];
        correlator.take(&BaseMatch { timestamp: 0, rule: place, values, event: 0 });
    }
});
