//! Rules and telemetries for the tests of checks.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Lint, lint_with};
use crate::sigma::{LogSource, RuleText, Telemetry};

/// A rule with nothing to find fault with, but for its detection, which begins on line 10.
pub(super) fn rule(detection: &str) -> String {
    let detection = detection.replace('\n', "\n  ");
    format!(
        "title: A rule\nid: 5f3b1d4e-0c6a-4b7f-9a51-3d2c1b0a9e8f\nstatus: test\ndate: 2026-04-13\nlevel: low\n\
         author: Me\nlogsource: {{category: network_connection, product: windows}}\ndescription: It\n\
         detection:\n  {detection}\n"
    )
}

/// What Sysmon tells of connections, as far as the tests need it.
pub(super) fn network_connections() -> Telemetry {
    let fields = [
        "CommandLine",
        "DestinationHostname",
        "DestinationIp",
        "DestinationPort",
        "EventID",
        "Image",
    ];
    let mut connections = Telemetry {
        name: "windows Sysmon 3".into(),
        log_sources: vec![LogSource {
            category: "network_connection".into(),
            product: "windows".into(),
            service: "sysmon".into(),
        }],
        ..Telemetry::default()
    };
    connections.aliases = vec![("DestinationIp".into(), vec!["dst".into()])];
    connections.fields = Some(fields.map(str::to_owned).to_vec());
    connections
}

fn feeding(source: &LogSource) -> Vec<Arc<Telemetry>> {
    let connections = network_connections();
    if source.category == "tea_making" {
        Vec::new()
    } else if connections.log_sources.iter().any(|given| source.is_fed_by(given)) {
        vec![Arc::new(connections)]
    } else {
        vec![Arc::default()]
    }
}

/// Everything that is found in a text.
pub(super) fn all(text: &str, present: Option<&[&Telemetry]>) -> Vec<Lint> {
    let text =
        RuleText { file: PathBuf::from("rule.yml"), text: text.to_owned(), license: String::new() };
    lint_with(&text, &feeding, present)
}

/// What is found of one sort.
pub(super) fn found(text: &str, code: &str) -> Vec<Lint> {
    found_with(text, None, code)
}

/// The same with logs at hand.
pub(super) fn found_with(text: &str, present: Option<&[&Telemetry]>, code: &str) -> Vec<Lint> {
    all(text, present).into_iter().filter(|lint| lint.code.code() == code).collect()
}

/// The codes of what is found, of some codes.
pub(super) fn codes_of(text: &str, codes: &[&str]) -> Vec<&'static str> {
    let found = all(text, None).into_iter().map(|lint| lint.code.code());
    found.filter(|code| codes.contains(code)).collect()
}
