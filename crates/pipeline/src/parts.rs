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

/// What was wrong in the logs.
pub(crate) fn faults_of(tallies: Vec<SourceTally>) -> Vec<Fault> {
    let mut faults = Faults::default();
    for source in tallies {
        faults.append(source.tally.faults);
    }
    told(&faults)
}

/// Anomalies in the words of a report.
pub(crate) fn told(faults: &Faults) -> Vec<Fault> {
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

/// The records behind findings that matter.
///
/// Low findings are many and seldom opened, so their records are hashed when somebody asks for them.
pub(crate) fn records_that_matter(report: &Report) -> Vec<RecordReference> {
    let matter = report.findings.iter().filter(|finding| finding.severity > Severity::Low);
    let records: BTreeSet<RecordReference> = matter
        .flat_map(|finding| finding.signals.iter().flat_map(|signal| signal.records.clone()))
        .collect();
    records.into_iter().collect()
}

/// Notes the hashes of records whose original bytes were found.
pub(crate) fn note_hashes(
    report: &mut Report,
    records: Vec<RecordReference>,
    originals: Vec<Option<Vec<u8>>>,
) {
    let hashes: BTreeMap<RecordReference, Option<String>> = records
        .into_iter()
        .zip(originals)
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
