//! What a rule must have to be one.

use super::LintCode;
use super::document::Document;
use super::finding::{Findings, quote};
use crate::sigma::{LogSource, RuleKind};

/// Tells which parts are missing or empty.
pub(super) fn check(document: &Document<'_>, findings: &mut Findings) {
    if !document.is_whole {
        return;
    }
    let root = &document.root;
    let head = document.head();
    let title = root.get("title").map(|title| title.written().trim().is_empty());
    if title != Some(false) {
        let reason = if title.is_none() { "the rule has no title" } else { "the title is empty" };
        let help = "say in a few words what a match means, as `title:`";
        findings.add(LintCode::MissingTitle, head.clone(), reason.to_owned(), help);
    }
    if document.kind != RuleKind::Detection {
        return;
    }
    let log_source = root.entry("logsource");
    if document.log_source == LogSource::default() {
        let span = log_source.map_or(head.clone(), |entry| entry.key_span);
        let reason =
            "no log source: the rule would be run over every event of every log".to_owned();
        let help = "write a `logsource:` with a category, a product or a service, such as `category: dns_query`";
        findings.add(LintCode::MissingLogSource, span, reason, help);
    }
    let Some(detection) = root.entry("detection").filter(|entry| entry.node.value.is_mapping())
    else {
        let help = "write a `detection:` with selections of fields and values, and a `condition:`";
        let reason = "the rule has no detection".to_owned();
        return findings.add(LintCode::MissingDetection, head, reason, help);
    };
    let condition = detection.node.get("condition");
    if condition.as_ref().is_none_or(|node| node.value.is_null()) {
        let names: Vec<&str> = document.detections.iter().map(|one| one.name).collect();
        let example = names.first().copied().unwrap_or("selection");
        let help = format!("write, for example, `condition: {}`", quote(example));
        let reason = "the detection has no condition".to_owned();
        findings.add(LintCode::MissingCondition, detection.key_span.clone(), reason, help);
    } else if let Some(node) = condition.filter(|_| document.conditions.is_empty()) {
        let reason = format!("the condition `{}` is no text", quote(node.source()));
        findings.add(
            LintCode::InvalidCondition,
            node.span,
            reason,
            "write names of detections, put together with `and`, `or` and `not`",
        );
    }
    if document.detections.is_empty() {
        let reason = "the detection has nothing to look for".to_owned();
        let help = "write a selection of fields and values beside the condition";
        findings.add(LintCode::EmptyDetection, detection.key_span, reason, help);
    }
}

#[cfg(test)]
mod tests {
    use crate::sigma::lint::fixtures::{codes_of, rule};

    #[test]
    fn what_is_missing_is_told() {
        let whole = rule("selection:\n  Image: a\ncondition: selection");
        let structural = [
            "missing-title",
            "missing-log-source",
            "missing-detection",
            "missing-condition",
            "empty-detection",
            "invalid-condition",
        ];
        let found = |text: &str| codes_of(text, &structural);
        assert!(found(&whole).is_empty());
        assert_eq!(found(&whole.replace("title: A rule\n", "")), ["missing-title"]);
        assert_eq!(found(&whole.replace("A rule", "''")), ["missing-title"]);
        assert_eq!(
            found(
                &whole.replace("category: network_connection, product: windows", "definition: x")
            ),
            ["missing-log-source"]
        );
        assert_eq!(found(&whole.replace("detection:", "detections:")), ["missing-detection"]);
        assert_eq!(found(&whole.replace("  condition: selection", "")), ["missing-condition"]);
        assert_eq!(
            found(&whole.replace("condition: selection", "condition: 3")),
            ["invalid-condition"]
        );
        assert_eq!(found(&rule("condition: selection")), ["empty-detection"]);
        // A document that goes on in another one lacks nothing.
        assert!(found("action: global\ntitle: x\n").is_empty());
    }
}
