//! Random queries of the core of the language, answered by two engines.
//!
//! The other engine, duckdb-kql, refuses what it does not know; its rules were measured on the real one. A
//! difference is a mistake of ours, or one of theirs that the documentation decides:
//! `xtask/kql/differences.toml` names those.

mod expressions;
mod peer;
mod query;

use std::fs;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde::Deserialize;

use super::answer::Difference;
use super::options::Options;
use super::program::Program;
use super::reasons::Reasons;
use crate::root;
use peer::Peer;
use query::Query;

/// How long a query of a few rows may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often a query that makes a difference is made smaller.
const STEPS: usize = 60;

/// Differences that the documentation explains.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    #[serde(default)]
    difference: Vec<Explained>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Explained {
    /// What the smallest query that shows it holds, all of it.
    query: Vec<String>,
    /// What the documentation says, in other words.
    because: String,
}

/// Both engines.
struct Contest {
    ours: Program,
    theirs: Peer,
}

/// What came of a query.
enum Outcome {
    Same,
    Different(Difference),
    /// We give no answer, and they do.
    Failed(String),
    /// They give none.
    Refused(String),
}

/// Asks both, and prints what differs.
pub(super) fn run(options: &Options) -> anyhow::Result<()> {
    let Some(theirs) = Peer::start()? else {
        println!("skipped: pip install duckdb-kql");
        return Ok(());
    };
    println!("{} random queries, seed {}; {}", options.queries, options.seed, theirs.version);
    let known = Known::read()?;
    let mut contest = Contest { ours: Program::of(options, PATIENCE)?, theirs };
    let (mut same, mut explained) = (0, 0);
    let (mut failed, mut different) = (Reasons::default(), Reasons::default());
    let mut refused = Reasons::default();
    for number in 0..options.queries {
        let query = Query::random(options.seed, number);
        match contest.ask(&query)? {
            Outcome::Same => same += 1,
            Outcome::Refused(reason) => refused.add(&reason, query.to_string()),
            Outcome::Failed(reason) => failed.add(&reason, query.to_string()),
            Outcome::Different(_) => {
                let (query, difference) = contest.smallest(query)?;
                match known.explain(&query.to_string()) {
                    Some(_) => explained += 1,
                    None => different.add(difference.kind(), format!("{query}\n{difference}")),
                }
            }
        }
    }
    println!("the same answer: {same}, different but explained: {explained}");
    println!("refused by the other engine: {}", refused.len());
    refused.print(10, 0);
    println!("without an answer of ours: {}", failed.len());
    failed.print(20, options.examples.min(1));
    println!("different: {}", different.len());
    different.print(usize::MAX, options.examples);
    Ok(())
}

impl Contest {
    fn ask(&mut self, query: &Query) -> anyhow::Result<Outcome> {
        let text = query.to_string();
        let theirs = match self.theirs.answer(&text)? {
            Ok(answer) => answer,
            Err(reason) => return Ok(Outcome::Refused(reason)),
        };
        Ok(match self.ours.run(&text)?.answer {
            Err(reason) => Outcome::Failed(reason),
            Ok(ours) => match ours.differs_from(&theirs, query.is_sorted) {
                Some(difference) => Outcome::Different(difference),
                None => Outcome::Same,
            },
        })
    }

    /// The smallest part of a query that still makes a difference, and which.
    fn smallest(&mut self, query: Query) -> anyhow::Result<(Query, Difference)> {
        let Outcome::Different(difference) = self.ask(&query)? else {
            anyhow::bail!("a query has two answers:\n{query}");
        };
        let mut smallest = (query, difference);
        for _ in 0..STEPS {
            let mut found = None;
            for smaller in smallest.0.smaller() {
                if let Outcome::Different(difference) = self.ask(&smaller)? {
                    found = Some((smaller, difference));
                    break;
                }
            }
            match found {
                Some(smaller) => smallest = smaller,
                None => break,
            }
        }
        Ok(smallest)
    }
}

impl Known {
    fn read() -> anyhow::Result<Known> {
        let path = root()?.join("xtask/kql/differences.toml");
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let known: Known =
            toml::from_str(&text).with_context(|| format!("{} is wrong", path.display()))?;
        for explained in &known.difference {
            ensure!(!explained.because.trim().is_empty(), "a reason is empty");
            ensure!(!explained.query.is_empty(), "a reason explains everything");
        }
        Ok(known)
    }

    fn explain(&self, query: &str) -> Option<&Explained> {
        let holds = |it: &&Explained| it.query.iter().all(|part| query.contains(part.as_str()));
        self.difference.iter().find(holds)
    }
}
