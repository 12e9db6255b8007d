//! The casebook: each story's logs are hunted in, and what it says must come of them. Its benign twin
//! stays as quiet as the story says. A store that the logs were ingested into says the same.
//!
//! A story shows its finding as it is printed. `COLDTRAIL_REWRITE=1 cargo test --test casebook` writes
//! what is printed now into the stories, to be read as a difference before it is committed.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, and says which story"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;

/// The time of every hunt: the stories happen in the month before.
const NOW: &str = "2026-05-01";

/// Logs are written to be read: no file is larger.
const LARGEST: u64 = 60 << 10;

const SEVERITIES: [&str; 4] = ["low", "medium", "high", "critical"];

/// What stands between the lines of `+++` at the head of a story.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectations {
    /// What is told of the logs. The story shows the first of them.
    #[serde(default)]
    told: Vec<Told>,
    twin: Twin,
}

/// A finding that is told.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    host: String,
    /// Absent where no sensor named it.
    process: Option<String>,
    /// Absent where the logs cannot tell it.
    tenant: Option<String>,
    /// Detections that take part; others may.
    detections: Vec<String>,
    /// The least and the greatest severity that it may have.
    least: String,
    most: String,
}

/// What must hold of the benign twin.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Twin {
    /// No finding rises above this; absent, there is none.
    most: Option<String>,
}

struct Story {
    name: String,
    folder: PathBuf,
    text: String,
    expectations: Expectations,
}

