//! Real logs of firewalls.

use coldtrail_model::Table;

use crate::kept_rows::{KeptRows, kit};

#[test]
fn every_session_and_every_threat_has_its_row() {
    let Some(folder) = kit("firewall/elastic-integrations/panw/panos") else { return };
    let read = |name: &str| {
        let kept = KeptRows::of_file(&folder.join(format!("test-panw-panos-{name}-sample.log")));
        let of = |table| kept.rows(table).len();
        (kept.records(), of(Table::Flow), of(Table::Web), of(Table::Dns), of(Table::Tls))
    };
    assert_eq!(read("traffic"), (201, 201, 0, 0, 0));
    assert_eq!(read("inc-traffic"), (100, 100, 0, 0, 0));
    assert_eq!(read("decryption"), (2, 0, 0, 0, 2));
    let (records, flows, requests, queries, handshakes) = read("threat");
    assert_eq!((records, flows + requests + queries, handshakes), (187, 187, 0));
    assert_eq!(read("system"), (2, 0, 0, 0, 0));
}
