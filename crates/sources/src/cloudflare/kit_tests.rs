//! Real records, counted by another program.

use std::collections::BTreeMap;

use coldtrail_model::Table;

use crate::kept_rows::{KeptRows, kit};

#[test]
fn real_logs_are_read_without_loss() {
    let Some(folder) = kit("cloudflare") else { return };
    for (file, records, expected) in [
        // Behind them comes an answer of the API with no record.
        ("elastic-integrations/cloudflare/audit/test-audit.log", 47, [(Table::Cloud, 47)]),
        ("cloudflare+Azure-Sentinel/Cloudflare_CL.json", 62, [(Table::Web, 62)]),
    ] {
        let kept = KeptRows::of_file(&folder.join(file));
        let tables = Table::ALL.map(|table| (table, kept.all(table).len()));
        let rows: BTreeMap<Table, usize> =
            tables.into_iter().filter(|(_, rows)| *rows > 0).collect();
        assert_eq!((kept.records(), rows), (records, BTreeMap::from(expected)), "{file}");
        assert_eq!(kept.anomalies(), [], "{file}");
    }
}
