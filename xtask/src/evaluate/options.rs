//! What `cargo xtask evaluate` is told.

use std::path::PathBuf;

use anyhow::{Context, bail};
use coldtrail_range::enterprise::Seeds;

/// The command's part of the usage.
pub(crate) const USAGE: &str = "\
cargo xtask evaluate          `hunt` on simulated enterprises, beside others' rules on the same logs
    --seeds dev               dev, train, or test: the last is for one look at the end
    --first 0                 how many of the seeds to skip
    --runs 5                  how many enterprises
    --hosts 120               how many computers each has
    --days 7                  how many days each lasts
    --misses 0                how many missed instances of each family to tell
    --keep DIR                keep the logs and the truth of each enterprise there
    --binary PATH             a `coldtrail` that is built already";

/// What to measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) seeds: Seeds,
    pub(super) first: u64,
    pub(super) runs: u64,
    pub(super) hosts: usize,
    pub(super) days: u64,
    pub(super) misses: usize,
    pub(super) keep: Option<PathBuf>,
    pub(super) binary: Option<PathBuf>,
}

impl Options {
    /// Reads flags in any order.
    pub(super) fn parse(arguments: &[&str]) -> anyhow::Result<Options> {
        let mut options = Options {
            seeds: Seeds::Development,
            first: 0,
            runs: 5,
            hosts: 120,
            days: 7,
            misses: 0,
            keep: None,
            binary: None,
        };
        let mut arguments = arguments.iter();
        while let Some(&flag) = arguments.next() {
            let value = *arguments.next().with_context(|| format!("{flag} needs a value"))?;
            let number = || value.parse::<u64>().with_context(|| flag.to_owned());
            match flag {
                "--seeds" => options.seeds = seeds(value)?,
                "--first" => options.first = number()?,
                "--runs" => options.runs = number()?.max(1),
                "--hosts" => options.hosts = number()?.clamp(20, 20_000) as usize,
                "--days" => options.days = number()?.clamp(1, 60),
                "--misses" => options.misses = number()? as usize,
                "--keep" => options.keep = Some(value.into()),
                "--binary" => options.binary = Some(value.into()),
                _ => bail!("there is no {flag}; usage:\n{USAGE}"),
            }
        }
        Ok(options)
    }
}

fn seeds(name: &str) -> anyhow::Result<Seeds> {
    match name {
        "train" => Ok(Seeds::Train),
        "dev" => Ok(Seeds::Development),
        "test" => Ok(Seeds::Test),
        _ => bail!("there are no seeds called {name}; there are train, dev and test"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_come_in_any_order_and_need_their_values() {
        let options = Options::parse(&["--hosts", "40", "--seeds", "train"]).unwrap();
        assert_eq!((options.hosts, options.seeds, options.runs), (40, Seeds::Train, 5));
        assert!(Options::parse(&["--hosts"]).is_err());
        assert!(Options::parse(&["--seeds", "all"]).is_err());
        assert!(Options::parse(&["--quick", "1"]).is_err());
    }
}
