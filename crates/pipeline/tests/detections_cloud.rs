//! Each detection about clouds tells what it is for, and nothing of its benign twin; over logs and
//! over a store alike.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;

use coldtrail_model::{Decision, Finding, Report, Severity, Timestamp};
use coldtrail_pipeline::store::{Ingest, Store};
use coldtrail_pipeline::{Hunt, discover, hunt};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp(1_777_593_600_000_000);
const URL: &str = "abcdefghijklmnopqrstuvwxyz234567.lambda-url.eu-west-3.on.aws";
const STRANGER: &str = "arn:aws:iam::123456789012:user/kim";
const BUILD: &str = "arn:aws:sts::123456789012:assumed-role/ci/run-1";

/// The report over logs, which is that over a store of them as well.
fn report(log: &str) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log.json");
    fs::write(&path, log).expect("a log");
    let paths = [path.display().to_string()];
    let report = hunt(Hunt::over(&paths, NOW).expect("a hunt")).expect("a report");

    let place = folder.path().join("store");
    let store = Store::open_or_create(&place).expect("a store");
    let (inputs, _) = discover(&paths);
    let ingest = Ingest { whole: true, ..Ingest::at(NOW) };
    store.ingest(&inputs, &ingest, &|_bytes| {}).expect("rows");
    let stored = hunt(Hunt::over_store(&place, NOW).expect("a hunt")).expect("a report");
    assert_eq!(told_of(&stored), told_of(&report), "logs and a store tell the same");
    report
}

fn told_of(report: &Report) -> Value {
    json!([report.findings, report.not_run])
}

fn told<'r>(report: &'r Report, function: &str, detection: &str) -> Option<&'r Finding> {
    let is_it = |finding: &&Finding| {
        finding.endpoint.function.as_deref() == Some(function)
            && finding.signals.iter().any(|signal| signal.detection == detection)
    };
    report.findings.iter().find(is_it)
}

/// Who calls, from where and with what.
#[derive(Clone, Copy)]
struct Caller {
    arn: &'static str,
    address: &'static str,
    agent: &'static str,
    hour: u32,
}

const KIM: Caller =
    Caller { arn: STRANGER, address: "198.51.100.7", agent: "aws-cli/2.1", hour: 10 };
const CI: Caller = Caller { arn: BUILD, address: "203.0.113.5", agent: "Terraform/1.9", hour: 10 };

/// A call of the control plane on a day of May 2024.
fn call(day: u32, caller: Caller, name: &str, parameters: Value, answer: Value) -> String {
    let user = caller.arn.rsplit('/').next().unwrap_or_default();
    let event = json!({
        "eventVersion": "1.08", "eventTime": format!("2024-05-{day:02}T{:02}:00:00Z", caller.hour),
        "userIdentity": {"type": "IAMUser", "userName": user, "arn": caller.arn},
        "eventSource": "lambda.amazonaws.com", "eventName": name, "awsRegion": "eu-west-3",
        "sourceIPAddress": caller.address, "userAgent": caller.agent,
        "requestParameters": parameters, "responseElements": answer,
        "recipientAccountId": "123456789012", "eventType": "AwsApiCall",
    });
    format!("{event}\n")
}

fn on(day: u32, caller: Caller, name: &str, function: &str) -> String {
    call(day, caller, name, json!({"functionName": function}), Value::Null)
}

/// The build deploys the same function on some days.
fn builds(days: std::ops::RangeInclusive<u32>) -> String {
    days.map(|day| on(day, CI, "UpdateFunctionCode20150331v2", "orders")).collect()
}

/// A function is made and opened.
fn exposure(day: u32, caller: Caller, function: &str) -> String {
    let parameters = json!({"functionName": function, "authType": "NONE"});
    let answer = json!({"functionUrl": format!("https://{URL}/"), "authType": "NONE"});
    let everybody =
        json!({"functionName": function, "principal": "*", "functionUrlAuthType": "NONE"});
    [
        on(day, caller, "CreateFunction20150331", function),
        call(day, caller, "CreateFunctionUrlConfig", parameters, answer),
        call(day, caller, "AddPermission20150331v2", everybody, Value::Null),
    ]
    .concat()
}

#[test]
fn a_function_that_a_stranger_opens_is_told_and_one_of_the_build_is_low() {
    let report = report(&[builds(1..=9), exposure(8, KIM, "relay")].concat());
    let finding = told(&report, "relay", "cloud.exposed").expect("an exposure");
    assert_eq!(finding.severity, Severity::High);
    assert_eq!(finding.escalation.decision, Decision::Escalate);
    assert_eq!((finding.actor.host.as_str(), finding.endpoint.host.as_str()), (STRANGER, URL));
    assert_eq!(finding.title, "kim opened the function relay to everybody (Lambda Function URL)");
    // All that was done to the function is one story.
    for detection in ["cloud.prepared", "cloud.unusual_deployer"] {
        assert!(finding.signals.iter().any(|signal| signal.detection == detection), "{detection}");
    }
    assert_eq!(report.findings.len(), 1, "{:#?}", report.findings);

    let benign = self::report(&[builds(1..=9), exposure(8, CI, "shop")].concat());
    let finding = told(&benign, "shop", "cloud.exposed").expect("an exposure");
    assert_eq!(finding.severity, Severity::Low, "{finding:#?}");
    assert!(told(&benign, "shop", "cloud.unusual_deployer").is_none());
}

