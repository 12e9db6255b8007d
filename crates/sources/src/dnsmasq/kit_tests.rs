//! Real lines of dnsmasq and Pi-hole: each question and each name of an answer has its row.

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::Table;

use crate::kept_rows::{KeptRows, kit};

/// The numbers were counted by another program.
#[test]
fn every_question_and_every_answer_has_its_row() {
    let Some(folder) = kit("dns/extracts") else { return };
    for (file, records, rows) in [
        ("dnsmasq_bytew0lf_wazuh_decoder.log", 7, 5),
        ("dnsmasq_pihole_debug.log", 44, 38),
        ("dnsmasq_pihole_forwardingplane.log", 13, 9),
    ] {
        let kept = KeptRows::of_file(&folder.join(file));
        assert_eq!((kept.records(), kept.rows(Table::Dns).len()), (records, rows), "{file}");
        let assumed = [(Anomaly::AssumedZone, rows as u64), (Anomaly::AssumedYear, rows as u64)];
        assert_eq!(kept.anomalies(), assumed, "{file}");
    }
}
