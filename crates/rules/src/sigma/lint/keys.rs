//! Keys that the specification (version 2.1) does not have.

use super::LintCode;
use super::document::Document;
use super::finding::{Findings, nearest, quote};
use crate::sigma::RuleKind;

/// Keys of every document, and two that SigmaHQ's own tests read.
const SHARED: &[&str] = &[
    "title",
    "id",
    "name",
    "related",
    "taxonomy",
    "status",
    "description",
    "license",
    "author",
    "references",
    "date",
    "modified",
    "tags",
    "scope",
    "fields",
    "falsepositives",
    "level",
    "action",
    "sigma-version",
    "custom_attributes",
    "regression_tests_path",
    "simulation",
];

/// Tells of keys that nothing reads.
pub(super) fn check(document: &Document<'_>, findings: &mut Findings) {
    let own: &[&str] = match document.kind {
        RuleKind::Detection => &["logsource", "detection"],
        RuleKind::Correlation => &["correlation", "generate"],
        RuleKind::Filter => &["logsource", "filter"],
    };
    let known = || SHARED.iter().chain(own).copied();
    for entry in document.root.entries() {
        // A name with a dot is somebody's own, by custom.
        if known().any(|key| key == entry.key) || entry.key.contains('.') {
            continue;
        }
        let reason = format!("`{}` is no key of a Sigma rule, nothing reads it", quote(entry.key));
        let help = match nearest(entry.key, known()) {
            Some(key) => format!("did you mean `{key}`?"),
            None => "what is your own belongs below `custom_attributes:`".to_owned(),
        };
        findings.add(LintCode::UnknownKey, entry.key_span, reason, help);
    }
    for entry in document.root.get("logsource").iter().flat_map(|node| node.entries()) {
        let known = ["category", "product", "service", "definition"];
        if !known.contains(&entry.key)
            && let Some(near) = nearest(entry.key, known)
        {
            let reason =
                format!("`{}` is no key of a log source, nothing reads it", quote(entry.key));
            findings.add(
                LintCode::UnknownKey,
                entry.key_span,
                reason,
                format!("did you mean `{near}`?"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sigma::lint::fixtures::{found, rule};

    #[test]
    fn keys_of_the_specification_and_of_nobody() {
        let whole = rule("selection:\n  Image: a\ncondition: selection");
        assert!(found(&whole, "unknown-key").is_empty());
        let lint = &found(&format!("{whole}desciption: x\n"), "unknown-key")[0];
        assert!(lint.help.contains("`description`") && lint.reason.contains("`desciption`"));
        assert!(
            found(&format!("{whole}zzzzz: x\n"), "unknown-key")[0]
                .help
                .contains("custom_attributes")
        );
        assert!(
            found(&format!("{whole}custom_attributes: {{x: y}}\nmy.own: 1\n"), "unknown-key")
                .is_empty()
        );
        assert_eq!(found(&whole.replace("category:", "categry:"), "unknown-key").len(), 1);
    }
}
