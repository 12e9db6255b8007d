//! Real logs of Umbrella.

use coldtrail_model::Table;

use crate::kept_rows::{KeptRows, kit};

#[test]
fn every_line_has_its_row() {
    let Some(folder) = kit("proxy/panther-labs+panther") else { return };
    let dns = KeptRows::of_file(&folder.join("umbrella_dns.csv"));
    assert_eq!((dns.rows(Table::Dns).len() as u64, dns.anomalies()), (dns.records(), vec![]));
    let addresses = KeptRows::of_file(&folder.join("umbrella_ip.csv"));
    assert_eq!(addresses.rows(Table::Flow).len() as u64, addresses.records());
    assert_eq!((dns.records(), addresses.records()), (21, 25));
}
