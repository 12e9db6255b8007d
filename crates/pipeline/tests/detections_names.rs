//! Detections of names, each with a benign twin.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;

use coldtrail_model::{Finding, Report, Timestamp};
use coldtrail_pipeline::{Hunt, hunt};

const NOW: Timestamp = Timestamp(1_777_593_600_000_000);
const START: u64 = 1_776_038_400;
const HOUR: u64 = 3600;

fn report(log: &str) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log");
    fs::write(&path, log).expect("a log");
    hunt(Hunt::over(&[path.display().to_string()], NOW).expect("a hunt")).expect("a report")
}

fn told<'r>(report: &'r Report, host: &str, detection: &str) -> Option<&'r Finding> {
    report.findings.iter().find(|finding| {
        finding.actor.host == host
            && finding.signals.iter().any(|signal| signal.detection == detection)
    })
}

fn points(finding: &Finding, name: &str) -> i16 {
    finding.contributions.iter().filter(|one| one.name == name).map(|one| one.points).sum()
}

/// A DNS query as Zeek writes it, with its response code and its answers.
fn query(at: u64, source: &str, name: &str, code: &str, answers: &[&str]) -> String {
    let answers: Vec<String> = answers.iter().map(|answer| format!("\"{answer}\"")).collect();
    format!(
        "{{\"_path\":\"dns\",\"ts\":{at}.1,\"uid\":\"D{source}{at}\",\"id.orig_h\":\"{source}\",\"id.resp_h\":\"192.0.2.53\",\"query\":\"{name}\",\"qtype_name\":\"A\",\"rcode_name\":\"{code}\",\"answers\":[{}],\"TTLs\":[{}]}}\n",
        answers.join(","),
        vec!["60.0"; answers.len()].join(",")
    )
}

fn resolved(at: u64, source: &str, name: &str) -> String {
    query(at, source, name, "NOERROR", &["192.0.2.9"])
}

/// A connection with its handshake.
fn session(at: u64, source: &str, name: &str) -> String {
    format!(
        "{{\"_path\":\"ssl\",\"ts\":{at}.3,\"uid\":\"C{source}{at}\",\"id.orig_h\":\"{source}\",\"id.resp_h\":\"192.0.2.9\",\"server_name\":\"{name}\"}}\n\
         {{\"_path\":\"conn\",\"ts\":{at}.2,\"uid\":\"C{source}{at}\",\"id.orig_h\":\"{source}\",\"id.resp_h\":\"192.0.2.9\",\"proto\":\"tcp\",\"orig_bytes\":900,\"resp_bytes\":5000}}\n"
    )
}

/// A tenant that the host asks for and connects to: its connections are logged.
fn visit(at: u64, source: &str) -> String {
    let name = "portal.example-site.workers.dev";
    resolved(at, source, name) + &session(at + 1, source, name)
}

#[test]
fn a_tenant_that_is_gone_and_asked_for_is_told_and_one_that_comes_back_is_not() {
    let name = "coldtrail-range.cold.workers.dev";
    let mut log = String::new();
    for poll in 0..48 {
        let at = START + poll * HOUR / 4;
        let gone = |source| query(at, source, name, "NXDOMAIN", &[]);
        log += &if poll < 24 { resolved(at, "10.0.0.5", name) } else { gone("10.0.0.5") };
        let is_away = (20..30).contains(&poll);
        log += &if is_away { gone("10.0.0.6") } else { resolved(at, "10.0.0.6", name) };
    }
    let report = report(&log);
    let finding = told(&report, "10.0.0.5", "names.taken_down").expect("a tenant that is gone");
    assert_eq!(points(finding, "taken down"), 6);
    assert!(told(&report, "10.0.0.6", "names.taken_down").is_none());
}

#[test]
fn many_names_that_never_were_are_probing_and_a_slip_of_the_pen_is_not() {
    let mut log = String::new();
    for number in 0..30 {
        let name = format!("edge-{number}.cold.workers.dev");
        log += &query(START + number * 60, "10.0.0.5", &name, "NXDOMAIN", &[]);
        log += &query(START + number * 60, "10.0.0.6", "protal.acme.workers.dev", "NXDOMAIN", &[]);
        log += &resolved(START + number * 60, "10.0.0.7", &name);
    }
    let report = report(&log);
    let finding = told(&report, "10.0.0.5", "names.nxdomain").expect("probing");
    assert!(finding.signals.iter().any(|signal| signal.summary.starts_with("30 tenants ")));
    assert_eq!(finding.endpoint.tenant.as_deref(), Some("cold"));
    for quiet in ["10.0.0.6", "10.0.0.7"] {
        assert!(told(&report, quiet, "names.nxdomain").is_none(), "{quiet}");
    }
}

