//! The examples of the language's documentation, beside the tables that it prints for them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::options::Options;
use super::outside::{Outside, Standing};
use super::printed::Printed;
use super::program::{self, Program};
use super::reasons::Reasons;
use super::{order, records, share};
use crate::root;

/// How long an example may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// How many reasons are told.
const REASONS: usize = 40;

#[derive(Debug, Deserialize)]
struct Example {
    page: String,
    query: String,
    output: String,
}

/// Runs the examples, and prints what came of it.
pub(super) fn run(options: &Options) -> anyhow::Result<()> {
    let Some(examples) = records::<Example>("documented-examples.jsonl")? else { return Ok(()) };
    let outside = Outside::read(&root()?.join("xtask/kql/outside.toml"))?;
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    let examples: Vec<(&Example, usize, Standing)> = examples
        .iter()
        .map(|example| {
            let number = counted.entry(&example.page).or_default();
            *number += 1;
            (example, *number, outside.standing(&example.page, *number))
        })
        .filter(|(example, ..)| options.takes(&example.page))
        .collect();
    let measured: Vec<_> = examples.iter().copied().filter(|it| it.2 != Standing::Beyond).collect();
    println!(
        "{} documented examples, {} of them outside (xtask/kql/outside.toml)",
        examples.len(),
        examples.len() - measured.len()
    );
    let program = Program::of(options, PATIENCE)?;
    let results = program::by_twos(&measured, |(example, ..)| judge(&program, example));
    tell(&measured, results, options)
}

fn tell(
    measured: &[(&Example, usize, Standing)],
    results: Vec<anyhow::Result<Result<(), String>>>,
    options: &Options,
) -> anyhow::Result<()> {
    let mut reasons = Reasons::default();
    let mut mistaken = 0;
    for ((example, number, standing), result) in measured.iter().zip(results) {
        if let Err(reason) = result? {
            mistaken += usize::from(*standing == Standing::Mistaken);
            let example = format!("{} {number}\n{reason}", example.page);
            reasons.add(kind(&reason), example);
        }
    }
    let equal = measured.len() - reasons.len();
    println!("as the page prints it: {}", share(equal, measured.len()));
    println!(
        "without {mistaken} whose page prints what their query cannot give: {}",
        share(equal, measured.len() - mistaken)
    );
    reasons.print(REASONS, options.examples);
    Ok(())
}

/// What failures are grouped by: of a difference the kind alone.
fn kind(reason: &str) -> &str {
    ["other columns", "another number of rows", "other rows"]
        .into_iter()
        .find(|kind| reason.starts_with(kind))
        .unwrap_or(reason)
}

/// Why the answer is not what the page prints, or that it is.
fn judge(program: &Program, example: &Example) -> anyhow::Result<Result<(), String>> {
    let answer = match program.run(&example.query)?.answer {
        Ok(answer) => answer,
        Err(reason) => return Ok(Err(reason)),
    };
    let Some(printed) = Printed::read(&example.output) else {
        return Ok(Err("the page prints no table".into()));
    };
    let difference = answer.differs(&printed, order::is_sorted(&example.query));
    Ok(difference.map_or(Ok(()), |difference| Err(difference.to_string())))
}
