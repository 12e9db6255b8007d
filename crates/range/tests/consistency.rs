//! One enterprise, several witnesses: what the sensors wrote down must not contradict itself.

#![expect(clippy::expect_used, reason = "a test that cannot read its own logs should stop")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;

use coldtrail_range::corpus::{Corpus, Form};
use coldtrail_range::{Intent, Sensor, Timeline, render, scenario, scenarios, simulate};
use serde_json::Value;

/// How far apart two sensors may date the same connection: Sysmon cuts to the millisecond.
const TOLERANCE: f64 = 0.005;

fn timeline() -> Timeline {
    simulate(&scenario("examples").expect("it is built in"), 1)
}

/// The rendered files as text, by path; archives are opened and lose their `.gz`.
fn logs(timeline: &Timeline) -> BTreeMap<String, String> {
    let files = render(timeline).expect("memory can be written to").into_iter();
    let texts = files.map(|file| {
        let Some(path) = file.path.strip_suffix(".gz") else {
            return (file.path, String::from_utf8(file.contents).expect("logs are text"));
        };
        let mut text = String::new();
        let mut decoder = flate2::read::GzDecoder::new(file.contents.as_slice());
        decoder.read_to_string(&mut text).expect("archives hold text");
        (path.to_owned(), text)
    });
    texts.collect()
}

/// The Zeek logs of a corpus of a MiB, those of all hours joined.
fn corpus() -> BTreeMap<String, String> {
    let corpus = Corpus { size: 1 << 20, seed: 1, form: Form::ZeekTabSeparated, serverless: 0.01 };
    let folder = tempfile::tempdir().expect("there is room");
    corpus.write(folder.path()).expect("there is room");
    let mut logs: BTreeMap<String, String> = BTreeMap::new();
    for file in fs::read_dir(folder.path().join("zeek/2026-04-13")).expect("it is Monday") {
        let file = file.expect("the folder can be read");
        let name = file.file_name().into_string().expect("names are ASCII");
        let log = name.split('.').next().expect("a name begins with its log");
        let text = fs::read_to_string(file.path()).expect("logs are text");
        logs.entry(format!("zeek/{log}.log")).or_default().push_str(&text);
    }
    logs
}

/// The rows of a Zeek log, each as field name and value.
fn zeek<'a>(logs: &'a BTreeMap<String, String>, path: &str) -> Vec<BTreeMap<&'a str, &'a str>> {
    let lines = || logs[path].lines();
    let fields = lines().find_map(|line| line.strip_prefix("#fields\t")).expect("a header");
    let types = lines().find_map(|line| line.strip_prefix("#types\t")).expect("a header");
    assert_eq!(fields.split('\t').count(), types.split('\t').count());
    let rows = lines().filter(|line| !line.starts_with('#')).map(|line| {
        assert_eq!(line.split('\t').count(), fields.split('\t').count(), "{line}");
        fields.split('\t').zip(line.split('\t')).collect()
    });
    rows.collect()
}

fn seconds(text: &str) -> f64 {
    text.parse().expect("a number of seconds")
}

/// The seconds of a moment written as a date and a time, with `T` and `Z` or without.
fn civil(text: &str) -> f64 {
    let text = text.replace(' ', "T");
    let text = if text.ends_with('Z') { text } else { text + "Z" };
    let time: jiff::Timestamp = text.parse().expect("a date and a time");
    time.as_microsecond() as f64 / 1e6
}

/// What Sysmon recorded, as event number, host and data.
fn sysmon(logs: &BTreeMap<String, String>) -> Vec<(String, String, BTreeMap<String, String>)> {
    let records = logs["sysmon/winlogbeat.ndjson"].lines().map(|line| {
        let record: Value = serde_json::from_str(line).expect("a line is a record");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let data = record["winlog"]["event_data"].as_object().expect("named values");
        let data = data.iter().map(|(name, value)| (name.clone(), text(value))).collect();
        (text(&record["winlog"]["event_id"]), text(&record["winlog"]["computer_name"]), data)
    });
    records.collect()
}

