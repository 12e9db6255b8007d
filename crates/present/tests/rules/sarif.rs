use coldtrail_model::{RuleMatch, RuleSummary};
use coldtrail_present::sarif;
use proptest::prelude::*;
use serde_json::Value;

use super::{any_text, example, leaks};

fn written(summary: &RuleSummary, matches: &[RuleMatch]) -> String {
    let mut log = Vec::new();
    sarif(summary, matches, &mut log).unwrap();
    String::from_utf8(log).unwrap()
}

#[test]
fn a_log_of_matches() {
    let log = written(&example::summary(), &example::matches());
    // The version moves with every release, which says nothing about the format.
    insta::assert_snapshot!(log.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

#[test]
fn matches_may_be_owned() {
    let mut log = Vec::new();
    sarif(&example::summary(), example::matches(), &mut log).unwrap();
    assert_eq!(String::from_utf8(log).unwrap(), written(&example::summary(), &example::matches()));
}

proptest! {
    #[test]
    fn results_name_their_rules_and_nothing_hides(
        strings in proptest::collection::vec(any_text(), 1..12)
    ) {
        let (summary, matches) = example::overwritten(&strings);
        let text = written(&summary, &matches);
        prop_assert!(!text.replace('\n', "").contains(leaks));
        let log: Value = serde_json::from_str(&text).unwrap();
        let run = &log["runs"][0];
        let rules = &run["tool"]["driver"]["rules"];
        prop_assert_eq!(run["results"].as_array().unwrap().len(), matches.len());
        for rule in rules.as_array().unwrap() {
            let help = rule["helpUri"].as_str().unwrap_or("https://");
            prop_assert!(help.starts_with("https://"), "{help}");
        }
        for result in run["results"].as_array().unwrap() {
            if let Some(index) = result["ruleIndex"].as_u64() {
                let index = usize::try_from(index).unwrap();
                prop_assert_eq!(&rules[index]["id"], &result["ruleId"]);
            }
            let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str();
            prop_assert!(uri.is_none_or(|uri| uri.bytes().all(|byte| byte.is_ascii_graphic())));
        }
    }
}
