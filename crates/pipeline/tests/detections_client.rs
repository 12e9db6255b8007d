//! Whether the program that speaks is the one that it seems to be, with a benign twin of each.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;

use coldtrail_model::{Finding, Report, Timestamp};
use coldtrail_pipeline::{Hunt, hunt};

const NOW: Timestamp = Timestamp(1_777_593_600_000_000);

const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                      Chrome/120.0.0.0 Safari/537.36";

fn report(logs: &[&str]) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    for (number, log) in logs.iter().enumerate() {
        fs::write(folder.path().join(format!("log-{number}")), log).expect("a log");
    }
    let path = folder.path().display().to_string();
    hunt(Hunt::over(&[path], NOW).expect("a hunt")).expect("a report")
}

fn told<'r>(report: &'r Report, host: &str, detection: &str) -> Option<&'r Finding> {
    report.findings.iter().find(|finding| {
        finding.actor.host == host
            && finding.signals.iter().any(|signal| signal.detection == detection)
    })
}

fn points(finding: &Finding, name: &str) -> Option<i16> {
    finding.contributions.iter().find(|one| one.name == name).map(|one| one.points)
}

/// Connections of processes, as Defender exports them; the sensor also says which host has the address.
fn processes(rows: &[(&str, &str, &str, &str)]) -> String {
    let rows = rows.iter().map(|(host, address, process, name)| {
        format!("2026-04-13T09:00:00Z,{host},{address},192.0.2.9,{name},{process}\n")
    });
    let header =
        "Timestamp,DeviceName,LocalIP,RemoteIP,RemoteUrl,InitiatingProcessFileName\n".to_owned();
    [header].into_iter().chain(rows).collect()
}

/// A request that a network sensor read.
fn request(source: &str, name: &str, user_agent: &str) -> String {
    format!(
        "{{\"_path\":\"http\",\"ts\":1776070805.3,\"uid\":\"C{source}\",\"id.orig_h\":\"{source}\",\"id.resp_h\":\"192.0.2.9\",\"method\":\"GET\",\"host\":\"{name}\",\"uri\":\"/\",\"user_agent\":\"{user_agent}\"}}\n"
    )
}

/// A handshake that a network sensor read.
fn handshake(source: &str, name: &str, fingerprint: &str) -> String {
    format!(
        "{{\"_path\":\"ssl\",\"ts\":1776070805.3,\"uid\":\"C{source}{name}\",\"id.orig_h\":\"{source}\",\"id.resp_h\":\"192.0.2.9\",\"server_name\":\"{name}\",\"ja4\":\"{fingerprint}\"}}\n"
    )
}

#[test]
fn a_user_agent_of_another_program_is_told() {
    let name = "coldtrail-range.cold.workers.dev";
    let endpoint = processes(&[
        ("ws-1", "10.0.0.1", "rundll32.exe", name),
        ("ws-2", "10.0.0.2", "powershell.exe", name),
        ("ws-3", "10.0.0.3", "chrome.exe", name),
        ("ws-4", "10.0.0.4", "chrome.exe", name),
        ("ws-5", "10.0.0.5", "curl.exe", name),
        ("ws-6", "10.0.0.6", "agent.exe", name),
    ]);
    let embedded = CHROME.replace("Chrome/", "Agent/4.2 Chrome/");
    let web = [
        request("10.0.0.1", name, CHROME),
        request("10.0.0.2", name, "Mozilla/5.0 (Windows NT; en-US) WindowsPowerShell/5.1"),
        request("10.0.0.3", name, "Go-http-client/1.1"),
        request("10.0.0.4", name, CHROME),
        request("10.0.0.5", name, "Go-http-client/1.1"),
        request("10.0.0.6", name, &embedded),
        // Nobody knows the process here.
        request("10.0.0.7", name, "python-requests/2.31"),
        request("10.0.0.8", name, CHROME),
    ];
    let report = report(&[&endpoint, &web.concat()]);
    for (host, expected) in [("ws-1", 12), ("ws-3", 12), ("ws-5", 8), ("10.0.0.7", 4)] {
        let finding = told(&report, host, "client.user_agent").unwrap_or_else(|| panic!("{host}"));
        assert_eq!(points(finding, "user agent"), Some(expected), "{host}");
    }
    let go = told(&report, "ws-3", "client.user_agent").expect("told above");
    let because = go.contributions.iter().find(|one| one.name == "user agent");
    assert_eq!(
        because.map(|one| one.because.as_str()),
        Some("chrome.exe on ws-3 says that it is Go-http-client/1.1")
    );
    for quiet in ["ws-2", "ws-4", "ws-6", "10.0.0.8"] {
        assert!(told(&report, quiet, "client.user_agent").is_none(), "{quiet}");
    }
}

