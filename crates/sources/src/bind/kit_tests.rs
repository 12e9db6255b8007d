//! Real messages of name servers, and what vendors made of the same.

use std::collections::BTreeMap;

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::Table;

use crate::kept_rows::{KeptRows, kit};

/// Whatever stands in front of a message, the queries that were denied have their rows; zone transfers
/// and lines without a time have none.
#[test]
fn every_denied_query_has_its_row() {
    let Some(folder) = kit("dns/crowdsecurity+hub") else { return };
    let mut rows = BTreeMap::new();
    for (file, records) in
        [("bind9-logs.log", 13), ("bind9-refused.log", 23), ("bind9-syslog.log", 12)]
    {
        let kept = KeptRows::of_file(&folder.join(file));
        assert_eq!(kept.records(), records, "{file}");
        for row in kept.rows(Table::Dns) {
            let action = row.iter().find(|(name, _)| name == "event_action");
            *rows.entry(action.map(|(_, value)| value.clone())).or_insert(0) += 1;
        }
        let assumed = [Anomaly::AssumedZone, Anomaly::AssumedYear];
        assert!(kept.anomalies().iter().all(|(kind, ..)| assumed.contains(kind)), "{file}");
    }
    assert_eq!(rows, BTreeMap::from([(Some("denied".to_owned()), 30)]));
}

/// An export of a table, whose lines have no time of their own.
#[test]
fn an_export_tells_when() {
    let Some(folder) = kit("dns/cloudflare+Azure-Sentinel") else { return };
    let kept = KeptRows::of_file(&folder.join("InfobloxNIOS.json"));
    // Of 24 lines about questions, one is broken over two.
    assert_eq!((kept.records(), kept.rows(Table::Dns).len()), (75, 23));
    let assumed = [Anomaly::AssumedZone, Anomaly::AssumedDateOrder];
    assert!(kept.anomalies().iter().all(|(kind, ..)| assumed.contains(kind)));
}
