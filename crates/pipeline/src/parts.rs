//! The parts of a report that are made of what was counted.

use std::collections::{BTreeMap, BTreeSet};

use coldtrail_diagnostics::Faults;
use coldtrail_model::{Fault, RecordReference, Report, Seen, Severity, Timestamp};
use coldtrail_sources::SourceTally;
use sha2::{Digest, Sha256};

/// What was read, a row per source.
pub(crate) fn seen(tallies: &[SourceTally]) -> Vec<Seen> {
    tallies
        .iter()
        .map(|SourceTally { source, format, tally, .. }| {
            let rows = tally.rows.iter().map(|(table, rows)| (table.name().to_owned(), *rows));
            let mut anomalies: BTreeMap<String, u64> = BTreeMap::new();
            for fault in tally.faults.iter() {
                *anomalies.entry(fault.anomaly.code().to_owned()).or_default() += fault.count;
            }
            Seen {
                source: source.clone(),
                format: format.map(str::to_owned),
                tables: rows.collect(),
                first: tally.span.map(|(first, _)| Timestamp(first)),
                last: tally.span.map(|(_, last)| Timestamp(last)),
                records: tally.records,
                anomalies,
            }
        })
        .collect()
}

/// What was wrong on the way to the logs and in them.
pub(crate) fn faults(mut faults: Faults, tallies: Vec<SourceTally>) -> Vec<Fault> {
    for source in tallies {
        faults.append(source.tally.faults);
    }
    faults
        .iter()
        .map(|fault| Fault {
            source: fault.source.clone(),
            code: fault.anomaly.code().to_owned(),
            offset: fault.offset,
            count: fault.count,
            message: fault.detail.clone(),
            help: fault.anomaly.help().to_owned(),
        })
        .collect()
}

/// Why there is nothing to read, in one line.
pub(crate) fn why_nothing(faults: &Faults) -> String {
    let reasons: Vec<String> = faults
        .iter()
        .map(|fault| format!("{}: {} ({})", fault.source, fault.anomaly.code(), fault.detail))
        .collect();
    if reasons.is_empty() { "the folders are empty".to_owned() } else { reasons.join("; ") }
}

/// Fetches the original bytes of the records behind findings that matter, and notes their hashes.
///
/// Low findings are many and seldom opened, so their records are hashed when somebody asks for them.
pub(crate) fn hash_records(report: &mut Report) {
    let wanted: BTreeSet<RecordReference> = report
        .findings
        .iter()
        .filter(|finding| finding.severity > Severity::Low)
        .flat_map(|finding| finding.signals.iter().flat_map(|signal| signal.records.clone()))
        .collect();
    let wanted: Vec<RecordReference> = wanted.into_iter().collect();
    let fetched = coldtrail_sources::fetch(&wanted);
    let hashes: BTreeMap<RecordReference, Option<String>> = wanted
        .into_iter()
        .zip(fetched)
        .map(|(reference, bytes)| (reference, bytes.map(|bytes| hexadecimal(&bytes))))
        .collect();
    for finding in &mut report.findings {
        let of_signals = finding.signals.iter_mut().flat_map(|signal| signal.records.iter_mut());
        let of_questions =
            finding.questions.iter_mut().flat_map(|question| question.records.iter_mut());
        for reference in of_signals.chain(of_questions) {
            reference.sha256 = hashes.get(reference).cloned().flatten();
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