/// The connections that Zeek saw, by source address and port and by time: a port is used again in a
/// long day.
fn seen_by_zeek(logs: &BTreeMap<String, String>) -> BTreeMap<(String, String), Vec<f64>> {
    let mut seen: BTreeMap<_, Vec<f64>> = BTreeMap::new();
    for row in zeek(logs, "zeek/conn.log").iter().filter(|row| row["proto"] == "tcp") {
        let key = (row["id.orig_h"].to_owned(), row["id.orig_p"].to_owned());
        seen.entry(key).or_default().push(seconds(row["ts"]));
    }
    seen
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_one_does_not() {
    for scenario in scenarios() {
        let first = render(&simulate(&scenario, 1)).expect("memory can be written to");
        assert_eq!(first, render(&simulate(&scenario, 1)).expect("memory can be written to"));
        let other = render(&simulate(&scenario, 2)).expect("memory can be written to");
        assert_ne!(first, other, "{}", scenario.name);
    }
}

#[test]
fn every_zeek_log_joins_conn_log_by_uid() {
    for logs in [logs(&timeline()), corpus()] {
        joins_by_uid(&logs);
    }
}

fn joins_by_uid(logs: &BTreeMap<String, String>) {
    let connections = zeek(logs, "zeek/conn.log");
    let by_uid: BTreeMap<_, _> = connections.iter().map(|row| (row["uid"], row)).collect();
    assert_eq!(by_uid.len(), connections.len(), "an identifier is used once");
    for path in ["zeek/ssl.log", "zeek/dns.log", "zeek/http.log"] {
        let rows = zeek(logs, path);
        assert!(!rows.is_empty(), "{path}");
        for row in rows {
            let connection = by_uid[row["uid"]];
            for field in ["id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p"] {
                assert_eq!(row[field], connection[field]);
            }
            let since = seconds(row["ts"]) - seconds(connection["ts"]);
            assert!((0.0..=0.02).contains(&since), "{since} s after the first packet");
        }
    }
}

#[test]
fn a_connection_to_a_name_follows_an_answer_that_is_still_valid() {
    for logs in [logs(&timeline()), corpus()] {
        follows_answers(&logs);
    }
}

fn follows_answers(logs: &BTreeMap<String, String>) {
    struct Answer<'a> {
        asked: f64,
        until: f64,
        address: &'a str,
    }
    let mut valid: BTreeMap<_, Vec<Answer<'_>>> = BTreeMap::new();
    for row in zeek(logs, "zeek/dns.log") {
        let asked = seconds(row["ts"]);
        let until = asked + seconds(row["rtt"]) + seconds(row["TTLs"]);
        let key = (row["id.orig_h"], row["query"]);
        valid.entry(key).or_default().push(Answer { asked, until, address: row["answers"] });
    }
    for row in zeek(logs, "zeek/ssl.log") {
        let time = seconds(row["ts"]);
        let answers = &valid[&(row["id.orig_h"], row["server_name"])];
        // The handshake comes a little after the connection, for which the answer had to be valid.
        let answered = answers.iter().any(|answer| {
            answer.asked < time && time < answer.until + 0.02 && answer.address == row["id.resp_h"]
        });
        assert!(answered, "{row:?}");
    }
}

#[test]
fn sysmon_agrees_with_zeek() {
    let logs = logs(&timeline());
    let seen = seen_by_zeek(&logs);
    let mut compared = 0;
    for (_, _, data) in sysmon(&logs).iter().filter(|(id, ..)| id == "3") {
        let times = &seen[&(data["SourceIp"].clone(), data["SourcePort"].clone())];
        let time = civil(&data["UtcTime"]);
        assert!(times.iter().any(|other| (other - time).abs() < TOLERANCE), "{data:?}");
        compared += 1;
    }
    assert!(compared > 1_000, "{compared}");
}

#[test]
fn sysmon_tells_a_story_in_order() {
    let logs = logs(&timeline());
    let records = sysmon(&logs);
    let mut created = BTreeMap::new();
    let mut answered: BTreeMap<(String, String), Vec<f64>> = BTreeMap::new();
    for (id, _, data) in &records {
        let (process, time) = (data["ProcessGuid"].clone(), civil(&data["UtcTime"]));
        match id.as_str() {
            "1" => {
                created.insert(process, time);
            }
            "22" => {
                let address = data["QueryResults"].replace("::ffff:", "").replace(';', "");
                answered.entry((process, address)).or_default().push(time);
            }
            "3" => {
                if data["Image"] == "System" {
                    continue;
                }
                let answers = &answered[&(process, data["DestinationIp"].clone())];
                assert!(answers.iter().any(|answer| *answer <= time), "{data:?}");
            }
            other => panic!("the range does not simulate event {other}"),
        }
    }
    for (_, _, data) in records.iter().filter(|(id, ..)| id != "1") {
        if let Some(created) = created.get(&data["ProcessGuid"]) {
            assert!(*created < civil(&data["UtcTime"]), "{data:?}");
        }
    }
}