#[test]
fn a_fingerprint_that_programs_of_its_name_do_not_have_is_told() {
    let shop = "coldtrail-range.shop.workers.dev";
    let cold = "coldtrail-range.cold.workers.dev";
    let (chrome, schannel, other) = (
        "t13d1516h2_8daaf6152771_02713d6af862",
        "t12d1909h1_d83cc789557e_7af1ed941c26",
        "t13d0000",
    );
    let hosts: Vec<(String, String)> =
        (1..=5).map(|number| (format!("ws-{number}"), format!("10.0.0.{number}"))).collect();
    let mut rows: Vec<(&str, &str, &str, &str)> =
        hosts.iter().map(|(host, at)| (host.as_str(), at.as_str(), "chrome.exe", shop)).collect();
    rows.push(("ws-1", "10.0.0.1", "chrome.exe", cold));
    rows.push(("ws-2", "10.0.0.2", "powershell.exe", cold));
    rows.push(("ws-3", "10.0.0.3", "powershell.exe", cold));
    rows.push(("ws-4", "10.0.0.4", "chrome.exe", cold));
    let mut tls: Vec<String> = hosts.iter().map(|(_, at)| handshake(at, shop, chrome)).collect();
    // Took a browser's name; speaks as a browser; speaks as it always does; is a browser.
    tls.push(handshake("10.0.0.1", cold, other));
    tls.push(handshake("10.0.0.2", cold, chrome));
    tls.push(handshake("10.0.0.3", cold, schannel));
    tls.push(handshake("10.0.0.4", cold, chrome));
    let report = report(&[&processes(&rows), &tls.concat()]);
    for (host, expected) in [("ws-1", 10), ("ws-2", 12)] {
        let finding =
            told(&report, host, "client.tls_fingerprint").unwrap_or_else(|| panic!("{host}"));
        assert_eq!(finding.endpoint.host, cold);
        assert_eq!(points(finding, "tls fingerprint"), Some(expected), "{host}");
    }
    for quiet in ["ws-3", "ws-4", "ws-5"] {
        assert!(told(&report, quiet, "client.tls_fingerprint").is_none(), "{quiet}");
    }
}

#[test]
fn telemetry_that_cannot_compare_programs_says_so() {
    let tls = handshake("10.0.0.1", "coldtrail-range.cold.workers.dev", "t13d1516h2_8daaf6152771");
    let report = report(&[&tls]);
    let because = |detection: &str| {
        let not_run = report.not_run.iter().find(|one| one.detection == detection);
        not_run.map(|one| one.because.as_str()).unwrap_or_default()
    };
    assert!(because("client.tls_fingerprint").starts_with("no process is known"));
    assert!(because("client.user_agent").starts_with("no request"));
}

#[test]
fn a_host_that_is_no_web_client_is_told_among_those_that_are() {
    let mut log = String::new();
    for host in 1..=11 {
        for tenant in 0..4 {
            let name = format!("coldtrail-range.shop-{tenant}.workers.dev");
            log += &handshake(&format!("10.0.0.{host}"), &name, "t13d1516h2_8daaf6152771");
        }
    }
    let name = "coldtrail-range.shop-1.workers.dev";
    log += &handshake("10.0.0.99", name, "t13d1516h2_8daaf6152771");
    let report = report(&[&log]);
    let finding = told(&report, "10.0.0.99", "role.unusual").expect("an unusual host");
    assert_eq!(points(finding, "unusual"), Some(2));
    assert!(told(&report, "10.0.0.1", "role.unusual").is_none());
}

/// A request inside a session that was opened for another name, as a sensor behind a proxy sees it.
fn fronted(source: &str, front: &str, host: &str) -> String {
    let id =
        format!("\"uid\":\"C{source}\",\"id.orig_h\":\"{source}\",\"id.resp_h\":\"192.0.2.9\"");
    format!(
        "{{\"_path\":\"conn\",\"ts\":1776070805.1,{id},\"proto\":\"tcp\"}}\n\
         {{\"_path\":\"ssl\",\"ts\":1776070805.3,{id},\"server_name\":\"{front}\"}}\n\
         {{\"_path\":\"http\",\"ts\":1776070805.5,{id},\"method\":\"GET\",\"host\":\"{host}\",\"uri\":\"/\"}}\n"
    )
}

#[test]
fn a_session_for_somebody_else_is_told_and_several_names_of_a_tenant_are_not() {
    let host = "coldtrail-range.cold.workers.dev";
    let log = [
        // The name in front may be anybody's, and is then known only by the second look at the logs.
        fronted("10.0.0.1", "www.example.com", host),
        fronted("10.0.0.2", "coldtrail-range.shop.workers.dev", host),
        fronted("10.0.0.3", host, host),
        fronted("10.0.0.4", "coldtrail-range-a.web.app", "coldtrail-range-a.firebaseapp.com"),
    ];
    let report = report(&[&log.concat()]);
    for source in ["10.0.0.1", "10.0.0.2"] {
        let finding =
            told(&report, source, "client.host_mismatch").unwrap_or_else(|| panic!("{source}"));
        assert_eq!(points(finding, "host mismatch"), Some(14), "{source}");
        assert_eq!(finding.endpoint.host, host);
    }
    let because = told(&report, "10.0.0.1", "client.host_mismatch")
        .and_then(|finding| finding.contributions.iter().find(|one| one.name == "host mismatch"));
    assert!(because.is_some_and(|one| one.because.ends_with("were opened for www.example.com")));
    for quiet in ["10.0.0.3", "10.0.0.4"] {
        assert!(told(&report, quiet, "client.host_mismatch").is_none(), "{quiet}");
    }
}