#[test]
fn polls_by_dns_alone_are_told_where_connections_are_logged() {
    let name = "coldtrail-range.cold.workers.dev";
    let mut log = String::new();
    for poll in 0..48 {
        let at = START + poll * HOUR / 2;
        log += &(visit(at + 7, "10.0.0.5") + &resolved(at, "10.0.0.5", name));
        // Each question is followed by a connection.
        log += &(visit(at + 7, "10.0.0.6") + &resolved(at, "10.0.0.6", name));
        log += &session(at + 1, "10.0.0.6", name);
        // Nothing shows what this host connects to.
        log += &resolved(at, "10.0.0.7", name);
        // This one resolves for others.
        let others = ["a.acme.workers.dev", "b.acme.workers.dev", "c.acme.workers.dev", name];
        log += &visit(at + 7, "10.0.0.8");
        log += &others.map(|name| resolved(at, "10.0.0.8", name)).concat();
    }
    let report = report(&log);
    let finding = told(&report, "10.0.0.5", "names.resolution_only").expect("polls by DNS");
    assert_eq!(points(finding, "resolution only"), 4);
    assert_eq!(finding.endpoint.host, name);
    for quiet in ["10.0.0.6", "10.0.0.7", "10.0.0.8"] {
        assert!(told(&report, quiet, "names.resolution_only").is_none(), "{quiet}");
    }
}

#[test]
fn a_connection_after_many_questions_is_told_and_one_after_each_is_not() {
    let name = "coldtrail-range.cold.workers.dev";
    let mut log = [START - 9, START + 90_000].map(|at| visit(at, "10.0.0.5")).concat();
    log += &[START - 9, START + 90_000].map(|at| visit(at, "10.0.0.6")).concat();
    for poll in 0..24 {
        let at = START + poll * HOUR;
        log += &(resolved(at, "10.0.0.5", name) + &resolved(at, "10.0.0.6", name));
        log += &session(at + 1, "10.0.0.6", name);
    }
    log += &session(START + 24 * HOUR, "10.0.0.5", name);
    let report = report(&log);
    let finding = told(&report, "10.0.0.5", "names.connection_after").expect("a late connection");
    assert!(finding.signals.iter().any(|signal| signal.summary.contains(" on 24 occasions ")));
    assert!(told(&report, "10.0.0.6", "names.connection_after").is_none());
}

#[test]
fn a_surge_of_queries_is_told_and_the_same_on_every_day_is_not() {
    let name = "coldtrail-range.cold.workers.dev";
    let mut log = String::new();
    for hour in 0..72_u64 {
        let is_busy = hour == 60;
        let daily = hour % 24 == 12;
        for (source, is_many) in [("10.0.0.5", is_busy), ("10.0.0.6", daily)] {
            for number in 0..if is_many { 300 } else { 4 } {
                log += &resolved(START + hour * HOUR + number * 9, source, name);
            }
        }
        // Labels under one account, new each time.
        for number in 0..if is_busy { 300 } else { 1 } {
            let name = format!("n{hour}x{number}.ice.workers.dev");
            log += &resolved(START + hour * HOUR + number * 9, "10.0.0.7", &name);
        }
    }
    let report = report(&log);
    let finding = told(&report, "10.0.0.5", "names.dns_volume").expect("a surge");
    assert_eq!(points(finding, "dns volume"), 5);
    let finding = told(&report, "10.0.0.7", "names.dns_volume").expect("a surge of labels");
    assert_eq!(finding.endpoint.tenant.as_deref(), Some("ice"));
    assert!(told(&report, "10.0.0.6", "names.dns_volume").is_none());
}

#[test]
fn a_drawn_name_is_told_and_what_platforms_draw_is_not() {
    let log = [
        session(START, "10.0.0.5", "q7xkz0vw3jpd.cold.workers.dev"),
        session(START, "10.0.0.6", "weather-dashboard-2024.acme.workers.dev"),
        session(START, "10.0.0.7", "q7xkz0vw3jpdq7xkz0vw3jpdq7xkz0vw.lambda-url.eu-west-1.on.aws"),
        session(START, "10.0.0.8", "billing-4kvt3r9p8q-ew.a.run.app"),
    ];
    let report = report(&log.concat());
    assert!(told(&report, "10.0.0.5", "names.random_label").is_some());
    for quiet in ["10.0.0.6", "10.0.0.7", "10.0.0.8"] {
        assert!(told(&report, quiet, "names.random_label").is_none(), "{quiet}");
    }
}

#[test]
fn polls_of_a_domain_in_front_of_a_function_are_told_and_visits_and_sites_are_not() {
    let leads = |at: u64, source: &str, name: &str, to: &str| {
        query(at, source, name, "NOERROR", &[to, "192.0.2.9"])
    };
    let function = "coldtrail-range.azurewebsites.net";
    let mut log = leads(START, "10.0.0.8", "api.example.com", function);
    for poll in 0..60 {
        let at = START + poll * 600;
        log += &leads(at, "10.0.0.5", "api.example.com", function);
        log += &leads(at, "10.0.0.6", "www.example.com", "d111111abcdef8.cloudfront.net");
        log += &resolved(at, "10.0.0.7", function);
    }
    let report = report(&log);
    let finding = told(&report, "10.0.0.5", "names.cname").expect("a domain in front");
    let because = finding.contributions.iter().find(|one| one.name == "cname");
    assert_eq!(
        because.map(|one| one.because.as_str()),
        Some(
            "api.example.com leads to coldtrail-range.azurewebsites.net on \
             Functions / App Service (global name)"
        )
    );
    for quiet in ["10.0.0.6", "10.0.0.7", "10.0.0.8"] {
        assert!(told(&report, quiet, "names.cname").is_none(), "{quiet}");
    }
}
