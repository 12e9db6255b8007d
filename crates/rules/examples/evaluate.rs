//! Evaluates queries that need no table, in memory: `cargo run -p coldtrail-rules --example evaluate 'print 1 + 1'`.

use coldtrail_rules::kql::plan::Plan;
use coldtrail_rules::kql::{DateTime, Environment, Schema, Value, bind, evaluate};

struct Nothing;

impl Environment for Nothing {
    fn now(&self) -> DateTime {
        DateTime::parse("2026-01-01").unwrap_or(DateTime(0))
    }
    fn table(&self, _: &str) -> Option<Schema> {
        None
    }
    fn tables(&self) -> Vec<String> {
        Vec::new()
    }
    fn everything(&self) -> Vec<String> {
        Vec::new()
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
        let none = |_: &str, _: &Schema| Err("no tables".to_owned());
        let mut rows =
            evaluate::rows(plan, None, &none, 1_000_000).map_err(|error| error.to_string())?;
        rows.truncate(most);
        Ok(rows)
    }
}

#[expect(clippy::print_stdout, reason = "this is an example")]
fn main() {
    for text in std::env::args().skip(1) {
        match bind::bind(&text, &Nothing) {
            Ok(bound) => {
                let columns = bound.plan.schema.iter();
                let names: Vec<String> =
                    columns.map(|column| format!("{}:{}", column.name, column.r#type)).collect();
                println!("{}", names.join(" | "));
                match Nothing.rows(&bound.plan, 50) {
                    Ok(rows) => rows.iter().for_each(|row| {
                        let cells: Vec<String> = row.iter().map(Value::text).collect();
                        println!("{}", cells.join(" | "));
                    }),
                    Err(reason) => println!("error: {reason}"),
                }
                bound.warnings.iter().for_each(|warning| println!("warning: {warning}"));
            }
            Err(problems) => problems.iter().for_each(|problem| {
                let (line, column) = problem.span.line_and_column(&text);
                println!("{line}:{column}: {problem}");
            }),
        }
    }
}
