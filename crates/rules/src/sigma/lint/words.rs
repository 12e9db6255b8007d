//! Status and level, which have words of their own, and what a rule says about itself in other words.

use super::LintCode;
use super::document::Document;
use super::finding::{Findings, nearest, quote};
use crate::sigma::{Level, RuleKind, Status};

const STATUSES: &[&str] = &["stable", "test", "experimental", "deprecated", "unsupported"];
const LEVELS: &[&str] = &["informational", "low", "medium", "high", "critical"];

/// How many characters a title may have.
const MAX_TITLE: usize = 256;

/// Tells of words that the specification does not have, and of texts that are missing or too long.
pub(super) fn check(document: &Document<'_>, findings: &mut Findings) {
    word(document, "status", STATUSES, LintCode::UnknownStatus, findings, |word| {
        Status::named(word).is_some()
    });
    word(document, "level", LEVELS, LintCode::UnknownLevel, findings, |word| {
        Level::named(word).is_some()
    });
    if let Some(title) = document.root.get("title") {
        let count = title.written().chars().count();
        if count > MAX_TITLE {
            let reason = format!("the title has {count} characters, {MAX_TITLE} are allowed");
            findings.add(LintCode::TooLong, title.span, reason, "say the rest in the description");
        }
    }
    if !document.is_whole {
        return;
    }
    let missing = [
        (
            "level",
            LintCode::MissingLevel,
            "how grave a match is",
            "write `level:` with informational, low, medium, high or critical",
        ),
        (
            "description",
            LintCode::MissingDescription,
            "what it is for",
            "write `description:`, for whoever gets a match",
        ),
        (
            "author",
            LintCode::MissingAuthor,
            "who wrote it",
            "write `author:`, so that somebody can be asked",
        ),
    ];
    for (key, code, what, help) in missing {
        let is_needed = key != "level" || document.kind == RuleKind::Detection;
        if is_needed && document.root.get(key).is_none_or(|node| node.value.is_null()) {
            findings.add(code, document.head(), format!("the rule does not say {what}"), help);
        }
    }
}

fn word(
    document: &Document<'_>,
    key: &str,
    words: &[&str],
    code: LintCode,
    findings: &mut Findings,
    is_known: impl Fn(&str) -> bool,
) {
    let Some(node) = document.root.get(key) else { return };
    let word = node.written();
    if is_known(&word) {
        return;
    }
    let reason = format!("`{}` is no {key} of a Sigma rule", quote(&word));
    let help = match nearest(&word, words.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it is one of {}", words.join(", ")),
    };
    findings.add(code, node.span, reason, help);
}

#[cfg(test)]
mod tests {
    use crate::sigma::lint::fixtures::{codes_of, found, rule};

    #[test]
    fn words_of_the_specification_and_others() {
        let text = rule("selection:\n  Image: a\ncondition: selection");
        let codes = [
            "unknown-status",
            "unknown-level",
            "too-long",
            "missing-level",
            "missing-description",
            "missing-author",
        ];
        assert!(codes_of(&text, &codes).is_empty());
        let lint = &found(&text.replace("level: low", "level: hihg"), "unknown-level")[0];
        assert!(lint.help.contains("`high`"));
        assert_eq!(lint.column, 8);
        assert_eq!(
            codes_of(&text.replace("status: test", "status: done"), &codes),
            ["unknown-status"]
        );
        assert_eq!(codes_of(&text.replace("A rule", &"A".repeat(257)), &codes), ["too-long"]);
        assert!(codes_of(&text.replace("A rule", &"A".repeat(256)), &codes).is_empty());
        assert_eq!(codes_of(&text.replace("level: low\n", ""), &codes), ["missing-level"]);
        assert_eq!(
            codes_of(&text.replace("description: It\n", ""), &codes),
            ["missing-description"]
        );
        assert_eq!(codes_of(&text.replace("author: Me\n", ""), &codes), ["missing-author"]);
    }
}
