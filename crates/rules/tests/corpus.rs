//! Real hunting queries and the examples of the language's documentation parse.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a test fails by panicking")]

use std::fs;
use std::path::PathBuf;

use coldtrail_rules::kql::Problem;
use coldtrail_rules::kql::parser::parse;
use serde_json::Value;

/// The share of well-formed hunting queries that must parse.
const GOAL: f64 = 0.99;

#[test]
fn hunting_queries_parse() {
    let Some(queries) = lines("hunting-queries.jsonl") else { return };
    let (clean, unclean): (Vec<&Value>, Vec<&Value>) =
        queries.iter().partition(|query| query["clean"] == true);
    let parsed = clean.iter().filter(|query| parses(query, "path")).count();
    let strange = unclean.iter().filter(|query| parse(text(query)).is_ok()).count();
    println!("{parsed} of {} clean queries parse", clean.len());
    println!("{strange} of {} others parse", unclean.len());
    assert!(parsed as f64 >= GOAL * clean.len() as f64);
}

#[test]
fn documented_examples_parse() {
    let Some(examples) = lines("documented-examples.jsonl") else { return };
    let parsed = examples.iter().filter(|example| parses(example, "page")).count();
    println!("{parsed} of {} examples parse", examples.len());
    assert!(parsed as f64 >= GOAL * examples.len() as f64);
}

fn lines(file: &str) -> Option<Vec<Value>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/kql");
    if !folder.is_dir() {
        println!("skipped: ../shared is absent");
        return None;
    }
    let text = fs::read_to_string(folder.join(file)).expect(file);
    Some(text.lines().map(|line| serde_json::from_str(line).expect(line)).collect())
}

fn text(query: &Value) -> &str {
    query["query"].as_str().expect("a query")
}

fn parses(query: &Value, source: &str) -> bool {
    let Err(problems) = parse(text(query)) else { return true };
    for Problem { span, reason, help, .. } in &problems {
        let (line, column) = span.line_and_column(text(query));
        println!("{}:{line}:{column}: {reason}; {help}", query[source]);
    }
    false
}
