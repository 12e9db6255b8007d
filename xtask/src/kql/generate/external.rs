//! What queries of the corpus read besides tables: watchlists, and files that stand for addresses.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::Context;
use coldtrail_range::Random;
use coldtrail_rules::kql::{Schema, Type, Value as Cell, bind};
use serde_json::Value;

use super::values::Values;
use super::{Generated, make};
use crate::kql::corpus;
use crate::kql::surroundings::{External, Surroundings};

/// How many rows each of them has.
const ROWS: usize = 20;

/// What is to be written.
#[derive(Debug, Default)]
pub(super) struct Externals {
    /// By address: the columns, and the properties that say what the file is.
    files: BTreeMap<String, External>,
    /// The names of watchlists.
    watchlists: BTreeSet<String>,
}

impl Externals {
    /// What the queries of the corpus ask for, as far as they are understood.
    pub(super) fn of_corpus() -> anyhow::Result<Externals> {
        let mut externals = Externals::default();
        for query in corpus::queries()?.unwrap_or_default() {
            let surroundings = Surroundings::default();
            // A query that is not understood is told by `corpus`; what it asked for until then counts.
            let _bound = bind::bind(&query, &surroundings);
            for external in surroundings.external.take() {
                for address in &external.addresses {
                    if !address.starts_with("records:") {
                        externals.files.entry(address.clone()).or_insert_with(|| external.clone());
                    }
                }
            }
            externals.watchlists.extend(surroundings.watchlists.take());
        }
        Ok(externals)
    }

    /// Writes all of it.
    pub(super) fn write(&self, generated: &Generated, random: &Random) -> anyhow::Result<()> {
        let folder = generated.external.with_extension("");
        make(&folder)?;
        let mut list = "address,file\n".to_owned();
        for (number, (address, external)) in self.files.iter().enumerate() {
            let name = format!("{number}.txt");
            let text = text(external, Values::new(random.fork(address)));
            fs::write(folder.join(&name), text).context("cannot write a file")?;
            list.push_str(&format!("{address},external/{name}\n"));
        }
        fs::write(&generated.external, list).context("cannot write the list of addresses")?;
        for name in self.watchlists.iter().filter(|name| !name.contains(['/', '\\', '<'])) {
            let mut values = Values::new(random.fork(name));
            let mut text = "SearchKey,Name,IPAddress,UserPrincipalName\n".to_owned();
            for _ in 0..ROWS {
                let row = ["User", "Computer", "IPAddress", "UserPrincipalName"]
                    .map(|column| cell(&values.of(column, Type::String)));
                text.push_str(&(row.join(",") + "\n"));
            }
            fs::write(generated.watchlists.join(format!("{name}.csv")), text)
                .context("cannot write a watchlist")?;
        }
        Ok(())
    }
}

/// Rows in the format that the query says, which is comma-separated values if it says nothing.
fn text(external: &External, mut values: Values) -> String {
    let said = |name: &str| {
        let found = external.properties.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| Cell::text(value).to_lowercase()).unwrap_or_default()
    };
    let is_json = said("format").contains("json");
    let mut text = String::new();
    if said("ignorefirstrecord") == "true" && !is_json {
        text.push_str("a record that is ignored\n");
    }
    for _ in 0..ROWS {
        let row: Vec<(&str, Value)> = row(&external.schema, &mut values);
        if is_json {
            let record: serde_json::Map<_, _> =
                row.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            text.push_str(&Value::Object(record).to_string());
        } else {
            let cells: Vec<String> = row.iter().map(|(_, value)| cell(value)).collect();
            text.push_str(&cells.join(","));
        }
        text.push('\n');
    }
    text
}

fn row<'s>(schema: &'s Schema, values: &mut Values) -> Vec<(&'s str, Value)> {
    schema
        .iter()
        .map(|column| (column.name.as_str(), values.of(&column.name, column.r#type)))
        .collect()
}

/// A cell of comma-separated values.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => format!("\"{}\"", text.replace('"', "\"\"")),
        other => format!("\"{}\"", other.to_string().replace('"', "\"\"")),
    }
}
