//! Queries over what they spell out themselves, without a `coldtrail`: a stand-in for it that takes a
//! moment to build.

use std::fs;
use std::path::Path;

use anyhow::{Context, anyhow};
use coldtrail_rules::kql::evaluate;
use coldtrail_rules::kql::{DateTime, Gravity, Problem, Schema, Type, Value, bind};
use serde_json::Value as Json;

use super::answer::Answer;
use super::surroundings::Surroundings;

/// How many rows all operators of a query together may make.
const BUDGET: usize = 2_000_000;

/// Answers the query in a file as `coldtrail query --format jsonl` does.
///
/// # Errors
///
/// Why there is no answer.
pub(super) fn run(file: &Path) -> anyhow::Result<()> {
    let query = fs::read_to_string(file).context("cannot read the query")?;
    let answer = answer(&query).map_err(|reason| anyhow!(reason))?;
    print!("{}", answer.json_lines());
    Ok(())
}

/// The answer, or why there is none.
fn answer(query: &str) -> Result<Answer, String> {
    let surroundings = Surroundings::default();
    let bound = bind::bind(query, &surroundings).map_err(|problems| told(&problems, query))?;
    let tables = |name: &str, _: &Schema| Err(format!("there is no table `{name}` here"));
    let rows =
        evaluate::rows(&bound.plan, None, &tables, BUDGET).map_err(|error| error.to_string())?;
    let schema = &bound.plan.schema;
    let row = |row: Vec<Value>| {
        row.into_iter().zip(schema).map(|(value, column)| json(&value, column.r#type)).collect()
    };
    Ok(Answer {
        columns: schema.iter().map(|column| column.name.clone()).collect(),
        rows: rows.into_iter().map(row).collect(),
    })
}

/// The first error, as the program would tell it.
pub(super) fn told(problems: &[Problem], query: &str) -> String {
    let error = problems.iter().find(|problem| problem.gravity == Gravity::Error);
    let Some(problem) = error.or(problems.first()) else { return "nothing is said".to_owned() };
    let (line, column) = problem.span.line_and_column(query);
    format!("{line}:{column}: {problem}")
}

/// The clock of all queries.
pub(super) fn now() -> DateTime {
    DateTime::parse(super::NOW).unwrap_or(DateTime(DateTime::EPOCH))
}

/// A value as the program writes it into JSON lines.
fn json(value: &Value, r#type: Type) -> Json {
    match value {
        Value::Null if r#type == Type::String => "".into(),
        Value::Null => Json::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Long(value) => (*value).into(),
        Value::Real(value) if value.is_finite() => (*value).into(),
        Value::Dynamic(dynamic) => {
            serde_json::from_str(&dynamic.json()).unwrap_or_else(|_| value.text().into())
        }
        value => value.text().into(),
    }
}
