//! Real records of OCSF, and what a vendor made of them.

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::Table;
use walkdir::WalkDir;

use crate::kept_rows::{ecs_differences, kit, pair};

/// Columns, and the fields that Sekoia fills with the same.
const ECS: [(&str, &str); 14] = [
    ("source_ip", "/source/ip"),
    ("source_port", "/source/port"),
    ("destination_ip", "/destination/ip"),
    ("destination_port", "/destination/port"),
    ("network_bytes", "/network/bytes"),
    ("network_packets", "/network/packets"),
    ("user_id", "/user/id"),
    ("user_agent_original", "/user_agent/original"),
    ("cloud_region", "/cloud/region"),
    ("process_command_line", "/process/command_line"),
    ("process_pid", "/process/pid"),
    ("dns_question_type", "/dns/question/type/0"),
    ("dns_response_code", "/dns/response_code"),
    ("http_request_method", "/http/request/method"),
];

#[test]
fn columns_hold_what_the_ecs_fields_hold() {
    let Some(folder) = kit("ocsf/sekoia/ocsf") else { return };
    let (mut files, mut rows, mut compared) = (0, 0, 0);
    for file in WalkDir::new(folder).sort_by_file_name() {
        let file = file.expect("the folder can be read").into_path();
        // What a generator made up has words for numbers, and a process that acts where there is none.
        let is_made_up = file.to_string_lossy().contains("generated_");
        if file.is_dir() || is_made_up {
            continue;
        }
        let (kept, expected) = pair(&file);
        assert_eq!(kept.records(), 1, "{file:?}");
        // An address that is none, and a record without a time.
        let told = [Anomaly::InvalidValue, Anomaly::MissingTimestamp];
        assert!(kept.anomalies().iter().all(|(kind, ..)| told.contains(kind)), "{file:?}");
        for table in Table::ALL {
            for row in kept.rows(table) {
                let (same, different) = ecs_differences(&ECS, table, &row, &expected);
                assert_eq!(different, [""; 0], "{file:?}");
                compared += same;
                rows += 1;
            }
        }
        files += 1;
    }
    assert_eq!((files, rows), (32, 15));
    assert!(compared >= 60, "{compared}");
}
