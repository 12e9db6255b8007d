//! What could not be seen: kinds of telemetry that are absent, and detections that did not run.

use std::collections::{BTreeMap, BTreeSet};

use coldtrail_model::{NotRun, Report, Table};

use super::page::Page;
use super::span::Line;

/// Where the reason beside a table's name starts.
const TABLE_WIDTH: usize = 11;

/// The tables that no record fed, and what stays hidden for want of them.
pub(crate) fn not_seen(report: &Report, page: &mut Page) {
    let fed = |table: &Table| {
        report.seen.iter().any(|seen| seen.tables.get(table.name()).is_some_and(|rows| *rows > 0))
    };
    let missing: Vec<_> = Table::ALL.into_iter().filter(|table| !fed(table)).collect();
    if missing.is_empty() || report.seen.is_empty() {
        return;
    }
    page.rule(Line::new().title("What could not be seen"), "");
    for table in missing {
        let lead = Line::new().blanks(2).plain(table.name());
        page.hang(lead, TABLE_WIDTH, Line::new().secondary(hidden(table)));
    }
}

/// What only this table would show.
fn hidden(table: Table) -> &'static str {
    match table {
        Table::Flow => "no connections: how long sessions lasted and how much went each way",
        Table::Dns => "no DNS: names without a connection, and platforms behind custom domains",
        Table::Web => {
            "no URLs: whose tenant it is on hosts that all tenants share, such as Apps Script"
        }
        Table::Tls => {
            "no TLS handshakes: server names and client fingerprints of encrypted sessions"
        }
        Table::Process => "no process starts: which program called, and what started it",
        Table::File => "no file creations: scripts that were dropped before they called out",
        Table::Script => "no script blocks: code that names an endpoint without touching the disk",
        Table::Cloud => "no cloud audit: who made, changed or ran functions in your own accounts",
    }
}

/// Detections that did not run, or not on everything, by reason.
pub(crate) fn not_run(not_run: &[NotRun], page: &mut Page) {
    if not_run.is_empty() {
        return;
    }
    let mut by_reason: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for detection in not_run {
        by_reason.entry(&detection.because).or_default().insert(&detection.detection);
    }
    page.rule(Line::new().title("Detections that did not run, or not on everything"), "");
    for (reason, detections) in by_reason {
        let detections = detections.into_iter().collect::<Vec<_>>().join(", ");
        let line = Line::new().plain(reason).secondary(": ").secondary(detections);
        page.hang(Line::new(), 2, line);
    }
}
