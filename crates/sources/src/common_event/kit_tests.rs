//! Real events of firewalls in CEF, and what a vendor made of the same records.

use std::collections::BTreeMap;

use coldtrail_model::Table;
use walkdir::WalkDir;

use crate::kept_rows::{KeptRows, ecs_differences, kit, pair};

/// Columns, and the fields that Sekoia fills with the same.
const ECS: [(&str, &str); 10] = [
    ("source_ip", "/source/ip"),
    ("source_port", "/source/port"),
    ("destination_ip", "/destination/ip"),
    ("destination_port", "/destination/port"),
    ("destination_domain", "/destination/domain"),
    ("source_bytes", "/source/bytes"),
    ("destination_bytes", "/destination/bytes"),
    ("network_transport", "/network/transport"),
    ("dns_question_name", "/dns/question/name"),
    ("dns_question_type", "/dns/question/type"),
];

#[test]
fn columns_hold_what_the_ecs_fields_hold() {
    let Some(folder) = kit("firewall/sekoia") else { return };
    let (mut rows, mut compared, mut different) = (BTreeMap::new(), 0, Vec::new());
    for file in WalkDir::new(folder).sort_by_file_name() {
        let file = file.expect("the folder can be read").into_path();
        if file.is_dir() || !file.display().to_string().to_lowercase().contains("cef") {
            continue;
        }
        let (kept, expected): (KeptRows, _) = pair(&file);
        for table in Table::ALL {
            for row in kept.rows(table) {
                *rows.entry(table).or_insert(0) += 1;
                let (same, differ) = ecs_differences(&ECS, table, &row, &expected);
                compared += same;
                let name = file.file_name().unwrap_or_default().display().to_string();
                different.extend(differ.iter().map(|differ| format!("{name}: {differ}")));
            }
        }
    }
    println!("{rows:?} {compared} {different:#?}");
    assert_eq!(different, [""; 0]);
}
