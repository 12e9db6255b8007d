//! Real packets.

use coldtrail_model::Table;

use crate::kept_rows::{KeptRows, kit};

/// The others are cut in front, so that nothing tells the addresses.
#[test]
fn every_whole_packet_has_its_row() {
    let Some(folder) = kit("firewall/elastic-integrations/iptables/log") else { return };
    for (name, records, rows) in [("test-iptables-raw.log", 23, 23), ("test-ubiquiti.log", 11, 5)] {
        let kept = KeptRows::of_file(&folder.join(name));
        assert_eq!((kept.records(), kept.rows(Table::Flow).len()), (records, rows), "{name}");
    }
}
