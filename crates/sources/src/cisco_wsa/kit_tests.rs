//! Real access logs of the appliance.

use coldtrail_model::Table;

use crate::kept_rows::{KeptRows, kit, pair};

#[test]
fn every_line_has_its_row() {
    let Some(folder) = kit("proxy/sekoia/cisco-secure-web-appliance") else { return };
    let (mut web, mut flow) = (0, 0);
    for file in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let file = file.expect("the folder can be read").into_path();
        if file.is_file() {
            let (kept, _): (KeptRows, _) = pair(&file);
            assert_eq!(kept.anomalies(), [], "{file:?}");
            web += kept.rows(Table::Web).len();
            flow += kept.rows(Table::Flow).len();
        }
    }
    assert_eq!((web, flow), (3, 3));
}
