//! Conditions that cannot be read, names that they use, and detections that they leave out.

use coldtrail_diagnostics::ProblemKind;
use rsigma_parser::{detection_name_matches, parse_condition};

use super::LintCode;
use super::document::{Condition, Document};
use super::finding::{Findings, and, nearest, quote, quote_message};
use crate::sigma::document::Fault;

/// Words that are no names.
const WORDS: &[&str] = &["and", "or", "not", "of", "all", "any", "them"];

/// Tells what is wrong with conditions.
pub(super) fn check(document: &Document<'_>, findings: &mut Findings) {
    for condition in &document.conditions {
        shouted(condition, findings);
        match &condition.parsed {
            Err(fault) if fault.kind != ProblemKind::UnknownReference => {
                unreadable(condition, fault, findings);
            }
            Err(_) if document.is_whole => names(document, condition, findings),
            _ => {}
        }
    }
    if document.is_whole && document.conditions.iter().all(|condition| condition.parsed.is_ok()) {
        unused(document, findings);
    }
}

fn unreadable(condition: &Condition<'_>, fault: &Fault, findings: &mut Findings) {
    let whole = condition.node.span.clone();
    // What is no condition was parsed once, so that it is not too deep to be parsed again, for the place.
    let place = (fault.kind == ProblemKind::InvalidValue)
        .then(|| parse_condition(condition.text).err()?.location())
        .flatten();
    let span = place.filter(|place| place.line == 1).map_or(whole, |place| {
        let before = condition.text.chars().take(place.col.saturating_sub(1) as usize);
        let at = before.map(char::len_utf8).sum();
        condition.node.within(at..at)
    });
    let (reason, help) = (quote_message(&fault.reason), fault.help.clone());
    findings.add(LintCode::InvalidCondition, span, reason, help);
}

/// Tells of `AND`, which is read here and not everywhere.
fn shouted(condition: &Condition<'_>, findings: &mut Findings) {
    let is_shouted =
        |word: &str| !WORDS.contains(&word) && WORDS.contains(&word.to_lowercase().as_str());
    if let Some((word, span)) = condition.words().into_iter().find(|(word, _)| is_shouted(word)) {
        let small = word.to_lowercase();
        let reason = format!("`{word}` is written `{small}` by the specification");
        let help = format!("write `{small}`, so that others read it too");
        findings.add(LintCode::NotRecommended, condition.node.within(span), reason, help);
    }
}

/// Tells of names that no detection has.
fn names(document: &Document<'_>, condition: &Condition<'_>, findings: &mut Findings) {
    let all: Vec<&str> = document.detections.iter().map(|detection| detection.name).collect();
    for (word, span) in condition.words() {
        let is_word = WORDS.contains(&word.to_lowercase().as_str());
        let is_count = word.bytes().all(|byte| byte.is_ascii_digit());
        if is_word || is_count || all.iter().any(|name| detection_name_matches(word, name)) {
            continue;
        }
        let reason = match word.contains('*') {
            true => format!("no detection has a name like `{}`", quote(word)),
            false => format!("there is no detection `{}`", quote(word)),
        };
        let help = match nearest(word.trim_end_matches('*'), all.iter().copied()) {
            Some(name) => format!("did you mean `{}`?", quote(name)),
            None if all.is_empty() => "write a selection of that name".to_owned(),
            None => format!("there is {}", and(all.get(..all.len().min(10)).unwrap_or_default())),
        };
        findings.add(LintCode::UnknownDetection, condition.node.within(span), reason, help);
    }
}

/// Tells of detections that no condition names.
fn unused(document: &Document<'_>, findings: &mut Findings) {
    let mut words: Vec<&str> = Vec::new();
    for condition in &document.conditions {
        words.extend(condition.words().into_iter().map(|(word, _)| word));
    }
    words.sort_unstable();
    words.dedup();
    if words.is_empty() {
        return;
    }
    for detection in &document.detections {
        let is_used = words.binary_search(&detection.name).is_ok()
            || words.binary_search(&"them").is_ok() && !detection.name.starts_with('_')
            || words
                .iter()
                .any(|word| word.contains('*') && detection_name_matches(word, detection.name));
        if !is_used {
            let name = quote(detection.name);
            let reason =
                format!("no condition names the detection `{name}`, so it changes nothing");
            let help =
                format!("name it, such as `… and {name}` or `… and not {name}`, or remove it");
            findings.add(LintCode::UnusedDetection, detection.name_span.clone(), reason, help);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sigma::lint::fixtures::{codes_of, found, rule};

    const CODES: &[&str] = &["invalid-condition", "unknown-detection", "unused-detection"];

    fn with(condition: &str) -> String {
        rule(&format!("selection_a:\n  Image: a\nfilter:\n  Image: b\ncondition: {condition}"))
    }

    #[test]
    fn conditions_that_can_be_read() {
        for condition in [
            "selection_a and not filter",
            "1 of selection_* and not filter",
            "all of them",
            "(filter or selection_a)",
        ] {
            assert!(codes_of(&with(condition), CODES).is_empty(), "{condition}");
        }
    }

    #[test]
    fn conditions_that_cannot() {
        let lint = &found(&with("selection_a and or filter"), "invalid-condition")[0];
        assert_eq!((lint.line, lint.column), (14, 30));
        assert!(lint.reason.contains("`selection_a and or filter`"), "{lint:?}");
        let lints = found(&with("selection_a AND filter"), "not-recommended");
        assert!(lints[0].help.contains("`and`"));
        let lint = &found(&with("selection_a | count() > 3"), "invalid-condition")[0];
        assert!(lint.help.contains("correlation"));
        let deep = with(&format!("{}filter{}", "(".repeat(100_000), ")".repeat(100_000)));
        assert_eq!(found(&deep, "invalid-condition").len(), 1);
    }

    #[test]
    fn names_that_are_not_there_and_detections_that_are_not_named() {
        let lint = &found(&with("selecton_a and not filter"), "unknown-detection")[0];
        assert_eq!((lint.line, lint.column, lint.end - lint.start), (14, 14, 10));
        assert!(lint.help.contains("`selection_a`"));
        assert!(
            found(&with("1 of other_* or filter"), "unknown-detection")[0]
                .reason
                .contains("other_*")
        );
        let lint = &found(&with("selection_a"), "unused-detection")[0];
        assert_eq!((lint.line, lint.column), (12, 3));
        assert!(lint.reason.contains("`filter`"));
    }
}
