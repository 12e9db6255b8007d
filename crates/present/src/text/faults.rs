//! What was wrong with the input: files that could not be read, and anomalies inside files that
//! could. Faults of one sort share their advice.

use std::collections::BTreeMap;

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::Fault;

use super::measures::{count, number};
use super::page::Page;
use super::span::Line;

/// More faulty files than this are only counted.
const MOST_FILES: usize = 20;

/// Files that could not be read, or not to the end, with the reason and what to do.
pub(crate) fn unread(faults: &[Fault], page: &mut Page) {
    let files = by_code(faults.iter().filter(|fault| concerns_file(&fault.code)));
    if files.is_empty() {
        return;
    }
    page.rule(Line::new().title("What could not be read, or not to the end"), "");
    let mut room = MOST_FILES;
    for (code, faults) in &files {
        heading(code, faults, page);
        for fault in faults.iter().take(room) {
            page.hang(Line::new(), 4, file(fault));
        }
        room = room.saturating_sub(faults.len());
    }
    let all: usize = files.values().map(Vec::len).sum();
    if all > MOST_FILES {
        let more = format!("… and {} more; --format json lists all", all - MOST_FILES);
        page.hang(Line::new(), 4, Line::new().secondary(more));
    }
}

/// Anomalies of records, counted, each with the first place where it was met.
pub(crate) fn anomalies(faults: &[Fault], page: &mut Page) {
    let anomalies = by_code(faults.iter().filter(|fault| !concerns_file(&fault.code)));
    if anomalies.is_empty() {
        return;
    }
    page.rule(Line::new().title("Anomalies in the records"), "");
    for (code, faults) in &anomalies {
        heading(code, faults, page);
        if let Some(first) = faults.first() {
            page.hang(Line::new(), 4, Line::new().secondary("first in ").join(file(first)));
        }
    }
}

/// Whether a fault is of the file rather than of records in it. Whatever is not listed is shown with
/// the anomalies of records, in its own words.
pub(crate) fn concerns_file(code: &str) -> bool {
    const OF_THE_FILE: [Anomaly; 8] = [
        Anomaly::Unreadable,
        Anomaly::NotFound,
        Anomaly::DirectoryLoop,
        Anomaly::UnknownFormat,
        Anomaly::TruncatedStream,
        Anomaly::CorruptStream,
        Anomaly::NestedTooDeep,
        Anomaly::UnsupportedMember,
    ];
    OF_THE_FILE.into_iter().any(|anomaly| anomaly.code() == code)
}

fn by_code<'a>(faults: impl Iterator<Item = &'a Fault>) -> BTreeMap<&'a str, Vec<&'a Fault>> {
    let mut by_code: BTreeMap<&str, Vec<&Fault>> = BTreeMap::new();
    for fault in faults {
        by_code.entry(&fault.code).or_default().push(fault);
    }
    by_code
}

/// `invalid-timestamp, 1,234 times in 3 files: what to do`.
fn heading(code: &str, faults: &[&Fault], page: &mut Page) {
    let files = count(faults.len(), "file");
    let amount = if faults.iter().all(|fault| fault.count == 1) {
        files
    } else {
        let times = faults.iter().fold(0, |sum: u64, fault| sum.saturating_add(fault.count));
        format!("{} times in {files}", number(times))
    };
    let help = faults.first().map_or("", |fault| fault.help.as_str());
    let heading = Line::new().plain(code).plain(format!(", {amount}: ")).secondary(help);
    page.hang(Line::new(), 2, heading);
}

/// `conn.log at byte 120: what was wrong`.
fn file(fault: &Fault) -> Line {
    let place = fault.offset.map(|offset| format!(" at byte {offset}")).unwrap_or_default();
    Line::new().plain(&fault.source).secondary(place).plain(": ").plain(&fault.message)
}
