//! Real records of Zscaler's feeds.

use coldtrail_model::Table;

use crate::kept_rows::{KeptRows, kit};

#[test]
fn every_record_has_its_row() {
    let Some(folder) = kit("proxy/tenzir_zscaler/inputs") else { return };
    let pairs = KeptRows::of_file(&folder.join("zscalernss-web.kv"));
    assert_eq!((pairs.records(), pairs.rows(Table::Web).len()), (3, 3));
    let tunnel = KeptRows::of_file(&folder.join("zscalernss-web.json"));
    assert_eq!((tunnel.records(), tunnel.rows(Table::Flow).len()), (1, 1));
}
