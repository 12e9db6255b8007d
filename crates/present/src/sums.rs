//! What a summary of rules adds up to, for every format that shows it.

use std::collections::{BTreeMap, BTreeSet};

use coldtrail_model::{DayCount, RuleCount, RuleSummary};

use crate::level::Level;

/// Names of authors are shorter; this bounds what a file of rules can put on a page.
const LONGEST_AUTHOR: usize = 120;

/// How often all rules matched.
pub(crate) fn matches(summary: &RuleSummary) -> u64 {
    summary.rules.iter().fold(0, |sum, rule| sum.saturating_add(rule.matches))
}

/// The sum over all levels.
pub(crate) fn total(matches: &[u64; 5]) -> u64 {
    matches.iter().fold(0, |sum, count| sum.saturating_add(*count))
}

/// The share of events that matched no rule, from 0 to 1: what nobody has to read.
pub(crate) fn reduction(summary: &RuleSummary) -> Option<f64> {
    let rest = summary.events.saturating_sub(summary.matched_events);
    (summary.events > 0).then(|| rest as f64 / summary.events as f64)
}

/// What is known of one level.
pub(crate) struct LevelSum {
    pub(crate) level: Level,
    pub(crate) matches: u64,
    pub(crate) rules: usize,
}

/// The levels that matches have, gravest first.
pub(crate) fn by_level(summary: &RuleSummary) -> Vec<LevelSum> {
    let sum = |level| {
        let rules = || summary.rules.iter().filter(move |rule| Level::of(&rule.level) == level);
        let matches = rules().fold(0_u64, |sum, rule| sum.saturating_add(rule.matches));
        LevelSum { level, matches, rules: rules().count() }
    };
    Level::ALL.into_iter().map(sum).filter(|sum| sum.rules > 0).collect()
}

/// The days with most matches first, then by date.
pub(crate) fn busiest_days(summary: &RuleSummary) -> Vec<&DayCount> {
    let mut days: Vec<_> = summary.days.iter().filter(|day| total(&day.matches) > 0).collect();
    days.sort_by_key(|day| (std::cmp::Reverse(total(&day.matches)), day.day));
    days
}

/// ATT&CK techniques with the matches of their rules: most first, then by identifier.
pub(crate) fn techniques(summary: &RuleSummary) -> Vec<(&str, u64)> {
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for rule in &summary.rules {
        let techniques: BTreeSet<&str> = rule.techniques.iter().map(String::as_str).collect();
        for technique in techniques.into_iter().filter(|technique| is_technique(technique)) {
            let sum = sums.entry(technique).or_default();
            *sum = sum.saturating_add(rule.matches);
        }
    }
    let mut techniques: Vec<_> = sums.into_iter().collect();
    techniques.sort_by_key(|(technique, matches)| (std::cmp::Reverse(*matches), *technique));
    techniques
}

/// Whether a text has the shape of a technique, `T1059`, or of a sub-technique, `T1059.001`.
pub(crate) fn is_technique(text: &str) -> bool {
    let are_digits = |digits: &str, count| {
        digits.len() == count && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let (technique, part) = text.split_once('.').unwrap_or((text, "000"));
    technique.strip_prefix('T').is_some_and(|digits| are_digits(digits, 4)) && are_digits(part, 3)
}

/// Rules that match so much that they tell little.
pub(crate) fn noisy(summary: &RuleSummary) -> Vec<&RuleCount> {
    summary.rules.iter().filter(|rule| rule.is_noisy).collect()
}

/// Under which terms rules may be used, and who wrote them.
pub(crate) struct Credit<'s> {
    /// The licence, or what stands for none.
    pub(crate) license: &'s str,
    /// The authors in order of name; what stands for none where nobody is named.
    pub(crate) authors: BTreeSet<String>,
}

/// The credits of the rules that matched, those without a licence last: a licence such as the Detection
/// Rule License 1.1 demands that authors are named beside matches.
pub(crate) fn credits(summary: &RuleSummary) -> Vec<Credit<'_>> {
    let mut credits: BTreeMap<(bool, &str), BTreeSet<String>> = BTreeMap::new();
    for rule in &summary.rules {
        let license = rule.rule.license.trim();
        let known = credits.entry((license.is_empty(), license)).or_default();
        known.extend(authors(&rule.rule.author));
    }
    let credit = |((is_unknown, license), mut authors): ((bool, _), BTreeSet<String>)| {
        if authors.is_empty() {
            authors.insert("no author stated".to_owned());
        }
        Credit { license: if is_unknown { "no licence stated" } else { license }, authors }
    };
    credits.into_iter().map(credit).collect()
}

/// The authors that a rule names, with commas between them; a comma in parentheses is part of a name.
fn authors(author: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let pieces = author.split(|character| {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == ',' && depth == 0
    });
    let names = pieces.map(str::trim).filter(|name| !name.is_empty());
    names.map(|name| name.chars().take(LONGEST_AUTHOR).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::{authors, is_technique};

    #[test]
    fn authors_are_told_apart() {
        assert_eq!(authors("Ada (One, Two), Ben ,, Cleo"), ["Ada (One, Two)", "Ben", "Cleo"]);
        assert_eq!(authors("Ada (open, Ben"), ["Ada (open, Ben"]);
        assert!(authors(" , ").is_empty());
    }

    #[test]
    fn techniques_have_their_shape() {
        for technique in ["T1059", "T1059.001"] {
            assert!(is_technique(technique), "{technique}");
        }
        for other in
            ["", "T", "T105", "T10599", "TA0011", "t1059", "T1059.1", "T1059.", "T1059.001.1"]
        {
            assert!(!is_technique(other), "{other}");
        }
    }
}
