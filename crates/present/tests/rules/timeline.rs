use coldtrail_model::{RuleMatch, RuleSummary};
use coldtrail_present::{MatchFormat, MatchWriter};
use proptest::prelude::*;
use serde_json::Value;

use super::{any_text, example, leaks};

fn written(format: MatchFormat, summary: &RuleSummary, matches: &[RuleMatch]) -> String {
    let mut writer = MatchWriter::new(format, summary, Vec::new()).unwrap();
    for one in matches {
        writer.write(one).unwrap();
    }
    String::from_utf8(writer.finish().unwrap()).unwrap()
}

fn cells(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let records = reader.records();
    records.map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn comma_separated_values() {
    insta::assert_snapshot!(written(MatchFormat::Csv, &example::summary(), &example::matches()));
}

#[test]
fn json_lines() {
    let lines = written(MatchFormat::JsonLines, &example::summary(), &example::matches());
    insta::assert_snapshot!(lines);
}

#[test]
fn secrets_are_blanked_and_signers_are_not() {
    for format in [MatchFormat::Csv, MatchFormat::JsonLines] {
        let text = written(format, &example::summary(), &example::matches());
        assert!(!text.contains("S3cr3t") && !text.contains("hunter2"), "{text}");
        assert!(text.contains("Microsoft Windows"), "{text}");
    }
}

#[test]
fn a_header_is_there_without_matches() {
    let text = written(MatchFormat::Csv, &example::nothing(), &[]);
    assert!(text.starts_with("timestamp,level,rule,title,host,channel,event_id,details,author,"));
    assert_eq!(written(MatchFormat::JsonLines, &example::nothing(), &[]), "");
}

#[test]
fn a_writer_that_fails_is_an_error() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
    }
    let summary = example::summary();
    for format in [MatchFormat::Csv, MatchFormat::JsonLines] {
        let writer = MatchWriter::new(format, &summary, Full).unwrap();
        assert!(writer.finish().is_err());
    }
}

proptest! {
    #[test]
    fn no_cell_is_a_formula(strings in proptest::collection::vec(any_text(), 1..12)) {
        const DANGEROUS: &[char] = &['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠', '−'];
        let (summary, matches) = example::overwritten(&strings);
        let text = written(MatchFormat::Csv, &summary, &matches);
        prop_assert_eq!(text.lines().count(), matches.len() + 1, "a line is a match");
        for cell in cells(&text).iter().flatten() {
            prop_assert!(!cell.starts_with(DANGEROUS), "{cell}");
            prop_assert!(!cell.contains(leaks), "{}", cell.escape_debug());
            let behind = cell.trim_start_matches(|character: char| {
                character.is_whitespace() || "\"'`‘’“”".contains(character)
            });
            prop_assert!(!behind.starts_with(DANGEROUS) || cell.starts_with('\''), "{cell}");
        }
    }

    #[test]
    fn every_line_is_an_object(strings in proptest::collection::vec(any_text(), 1..12)) {
        let (summary, matches) = example::overwritten(&strings);
        let text = written(MatchFormat::JsonLines, &summary, &matches);
        prop_assert_eq!(text.lines().count(), matches.len());
        for line in text.lines() {
            prop_assert!(!line.contains(leaks), "{}", line.escape_debug());
            let value: Value = serde_json::from_str(line).unwrap();
            prop_assert!(value["details"].is_object() && value["tags"].is_array());
        }
    }
}
