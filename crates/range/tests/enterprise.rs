//! An enterprise, as its sensors tell of it: each host is seen by its own, and the truth by none.

#![expect(clippy::expect_used, reason = "a test that cannot read its own logs should stop")]

use std::collections::BTreeMap;
use std::io::Read;

use coldtrail_range::enterprise::{Enterprise, Nature};
use coldtrail_range::{Sensor, Tap};

const SMALL: Enterprise = Enterprise { seed: 1_500, hosts: 40, days: 2 };

/// The files as text, by path; archives are opened and lose their `.gz`.
fn texts() -> BTreeMap<String, String> {
    let files = SMALL.stage().files().expect("memory can be written to").into_iter();
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

#[test]
fn each_host_is_in_the_log_of_its_network_sensor_and_in_no_other() {
    let staged = SMALL.stage();
    let texts = texts();
    let logs = ["logs/zeek/conn.log", "logs/suricata/eve.json", "logs/squid/access.log"];
    for host in staged.hosts() {
        let own = match host.tap {
            Tap::Zeek | Tap::Queries => "logs/zeek/conn.log",
            Tap::Suricata => "logs/suricata/eve.json",
            Tap::Squid => "logs/squid/access.log",
        };
        let address = host.address.to_string();
        let is_it = |character: char| character.is_ascii_digit() || character == '.';
        for log in logs {
            let Some(text) = texts.get(log) else { continue };
            let is_there = text.split(|it| !is_it(it)).any(|word| word == address);
            assert_eq!(is_there, log == own, "{} in {log}", host.name);
        }
    }
}

#[test]
fn only_queries_are_seen_of_a_host_elsewhere() {
    let staged = SMALL.stage();
    let texts = texts();
    let remote = staged.hosts().filter(|host| host.tap == Tap::Queries);
    let remote: Vec<String> = remote.map(|host| format!("\t{}\t", host.address)).collect();
    assert!(!remote.is_empty());
    let connections = texts["logs/zeek/conn.log"].lines();
    let theirs: Vec<_> =
        connections.filter(|line| remote.iter().any(|it| line.contains(it))).collect();
    assert!(!theirs.is_empty());
    assert!(theirs.into_iter().all(|line| line.contains("\tudp\tdns\t")));
    assert!(remote.iter().all(|it| !texts["logs/zeek/ssl.log"].contains(it)));
}

#[test]
fn whoever_opens_tls_sees_paths_and_whoever_does_not_does_not() {
    let texts = texts();
    assert!(texts["logs/squid/access.log"].contains("https://script.google.com/macros/s/"));
    assert!(!texts["logs/zeek/http.log"].contains("/macros/s/"));
    assert!(!texts["logs/suricata/eve.json"].contains("/macros/s/"));
}

#[test]
fn a_host_without_an_endpoint_sensor_is_in_no_endpoint_log() {
    let staged = SMALL.stage();
    let texts = texts();
    for host in staged.hosts() {
        let name = host.full_name();
        let told = |path: &str| texts.get(path).is_some_and(|text| text.contains(&name));
        let sysmon = told("logs/sysmon/winlogbeat.ndjson");
        let defender = told("logs/defender/DeviceNetworkEvents.csv");
        assert_eq!(sysmon, host.sensor == Sensor::Sysmon, "{name}");
        assert_eq!(defender, host.sensor == Sensor::Defender, "{name}");
    }
}

#[test]
fn sanctioned_csv_has_every_sanctioned_endpoint_and_no_attacked_one() {
    let staged = SMALL.stage();
    let text = texts().remove("context/sanctioned.csv").expect("it is written");
    assert!(text.starts_with("endpoint,host,user,process,owner,reason,expires\n"));
    for instance in staged.instances.iter().filter(|it| it.address.is_some()) {
        for endpoint in &instance.endpoints {
            let line = format!("{},{},", endpoint.host, instance.host);
            let is_there = text.lines().any(|it| it.starts_with(&line));
            match instance.nature {
                Nature::Sanctioned => assert!(is_there, "{line}"),
                Nature::Attack => assert!(!is_there, "{line}"),
                Nature::Unsanctioned | Nature::Usual | Nature::Trap => {}
            }
        }
    }
    let assets = texts().remove("context/assets.csv").expect("it is written");
    assert_eq!(assets.lines().count(), 41);
}
