//! Real packets.

use coldtrail_model::Table;

use crate::kept_rows::{KeptRows, kit};

#[test]
fn every_packet_has_its_row() {
    let Some(folder) = kit("firewall/elastic-integrations/pfsense/log") else { return };
    for (name, packets) in
        [("test-pfsense-bsd.log", 19), ("test-pfsense-syslog.log", 16), ("test-opensense.log", 4)]
    {
        let kept = KeptRows::of_file(&folder.join(name));
        assert_eq!(kept.rows(Table::Flow).len(), packets, "{name}");
    }
}
