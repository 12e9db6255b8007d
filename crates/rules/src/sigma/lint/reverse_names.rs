//! The name of Sysmon's event 3, which is not the name that was asked for.

use super::LintCode;
use super::document::Document;
use super::finding::{Findings, quote};

/// Tells of names that Sysmon looks up from the address.
pub(super) fn check(document: &Document<'_>, findings: &mut Findings) {
    let source = &document.log_source;
    let is_windows = source.product.is_empty() || source.product == "windows";
    let is_sysmon = source.service == "sysmon"
        && document.items().any(|item| {
            item.field == "EventID" && item.values.iter().any(|value| value.written() == "3")
        });
    if !is_windows || source.category != "network_connection" && !is_sysmon {
        return;
    }
    for item in document.items().filter(|item| item.field == "DestinationHostname") {
        // What is empty, or only there, is asked of the lookup itself.
        let texts = item.values.iter().filter_map(|value| value.as_str());
        if !texts.clone().any(|text| text.chars().any(char::is_alphanumeric)) {
            continue;
        }
        let text = texts.into_iter().next().map(quote).unwrap_or_default();
        let reason = format!(
            "`{}` looks for `{text}` in a name that Sysmon looks up from the address (event 3): names of hosts \
             behind Cloudflare, AWS and the like almost never come out of that",
            quote(item.key)
        );
        let help = "use `category: dns_query` with `QueryName`, or run it with Coldtrail, which puts beside it the \
                    name that the same process was told for the address (event 22)";
        findings.add(LintCode::ReverseName, item.key_span.clone(), reason, help);
    }
}

#[cfg(test)]
mod tests {
    use crate::sigma::lint::fixtures::{found, rule};

    #[test]
    fn names_of_sysmon_3_and_of_others() {
        let text =
            rule("selection:\n  DestinationHostname|endswith: .workers.dev\ncondition: selection");
        let lint = &found(&text, "reverse-name")[0];
        assert_eq!((lint.line, lint.column), (11, 5));
        assert!(lint.help.contains("dns_query") && lint.help.contains("Coldtrail"));
        assert!(
            found(&text.replace("product: windows", "product: linux"), "reverse-name").is_empty()
        );
        assert!(
            found(&text.replace("DestinationHostname", "QueryName"), "reverse-name").is_empty()
        );
        assert!(
            found(&text.replace("|endswith: .workers.dev", ": '-'"), "reverse-name").is_empty()
        );
        let sysmon = text.replace("category: network_connection", "service: sysmon");
        assert!(found(&sysmon, "reverse-name").is_empty());
        let event = sysmon.replace("  selection:", "  selection:\n    EventID: 3");
        assert_eq!(found(&event, "reverse-name").len(), 1);
    }
}
