use coldtrail_model::{Finding, RuleSummary};
use coldtrail_present::navigator;
use proptest::prelude::*;
use serde_json::Value;

use super::{any_text, example, report};

fn written(summary: &RuleSummary, findings: &[Finding]) -> String {
    let mut layer = Vec::new();
    navigator(summary, findings, &mut layer).unwrap();
    String::from_utf8(layer).unwrap()
}

#[test]
fn a_layer_of_rules_and_findings() {
    insta::assert_snapshot!(written(&example::summary(), &report::report().findings));
}

#[test]
fn a_signal_of_a_rule_counts_once() {
    let mut findings = report::report().findings;
    let signal = &mut findings[0].signals[0];
    signal.attack = vec!["T1490".to_owned()];
    let score = |findings: &[Finding]| {
        let layer: Value = serde_json::from_str(&written(&example::summary(), findings)).unwrap();
        let techniques = layer["techniques"].as_array().unwrap().clone();
        techniques.iter().find(|one| one["techniqueID"] == "T1490").unwrap()["score"].clone()
    };
    assert_eq!(score(&findings), 4);
    findings[0].signals[0].rule = Some(example::summary().rules[0].rule.clone());
    assert_eq!(score(&findings), 3);
}

#[test]
fn nothing_is_a_layer_too() {
    let layer: Value = serde_json::from_str(&written(&example::nothing(), &[])).unwrap();
    assert_eq!(layer["techniques"], Value::Array(Vec::new()));
    assert!(layer["gradient"]["maxValue"].as_u64() > layer["gradient"]["minValue"].as_u64());
}

proptest! {
    #[test]
    fn only_techniques_are_named(strings in proptest::collection::vec(any_text(), 1..12)) {
        let (summary, _) = example::overwritten(&strings);
        let layer: Value = serde_json::from_str(&written(&summary, &[])).unwrap();
        for technique in layer["techniques"].as_array().unwrap() {
            let id = technique["techniqueID"].as_str().unwrap();
            prop_assert!(["T1059", "T1059.001"].contains(&id), "{id}");
        }
    }
}
