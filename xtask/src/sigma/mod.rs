//! How many of SigmaHQ's rules load and run, and whether they match what their samples were made for.
//!
//! Rules and samples lie beside the repository, and are read in place. All of it runs the binary, as a person
//! would.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use serde_json::Value;
use walkdir::WalkDir;

use crate::bench::release_binary;
use crate::root;

/// The usage of `cargo xtask sigma`.
pub(crate) const USAGE: &str = "\
cargo xtask sigma             SigmaHQ's rules: loaded, fed, matches on Windows logs beside each sample's
                              stated rule, by the release build
    --rules DIR               folders with rules, in place of the shared ones; may be given several times
    --samples DIR             a folder of logs called after rule files, or with info.yml of SigmaHQ's
                              regression suite beside them
    --binary PATH             a `coldtrail` that is built already";

/// What is run.
struct Options {
    rules: Vec<PathBuf>,
    samples: Vec<PathBuf>,
    binary: PathBuf,
}

/// Prints the figures.
///
/// # Errors
///
/// When something cannot be read, built or run. Bad figures are no error.
pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<()> {
    let Some(options) = Options::parse(arguments)? else { return Ok(()) };
    let listed = listed(&options)?;
    tell_rules(&options, &listed)?;
    tell_samples(&options, &listed)
}

impl Options {
    /// The options; nothing, and said so, if there are no rules to run.
    fn parse(arguments: &[&str]) -> anyhow::Result<Option<Self>> {
        let data = root()?.join("../shared/data");
        let (mut rules, mut samples, mut binary) = (Vec::new(), Vec::new(), None);
        let mut rest = arguments.iter();
        while let Some(option) = rest.next() {
            let value = rest.next().with_context(|| format!("{option} wants a value"))?;
            match *option {
                "--rules" => rules.push(PathBuf::from(value)),
                "--samples" => samples.push(PathBuf::from(value)),
                "--binary" => binary = Some(PathBuf::from(value)),
                option => bail!("there is no {option}; usage:\n{USAGE}"),
            }
        }
        if rules.is_empty() {
            let folders = ["rules", "rules-emerging-threats", "rules-threat-hunting"];
            rules.extend(folders.map(|folder| data.join("sigmahq").join(folder)));
        }
        if samples.is_empty() {
            samples.push(data.join("windows_evtx"));
        }
        if let Some(missing) = rules.iter().chain(&samples).find(|folder| !folder.is_dir()) {
            println!("skipped: there is no {}", missing.display());
            return Ok(None);
        }
        let binary = binary.map_or_else(release_binary, Ok)?;
        Ok(Some(Self { rules, samples, binary }))
    }

    fn coldtrail(&self, command: &str) -> Command {
        let mut program = Command::new(&self.binary);
        program.args(["rules", command]).args(&self.rules);
        program
    }
}

/// The rules that were loaded.
fn listed(options: &Options) -> anyhow::Result<Vec<Value>> {
    lines(options.coldtrail("list").args(["--format", "jsonl"]))
}

fn tell_rules(options: &Options, listed: &[Value]) -> anyhow::Result<()> {
    let files = options.rules.iter().flat_map(|folder| {
        let entries = WalkDir::new(folder).into_iter().filter_map(Result::ok);
        entries.filter(|entry| entry.path().extension().is_some_and(|ending| ending == "yml"))
    });
    let loaded: BTreeSet<&str> = listed.iter().filter_map(|rule| rule["file"].as_str()).collect();
    let (fed, unfed): (Vec<_>, Vec<_>) =
        listed.iter().partition(|rule| rule["is_fed"].as_bool() == Some(true));
    println!("| figure | rules |");
    println!("|---|--:|");
    println!("| files | {} |", files.count());
    println!("| files of which a rule loads | {} |", loaded.len());
    println!("| rules loaded | {} |", listed.len());
    println!("| of a log source that some log we read feeds | {} |", fed.len());
    let mut lacking: BTreeMap<&str, usize> = BTreeMap::new();
    for rule in unfed {
        *lacking.entry(rule["log_source"].as_str().unwrap_or_default()).or_default() += 1;
    }
    let mut lacking: Vec<_> = lacking.into_iter().collect();
    lacking.sort_by_key(|(_, rules)| std::cmp::Reverse(*rules));
    let lacking: Vec<String> = lacking.iter().map(|(it, rules)| format!("{it} {rules}")).collect();
    println!("\nNothing feeds: {}\n", lacking.join(", "));
    Ok(())
}

