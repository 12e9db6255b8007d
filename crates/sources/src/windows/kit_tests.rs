//! Real logs: every framing against the others, and against what others made of the same events.
//!
//! The logs lie beside the repository and are not part of it; where they are absent these tests say
//! so and pass.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use coldtrail_diagnostics::Anomaly;
use serde_json::Value;

use super::evtx::Evtx;
use super::rows_for_tests::{Outcome, Row, kit, read, read_objects};
use super::xml::WindowsXml;
use crate::json::Json;

/// Every file below a folder whose name ends so, in order.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(folder).sort_by_file_name();
    let files = files.into_iter().map(|entry| entry.expect("the folder can be read").into_path());
    files.filter(|path| path.to_string_lossy().ends_with(ending)).collect()
}

fn bytes(path: &Path) -> Vec<u8> {
    fs::read(path).expect("the file can be read")
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&bytes(path)).expect("the file is JSON")
}

/// The rows of a table and dataset, counted.
fn counts<'r>(rows: impl IntoIterator<Item = &'r Row>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(format!("{} {}", row["event_dataset"], row["table"])).or_default() += 1;
    }
    counts
}

#[test]
fn the_binary_log_and_its_json_make_equal_rows() {
    let Some(folder) = kit("windows_evtx/sigma_regression") else { return };
    let logs = files(&folder, ".evtx");
    assert_eq!(logs.len(), 21);
    for log in logs {
        let binary = read(&Evtx, &bytes(&log));
        let object = json(&log.with_extension("json"));
        let objects = read_objects([&object]);
        assert_eq!(binary.anomalies(), [], "{log:?}");
        assert_eq!(objects.anomalies(), [], "{log:?}");
        assert_eq!(binary.rows.len(), 1, "{log:?}");
        assert_eq!(trimmed(&binary), trimmed(&objects), "{log:?}");
    }
}

/// The rows without white space at the end of values, which the program that wrote the JSON cut off.
fn trimmed(outcome: &Outcome) -> Vec<Row> {
    let trim = |row: Row| {
        row.into_iter().map(|(name, value)| (name, value.trim_end().to_owned())).collect()
    };
    outcome.rows_without_place().into_iter().map(trim).collect()
}

/// Columns and the ECS fields that winlogbeat fills with the same.
const ECS: [(&str, &str); 18] = [
    ("timestamp", "/@timestamp"),
    ("host_name", "/host/name"),
    ("process_name", "/process/name"),
    ("process_executable", "/process/executable"),
    ("process_pid", "/process/pid"),
    ("process_command_line", "/process/command_line"),
    ("process_entity_id", "/process/entity_id"),
    ("process_hash_sha256", "/process/hash/sha256"),
    ("process_parent_executable", "/process/parent/executable"),
    ("process_parent_command_line", "/process/parent/command_line"),
    ("source_ip", "/source/ip"),
    ("source_port", "/source/port"),
    ("destination_ip", "/destination/ip"),
    ("destination_port", "/destination/port"),
    ("network_transport", "/network/transport"),
    ("dns_question_name", "/dns/question/name"),
    ("powershell_file_script_block_text", "/powershell/file/script_block_text"),
    ("powershell_sequence", "/powershell/sequence"),
];

/// An ECS value in the spelling of the columns.
fn in_our_spelling(column: &str, value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match column {
        "timestamp" => crate::time::rfc3339(&text)
            .map(|moment| coldtrail_model::Timestamp(moment).to_string())
            .unwrap_or(text),
        "process_entity_id" => text.trim_matches(['{', '}']).to_uppercase(),
        "host_name" | "process_name" | "dns_question_name" => text.to_lowercase(),
        "source_ip" | "destination_ip" => {
            crate::filling::address(&text).map_or_else(|| text.clone(), Into::into)
        }
        _ => text,
    }
}

/// Whether the document is an event that makes a row.
fn makes_row(document: &Value) -> bool {
    let channel = document.pointer("/winlog/channel").and_then(Value::as_str).unwrap_or_default();
    let code = document.pointer("/event/code").and_then(Value::as_str).unwrap_or_default();
    match channel {
        "Microsoft-Windows-Sysmon/Operational" => matches!(code, "1" | "3" | "11" | "22"),
        "Microsoft-Windows-PowerShell/Operational" => matches!(code, "4103" | "4104"),
        "Security" => matches!(code, "4688" | "5156"),
        _ => false,
    }
}

