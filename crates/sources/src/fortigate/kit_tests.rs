//! Real logs, and what vendors made of the same lines.

use coldtrail_model::Table;
use walkdir::WalkDir;

use crate::kept_rows::{KeptRows, ecs_differences, kit, pair};

#[test]
fn every_session_has_its_row() {
    let Some(folder) = kit("firewall/filebeat_fortinet") else { return };
    let of = |name: &str| {
        let kept = KeptRows::of_file(&folder.join(name));
        let rows = Table::ALL.map(|table| kept.rows(table).len() as u64);
        (kept.records(), rows.iter().sum::<u64>(), kept.anomalies().len())
    };
    let (records, rows, _) = of("traffic.log");
    assert_eq!(records, rows);
    let (records, rows, _) = of("utm.log");
    assert_eq!(records, rows);
    let (records, rows, anomalies) = of("event.log");
    assert!(records > 10, "{records}");
    assert_eq!((rows, anomalies), (0, 0));
}

/// Columns, and the fields that Sekoia fills with the same.
const ECS: [(&str, &str); 9] = [
    ("source_ip", "/source/ip"),
    ("source_port", "/source/port"),
    ("destination_port", "/destination/port"),
    ("source_bytes", "/source/bytes"),
    ("destination_bytes", "/destination/bytes"),
    ("source_packets", "/source/packets"),
    ("network_transport", "/network/transport"),
    ("dns_question_type", "/dns/question/type"),
    ("url_domain", "/url/domain"),
];

#[test]
fn columns_hold_what_the_ecs_fields_hold() {
    let Some(folder) = kit("firewall/sekoia/fortigate") else { return };
    let (mut compared, mut different) = (0, Vec::new());
    for file in WalkDir::new(folder).sort_by_file_name() {
        let file = file.expect("the folder can be read").into_path();
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        if file.is_dir() || !text.contains("subtype=") || text.contains("Fortinet|") {
            continue;
        }
        let (kept, expected) = pair(&file);
        for table in Table::ALL {
            for row in kept.rows(table) {
                let (same, differ) = ecs_differences(&ECS, table, &row, &expected);
                compared += same;
                let name = file.file_name().unwrap_or_default().display().to_string();
                different.extend(differ.iter().map(|differ| format!("{name}: {differ}")));
            }
        }
    }
    assert_eq!(different, [""; 0]);
    assert!(compared > 100, "{compared}");
}
