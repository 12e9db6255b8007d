//! Real events of many versions: each makes the row that it should, as another program counted them.

use std::collections::BTreeMap;

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::Table;
use walkdir::WalkDir;

use crate::kept_rows::{KeptRows, kit};

#[test]
fn every_event_has_its_row() {
    let Some(folder) = kit("suricata") else { return };
    let (mut rows, mut records) = (BTreeMap::new(), 0);
    let mut assumed = 0;
    for file in WalkDir::new(folder).sort_by_file_name() {
        let file = file.expect("the folder can be read").into_path();
        let name = file.display().to_string();
        let is_log = [".json", ".log", ".gz"].iter().any(|ending| name.ends_with(ending));
        if file.is_dir() || !is_log || name.contains("sekoia") || name.contains("expected") {
            continue;
        }
        let kept = KeptRows::of_file(&file);
        records += kept.records();
        for table in Table::ALL {
            *rows.entry(table).or_insert(0) += kept.rows(table).len();
        }
        for (anomaly, count) in kept.anomalies() {
            assert_eq!(anomaly, Anomaly::AssumedZone, "{name}");
            assumed += count;
        }
    }
    rows.retain(|_, count| *count > 0);
    assert_eq!((records, assumed), (1942, 44));
    let expected = [(Table::Flow, 1458), (Table::Dns, 30), (Table::Web, 284), (Table::Tls, 60)];
    assert_eq!(rows, BTreeMap::from(expected));
}