fn assert_agrees(row: &Row, document: &Value, file: &Path) {
    for (column, pointer) in ECS {
        // PowerShell's number of a host is that of no process elsewhere.
        if column == "process_entity_id" && row["table"] == "script" {
            continue;
        }
        if let Some(value) = document.pointer(pointer) {
            let ours = row.get(column).map(String::as_str).unwrap_or_default();
            let theirs = in_our_spelling(column, value);
            // Some documents have milliseconds where the record has more.
            let milliseconds = theirs.strip_suffix("000Z").filter(|_| column == "timestamp");
            if milliseconds.is_some_and(|milliseconds| ours.starts_with(milliseconds)) {
                continue;
            }
            assert_eq!(ours, theirs, "{column} in {file:?}");
        }
    }
    if let Some(answers) = document.pointer("/dns/answers").and_then(Value::as_array) {
        let data =
            answers.iter().map(|answer| answer["data"].as_str().unwrap_or_default().to_lowercase());
        let ours = row.get("dns_answers_data").map(String::as_str).unwrap_or_default();
        let data: Vec<_> = data.filter(|data| !data.is_empty()).collect();
        assert_eq!(ours, data.join(" "), "{file:?}");
    }
    if let Some(name) = document.pointer("/user/name").and_then(Value::as_str) {
        let ours = row.get("user_name").map(String::as_str).unwrap_or_default();
        assert!(ours.ends_with(name), "{ours} is not {name} in {file:?}");
    }
}

#[test]
fn the_binary_log_says_what_winlogbeat_makes_of_it() {
    let Some(folder) = kit("windows_evtx/winlogbeat") else { return };
    let mut agreed = 0;
    for log in files(&folder, ".evtx") {
        let golden = json(Path::new(&format!("{}.golden.json", log.display())));
        let documents = golden.as_array().expect("an array").iter().filter(|d| makes_row(d));
        let documents: Vec<_> = documents.collect();
        let outcome = read(&Evtx, &bytes(&log));
        assert_eq!(outcome.anomalies(), [], "{log:?}");
        assert_eq!(outcome.rows.len(), documents.len(), "{log:?}");
        for (row, document) in outcome.rows.iter().zip(documents) {
            assert_agrees(row, document, &log);
            agreed += 1;
        }
    }
    println!("{agreed} rows agree with winlogbeat");
    assert!(agreed > 150);
}

#[test]
fn winlogbeat_json_says_what_the_elastic_agent_makes_of_it() {
    let Some(folder) = kit("windows_json/elastic-integrations") else { return };
    let mut agreed = 0;
    for file in files(&folder, "-expected.json").iter().chain(&files(&folder, "-expected.json.gz"))
    {
        let input = file.to_string_lossy().replace("-expected.json", "");
        let (input, expected) = (unpacked(Path::new(&input)), unpacked(file));
        let inputs = input["events"].as_array().expect("an array");
        let expected = expected["expected"].as_array().expect("an array");
        let pairs = inputs.iter().zip(expected).filter(|(_, expected)| makes_row(expected));
        for (input, expected) in pairs {
            let outcome = read_objects([input]);
            assert_eq!(outcome.rows.len(), 1, "{file:?} {input}");
            assert_agrees(&outcome.rows[0], expected, file);
            agreed += 1;
        }
    }
    println!("{agreed} rows agree with the Elastic Agent");
    assert!(agreed > 50);
}

/// The JSON of a file that may be compressed.
fn unpacked(path: &Path) -> Value {
    let file = File::open(path).expect("the file can be opened");
    if path.extension().is_some_and(|extension| extension == "gz") {
        return serde_json::from_reader(flate2::read::GzDecoder::new(file)).expect("JSON");
    }
    serde_json::from_reader(file).expect("JSON")
}

#[test]
fn every_binary_log_is_read_without_loss() {
    let Some(folder) = kit("windows_evtx") else { return };
    let mut records = 0;
    let mut rows = Vec::new();
    for log in files(&folder, ".evtx") {
        let outcome = read(&Evtx, &bytes(&log));
        assert_eq!(outcome.anomalies(), [], "{log:?}");
        records += outcome.tally.records;
        rows.extend(outcome.rows);
    }
    let expected = [
        ("windows.powershell script", 139),
        ("windows.security flow", 63),
        ("windows.security process", 18),
        ("windows.sysmon dns", 157),
        ("windows.sysmon file", 46),
        ("windows.sysmon flow", 171),
        ("windows.sysmon process", 362),
    ];
    assert_eq!(counts(&rows), expected.map(|(what, count)| (what.to_owned(), count)).into());
    println!("{records} records");
}

