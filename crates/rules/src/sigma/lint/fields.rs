//! Fields that no log of the log source has.

use std::collections::BTreeSet;

use super::LintCode;
use super::document::Document;
use super::finding::{Findings, nearest, quote};

/// Tells of fields that will never be found. Of a log whose events may have any field, nothing is told.
pub(super) fn check(document: &Document<'_>, findings: &mut Findings) {
    let mut known = BTreeSet::new();
    for telemetry in &document.feeding {
        let Some(fields) = &telemetry.fields else { return };
        known.extend(fields.iter().map(String::as_str));
        known.extend(telemetry.aliases.iter().map(|(name, _)| name.as_str()));
        // What records call a field finds it too.
        known.extend(telemetry.aliases.iter().flat_map(|(_, names)| names).map(String::as_str));
    }
    if known.is_empty() {
        return;
    }
    let mut told = BTreeSet::new();
    for item in document.items().filter(|item| !item.field.is_empty()) {
        if known.contains(item.field) || !told.insert(item.field) {
            continue;
        }
        let events = quote(&document.events());
        let field = quote(item.field);
        let reason = format!("nothing that Coldtrail reads of {events} has a field `{field}`");
        let help = match nearest(item.field, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", some(&known)),
        };
        let span = item.key_span.clone();
        findings.add(LintCode::UnknownField, span, reason, help);
    }
}

/// Some of the fields, in order.
fn some(known: &BTreeSet<&str>) -> String {
    let some: Vec<&str> = known.iter().copied().take(12).collect();
    let more = if known.len() > some.len() { " and more" } else { "" };
    format!("{}{more}", some.join(", "))
}

#[cfg(test)]
mod tests {
    use crate::sigma::lint::fixtures::{found, rule};

    #[test]
    fn fields_that_the_log_source_has_and_lacks() {
        let with = |field: &str| rule(&format!("selection:\n  {field}: a\ncondition: selection"));
        for field in ["Image", "DestinationHostname", "EventID", "dst"] {
            assert!(found(&with(field), "unknown-field").is_empty(), "{field}");
        }
        let lint = &found(&with("DestinationHostName2"), "unknown-field")[0];
        assert_eq!((lint.line, lint.column), (11, 5));
        assert!(lint.help.contains("`DestinationHostname`"), "{lint:?}");
        assert!(found(&with("Zzz"), "unknown-field")[0].help.contains("there are"));
        // Events of this category may have any field.
        let other = with("Zzz").replace("network_connection", "anything");
        assert!(found(&other, "unknown-field").is_empty());
    }
}
