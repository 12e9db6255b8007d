//! What people know changes what a finding weighs, and says so.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coldtrail")).args(arguments).output().expect("it runs")
}

fn report(options: &[&str]) -> Value {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let examples = examples.display().to_string();
    let common = ["hunt", &examples, "--format", "json", "--now", "2026-05-01"];
    let output = run(&[&common[..], options].concat());
    serde_json::from_slice(&output.stdout).expect("a report")
}

fn of<'r>(report: &'r Value, host: &str, endpoint: &str) -> &'r Value {
    let findings = report["findings"].as_array().expect("findings");
    let is_it = |finding: &&Value| {
        finding["actor"]["host"].as_str().is_some_and(|actor| actor.starts_with(host))
            && finding["endpoint"]["host"].as_str().is_some_and(|name| name.contains(endpoint))
    };
    findings.iter().find(is_it).expect("a finding")
}

#[test]
fn a_sanctioned_service_is_low_and_says_who_answers_for_it() {
    let before = report(&[]);
    let finding = of(&before, "backup-01", "coldtrail-backup");
    assert_eq!(finding["severity"], "medium");
    let endpoint = finding["endpoint"]["host"].as_str().expect("a host");

    let folder = tempfile::tempdir().expect("a folder");
    let table = format!(
        "endpoint,host,user,process,owner,reason,expires\n\
         {endpoint},backup-01,,,storage team,nightly backups,2027-01-01\n"
    );
    fs::write(folder.path().join("sanctioned.csv"), table).expect("a table");
    let context = folder.path().display().to_string();
    let after = report(&["--context", &context]);
    let finding = of(&after, "backup-01", "coldtrail-backup");
    assert_eq!((&finding["severity"], &finding["scores"]["context"]), (&"low".into(), &0.into()));
    let contributions = finding["contributions"].as_array().expect("contributions");
    let sanctioned = contributions.iter().find(|one| one["name"] == "sanctioned");
    let because = sanctioned.expect("a contribution")["because"].as_str().expect("a reason");
    assert!(because.contains("storage team") && because.contains("nightly backups"), "{because}");
    // Nobody answers for the attackers.
    let high = |report: &Value| {
        let findings = report["findings"].as_array().expect("findings").iter();
        findings.filter(|finding| finding["severity"] == "high").count()
    };
    assert_eq!(high(&after), high(&before));
}

#[test]
fn an_indicator_makes_a_finding_critical() {
    let before = report(&[]);
    let findings = before["findings"].as_array().expect("findings");
    let host = findings[0]["endpoint"]["host"].as_str().expect("a host").replace('.', "[.]");
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("intel")).expect("a folder");
    let list = format!("indicator,source\n{host},a friend\n");
    fs::write(folder.path().join("intel/friend.csv"), list).expect("a list");
    let after = report(&["--context", &folder.path().display().to_string()]);
    assert_eq!(after["findings"][0]["severity"], "critical", "{}", after["faults"]);
}

#[test]
fn a_context_that_makes_no_sense_is_told_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let table = "endpont,owner,reason,expires\nx.workers.dev,a,b,2026-12-31\n";
    fs::write(folder.path().join("sanctioned.csv"), table).expect("a table");
    let context = folder.path().display().to_string();
    let checked = run(&["context", "check", &context, "--now", "2026-05-01"]);
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert_eq!(checked.status.code(), Some(1), "{said}");
    assert!(said.contains("sanctioned.csv:1") && said.contains("`endpoint`"), "{said}");

    fs::write(folder.path().join("sanctioned.csv"), "endpoint,owner\na.b.workers.dev,me\n")
        .expect("a table");
    let checked = run(&["context", "check", &context, "--now", "2026-05-01"]);
    assert!(String::from_utf8_lossy(&checked.stdout).contains("nothing is wrong"));
    assert_eq!(run(&["context", "check", "nowhere"]).status.code(), Some(2));
}

#[test]
fn thresholds_are_set_by_name_and_a_wrong_name_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = folder.path().join("settings.toml");
    let context = folder.path().display().to_string();
    fs::write(&settings, "upload_ratio = 0.9\nrythm_minimum_polls = 9\n").expect("settings");
    let checked = run(&["context", "check", &context, "--now", "2026-05-01"]);
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert_eq!(checked.status.code(), Some(1), "{said}");
    assert!(
        said.contains(
            "settings.toml:2:1: error: there is no setting `rythm_minimum_polls`; did you \
                       mean `rhythm_minimum_polls`? [unknown-setting]"
        ),
        "{said}"
    );
    assert!(said.contains("upload_ratio = 0.9 (0.8 by default; "), "{said}");
    assert!(said.contains("AN0075.OutboundByteRatioThreshold"), "{said}");

    // More polls than there are: no rhythm is told any more.
    fs::write(&settings, "rhythm_minimum_polls = 100000\n").expect("settings");
    let after = report(&["--context", &context]);
    let findings = after["findings"].as_array().expect("findings");
    assert!(!findings.is_empty() && findings.iter().all(|one| one["scores"]["rhythm"].is_null()));
}
