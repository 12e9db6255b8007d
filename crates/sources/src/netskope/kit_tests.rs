//! Real events of Netskope.

use coldtrail_model::Table;

use crate::kept_rows::{KeptRows, kit};

#[test]
fn pages_and_connections_have_rows() {
    let Some(folder) = kit("proxy/elastic-integrations/netskope/events") else { return };
    let events = KeptRows::of_file(&folder.join("test-events.log"));
    assert_eq!((events.records(), events.rows(Table::Flow).len()), (19, 4));
    assert!(events.rows(Table::Web).len() >= 9, "{}", events.rows(Table::Web).len());
}