#[test]
fn every_xml_file_is_read_without_loss() {
    let Some(folder) = kit("windows_xml") else { return };
    let mut rows = Vec::new();
    for file in files(&folder, ".xml") {
        let outcome = read(&WindowsXml, &bytes(&file));
        assert_eq!((outcome.tally.records, outcome.anomalies()), (1, vec![]), "{file:?}");
        rows.extend(outcome.rows);
    }
    let expected = [
        ("windows.powershell script", 2),
        ("windows.security process", 1),
        ("windows.sysmon dns", 1),
        ("windows.sysmon file", 1),
        ("windows.sysmon flow", 1),
        ("windows.sysmon process", 1),
    ];
    assert_eq!(counts(&rows), expected.map(|(what, count)| (what.to_owned(), count)).into());
}

/// Every object of the archives that OTRF published, as nxlog, Logstash and Azure wrote them.
fn otrf(archive: &Path) -> Outcome {
    let mut text = String::new();
    let file = File::open(archive).expect("the file can be opened");
    if archive.extension().is_some_and(|extension| extension == "zip") {
        let mut archive = zip::ZipArchive::new(file).expect("an archive");
        for member in 0..archive.len() {
            let mut member = archive.by_index(member).expect("a member");
            if !member.name().expect("a name").contains("MACOSX") {
                member.read_to_string(&mut text).expect("text");
            }
        }
    } else {
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
        for member in archive.entries().expect("an archive") {
            member.expect("a member").read_to_string(&mut text).expect("text");
        }
    }
    read(&Json, text.as_bytes())
}

#[test]
fn the_json_of_otrf_is_read_without_loss() {
    let Some(folder) = kit("windows_json/OTRF+Security-Datasets") else { return };
    let mut rows = Vec::new();
    for archive in files(&folder, "zip").iter().chain(&files(&folder, "tar.gz")) {
        let outcome = otrf(archive);
        // Syslog cut some events of Sysmon for Linux, and Sysmon left others ill-formed.
        let syslog = archive.to_string_lossy().contains("/syslog_");
        let anomalies = if syslog { vec![(Anomaly::InvalidXml, 17)] } else { vec![] };
        let found: Vec<_> =
            outcome.anomalies().into_iter().map(|found| (found.0, found.1)).collect();
        assert_eq!(found, anomalies, "{archive:?}");
        rows.extend(outcome.rows);
    }
    let expected = [
        ("linux.sysmon file", 4),
        ("linux.sysmon flow", 6),
        ("linux.sysmon process", 28),
        ("windows.powershell script", 1537),
        ("windows.security flow", 2070),
        ("windows.security process", 68),
        ("windows.sysmon dns", 281),
        ("windows.sysmon file", 722),
        ("windows.sysmon flow", 1044),
        ("windows.sysmon process", 93),
    ];
    assert_eq!(counts(&rows), expected.map(|(what, count)| (what.to_owned(), count)).into());
}

#[test]
fn what_sekoia_collected_makes_rows() {
    let Some(folder) = kit("windows_json/sekoia") else { return };
    let mut rows = Vec::new();
    let mut without_zone = 0;
    for file in files(&folder, ".json") {
        let outcome = read(&Json, &bytes(&file));
        for (anomaly, count, _) in outcome.anomalies() {
            match anomaly {
                Anomaly::AssumedZone => without_zone += count,
                // One file shows a message that is no JSON.
                Anomaly::UnknownFormat if file.ends_with("wrong-startswith.json") => {}
                _ => panic!("{anomaly:?} in {file:?}"),
            }
        }
        rows.extend(outcome.rows);
    }
    let expected = [
        ("windows.powershell script", 5),
        ("windows.security flow", 3),
        ("windows.security process", 10),
        ("windows.sysmon dns", 2),
        ("windows.sysmon file", 2),
        ("windows.sysmon flow", 3),
        ("windows.sysmon process", 5),
    ];
    assert_eq!(counts(&rows), expected.map(|(what, count)| (what.to_owned(), count)).into());
    assert_eq!(without_zone, 14);
}

#[test]
fn bare_sysmon_values_tell_their_event() {
    let Some(folder) = kit("windows_json/tenzir+vast") else { return };
    let file = File::open(folder.join("sysmon.json.gz")).expect("the file can be opened");
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).expect("the stream is whole");
    let outcome = read(&Json, &bytes);
    assert_eq!(outcome.anomalies(), []);
    let expected = [
        ("windows.sysmon dns", 3),
        ("windows.sysmon file", 2),
        ("windows.sysmon flow", 1348),
        ("windows.sysmon process", 721),
    ];
    assert_eq!(
        counts(&outcome.rows),
        expected.map(|(what, count)| (what.to_owned(), count)).into()
    );
}
