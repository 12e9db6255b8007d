use coldtrail_model::{Report, RuleSummary};
use coldtrail_present::{RuleSummaryOptions, TextOptions, rule_summary, text};
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::{any_text, example, leaks, report};

fn page(summary: &RuleSummary, width: usize, top: usize) -> String {
    let mut page = Vec::new();
    let options = RuleSummaryOptions { width, colour: false, top };
    rule_summary(summary, &options, &mut page).unwrap();
    String::from_utf8(page).unwrap()
}

#[test]
fn at_40_columns() {
    insta::assert_snapshot!(page(&example::summary(), 40, 3));
}

#[test]
fn at_80_columns() {
    insta::assert_snapshot!(page(&example::summary(), 80, 20));
}

#[test]
fn at_120_columns() {
    insta::assert_snapshot!(page(&example::summary(), 120, 20));
}

#[test]
fn nothing_matched() {
    insta::assert_snapshot!(page(&example::nothing(), 80, 20));
}

#[test]
fn no_rule_was_fed() {
    let page = page(&RuleSummary { fed: 0, ..example::nothing() }, 80, 20);
    assert!(page.contains("No rule at hand reads logs of this kind"), "{page}");
}

#[test]
fn what_is_left_out_is_told() {
    let page = page(&example::summary(), 80, 1);
    assert!(
        page.contains("… and 5 more rules\n") && page.contains("… and 2 more hosts\n"),
        "{page}"
    );
}

#[test]
fn colours_only_when_asked() {
    let options = RuleSummaryOptions { colour: true, ..RuleSummaryOptions::default() };
    let mut coloured = Vec::new();
    rule_summary(&example::summary(), &options, &mut coloured).unwrap();
    assert!(String::from_utf8(coloured).unwrap().contains("\u{1b}[1;31mcritical\u{1b}[0m"));
    assert!(!page(&example::summary(), 100, 20).contains('\u{1b}'));
}

#[test]
fn a_report_shows_its_rules() {
    let report = Report { rules: Some(example::summary()), ..report::report() };
    let mut page = Vec::new();
    text(&report, &TextOptions::default(), &mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    assert!(
        page.contains("Sigma rules ──") && page.contains("12,516 matches of 6 rules"),
        "{page}"
    );
}

proptest! {
    #[test]
    fn no_line_is_too_wide_and_nothing_hidden_leaks(
        strings in proptest::collection::vec(any_text(), 1..12),
        width in 40_usize..200,
        top in 0_usize..8,
        count in any::<u64>(),
        spans in 0_usize..70,
    ) {
        let (mut summary, _) = example::overwritten(&strings);
        for rule in &mut summary.rules {
            rule.matches = count;
            rule.hosts = count;
        }
        summary.hosts[0].matches = [count; 5];
        summary.spans.truncate(spans);
        if let Some(span) = summary.spans.first_mut() {
            span.matches = [count; 5];
        }
        for line in page(&summary, width, top).lines() {
            prop_assert!(line.width() <= width, "{} columns of {width}: {line}", line.width());
            prop_assert!(!line.contains(leaks), "{}", line.escape_debug());
        }
    }
}
