//! What `cargo xtask kql` is told.

use std::path::PathBuf;

use anyhow::{Context, bail};

/// The command's part of the usage.
pub(crate) const USAGE: &str = "\
cargo xtask kql corpus        how many published hunting queries are understood, and run on rows
cargo xtask kql documented    how many examples of the documentation give what it prints
cargo xtask kql differential  random queries, answered by duckdb-kql as well
    --queries 500             how many
cargo xtask kql generate DIR  writes rows for each table, watchlists, and files for `externaldata`
    --rows 200                how many of each table, here and where the corpus runs on them
    --seed 1                  of all that is random
    --evaluate                without a `coldtrail`, as far as that goes
    --examples 3              how many examples of each reason
    --only TEXT               only queries whose page or path holds that
    --binary PATH             a `coldtrail` that is built already";

/// What to measure, and what to show of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) examples: usize,
    pub(super) only: Option<String>,
    pub(super) evaluates: bool,
    pub(super) binary: Option<PathBuf>,
    pub(super) queries: usize,
    pub(super) rows: usize,
    pub(super) seed: u64,
    /// Where to write.
    pub(super) folder: Option<PathBuf>,
}

impl Options {
    /// Reads flags in any order.
    pub(super) fn parse(arguments: &[&str]) -> anyhow::Result<Options> {
        let mut options = Options {
            examples: 3,
            only: None,
            evaluates: false,
            binary: None,
            queries: 500,
            rows: 200,
            seed: 1,
            folder: None,
        };
        let mut arguments = arguments.iter();
        while let Some(&argument) = arguments.next() {
            let mut value = || arguments.next().context(format!("{argument} needs a value"));
            match argument {
                "--examples" => options.examples = value()?.parse().context("--examples")?,
                "--only" => options.only = Some((*value()?).to_owned()),
                "--evaluate" => options.evaluates = true,
                "--binary" => options.binary = Some(value()?.into()),
                "--queries" => options.queries = value()?.parse().context("--queries")?,
                "--rows" => options.rows = value()?.parse().context("--rows")?,
                "--seed" => options.seed = value()?.parse().context("--seed")?,
                folder if !folder.starts_with('-') && options.folder.is_none() => {
                    options.folder = Some(folder.into());
                }
                _ => bail!("there is no {argument}; usage:\n{USAGE}"),
            }
        }
        Ok(options)
    }

    /// Whether a query of that page or path is to be tried.
    pub(super) fn takes(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|part| name.contains(part.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::Options;

    #[test]
    fn flags_come_in_any_order_and_need_their_values() {
        let options = Options::parse(&["--only", "bag-", "--evaluate", "--examples", "1"]).unwrap();
        assert!(options.takes("bag-keys-function.md") && !options.takes("zip-function.md"));
        assert_eq!((options.examples, options.evaluates), (1, true));
        assert!(Options::parse(&["--examples"]).is_err());
        assert!(Options::parse(&["--quick"]).is_err());
        let options = Options::parse(&["rows", "--seed", "7"]).unwrap();
        assert_eq!((options.folder, options.seed), (Some("rows".into()), 7));
        assert!(Options::parse(&["one", "two"]).is_err());
    }
}
