//! Whole files: places, neighbours, hostile texts, and the rules of others.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::fixtures::{all, codes_of, found, rule};
use super::{Lint, Weight, lint, lint_with};
use crate::sigma::{RuleText, Taxonomy, Telemetry};

/// A folder or file of others' data, where it is at hand.
fn shared(path: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(path);
    if !found.exists() {
        // The data cannot be kept in the repository.
        eprintln!("skipped: {} is not here", found.display());
        return None;
    }
    Some(found)
}

/// What is found in a text of which any log can have any field.
fn found_anywhere(file: &Path, text: String) -> Vec<Lint> {
    let text = RuleText { file: file.to_owned(), text, license: String::new() };
    lint_with(&text, &|_| vec![Arc::<Telemetry>::default()], None)
}

#[test]
fn a_good_rule_has_nothing_to_find_fault_with() {
    assert_eq!(
        all(&rule("selection:\n  Image|endswith: '\\a.exe'\ncondition: selection"), None),
        []
    );
}

#[test]
fn documents_are_looked_at_one_by_one() {
    let good = rule("selection:\n  Image: a\ncondition: selection");
    let text = format!("{good}---\ntitle: [\n---\n- a\n---\n{}", good.replace("id: 5", "id: ä"));
    let lints = all(&text, None);
    let places: Vec<_> =
        lints.iter().map(|lint| (lint.code.code(), lint.line, lint.column)).collect();
    assert_eq!(
        places,
        [("invalid", 15, 1), ("invalid", 16, 1), ("invalid-id", 19, 5)],
        "{lints:?}"
    );
    assert!(lints[2].reason.contains("`ä` is no hexadecimal digit"));
    assert_eq!(&text[lints[2].start..lints[2].end][..2], "ä");
}

#[test]
fn columns_are_counted_in_characters() {
    let text = rule("selection: {'Ä': x, EventID: '*'}\ncondition: selection");
    assert_eq!(found(&text, "any-value")[0].column, 23);
}

#[test]
fn documents_of_an_action_are_not_asked_for_what_others_have() {
    let text = "action: global\ntitle: Both\nlogsource: {category: dns}\n---\ndetection:\n  selection:\n    query: a\n  condition: selection\n";
    assert!(
        codes_of(text, &["missing-title", "missing-detection", "missing-log-source"]).is_empty()
    );
}

#[test]
fn files_that_are_no_rules() {
    for text in
        ["", "# only this\n", "just words", "- a\n- b\n", "\0", "a: b: c", "%YAML 1.1\n---\n*x"]
    {
        assert_eq!(codes_of(text, &["invalid"]), ["invalid"], "{text:?}");
    }
    assert_eq!(codes_of(&"a".repeat((4 << 20) + 1), &["invalid"]), ["invalid"]);
}

#[test]
fn hostile_rules_end_soon() {
    let good = rule("selection:\n  Image: a\ncondition: selection");
    let many = |line: &str| format!("{good}tags:\n{}", line.repeat((4 << 20) / line.len() - 100));
    let deep =
        rule(&format!("selection: {}1{}\ncondition: selection", "[".repeat(100), "]".repeat(100)));
    let wide = rule(&format!(
        "selection:\n  Image|re:\n{}condition: selection",
        "  - '(a{100}){100}'\n".repeat(20_000)
    ));
    for (name, text) in [
        ("tags", many("- attack.x\n")),
        ("keys", {
            let keys: String = (0..100_000).map(|index| format!("k{index}: 1\n")).collect();
            format!("{good}{keys}")
        }),
        ("deep", deep),
        ("patterns", wide),
        ("documents", "a: 1\n---\n".repeat(200_000)),
        ("detections", {
            let names: String = (0..50_000).map(|index| format!("s{index}: {{a: b}}\n")).collect();
            rule(&format!("{names}condition: 1 of s*"))
        }),
    ] {
        let began = Instant::now();
        let lints = all(&text, None);
        eprintln!("{name}: {:?}", began.elapsed());
        assert!(began.elapsed().as_secs() < 60, "{name} took {:?}", began.elapsed());
        assert!(lints.len() <= 10_000, "{name}");
        assert!(lints.iter().all(|lint| lint.start <= lint.end && text.is_char_boundary(lint.end)));
    }
}

#[test]
fn a_rule_that_says_nothing_is_told_all_of_it() {
    let text = "title: Serverless hosts\nid: made-up-1\nstatus: experimental\ndescription: Something\nauthor: Me\n\
                date: 2026/01/02\ntags:\n  - attack.t1583.007\nlogsource:\n  category: network_connection\n  \
                product: windows\ndetection:\n  selection:\n    EventID: '*'\n  condition: selection\nlevel: medium\n";
    let found = all(text, None);
    let told: Vec<_> =
        found.iter().map(|lint| (lint.code.code(), lint.line, lint.column)).collect();
    assert_eq!(
        told,
        [
            ("invalid-id", 2, 5),
            ("old-date", 6, 7),
            ("no-name-tested", 8, 5),
            ("matches-everything", 14, 5)
        ]
    );
    assert_eq!(
        found[3].reason,
        "`EventID: '*'` matches every event that has an EventID, which is every event of windows/network_connection"
    );
}

#[test]
fn the_rule_of_the_page_is_told_all_of_it() {
    let Some(path) = shared("seeds/001_3bf9b8c5726da55d.txt") else { return };
    let lints = found_anywhere(Path::new("seed.yml"), std::fs::read_to_string(path).unwrap());
    for lint in &lints {
        eprintln!(
            "{}:{}:{}: {}[{}]: {}\n    {}",
            lint.file,
            lint.line,
            lint.column,
            lint.code.weight().name(),
            lint.code.code(),
            lint.reason,
            lint.help
        );
    }
    let codes: Vec<_> = lints.iter().map(|lint| lint.code.code()).collect();
    assert_eq!(codes, ["invalid-id", "old-date", "no-name-tested", "matches-everything"]);
}

fn rules_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rules_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "yml") {
            found.push(path);
        }
    }
}

#[test]
fn rules_of_others_are_found_fault_with_where_they_have_it() {
    let Some(folder) = shared("data/sigmahq") else { return };
    let mut files = Vec::new();
    rules_below(&folder, &mut files);
    files.sort();
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    let shown = std::env::var("LINT_SHOWN").unwrap_or_default();
    for file in &files {
        let text = std::fs::read_to_string(file).unwrap();
        let name = file.file_name().unwrap().into();
        let text = RuleText { file: name, text, license: String::new() };
        for lint in lint(&text, Taxonomy::builtin(), None) {
            *counts.entry(lint.code).or_default() += 1;
            if lint.code.code() == shown || (shown == "error" && lint.code.is_error()) {
                eprintln!(
                    "{}:{}:{}: {}: {} | {}",
                    lint.file,
                    lint.line,
                    lint.column,
                    lint.code.code(),
                    lint.reason,
                    lint.help
                );
            }
        }
    }
    for (code, count) in &counts {
        eprintln!("{count:6} {} {}", code.weight().name(), code.code());
    }
    let errors: usize = counts
        .iter()
        .filter(|(code, _)| code.weight() == Weight::Error)
        .map(|(_, count)| count)
        .sum();
    assert_eq!(errors, 0);
}
