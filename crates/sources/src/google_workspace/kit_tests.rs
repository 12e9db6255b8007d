//! Real activities; one may have several events, and each is a row.

use std::collections::BTreeMap;

use coldtrail_model::Table;

use crate::kept_rows::{KeptRows, kit};

#[test]
fn real_logs_are_read_without_loss() {
    let Some(folder) = kit("google_workspace") else { return };
    for (file, records, expected) in [
        ("panther-labs+panther/reportslog_samples.jsonl", 21, [(Table::Cloud, 21)]),
        ("elastic-integrations/google_workspace/token/test-token.log", 1, [(Table::Cloud, 1)]),
    ] {
        let kept = KeptRows::of_file(&folder.join(file));
        let tables = Table::ALL.map(|table| (table, kept.all(table).len()));
        let rows: BTreeMap<Table, usize> =
            tables.into_iter().filter(|(_, rows)| *rows > 0).collect();
        assert_eq!((kept.records(), rows), (records, BTreeMap::from(expected)), "{file}");
        assert_eq!(kept.anomalies(), [], "{file}");
    }
}
