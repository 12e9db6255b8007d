//! Real records, counted by line and by row of CSV.

use std::collections::BTreeMap;

use coldtrail_model::Table;

use crate::kept_rows::{KeptRows, kit};

#[test]
fn real_logs_are_read_without_loss() {
    let Some(folder) = kit("azure_activity") else { return };
    for (file, records, expected) in [
        ("log2timeline+plaso/azure_activity_log.jsonl", 4, [(Table::Cloud, 4)]),
        ("cloudflare+Azure-Sentinel/azureActivity_adele.csv", 23, [(Table::Cloud, 23)]),
        ("cloudflare+Azure-Sentinel/azure_activity.csv.gz", 325, [(Table::Cloud, 325)]),
    ] {
        let kept = KeptRows::of_file(&folder.join(file));
        let tables = Table::ALL.map(|table| (table, kept.all(table).len()));
        let rows: BTreeMap<Table, usize> =
            tables.into_iter().filter(|(_, rows)| *rows > 0).collect();
        assert_eq!((kept.records(), rows), (records, BTreeMap::from(expected)), "{file}");
        assert_eq!(kept.anomalies(), [], "{file}");
    }
}
