//! The published Sentinel query for T1583.007, in our terms: the detection of processes that are no
//! browser covers every row that the query would return on a Defender export, except rows whose host
//! only contains a platform's name as a substring.
//!
//! The query is re-stated here from its terms: `RemoteUrl has_any (…)` and
//! `InitiatingProcessFileName !in~ (…)`. `has` finds a term at the borders of runs of letters and
//! digits, whatever the case.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use coldtrail_model::{Report, Timestamp};
use coldtrail_pipeline::{Hunt, hunt};

const QUERY_NAMES: [&str; 10] = [
    "workers.dev",
    "pages.dev",
    "cloudfunctions.net",
    "lambda-url",
    "execute-api",
    "azurewebsites.net",
    "azurecontainerapps.io",
    "netlify.app",
    "vercel.app",
    "script.google.com",
];

const QUERY_BROWSERS: [&str; 7] = [
    "chrome.exe",
    "firefox.exe",
    "msedge.exe",
    "iexplore.exe",
    "opera.exe",
    "brave.exe",
    "vivaldi.exe",
];

/// Hosts of each platform in the forms that its provider gives out, among them bare domains, a
/// deployment plane, odd labels, and look-alikes.
const HOSTS: [&str; 44] = [
    "sync.acme.workers.dev",
    "acme.workers.dev",
    "a.b.c.acme.workers.dev",
    "workers.dev",
    "Sync.Acme.Workers.Dev",
    "sync.acme.workers.dev.",
    "evil-workers.dev.example.com",
    "workers.dev.example.com",
    "myworkers.dev",
    "shop.pages.dev",
    "38273409.shop.pages.dev",
    "under_score.pages.dev",
    "us-central1-project.cloudfunctions.net",
    "northamerica-northeast1-project.cloudfunctions.net",
    "odd.cloudfunctions.net",
    "a.b.cloudfunctions.net",
    "cvbbonwxtgvc3isfqfc52cwzja0kvuqd.lambda-url.ap-northeast-1.on.aws",
    "short.lambda-url.us-gov-west-1.on.aws",
    "lambda-url.us-east-1.on.aws",
    "lambda-url.attacker.example",
    "abc.lambda-url.us-east-1.amazonaws.com",
    "b2zei88b61.execute-api.eu-west-2.amazonaws.com",
    "odd.execute-api.mx-central-1.amazonaws.com",
    "b2zei88b61.execute-api.cn-north-1.amazonaws.com.cn",
    "b2zei88b61-vpce-0123456789abcdef0.execute-api.us-east-1.amazonaws.com",
    "d-abcdefghij.execute-api.us-east-1.amazonaws.com",
    "execute-api.example.com",
    "acme.azurewebsites.net",
    "acme-gjd4fffwhdakbub9.chilecentral-01.azurewebsites.net",
    "acme.scm.azurewebsites.net",
    "www.acme.azurewebsites.net",
    "azurewebsites.net",
    "notazurewebsites.net",
    "ext.delightfulgrass-a1c0fe70.canadaeast.azurecontainerapps.io",
    "app.internal.calm-a1c0fe70.westeurope.azurecontainerapps.io",
    "acme.netlify.app",
    "deploy-preview-7--acme.netlify.app",
    "a.b.netlify.app",
    "netlify.app.example.net",
    "acme.vercel.app",
    "acme-git-main-team.vercel.app",
    "notvercel.app",
    "script.google.com",
    "script.google.com.example.org",
];

const PROCESSES: [&str; 14] = [
    "powershell.exe",
    "PowerShell.EXE",
    "chrome.exe",
    "MSEDGE.exe",
    "curl.exe",
    "acme agent.exe",
    "",
    "svchost.exe",
    "firefox.exe",
    "opera.exe",
    "browser-helper.exe",
    "chrome.exe.exe",
    "node.exe",
    "rundll32.exe",
];

