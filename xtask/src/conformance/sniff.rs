//! Whether a file is recognised by its content alone, and as what it is.
//!
//! Each file of the kit, or the message in it where a vendor put more around it, is read once under its own name and then as a stream under others, among
//! them some that lie. Formats, records and rows have to be the same, and of the formats that
//! `formats.toml` names for such files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use arrow_array::RecordBatch;
use coldtrail_model::Table;
use coldtrail_sources::{
    Input, Origin, Receiver, Selection, SourceTally, Stopped, read, read_stream,
};

use super::formats::Formats;
use super::name_in_kit;
use super::pairs::{self, Pair};
use crate::root;

/// What files are renamed to: no extension, and two that promise something else.
const NAMES: [&str; 3] = ["x", "x.evtx", "x.csv"];

/// What is said of a source that no format recognised.
const NONE: &str = "none";

/// Counts are all that is looked at.
struct Nobody;

impl Receiver for Nobody {
    fn receive(&mut self, _: Table, _: RecordBatch) -> Result<(), Stopped> {
        Ok(())
    }
}

/// What was made of one source: the member's name in an archive, format, records and rows.
type Made = (String, Option<&'static str>, u64, BTreeMap<Table, u64>);

/// Reads every input, and says which formats were found where.
pub(super) fn run(kit: &Path, folders: &[String]) -> anyhow::Result<()> {
    let formats = Formats::read(&root()?.join("xtask/conformance/formats.toml"))?;
    let mut found: BTreeMap<(String, &str), u64> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut files = 0;
    for path in pairs::files(kit, folders)? {
        let name = name_in_kit(kit, &path);
        if !is_input(&name) {
            continue;
        }
        files += 1;
        let (bytes, expected) = match pairs::is_of_sekoia(&name).then(|| Pair::read(kit, &path)) {
            Some(pair) => {
                let Some(Pair { stream, .. }) = pair? else { continue };
                let expected = as_stream(&name, &stream);
                (stream, expected)
            }
            None => (fs::read(&path).context(name.clone())?, under_own_name(&path)),
        };
        // A stream does not tell when it was last written, and with it the year of times that name
        // none, so it is compared with a stream.
        wrong.extend(renamed(&name, &bytes, &as_stream(&name, &bytes)));
        for (_, format, ..) in &expected {
            let format = format.unwrap_or(NONE);
            if !formats.allow(&name, format) {
                wrong.push(format!("{name}: {format}, which it is not"));
            }
            *found.entry((pairs::format(&name), format)).or_default() += 1;
        }
    }
    println!("| of | read as | sources |\n|---|---|--:|");
    for ((of, format), count) in found {
        println!("| {of} | {format} | {count} |");
    }
    println!("\n{files} files, each under its own name and as {}", NAMES.join(", "));
    for line in &wrong {
        println!("{line}");
    }
    if !wrong.is_empty() {
        bail!("{} mistake(s) in recognition", wrong.len());
    }
    Ok(())
}

/// Whether a file of the kit is a log, and neither what a vendor made of one, nor how, nor the list.
fn is_input(name: &str) -> bool {
    let beside = [
        "-expected.json",
        "-expected.json.gz",
        ".golden.json",
        ".yml",
        ".tql",
        ".txt",
        ".py",
        ".tsv",
        ".md",
    ];
    let has_no_logs = ["attack/", "kql/", "rule_tests/", "sigmahq/"];
    !beside.iter().any(|ending| name.ends_with(ending))
        && !has_no_logs.iter().any(|folder| name.starts_with(folder))
}

fn under_own_name(path: &Path) -> Vec<Made> {
    let name = path.display().to_string();
    let input = Input { name, origin: Origin::File(path.to_owned()) };
    made(read(&input, Selection::everything(), &mut Nobody, &|_| {}))
}

fn as_stream(name: &str, mut bytes: &[u8]) -> Vec<Made> {
    made(read_stream(name, &mut bytes, &mut Nobody))
}

/// The names that made a difference.
fn renamed(file: &str, bytes: &[u8], expected: &[Made]) -> Vec<String> {
    let mut wrong = Vec::new();
    for name in NAMES {
        let found = as_stream(name, bytes);
        if found != expected {
            wrong.push(format!("{file} as {name}: {found:?} instead of {expected:?}"));
        }
    }
    wrong
}

fn made(tallies: Vec<SourceTally>) -> Vec<Made> {
    let made = tallies.into_iter().map(|SourceTally { source, format, tally, .. }| {
        let member = source.split_once("!/").map_or("", |(_, member)| member);
        (member.to_owned(), format, tally.records, tally.rows)
    });
    made.collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{is_input, renamed, under_own_name};

    const QUERY: &str = "{\"_path\":\"dns\",\"ts\":1.5,\"uid\":\"C1\",\"query\":\"a.example\"}\n";

    #[test]
    fn a_name_makes_no_difference() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dns.log");
        fs::write(&path, QUERY).unwrap();
        let expected = under_own_name(&path);
        assert_eq!(expected[0].1, Some("zeek-json"));
        assert_eq!(renamed("dns.log", QUERY.as_bytes(), &expected), [""; 0]);
        let other = renamed("dns.log", b"Dear reader,\n", &expected);
        assert_eq!(other.len(), 3, "every name is told");
    }

    #[test]
    fn what_lies_beside_a_log_is_no_log() {
        assert!(is_input("zeek/elastic-integrations/zeek/dns/test-dns.log"));
        assert!(!is_input("zeek/elastic-integrations/zeek/dns/test-dns.log-expected.json"));
        assert!(!is_input("rule_tests/x.log") && !is_input("MANIFEST.tsv"));
    }
}
