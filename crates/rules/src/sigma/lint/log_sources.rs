//! Log sources that nothing feeds.

use super::LintCode;
use super::document::Document;
use super::finding::{Findings, quote};
use crate::sigma::{LogSource, RuleKind};

/// Tells of log sources that Coldtrail cannot read, and of those that the logs at hand lack.
pub(super) fn check(document: &Document<'_>, findings: &mut Findings) {
    let source = &document.log_source;
    let Some(entry) = document.root.entry("logsource") else { return };
    if document.kind != RuleKind::Detection || *source == LogSource::default() {
        return;
    }
    let shown = quote(&source.to_string());
    let span = entry.key_span.start..entry.node.span.end.max(entry.key_span.end);
    if document.feeding.is_empty() {
        let reason = format!("Coldtrail reads no log of {shown}, so the rule cannot be run");
        let help = "`coldtrail sources list` has the formats that are read; check the words of the log source";
        return findings.add(LintCode::UnfedLogSource, span, reason, help);
    }
    let Some(present) = document.present else { return };
    let feeds = |given: &LogSource| source.is_fed_by(given);
    if !present.iter().any(|telemetry| telemetry.log_sources.iter().any(feeds)) {
        let mut names: Vec<&str> =
            document.feeding.iter().map(|telemetry| telemetry.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names.truncate(6);
        let reason = format!("none of the logs at hand is of {shown}, so the rule is not run");
        let help = format!("it would be fed by {}", quote(&names.join(", ")));
        findings.add(LintCode::AbsentLogSource, span, reason, help);
    }
}

#[cfg(test)]
mod tests {
    use crate::sigma::lint::fixtures::{found, found_with, network_connections, rule};
    use crate::sigma::{LogSource, Telemetry};

    #[test]
    fn log_sources_that_nothing_feeds() {
        let text = rule("selection:\n  Image: a\ncondition: selection");
        assert!(found(&text, "unfed-log-source").is_empty());
        let lint = &found(&text.replace("network_connection", "tea_making"), "unfed-log-source")[0];
        assert_eq!((lint.line, lint.column), (7, 1));
        assert!(lint.reason.contains("windows/tea_making"));
    }

    #[test]
    fn log_sources_that_the_logs_at_hand_lack() {
        let text = rule("selection:\n  Image: a\ncondition: selection");
        let present = network_connections();
        assert!(found_with(&text, Some(&[&present]), "absent-log-source").is_empty());
        assert!(found_with(&text, None, "absent-log-source").is_empty());
        let other = LogSource { category: "dns".into(), ..LogSource::default() };
        let other = Telemetry { log_sources: vec![other], ..Telemetry::default() };
        let lint = &found_with(&text, Some(&[&other]), "absent-log-source")[0];
        assert!(lint.help.contains("windows Sysmon 3"), "{lint:?}");
        assert_eq!(found_with(&text, Some(&[]), "absent-log-source").len(), 1);
    }
}
