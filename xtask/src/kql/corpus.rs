//! Hunting queries that people published: how many are understood.

use coldtrail_rules::kql::{Gravity, Problem, parser};
use serde::Deserialize;

use super::options::Options;
use super::reasons::Reasons;
use super::{records, share};

/// How many reasons are told.
const REASONS: usize = 25;

#[derive(Debug, Deserialize)]
struct Hunt {
    path: String,
    query: String,
    clean: bool,
}

/// Counts, and prints what came of it.
pub(super) fn run(options: &Options) -> anyhow::Result<()> {
    let Some(hunts) = records::<Hunt>("hunting-queries.jsonl")? else { return Ok(()) };
    let clean: Vec<&Hunt> =
        hunts.iter().filter(|hunt| hunt.clean && options.takes(&hunt.path)).collect();
    println!("{} hunting queries, {} of them clean", hunts.len(), clean.len());
    let mut reasons = Reasons::default();
    for hunt in &clean {
        if let Err(problems) = parser::parse(&hunt.query) {
            let (reason, place) = first(&problems, &hunt.query);
            reasons.add(&reason, format!("{}{place}", hunt.path));
        }
    }
    println!("parsed: {}", share(clean.len() - reasons.len(), clean.len()));
    reasons.print(REASONS, options.examples);
    Ok(())
}

/// The first error, and where it is.
fn first(problems: &[Problem], query: &str) -> (String, String) {
    let error = problems.iter().find(|problem| problem.gravity == Gravity::Error);
    match error.or(problems.first()) {
        Some(problem) => {
            let (line, column) = problem.span.line_and_column(query);
            (problem.reason.clone(), format!(":{line}:{column}"))
        }
        None => ("nothing is said".to_owned(), String::new()),
    }
}