#[test]
fn the_attack_can_be_followed_to_the_document() {
    let records = sysmon(&logs(&timeline()));
    let created = |image: &str| {
        let mut found = records.iter().filter(|(id, host, data)| {
            id == "1" && host == "ws-07.corp.example" && data["Image"].ends_with(image)
        });
        found.next().map(|(_, _, data)| data).expect("the process was created on record")
    };
    let (script, document) = (created("powershell.exe"), created("WINWORD.EXE"));
    assert_eq!(script["User"], r"CORP\a.rivera");
    assert_eq!(script["ParentProcessGuid"], document["ProcessGuid"]);
    assert!(script["CommandLine"].contains("-WindowStyle Hidden"));
    assert!(document["CommandLine"].contains(".docm"));
}

#[test]
fn defender_agrees_with_zeek() {
    let logs = logs(&timeline());
    let seen = seen_by_zeek(&logs);
    let mut table = csv::Reader::from_reader(logs["defender/DeviceNetworkEvents.csv"].as_bytes());
    let rows: Vec<BTreeMap<String, String>> =
        table.deserialize().collect::<Result<_, _>>().expect("a table");
    assert!(rows.len() > 1_000, "{}", rows.len());
    let mut reports = BTreeSet::new();
    for row in rows {
        let times = &seen[&(row["LocalIP"].clone(), row["LocalPort"].clone())];
        let time = civil(&row["Timestamp"]);
        assert!(times.iter().any(|other| (other - time).abs() < TOLERANCE), "{row:?}");
        assert!(reports.insert((row["DeviceName"].clone(), row["ReportId"].clone())));
    }
}

#[test]
fn the_export_of_the_server_is_well_formed() {
    let logs = logs(&timeline());
    let mut reader = quick_xml::Reader::from_str(&logs["sysmon/backup-01.xml"]);
    reader.config_mut().check_end_names = true;
    let mut events = 0;
    loop {
        match reader.read_event().expect("well-formed XML") {
            quick_xml::events::Event::Start(start) if start.name().as_ref() == "Event" => {
                events += 1;
            }
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert!(events > 90, "{events}");
}

#[test]
fn a_host_is_seen_by_the_sensor_it_has_and_no_other() {
    let scenario = scenario("examples").expect("it is built in");
    let logs = logs(&simulate(&scenario, 1));
    for host in &scenario.hosts {
        let path = match host.sensor {
            Sensor::Sysmon => "sysmon/winlogbeat.ndjson".to_owned(),
            Sensor::SysmonExport => format!("sysmon/{}.xml", host.name),
            Sensor::Defender => "defender/DeviceNetworkEvents.csv".to_owned(),
            Sensor::Nothing => continue,
        };
        for (other, text) in logs.iter().filter(|(path, _)| !path.starts_with("zeek/")) {
            assert_eq!(*other == path, text.contains(&host.full_name()), "{other} {}", host.name);
        }
        let address = host.address.to_string();
        assert!(zeek(&logs, "zeek/conn.log").iter().any(|row| row["id.orig_h"] == address));
    }
}

#[test]
fn the_truth_names_both_attacks_and_nothing_ordinary_as_one() {
    let truth = timeline().truth();
    let attacks: Vec<_> = truth.iter().filter(|line| line.intent == Intent::Attack).collect();
    let told: Vec<_> = attacks.iter().map(|it| (it.host.as_str(), it.process, it.name)).collect();
    assert_eq!(
        told,
        [
            ("ws-07.corp.example", "powershell.exe", "cdn-sync.coldtrail-range.workers.dev"),
            (
                "ws-11.corp.example",
                "rundll32.exe",
                "coldtrailsimulation0000000000001.lambda-url.eu-central-1.on.aws"
            ),
        ]
    );
    assert!((150..=210).contains(&attacks[0].exchanges), "{}", attacks[0].exchanges);
    assert!((65..=80).contains(&attacks[1].exchanges), "{}", attacks[1].exchanges);
}

#[test]
fn most_of_the_traffic_is_ordinary() {
    let timeline = timeline();
    let ordinary = timeline.exchanges.iter().filter(|it| it.activity.1 == Intent::Ordinary);
    let ordinary: usize = ordinary.map(|it| 1 + usize::from(it.lookup.is_some())).sum();
    let all: usize = timeline.exchanges.iter().map(|it| 1 + usize::from(it.lookup.is_some())).sum();
    let share = ordinary as f64 / all as f64;
    assert!(share > 0.8, "{share}");
}
