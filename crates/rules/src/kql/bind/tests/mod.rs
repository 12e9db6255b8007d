//! Rules of the language, each from the text of a query to the rows that it gives.

mod columns;
mod combining;
mod constants;
mod dynamics;
mod lets;
mod nulls;
mod printing;
mod series;
mod terms;
mod windows;

use super::bind;
use crate::kql::plan::Plan;
use crate::kql::{Column, DateTime, Environment, Gravity, Schema, Type, Value, evaluate};

/// Surroundings with one small table, `Proxy`, and a clock that stands still.
struct Surroundings;

const NOW: &str = "2026-01-01";

impl Environment for Surroundings {
    fn now(&self) -> DateTime {
        DateTime::parse(NOW).expect("a moment")
    }

    fn table(&self, name: &str) -> Option<Schema> {
        let columns = [Column::new("Host", Type::String), Column::new("Bytes", Type::Long)];
        (name == "Proxy").then(|| columns.to_vec())
    }

    fn tables(&self) -> Vec<String> {
        vec!["Proxy".to_owned()]
    }

    fn everything(&self) -> Vec<String> {
        self.tables()
    }

    fn function(&self, _: &str) -> Option<String> {
        None
    }

    fn functions(&self) -> Vec<String> {
        Vec::new()
    }

    fn external_data(
        &self,
        _: &Schema,
        _: &[String],
        _: &[(String, Value)],
    ) -> Result<Plan, String> {
        Err("there is no external data here".to_owned())
    }

    fn watchlist(&self, _: &str) -> Result<Plan, String> {
        Err("there are no watchlists here".to_owned())
    }

    fn rows(&self, plan: &Plan, most: usize) -> Result<Vec<Vec<Value>>, String> {
        let row = |host: &str, bytes| vec![Value::String(host.to_owned()), Value::Long(bytes)];
        let proxy = vec![row("evil.workers.dev", 7), row("example.com", 1), row("", 2)];
        let tables = |_: &str, _: &Schema| Ok(proxy.clone());
        let rows = evaluate::rows(plan, None, &tables, 10_000);
        let mut rows = rows.map_err(|error| error.to_string())?;
        rows.truncate(most);
        Ok(rows)
    }
}

/// The answer: a line of columns, then a line for each row.
fn table(query: &str) -> Vec<String> {
    let bound =
        bind(query, &Surroundings).unwrap_or_else(|problems| panic!("{query}: {problems:?}"));
    let names: Vec<&str> = bound.plan.schema.iter().map(|column| column.name.as_str()).collect();
    let rows = Surroundings.rows(&bound.plan, 100).expect("rows");
    let lines = rows.iter().map(|row| {
        assert_eq!(row.len(), names.len(), "{query}");
        row.iter().map(Value::text).collect::<Vec<_>>().join("|")
    });
    std::iter::once(names.join("|")).chain(lines).collect()
}

/// The rows alone.
fn rows(query: &str) -> Vec<String> {
    table(query).split_off(1)
}

/// The names of the columns alone.
fn columns(query: &str) -> String {
    table(query).swap_remove(0)
}

/// The one value that an expression has.
fn value(expression: &str) -> String {
    rows(&format!("print {expression}")).join(";")
}

/// The first error that a query has.
fn error(query: &str) -> String {
    match bind(query, &Surroundings) {
        Ok(bound) => panic!("{query} means {:?}", bound.plan.schema),
        Err(problems) => problems
            .into_iter()
            .find(|problem| problem.gravity == Gravity::Error)
            .map(|problem| problem.reason)
            .expect("an error"),
    }
}
