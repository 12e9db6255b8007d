//! Real access logs, and what vendors made of the same lines.

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::Table;
use walkdir::WalkDir;

use crate::kept_rows::{KeptRows, ecs_differences, kit, pair};

#[test]
fn every_line_has_its_row() {
    let Some(folder) = kit("proxy/elastic-integrations/squid/log") else { return };
    let kept = KeptRows::of_file(&folder.join("test-access1.log"));
    assert_eq!((kept.records(), kept.anomalies()), (100, vec![]));
    let of = |table| kept.rows(table).len();
    assert_eq!((of(Table::Web), of(Table::Flow)), (91, 9));
}

/// Columns, and the fields that Sekoia fills with the same.
const ECS: [(&str, &str); 15] = [
    ("source_ip", "/source/ip"),
    ("destination_domain", "/destination/domain"),
    ("destination_port", "/destination/port"),
    ("destination_ip", "/destination/ip"),
    ("user_name", "/user/name"),
    ("http_request_method", "/http/request/method"),
    ("http_request_referrer", "/http/request/referrer"),
    ("http_response_bytes", "/http/response/bytes"),
    ("http_response_mime_type", "/http/response/mime_type"),
    ("destination_bytes", "/http/response/bytes"),
    ("url_full", "/url/full"),
    ("url_domain", "/url/domain"),
    ("url_path", "/url/path"),
    ("user_agent_original", "/user_agent/original"),
    ("network_transport", "/network/transport"),
];

#[test]
fn columns_hold_what_the_ecs_fields_hold() {
    let Some(folder) = kit("proxy/sekoia/squid") else { return };
    let (mut files, mut compared) = (0, 0);
    for file in WalkDir::new(folder).sort_by_file_name() {
        let file = file.expect("the folder can be read").into_path();
        if file.is_dir() {
            continue;
        }
        let (kept, expected) = pair(&file);
        assert_eq!((kept.records(), kept.count()), (1, 1), "{file:?}");
        let assumed = [Anomaly::AssumedZone, Anomaly::AssumedDateOrder];
        assert!(kept.anomalies().iter().all(|(kind, ..)| assumed.contains(kind)), "{file:?}");
        for table in Table::ALL {
            for row in kept.rows(table) {
                let (same, different) = ecs_differences(&ECS, table, &row, &expected);
                assert_eq!(different, [""; 0], "{file:?}");
                compared += same;
            }
        }
        files += 1;
    }
    assert_eq!(files, 15);
    assert!(compared > 80, "{compared}");
}
