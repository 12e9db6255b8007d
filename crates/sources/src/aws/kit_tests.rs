//! Real logs of AWS, and what a vendor made of the same records.

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::Table;
use walkdir::WalkDir;

use crate::kept_rows::{KeptRows, ecs_differences, kit, pair};

/// How many records, rows and anomalies there are in the files below a folder.
fn counted(folder: &std::path::Path) -> (u64, u64, Vec<(Anomaly, u64)>) {
    let (mut records, mut rows, mut anomalies) = (0, 0, Vec::new());
    for file in WalkDir::new(folder).sort_by_file_name() {
        let file = file.expect("the folder can be read").into_path();
        if file.is_dir() {
            continue;
        }
        let kept = KeptRows::of_file(&file);
        records += kept.records();
        rows += kept.count();
        anomalies.extend(kept.anomalies());
    }
    (records, rows, anomalies)
}

#[test]
fn every_event_of_an_attack_is_a_row() {
    for (folder, events) in [
        // As `jq '.Records | length'` and `jq length` count them.
        ("aws_cloudtrail/invictus-ir+aws_dataset", INVICTUS),
        ("aws_cloudtrail/stratus", STRATUS),
    ] {
        let Some(folder) = kit(folder) else { return };
        assert_eq!(counted(&folder), (events, events, vec![]), "{folder:?}");
    }
}

const INVICTUS: u64 = 2506;
const STRATUS: u64 = 310;

/// Columns, and the fields that Sekoia fills with the same.
const ECS: [(&str, &str); 13] = [
    ("source_ip", "/source/ip"),
    ("source_port", "/source/port"),
    ("destination_ip", "/destination/ip"),
    ("destination_port", "/destination/port"),
    ("source_bytes", "/source/bytes"),
    ("source_packets", "/source/packets"),
    ("user_name", "/user/name"),
    ("user_agent_original", "/user_agent/original"),
    ("cloud_provider", "/cloud/provider"),
    ("cloud_region", "/cloud/region"),
    ("event_provider", "/event/provider"),
    ("event_outcome", "/event/outcome"),
    ("event_action", "/action/name"),
];

/// Where Sekoia takes a call that failed for a success, and the user that was made for the one that
/// made it.
const MISTAKES: [(&str, &str); 2] = [
    ("event_ec2-error.json", "event_outcome is `failure`, not `success`"),
    ("event_iam.json", "user_name is ``, not `AIDA11111111111111`"),
];

#[test]
fn columns_hold_what_the_ecs_fields_hold() {
    let (mut files, mut compared) = (0, 0);
    for folder in ["aws_cloudtrail/sekoia/aws-cloudtrail", "aws_vpcflow/sekoia/aws-flow-logs"] {
        let Some(folder) = kit(folder) else { return };
        for file in WalkDir::new(folder).sort_by_file_name() {
            let file = file.expect("the folder can be read").into_path();
            if file.is_dir() {
                continue;
            }
            let (kept, expected) = pair(&file);
            assert_eq!((kept.records(), kept.anomalies()), (1, vec![]), "{file:?}");
            for table in [Table::Cloud, Table::Flow] {
                for row in kept.rows(table) {
                    let (same, different) = ecs_differences(&ECS, table, &row, &expected);
                    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                    // Sekoia keeps `.0` behind numbers of a writer without whole ones.
                    let is_new = |it: &String| {
                        !MISTAKES.contains(&(name, it.as_str())) && !it.ends_with(".0`")
                    };
                    let different: Vec<_> = different.into_iter().filter(is_new).collect();
                    assert_eq!(different, [""; 0], "{file:?}");
                    compared += same;
                }
            }
            files += 1;
        }
    }
    assert_eq!(files, 24);
    assert!(compared > 140, "{compared}");
}
