//! A connection that a log names only by its address takes the name that was meant.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use coldtrail_engine::Engine;
use coldtrail_engine::plan::{LogicalPlanBuilder, column, lit};
use coldtrail_model::Window;
use coldtrail_pipeline::{Prepared, RawHunt};
use coldtrail_sources::discover;

const CONN: &str = "#separator \\x09\n#path\tconn\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\t\
    id.resp_p\tproto\tservice\torig_ip_bytes\tresp_ip_bytes\tconn_state\n";
const DNS: &str = "#separator \\x09\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tid.resp_h\tquery\tqtype\tanswers\tTTLs\n";
const SSL: &str = "#separator \\x09\n#path\tssl\n#fields\tts\tuid\tid.orig_h\tid.resp_h\tserver_name\testablished\tresumed\n";

fn connection(ts: u32, uid: &str, source: &str, destination: &str) -> String {
    format!("{ts}.5\t{uid}\t{source}\t50000\t{destination}\t443\ttcp\t-\t100\t2000\tSF\n")
}

fn query(ts: u32, source: &str, name: &str, answers: &str, ttl: &str) -> String {
    format!("{ts}.0\tD{ts}\t{source}\t10.0.0.53\t{name}\t1\t{answers}\t{ttl}\n")
}

fn handshake(ts: u32, uid: &str, source: &str, destination: &str, name: &str) -> String {
    format!("{ts}.7\t{uid}\t{source}\t{destination}\t{name}\tT\tF\n")
}

/// The connections that were named, as `second source tenant`, in order.
fn named(folder: &Path, prefilter: bool) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().build().expect("a runtime");
    runtime.block_on(async {
        let (inputs, faults) = discover(&[folder.display().to_string()]);
        assert!(faults.is_empty());
        let window = Window::default();
        let (progress, stages) = (Arc::new(|_| {}), Arc::new(|_| {}));
        let raw = RawHunt {
            inputs,
            window,
            threads: 2,
            prefilter,
            mappings: Arc::default(),
            progress,
            stages,
        };
        let scratch = tempfile::tempdir().expect("a folder");
        let Prepared { session, contacts, .. } = raw.prepare(scratch.path()).await.expect("rows");
        let flows = LogicalPlanBuilder::from(contacts).filter(column("channel").eq(lit("flow")));
        let plan = flows.expect("a plan").build().expect("a plan");
        let mut named = Vec::new();
        for batch in session.collect(plan).await.expect("rows") {
            let text = |name: &str| batch.column_by_name(name).expect("a column").clone();
            let at = text("timestamp");
            let at = at.as_primitive::<TimestampMicrosecondType>();
            let (address, tenant) = (text("address"), text("endpoint_tenant"));
            for row in 0..batch.num_rows() {
                let second = at.value(row) / 1_000_000;
                let address = address.as_string::<i32>().value(row);
                named.push(format!("{second} {address} {}", tenant.as_string::<i32>().value(row)));
            }
        }
        named.sort();
        named
    })
}

fn logs(conn: &[String], dns: &[String], ssl: &[String]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, header, rows) in [("conn", CONN, conn), ("dns", DNS, dns), ("ssl", SSL, ssl)] {
        if !rows.is_empty() {
            let text = format!("{header}{}", rows.concat());
            fs::write(folder.path().join(format!("{name}.log")), text).expect("a file");
        }
    }
    folder
}

fn assert_named(folder: &tempfile::TempDir, expected: &[&str]) {
    assert_eq!(named(folder.path(), true), expected);
    assert_eq!(named(folder.path(), false), expected, "without the prefilter");
}

const EDGE: &str = "192.0.2.1";

#[test]
fn an_answer_names_connections_of_who_asked_while_it_lives() {
    let folder = logs(
        &[
            connection(1000, "C1", "10.0.0.1", EDGE),
            connection(1050, "C2", "10.0.0.2", EDGE),
            connection(1400, "C3", "10.0.0.1", EDGE),
            connection(1500, "C4", "10.0.0.1", EDGE),
            connection(1010, "C5", "10.0.0.1", "192.0.2.9"),
        ],
        &[query(
            1000,
            "10.0.0.1",
            "one.acme.workers.dev",
            &format!("cdn.example,{EDGE}"),
            "60,120",
        )],
        &[],
    );
    // 120 seconds of life and 300 of grace: 1420 is the end. The other source never asked.
    assert_named(&folder, &["1000 10.0.0.1 one.acme", "1400 10.0.0.1 one.acme"]);
}

#[test]
fn an_address_belongs_to_the_name_that_was_asked_for_last() {
    let folder = logs(
        &[
            connection(1010, "C1", "10.0.0.1", EDGE),
            connection(1030, "C2", "10.0.0.1", EDGE),
            connection(1050, "C3", "10.0.0.1", EDGE),
        ],
        &[
            query(1000, "10.0.0.1", "one.acme.workers.dev", EDGE, "60"),
            query(1020, "10.0.0.1", "shop.example.com", EDGE, "60"),
            query(1040, "10.0.0.1", "two.other.workers.dev", EDGE, "60"),
        ],
        &[],
    );
    assert_named(&folder, &["1010 10.0.0.1 one.acme", "1050 10.0.0.1 two.other"]);
}

#[test]
fn the_name_of_the_session_goes_before_any_other() {
    let folder = logs(
        &[connection(1010, "C1", "10.0.0.1", EDGE), connection(1030, "C2", "10.0.0.1", EDGE)],
        &[query(1000, "10.0.0.1", "one.acme.workers.dev", EDGE, "600")],
        &[
            handshake(1010, "C1", "10.0.0.1", EDGE, "shop.example.com"),
            handshake(1030, "C2", "10.0.0.1", EDGE, "two.other.workers.dev"),
        ],
    );
    assert_named(&folder, &["1030 10.0.0.1 two.other"]);
}

