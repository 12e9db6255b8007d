//! Rows for every table that queries may name, and what else they read: watchlists, and files in place of
//! addresses on the network.
//!
//! A seed gives the same bytes everywhere. Names and addresses are those that are reserved for examples.

mod external;
mod values;

use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use coldtrail_range::Random;
use coldtrail_rules::kql::Schema;
use serde_json::{Map, Value};

use external::Externals;
pub(super) use values::Values;

use super::options::Options;
use super::tables;

/// What was written, and where.
#[derive(Clone, Debug)]
pub(super) struct Generated {
    /// The exports of tables, one file each.
    pub(super) logs: PathBuf,
    /// Watchlists: a file of comma-separated values for each.
    pub(super) watchlists: PathBuf,
    /// The list of addresses and the files that stand for them.
    pub(super) external: PathBuf,
}

impl Generated {
    /// What `coldtrail query` is told to read all of it.
    pub(super) fn arguments(&self) -> Vec<String> {
        let path = |path: &Path| path.display().to_string();
        vec![
            path(&self.logs),
            "--watchlists".to_owned(),
            path(&self.watchlists),
            "--external".to_owned(),
            path(&self.external),
        ]
    }
}

/// Writes into the folder that the options name.
pub(super) fn run(options: &Options) -> anyhow::Result<()> {
    let folder = options.folder.as_ref().context("name the folder to write into")?;
    let is_free = fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
    ensure!(is_free, "{} is not empty", folder.display());
    let generated = write(folder, options.rows, options.seed)?;
    println!(
        "tables in {}, watchlists in {}, addresses in {}",
        generated.logs.display(),
        generated.watchlists.display(),
        generated.external.display()
    );
    Ok(())
}

/// Writes everything below a folder.
pub(super) fn write(folder: &Path, rows: usize, seed: u64) -> anyhow::Result<Generated> {
    let generated = Generated {
        logs: folder.join("logs"),
        watchlists: folder.join("watchlists"),
        external: folder.join("external.csv"),
    };
    let random = Random::new(seed);
    make(&generated.logs)?;
    for (name, schema) in tables::all() {
        let path = generated.logs.join(format!("{name}.json"));
        table(&path, &name, &schema, rows, random.fork(&name))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    make(&generated.watchlists)?;
    Externals::of_corpus()?.write(&generated, &random)?;
    Ok(generated)
}

fn make(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

/// Writes a table as Log Analytics exports one: a JSON object a line, with its `Type`.
fn table(
    path: &Path,
    name: &str,
    schema: &Schema,
    rows: usize,
    random: Random,
) -> anyhow::Result<()> {
    let mut file = BufWriter::new(fs::File::create(path)?);
    let mut values = Values::new(random);
    for _ in 0..rows {
        let mut record = Map::new();
        for column in schema {
            let value = values.of(&column.name, column.r#type);
            if !value.is_null() {
                record.insert(column.name.clone(), value);
            }
        }
        record.insert("Type".to_owned(), name.into());
        writeln!(file, "{}", Value::Object(record))?;
    }
    file.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use coldtrail_rules::kql::{Column, Type};

    use super::*;

    #[test]
    fn a_seed_gives_the_same_rows_and_another_gives_others() {
        let folder = tempfile::tempdir().unwrap();
        let schema = vec![
            Column::new("Timestamp", Type::DateTime),
            Column::new("RemoteUrl", Type::String),
            Column::new("RemotePort", Type::Int),
            Column::new("AdditionalFields", Type::Dynamic),
        ];
        let written = |file: &str, seed| {
            let path = folder.path().join(file);
            table(&path, "DeviceNetworkEvents", &schema, 50, Random::new(seed)).unwrap();
            fs::read_to_string(path).unwrap()
        };
        let first = written("a", 1);
        assert_eq!(first, written("b", 1));
        assert_ne!(first, written("c", 2));
        assert_eq!(first.lines().count(), 50);
        let record: Value = serde_json::from_str(first.lines().next().unwrap()).unwrap();
        assert_eq!(record["Type"], "DeviceNetworkEvents");
        assert!(first.contains("example") && first.contains("2026-04-30T"));
    }
}
