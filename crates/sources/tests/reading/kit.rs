//! Real logs, where they are there: a folder of public samples beside the repository.

use std::path::PathBuf;

use coldtrail_diagnostics::Anomaly;
use coldtrail_sources::{Selection, discover, fetch, read};

use crate::received::Received;

fn kit() -> Option<PathBuf> {
    let kit = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if !kit.is_dir() {
        println!("skipped: ../shared is absent");
        return None;
    }
    Some(kit)
}

#[test]
fn every_record_of_the_samples_is_found_again() {
    let Some(kit) = kit() else { return };
    let (inputs, faults) = discover(&[kit.display().to_string()]);
    assert!(faults.is_empty(), "{faults:?}");
    assert!(inputs.len() > 100);
    for input in inputs {
        let mut received = Received::default();
        received.tallies = read(&input, Selection::everything(), &mut received, &|_| {});
        let references = received.references();
        let some: Vec<_> = references.iter().step_by(references.len() / 50 + 1).cloned().collect();
        for (reference, bytes) in some.iter().zip(fetch(&some)) {
            let bytes = bytes.unwrap_or_else(|| panic!("no {reference:?}"));
            assert_eq!(bytes.len() as u64, reference.length);
        }
        for tally in &received.tallies {
            let faults: Vec<_> = tally.tally.faults.iter().collect();
            let unknown = faults.iter().any(|fault| fault.anomaly == Anomaly::UnknownFormat);
            let rows: u64 = tally.tally.rows.values().sum();
            assert!(!unknown || rows == 0, "{faults:?}");
            println!(
                "{} {} records {rows} rows {} bytes {}",
                tally.format.unwrap_or("-"),
                tally.tally.records,
                tally.bytes,
                tally.source,
            );
            for fault in faults {
                println!("    {} x{} {}", fault.anomaly.code(), fault.count, fault.detail);
            }
        }
    }
}