#[test]
fn a_session_called_by_a_custom_domain_is_its_platforms() {
    let chain = format!("relay.azurewebsites.net,{EDGE}");
    let called = |second, uid, name| handshake(second, uid, "10.0.0.1", EDGE, name);
    let folder = logs(
        &[
            connection(1010, "C1", "10.0.0.1", EDGE),
            connection(1050, "C2", "10.0.0.1", EDGE),
            connection(1060, "C3", "10.0.0.1", EDGE),
            // Nobody told this source that the name is an alias.
            connection(1070, "C4", "10.0.0.2", EDGE),
            // The answer holds no longer.
            connection(1500, "C5", "10.0.0.1", EDGE),
        ],
        &[
            query(1000, "10.0.0.1", "front.example.com", &chain, "60,60"),
            query(1040, "10.0.0.1", "shop.example.com", EDGE, "60"),
            query(1041, "10.0.0.2", "relay.azurewebsites.net", EDGE, "60"),
        ],
        &[
            called(1010, "C1", "front.example.com"),
            called(1050, "C2", "front.example.com"),
            called(1060, "C3", "shop.example.com"),
            handshake(1070, "C4", "10.0.0.2", EDGE, "front.example.com"),
            called(1500, "C5", "front.example.com"),
        ],
    );
    assert_named(&folder, &["1010 10.0.0.1 relay", "1050 10.0.0.1 relay"]);
}

#[test]
fn without_a_serverless_name_no_connection_matters() {
    let folder = logs(
        &[connection(1010, "C1", "10.0.0.1", EDGE)],
        &[query(1000, "10.0.0.1", "shop.example.com", EDGE, "600")],
        &[],
    );
    assert_named(&folder, &[]);
}

/// A record of Sysmon, as Winlogbeat ships it.
fn sysmon(second: u32, code: u32, image: &str, data: &str) -> String {
    let clock = format!("{:02}:{:02}:{:02}", 9 + second / 3600, second / 60 % 60, second % 60);
    let image = format!(r"C:\\Programs\\{image}");
    format!(
        "{{\"@timestamp\":\"2026-04-13T{clock}.000Z\",\"winlog\":{{\"channel\":\"Microsoft-Windows-Sysmon/Operational\",\
         \"computer_name\":\"ws-1\",\"event_id\":\"{code}\",\"provider_name\":\"Microsoft-Windows-Sysmon\",\"event_data\":{{\
         \"UtcTime\":\"2026-04-13 {clock}.000\",\"Image\":\"{image}\",{data}}}}}}}\n"
    )
}

fn asks(second: u32, image: &str, name: &str) -> String {
    let data =
        format!("\"QueryName\":\"{name}\",\"QueryStatus\":\"0\",\"QueryResults\":\"{EDGE};\"");
    sysmon(second, 22, image, &data)
}

fn connects(second: u32, image: &str) -> String {
    let data = format!(
        "\"Protocol\":\"tcp\",\"Initiated\":\"true\",\"SourceIp\":\"10.0.0.1\",\"SourcePort\":\"50000\",\
         \"DestinationIp\":\"{EDGE}\",\"DestinationHostname\":\"-\",\"DestinationPort\":\"443\""
    );
    sysmon(second, 3, image, &data)
}

/// The connections of these records that were named, as `minute:second tenant`, all ways alike.
fn named_of(records: &[String]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("sysmon.ndjson"), records.concat()).expect("a file");
    let [quick, slow] = [true, false].map(|prefilter| named(folder.path(), prefilter));
    assert_eq!(quick, slow, "without the prefilter");
    let start = 1_776_070_800; // 2026-04-13 09:00 UTC
    let shown = quick.iter().filter_map(|line| {
        let (second, rest) = line.split_once(' ')?;
        let second = second.parse::<u32>().ok()? - start;
        let tenant = rest.rsplit(' ').next()?;
        Some(format!("{:02}:{:02} {tenant}", second / 60, second % 60))
    });
    shown.collect()
}

#[test]
fn what_a_process_was_told_goes_before_what_others_were() {
    let records = [
        asks(0, "implant.exe", "one.acme.workers.dev"),
        connects(1, "implant.exe"),
        // The browser asks for other names at the same edge, and connects.
        asks(30, "chrome.exe", "two.other.workers.dev"),
        connects(31, "chrome.exe"),
        connects(60, "implant.exe"),
        asks(70, "chrome.exe", "shop.example.com"),
        connects(71, "chrome.exe"),
        connects(120, "implant.exe"),
        // Nobody knows what this one asked for.
        connects(130, "other.exe"),
    ];
    let expected = ["00:01 one.acme", "00:31 two.other", "01:00 one.acme", "02:00 one.acme"];
    assert_eq!(named_of(&records), expected);
}

#[test]
fn an_ordinary_name_of_a_process_goes_before_the_tenant_of_another() {
    let records = [
        // Told before the tenant was, as long ago as it may be.
        asks(0, "chrome.exe", "shop.example.com"),
        asks(3_480, "implant.exe", "one.acme.workers.dev"),
        connects(3_481, "implant.exe"),
        connects(3_499, "chrome.exe"),
        // An hour later it may have been told anything.
        connects(3_610, "chrome.exe"),
    ];
    assert_eq!(named_of(&records), ["58:01 one.acme", "60:10 one.acme"]);
}