#[test]
fn covers_the_query_on_generated_exports() {
    let mut rows = Vec::new();
    for (index, host) in HOSTS.iter().enumerate() {
        for (offset, process) in PROCESSES.iter().enumerate() {
            let url = match (index + offset) % 4 {
                0 => format!("https://{host}/api/run?x=1"),
                1 => format!("{host}:443"),
                2 => format!("http://{host}"),
                _ => (*host).to_owned(),
            };
            let device = format!("ws-{:02}.corp.example", (index * 7 + offset) % 20);
            rows.push(Row { device, process: (*process).to_owned(), url });
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let export = folder.path().join("export.csv");
    fs::write(&export, csv(&rows)).expect("the export is written");
    let returned = returned_by_query(&rows);
    assert!(returned.len() > 250, "the query returns {} rows", returned.len());
    assert_covers(&hunt_in(&export), &returned);
}

#[test]
fn covers_the_query_on_real_exports() {
    let kit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/defender");
    if !kit.is_dir() {
        println!("skipped: ../shared/data/defender is absent");
        return;
    }
    let report = hunt_in(&kit);
    let mut rows = Vec::new();
    for entry in walk(&kit) {
        let text = fs::read_to_string(&entry).unwrap_or_default();
        rows.extend(text.lines().flat_map(rows_of_json));
    }
    // The kit holds next to no serverless traffic; what there is must be covered.
    assert_covers(&report, &returned_by_query(&rows));
    assert!(report.seen.iter().any(|seen| seen.tables.contains_key("flow")));
}

#[derive(Clone, Debug)]
struct Row {
    device: String,
    process: String,
    url: String,
}

fn csv(rows: &[Row]) -> String {
    let mut text = String::from(
        "Timestamp,DeviceId,DeviceName,ActionType,RemoteIP,RemotePort,RemoteUrl,LocalIP,LocalPort,\
         Protocol,InitiatingProcessFileName,InitiatingProcessCommandLine,\
         InitiatingProcessParentFileName,InitiatingProcessAccountName\n",
    );
    for (index, Row { device, process, url }) in rows.iter().enumerate() {
        let (minute, second) = (index / 60 % 60, index % 60);
        text.push_str(&format!(
            "2026-04-13T10:{minute:02}:{second:02}.0000000Z,d,{device},ConnectionSuccess,\
             203.0.113.7,443,{url},10.20.0.9,50000,TcpV4,{process},x,explorer.exe,user\n"
        ));
    }
    text
}

/// Rows that the query returns, without those whose host only contains a platform's name.
fn returned_by_query(rows: &[Row]) -> Vec<Row> {
    let is_returned = |row: &&Row| {
        let process = row.process.to_lowercase();
        QUERY_NAMES.iter().any(|name| has(&row.url, name))
            && !QUERY_BROWSERS.contains(&process.as_str())
    };
    rows.iter().filter(is_returned).filter(|row| is_platform(&host(&row.url))).cloned().collect()
}

/// Kusto's `has`: the term stands between characters that are neither letters nor digits.
fn has(text: &str, term: &str) -> bool {
    let text = text.to_lowercase();
    let is_border = |character: Option<char>| !character.is_some_and(char::is_alphanumeric);
    text.match_indices(term).any(|(at, found)| {
        is_border(text[..at].chars().next_back())
            && is_border(text[at + found.len()..].chars().next())
    })
}

fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', ':', '?']).next().unwrap_or(rest);
    host.trim_end_matches('.').to_lowercase()
}

/// Whether the host lies in a platform's own domain, label by label.
fn is_platform(host: &str) -> bool {
    let labels: Vec<&str> = host.split('.').collect();
    let within = |domain: &str| host == domain || host.ends_with(&format!(".{domain}"));
    match labels.as_slice() {
        [.., "lambda-url", _region, "on", "aws"] => true,
        [.., "execute-api", _region, "amazonaws", "com"] => true,
        [.., "execute-api", _region, "amazonaws", "com", "cn"] => true,
        _ => QUERY_NAMES.iter().filter(|name| name.contains('.')).any(|name| within(name)),
    }
}

fn hunt_in(path: &Path) -> Report {
    let paths = [path.to_string_lossy().into_owned()];
    Hunt::over(&paths, Timestamp(0)).and_then(hunt).expect("the hunt runs")
}

fn assert_covers(report: &Report, returned: &[Row]) {
    let covered: BTreeSet<(String, String, String)> = report
        .findings
        .iter()
        .filter(|finding| {
            finding.signals.iter().any(|signal| signal.detection == "endpoint.non_browser")
        })
        .flat_map(|finding| {
            let process = finding.actor.process.clone().unwrap_or_default();
            let hosts = [&finding.endpoint.host].into_iter().chain(&finding.endpoint.related_hosts);
            hosts.map(move |host| (finding.actor.host.clone(), process.clone(), host.clone()))
        })
        .collect();
    for row in returned {
        let key = (row.device.to_lowercase(), row.process.to_lowercase(), host(&row.url));
        assert!(covered.contains(&key), "not covered: {row:?}");
    }
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    paths.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

/// Defender's network rows in a line of JSON, wherever they are in it.
fn rows_of_json(line: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Ok(value) = serde_json::from_str(line) {
        collect(&value, &mut rows);
    }
    rows
}

fn collect(value: &serde_json::Value, rows: &mut Vec<Row>) {
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    if value["RemoteUrl"].is_string() && value["DeviceName"].is_string() {
        let (device, process) = (text("DeviceName"), text("InitiatingProcessFileName"));
        rows.push(Row { device, process, url: text("RemoteUrl") });
    }
    match value {
        serde_json::Value::Object(object) => object.values().for_each(|one| collect(one, rows)),
        serde_json::Value::Array(array) => array.iter().for_each(|one| collect(one, rows)),
        _ => {}
    }
}
