//! A real log.

use coldtrail_model::Table;

use crate::kept_rows::{KeptRows, kit};

#[test]
fn every_packet_has_its_row() {
    let Some(folder) = kit("firewall/log2timeline+plaso") else { return };
    let kept = KeptRows::of_file(&folder.join("windows_firewall.log"));
    // One record says how many packets were not logged.
    assert_eq!((kept.records(), kept.rows(Table::Flow).len()), (15, 14));
}
