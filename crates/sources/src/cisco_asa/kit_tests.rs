//! Real messages.

use coldtrail_model::Table;

use crate::kept_rows::{KeptRows, kit};

#[test]
fn messages_about_connections_have_rows() {
    let Some(folder) = kit("firewall/elastic-integrations/cisco_asa/log") else { return };
    let kept = KeptRows::of_file(&folder.join("test-sample.log"));
    let of = |table| kept.rows(table).len();
    // The others are translations of addresses, a tunnel, and a ping of which only one end is named.
    assert_eq!((kept.records(), of(Table::Flow), of(Table::Web)), (87, 74, 4));
    let kept = KeptRows::of_file(&folder.join("test-anyconnect-messages.log"));
    assert_eq!((kept.records(), kept.count()), (13, 0));
}
