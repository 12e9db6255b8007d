//! What `cargo xtask bench kql` is told.

use std::path::PathBuf;

use anyhow::{Context, bail, ensure};

/// What to measure, and on what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(super) rows: u64,
    pub(super) seed: u64,
    /// Where the rows are written and left; a temporary folder if it is not given.
    pub(super) corpus: Option<PathBuf>,
    pub(super) runs: usize,
    /// The `coldtrail` to measure; it is built if it is not given.
    pub(super) binary: Option<PathBuf>,
}

impl Options {
    /// Reads pairs of a name and a value.
    pub(crate) fn parse(arguments: &[&str]) -> anyhow::Result<Options> {
        let mut options =
            Options { rows: 10_000_000, seed: 1, corpus: None, runs: 3, binary: None };
        for pair in arguments.chunks(2) {
            let [name, value] = *pair else { bail!("{} needs a value", pair.concat()) };
            match name {
                "--rows" => options.rows = rows(value)?,
                "--seed" => options.seed = value.parse().context("--seed")?,
                "--corpus" => options.corpus = Some(value.into()),
                "--runs" => options.runs = value.parse().context("--runs")?,
                "--binary" => options.binary = Some(value.into()),
                _ => bail!("there is no option {name}; see `cargo xtask`"),
            }
        }
        ensure!(options.runs > 0 && options.rows > 0, "nothing cannot be measured");
        Ok(options)
    }
}

/// A number such as `10M`.
fn rows(text: &str) -> anyhow::Result<u64> {
    let (number, unit) = match (text.strip_suffix('K'), text.strip_suffix('M')) {
        (Some(number), _) => (number, 1_000),
        (_, Some(number)) => (number, 1_000_000),
        _ => (text, 1),
    };
    let number: u64 = number.parse().with_context(|| format!("{text} is no number"))?;
    number.checked_mul(unit).with_context(|| format!("{text} is too much"))
}

#[cfg(test)]
mod tests {
    use super::Options;

    #[test]
    fn rows_are_counted_in_thousands_and_millions() {
        let rows = |text| Options::parse(&["--rows", text]).map(|options| options.rows).ok();
        assert_eq!(
            [rows("7"), rows("20K"), rows("10M")],
            [Some(7), Some(20_000), Some(10_000_000)]
        );
        assert_eq!([rows("0"), rows("M"), rows("99999999999999M")], [None, None, None]);
        assert!(Options::parse(&["--quick"]).is_err());
    }
}
