//! A provider's own interface is no endpoint of anybody: tools talk to it all day, and no hunt tells of
//! it, whether it lies beside customers' hosts or not.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;

use coldtrail_model::Timestamp;
use coldtrail_pipeline::{Hunt, hunt};

const NOW: Timestamp = Timestamp(1_777_593_600_000_000);

/// Control planes: those that lie among the hosts of customers, and others.
const PLANES: [&str; 6] = [
    "api.netlify.com",
    "api.vercel.com",
    "api.cloudflare.com",
    "management.azure.com",
    "cloudfunctions.googleapis.com",
    "lambda.eu-central-1.amazonaws.com",
];

#[test]
fn no_hunt_tells_of_control_planes() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("DeviceNetworkEvents.csv");
    let mut rows = "Timestamp,DeviceName,RemoteIP,RemoteUrl,InitiatingProcessFileName\n".to_owned();
    for (minute, name) in PLANES.iter().chain(&["shop.netlify.com"]).enumerate() {
        rows += &format!("2026-04-13T09:{minute:02}:00Z,ws-1,192.0.2.9,{name},node.exe\n");
    }
    fs::write(&log, rows).expect("a log");
    let paths = [log.display().to_string()];
    for prefilter in [true, false] {
        let mut over = Hunt::over(&paths, NOW).expect("a hunt");
        over.prefilter = prefilter;
        let report = hunt(over).expect("a report");
        let told: Vec<&str> =
            report.findings.iter().map(|finding| finding.endpoint.host.as_str()).collect();
        assert_eq!(told, ["shop.netlify.com"]);
    }
}