#[test]
fn a_build_that_opens_a_function_from_elsewhere_is_told() {
    let thief = Caller { address: "198.51.100.99", agent: "Boto3/1.34", ..CI };
    let report = report(&[builds(1..=9), exposure(8, thief, "relay")].concat());
    let finding = told(&report, "relay", "cloud.unusual_deployer").expect("another way");
    assert_eq!(finding.severity, Severity::High);
}

#[test]
fn a_build_that_runs_every_hour_is_regular_on_its_second_day() {
    let hourly = |day| {
        let at = |hour| on(day, Caller { hour, ..CI }, "UpdateFunctionCode20150331v2", "orders");
        (1..=9).map(at).collect::<String>()
    };
    let log = [hourly(1), hourly(2), exposure(2, CI, "shop"), exposure(2, KIM, "relay")].concat();
    let report = report(&log);
    let finding = told(&report, "shop", "cloud.exposed").expect("an exposure");
    assert_eq!(finding.severity, Severity::Low);
    let finding = told(&report, "relay", "cloud.unusual_deployer").expect("a stranger");
    assert_eq!(finding.severity, Severity::High);
}

#[test]
fn a_build_with_a_new_address_each_day_is_usual() {
    let addresses = ["203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4", "203.0.113.5"];
    let mut log = String::new();
    for (day, address) in (1..).zip(addresses) {
        log += &on(day, Caller { address, ..CI }, "UpdateFunctionCode20150331v2", "orders");
    }
    log += &exposure(6, Caller { address: "203.0.113.6", ..CI }, "shop");
    let report = report(&log);
    assert!(report.findings.iter().all(|finding| finding.severity == Severity::Low));
    assert!(told(&report, "orders", "cloud.unusual_deployer").is_none());
}

#[test]
fn a_change_by_a_stranger_is_told_and_the_daily_build_is_not() {
    let change = on(7, KIM, "UpdateFunctionCode20150331v2", "orders");
    let report = report(&[builds(1..=9), change].concat());
    let finding = told(&report, "orders", "cloud.changed").expect("a change");
    assert_eq!(finding.actor.host, STRANGER);
    assert_eq!(report.findings.len(), 1, "{:#?}", report.findings);
}

#[test]
fn a_new_rate_of_runs_is_told_and_the_usual_one_is_not() {
    let runs =
        |day: u32, function: &str, count: usize| on(day, KIM, "Invoke", function).repeat(count);
    let mut log = String::new();
    for day in 1..=5 {
        log += &runs(day, "relay", 10);
        log += &runs(day, "orders", 120);
    }
    log += &runs(6, "relay", 150);
    log += &runs(6, "orders", 150);
    let report = report(&log);
    let finding = told(&report, "relay", "cloud.invoked").expect("a new rate");
    assert_eq!(finding.events, 150);
    assert!(told(&report, "orders", "cloud.invoked").is_none());
}

#[test]
fn a_function_that_everybody_may_not_call_is_only_prepared() {
    let parameters = json!({"functionName": "relay", "authType": "AWS_IAM"});
    let log = call(3, KIM, "CreateFunctionUrlConfig", parameters, Value::Null);
    let report = report(&log);
    assert!(told(&report, "relay", "cloud.exposed").is_none());
    let finding = told(&report, "relay", "cloud.prepared").expect("a preparation");
    assert_eq!(
        (finding.severity, finding.title.as_str()),
        (Severity::Low, "kim prepared the function relay (Lambda Function URL)")
    );
}

#[test]
fn other_clouds_tell_of_exposure_too() {
    let google = json!({
        "protoPayload": {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "serviceName": "run.googleapis.com",
            "methodName": "google.cloud.run.v1.Services.SetIamPolicy",
            "resourceName": "projects/p/locations/europe-west1/services/relay",
            "authenticationInfo": {"principalEmail": "kim@example.com"},
            "requestMetadata": {"callerIp": "198.51.100.7"},
            "authorizationInfo": [{"permission": "run.services.setIamPolicy", "granted": true}],
            "request": {"policy": {"bindings": [
                {"role": "roles/run.invoker", "members": ["allUsers"]}]}},
        },
        "logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
        "timestamp": "2024-05-08T10:00:00Z", "insertId": "a",
        "resource": {"type": "cloud_run_revision", "labels": {"service_name": "relay"}},
    });
    let report = report(&format!("{google}\n"));
    let finding = told(&report, "relay", "cloud.exposed").expect("an exposure");
    assert_eq!(finding.actor.host, "kim@example.com");
    assert_eq!(finding.endpoint.provider, "Google Cloud");
    assert_eq!(finding.severity, Severity::Medium);
}
