//! Real entries, counted by another program.

use std::collections::BTreeMap;

use coldtrail_model::Table;

use crate::kept_rows::{KeptRows, kit};

#[test]
fn real_logs_are_read_without_loss() {
    let Some(folder) = kit("gcp_audit") else { return };
    for (file, records, expected) in [
        ("elastic-integrations/gcp/audit/test-audit.log", 18, [(Table::Cloud, 18)]),
        ("elastic-integrations/gcp/firewall/test-firewall.log", 22, [(Table::Flow, 22)]),
        (
            "elastic-integrations/gcp/loadbalancing_logs/test-load-balancer.log",
            3,
            [(Table::Web, 3)],
        ),
        ("panther-labs+panther/auditlog_samples.jsonl", 3, [(Table::Cloud, 3)]),
        // Two are entries of programs.
        ("log2timeline+plaso/gcp_logging.jsonl", 11, [(Table::Cloud, 9)]),
        ("google_csa/google.compute.googleapis.com.vpc_flows.json", 1, [(Table::Flow, 1)]),
    ] {
        let kept = KeptRows::of_file(&folder.join(file));
        let tables = Table::ALL.map(|table| (table, kept.all(table).len()));
        let rows: BTreeMap<Table, usize> =
            tables.into_iter().filter(|(_, rows)| *rows > 0).collect();
        assert_eq!((kept.records(), rows), (records, BTreeMap::from(expected)), "{file}");
        assert_eq!(kept.anomalies(), [], "{file}");
    }
}