/// What a sample states: which rule matches it, and how often.
struct Stated {
    sample: PathBuf,
    /// The rule by its identifier, or by the name of its file.
    rule: String,
    matches: Option<u64>,
}

fn tell_samples(options: &Options, listed: &[Value]) -> anyhow::Result<()> {
    let mut command = options.coldtrail("run");
    let matches = lines(command.args(&options.samples).args(["--format", "jsonl"]))?;
    let stems: BTreeMap<&str, &str> = listed
        .iter()
        .filter_map(|rule| {
            let stem = Path::new(rule["file"].as_str()?).file_stem()?.to_str()?;
            Some((stem, rule["id"].as_str()?))
        })
        .collect();
    let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let (mut files, mut rules) = (BTreeSet::new(), BTreeSet::new());
    for one in &matches {
        let source = one["source"].as_str().unwrap_or_default();
        let rule = one["rule"].as_str().unwrap_or_default();
        *counts.entry((source, rule)).or_default() += 1;
        files.insert(source);
        rules.insert(rule);
    }
    println!(
        "{} matches of {} rules in {} files of {}\n",
        matches.len(),
        rules.len(),
        files.len(),
        options.samples.iter().map(|it| it.display().to_string()).collect::<Vec<_>>().join(", ")
    );
    let mut stated = Vec::new();
    for folder in &options.samples {
        stated.extend(stated_of_names(folder, &stems));
        stated.extend(stated_of_suite(folder)?);
    }
    let (mut right, mut wrong) = (0, Vec::new());
    for Stated { sample, rule, matches } in &stated {
        let source = sample.display().to_string();
        let found = counts.get(&(source.as_str(), rule.as_str())).copied().unwrap_or_default();
        let is_right = matches.map_or(found > 0, |least| found >= least);
        right += u64::from(is_right);
        if !is_right || matches.is_some_and(|exactly| found != exactly) {
            let wanted = matches.map_or("some".to_owned(), |count| count.to_string());
            wrong.push(format!("| {source} | {rule} | {wanted} | {found} |"));
        }
    }
    println!("Samples that match the rule that they state: {right} of {}", stated.len());
    if !wrong.is_empty() {
        println!("\n| sample | rule | stated | found |\n|---|---|--:|--:|\n{}", wrong.join("\n"));
    }
    Ok(())
}

/// Logs that are called as the file of a rule is.
fn stated_of_names(folder: &Path, stems: &BTreeMap<&str, &str>) -> Vec<Stated> {
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    let stated = entries.filter_map(|entry| {
        let sample = entry.path();
        let rule = stems.get(sample.file_stem()?.to_str()?)?;
        let is_log = sample.extension().is_some_and(|ending| ending == "evtx");
        is_log.then(|| Stated {
            sample: sample.to_owned(),
            rule: (*rule).to_owned(),
            matches: None,
        })
    });
    stated.collect()
}

/// What each `info.yml` of SigmaHQ's regression suite states of the logs beside it.
fn stated_of_suite(folder: &Path) -> anyhow::Result<Vec<Stated>> {
    let mut stated = Vec::new();
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    for entry in entries.filter(|entry| entry.file_name() == "info.yml") {
        let text = std::fs::read_to_string(entry.path()).context("cannot read an info.yml")?;
        let info: Value = yaml_serde::from_str(&text)
            .with_context(|| format!("{} is no YAML", entry.path().display()))?;
        let rules = info["rule_metadata"].as_array().into_iter().flatten();
        let tests = info["regression_tests_info"].as_array().into_iter().flatten();
        for rule in rules.filter_map(|rule| rule["id"].as_str()) {
            for test in tests.clone() {
                let Some(path) = test["path"].as_str() else { continue };
                let Some(name) = Path::new(path).file_name() else { continue };
                stated.push(Stated {
                    sample: entry.path().with_file_name(name),
                    rule: rule.to_owned(),
                    matches: test["match_count"].as_u64(),
                });
            }
        }
    }
    Ok(stated)
}

/// The lines of JSON that a command writes.
fn lines(command: &mut Command) -> anyhow::Result<Vec<Value>> {
    let output = command.output().context("cannot run coldtrail")?;
    if !matches!(output.status.code(), Some(0 | 1)) {
        bail!("{}", String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8(output.stdout).context("coldtrail writes no UTF-8")?;
    text.lines().map(|line| serde_json::from_str(line).context("a line is no JSON")).collect()
}
