//! Ends of host names that end other names too: `workers.dev` without a dot ends `evilworkers.dev`.

use super::LintCode;
use super::document::Document;
use super::finding::{Findings, quote};
use super::host_names::{is_name, is_name_field, is_registrable};

/// Tells of ends of names without a dot. A name of more labels is left alone: whoever registers a name that
/// ends with it has the whole domain.
pub(super) fn check(document: &Document<'_>, findings: &mut Findings) {
    for item in document.items().filter(|item| is_name_field(item.field)) {
        for value in &item.values {
            let Some(text) = value.as_str() else { continue };
            let end = if item.has("endswith") {
                text.strip_prefix('*').unwrap_or(text)
            } else if let Some(end) = text.strip_prefix('*').filter(|_| item.modifiers.is_empty()) {
                end
            } else {
                continue;
            };
            if is_name(end) && is_registrable(end) {
                let reason = format!(
                    "the end `{}` without a dot before it matches `evil{end}` too, which anybody can register",
                    quote(text)
                );
                let field = quote(item.field);
                let help = format!(
                    "write `{field}|endswith: '.{end}'`, and `{field}: '{end}'` for the name itself"
                );
                findings.add(LintCode::SuffixWithoutDot, value.span.clone(), reason, help);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sigma::lint::fixtures::{found, rule};

    fn with(item: &str) -> String {
        rule(&format!("selection:\n  {item}\ncondition: selection"))
    }

    #[test]
    fn ends_without_a_dot() {
        for item in [
            "DestinationHostname|endswith: 'workers.dev'",
            "QueryName|endswith: ['.pages.dev', 'workers.dev']",
            "query: '*workers.dev'",
            "cs-host|endswith: workers.dev",
        ] {
            let lints = found(&with(item), "suffix-without-dot");
            assert_eq!(lints.len(), 1, "{item}");
            assert!(
                lints[0].reason.contains("`evilworkers.dev`")
                    && lints[0].help.contains("'.workers.dev'")
            );
        }
        let lint = &found(
            &with("QueryName|endswith: ['.pages.dev', 'workers.dev']"),
            "suffix-without-dot",
        )[0];
        assert_eq!((lint.line, lint.column, lint.end - lint.start), (11, 40, 13));
    }

    #[test]
    fn ends_that_are_none_of_other_names() {
        for item in [
            "QueryName|endswith: '.workers.dev'",
            "QueryName|contains: 'workers.dev'",
            "QueryName: 'workers.dev'",
            "QueryName|endswith: 'api.example.com'",
            "QueryName|endswith: '.dev'",
            "Image|endswith: 'workers.dev'",
            "c-uri|endswith: 'workers.dev/a.php'",
        ] {
            assert!(found(&with(item), "suffix-without-dot").is_empty(), "{item}");
        }
    }
}
