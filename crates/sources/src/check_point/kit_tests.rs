//! Real logs of gateways.

use coldtrail_model::Table;

use crate::kept_rows::{KeptRows, kit};

#[test]
fn every_connection_has_its_row() {
    let Some(folder) = kit("firewall/elastic-integrations/checkpoint/firewall") else { return };
    let kept = KeptRows::of_file(&folder.join("test-checkpoint-with-time.log"));
    assert_eq!((kept.records(), kept.rows(Table::Flow).len()), (4, 4));
    assert_eq!(kept.anomalies(), []);
    let kept = KeptRows::of_file(&folder.join("test-r81x.log"));
    assert_eq!(kept.records(), 18);
    assert!(kept.rows(Table::Flow).len() >= 3 && kept.rows(Table::Web).len() == 2);
}
