//! Real records of the gateway.

use coldtrail_model::Table;

use crate::kept_rows::{KeptRows, kit, pair};

#[test]
fn every_record_has_its_row() {
    let Some(folder) = kit("proxy/sekoia/skyhigh_secure_web_gateway") else { return };
    let (mut web, mut flow) = (0, 0);
    for file in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let file = file.expect("the folder can be read").into_path();
        if file.is_file() {
            let (kept, _): (KeptRows, _) = pair(&file);
            web += kept.rows(Table::Web).len();
            flow += kept.rows(Table::Flow).len();
        }
    }
    assert_eq!((web, flow), (5, 3));
}