#[test]
fn every_story_is_told_and_its_twin_is_not() {
    let mut wrong = Vec::new();
    for story in stories() {
        let report = hunt(&story, "logs");
        for told in &story.expectations.told {
            if let Err(reason) = is_told(&report, told) {
                wrong.push(format!("{}: {reason}", story.name));
            }
        }
        let twin = hunt(&story, "twin");
        let most = story.expectations.twin.most.as_deref().map(rank);
        for finding in list(&twin, "findings") {
            let severity = text(&finding["severity"]);
            if most.is_none_or(|most| rank(severity) > most) {
                let title = text(&finding["title"]);
                wrong.push(format!("{}: its twin is told, as {severity}: {title}", story.name));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A twin that nobody can read would be quiet, too.
#[test]
fn every_log_is_read_to_its_end() {
    for story in stories() {
        for part in ["logs", "twin"] {
            let report = hunt(&story, part);
            assert!(list(&report, "faults").is_empty(), "{}: {}", story.name, report["faults"]);
            for seen in list(&report, "seen") {
                let tables = seen["tables"].as_object().expect("an object");
                assert!(!tables.is_empty(), "{}: no rows of {}", story.name, seen["source"]);
            }
        }
    }
}

#[test]
fn a_store_says_the_same() {
    for story in stories() {
        for part in ["logs", "twin"] {
            let store = tempfile::tempdir().expect("a folder");
            let mut ingest = coldtrail();
            ingest.args(["ingest", "--whole", "--now", NOW, "--store"]).arg(store.path());
            let output = ingest.arg(path(&story, part)).output().expect("the binary runs");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let from = ["--store".to_owned(), store.path().display().to_string()];
            let stored = report_of(&story, &from);
            let raw = hunt(&story, part);
            for same in ["findings", "not_run"] {
                assert!(stored[same] == raw[same], "{same} of {}/{part}", story.name);
            }
        }
    }
}

#[test]
fn stories_show_what_is_printed() {
    let rewrites = std::env::var_os("COLDTRAIL_REWRITE").is_some();
    let mut stale = Vec::new();
    for story in stories() {
        let Some(told) = story.expectations.told.first() else { continue };
        let report = hunt(&story, "logs");
        let found = list(&report, "findings").iter().find(|finding| is_about(finding, told));
        let id = text(&found.unwrap_or_else(|| panic!("{}: nothing is told", story.name))["id"]);
        let printed = printed(&story, id);
        let (before, rest) = story.text.split_once("```text\n").unwrap_or_else(|| {
            panic!("{}: a block ```text shows the finding that is told first", story.name)
        });
        let (shown, after) = rest.split_once("```\n").expect("the block ends");
        if shown == printed {
            continue;
        }
        if rewrites {
            let text = format!("{before}```text\n{printed}```\n{after}");
            fs::write(story.folder.join("story.md"), text).expect("the story is written");
        } else {
            stale.push(story.name);
        }
    }
    assert!(
        stale.is_empty(),
        "printed differently now: {}; set COLDTRAIL_REWRITE=1 and read the difference",
        stale.join(", ")
    );
}

#[test]
fn the_index_has_every_story_and_no_log_is_large() {
    let index = fs::read_to_string(casebook().join("README.md")).expect("an index");
    for story in stories() {
        let link = format!("({}/story.md)", story.name);
        assert!(index.contains(&link), "casebook/README.md has no link to {}", story.name);
        for part in ["logs", "twin"] {
            for file in fs::read_dir(story.folder.join(part)).expect("a folder") {
                let file = file.expect("a file");
                let bytes = file.metadata().expect("a size").len();
                assert!(bytes <= LARGEST, "{} has {bytes} bytes", file.path().display());
            }
        }
    }
}

fn casebook() -> PathBuf {
    root().join("casebook")
}

/// The folder in which a reader of the casebook runs its commands.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn stories() -> Vec<Story> {
    let folders = fs::read_dir(casebook()).expect("the casebook");
    let folders: BTreeSet<PathBuf> = folders.map(|entry| entry.expect("an entry").path()).collect();
    let stories: Vec<Story> = folders.into_iter().filter(|path| path.is_dir()).map(story).collect();
    assert!(stories.len() >= 15, "{} stories", stories.len());
    stories
}

fn story(folder: PathBuf) -> Story {
    let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
    let text = fs::read_to_string(folder.join("story.md"))
        .unwrap_or_else(|error| panic!("{name}/story.md: {error}"));
    let head = text.strip_prefix("+++\n").and_then(|text| text.split_once("\n+++\n"));
    let (head, _) = head.unwrap_or_else(|| panic!("{name}: expectations stand between +++"));
    let expectations = toml::from_str(head).unwrap_or_else(|error| panic!("{name}: {error}"));
    Story { name, folder, text, expectations }
}

/// How a reader would write it, seen from the root.
fn path(story: &Story, part: &str) -> String {
    format!("casebook/{}/{part}", story.name)
}

fn coldtrail() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coldtrail"));
    command.current_dir(root());
    command
}

fn hunt(story: &Story, part: &str) -> Value {
    report_of(story, &[path(story, part)])
}

fn report_of(story: &Story, from: &[String]) -> Value {
    let mut command = hunt_command(story, from);
    let output = command.args(["--format", "json"]).output().expect("the binary runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{}: {error}: {errors}", story.name))
}

fn hunt_command(story: &Story, from: &[String]) -> Command {
    let mut command = coldtrail();
    command.args(["hunt", "--now", NOW]).args(from);
    if story.folder.join("context").is_dir() {
        command.args(["--context", &path(story, "context")]);
    }
    command
}

/// The lines about a finding, down to its score: what a story shows.
fn printed(story: &Story, id: &str) -> String {
    let mut command = hunt_command(story, &[path(story, "logs")]);
    let output = command.args(["--top", "100"]).output().expect("the binary runs");
    let page = String::from_utf8(output.stdout).expect("text");
    let section = page.lines().skip_while(|line| !line.ends_with(id));
    let lines = section.take_while(|line| !line.trim_start().starts_with("questions "));
    let lines: Vec<&str> = lines.collect();
    format!("{}\n", lines.join("\n").trim_end())
}

fn is_told(report: &Value, told: &Told) -> Result<(), String> {
    let about = list(report, "findings").iter().find(|finding| is_about(finding, told));
    let finding = about.ok_or_else(|| format!("nothing is told of {told:?}"))?;
    let signals: BTreeSet<&str> =
        list(finding, "signals").iter().map(|signal| text(&signal["detection"])).collect();
    if let Some(missing) = told.detections.iter().find(|one| !signals.contains(one.as_str())) {
        return Err(format!("{missing} is not among {signals:?} of {}", finding["title"]));
    }
    let severity = text(&finding["severity"]);
    if !(rank(&told.least)..=rank(&told.most)).contains(&rank(severity)) {
        return Err(format!(
            "{severity}, not {} to {}: {}",
            told.least, told.most, finding["title"]
        ));
    }
    Ok(())
}

fn is_about(finding: &Value, told: &Told) -> bool {
    finding["actor"]["host"] == told.host.as_str()
        && finding["actor"]["process"].as_str() == told.process.as_deref()
        && finding["endpoint"]["tenant"].as_str() == told.tenant.as_deref()
}

fn rank(severity: &str) -> usize {
    let known = SEVERITIES.iter().position(|known| *known == severity);
    known.unwrap_or_else(|| panic!("`{severity}` is no severity"))
}

fn list<'r>(value: &'r Value, key: &str) -> &'r Vec<Value> {
    value[key].as_array().expect("a list")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
