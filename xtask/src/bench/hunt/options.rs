//! What `cargo xtask bench hunt` is told.

use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use coldtrail_range::corpus;

/// What to measure, and on what.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Options {
    /// The sizes of the corpora in bytes: one, or a second one to compare memory with.
    pub(crate) sizes: Vec<u64>,
    pub(crate) form: Form,
    pub(crate) seed: u64,
    /// The share of exchanges with serverless names, in hundredths.
    pub(crate) serverless: f64,
    /// Where corpora are kept; a temporary folder if it is not given.
    pub(crate) corpus: Option<PathBuf>,
    pub(crate) runs: usize,
    /// The `coldtrail` to measure; it is built if it is not given.
    pub(crate) binary: Option<PathBuf>,
}

/// What the logs are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// What the range can write.
    Generated(corpus::Form),
    /// Copies of real Windows event logs: the range writes none.
    Evtx,
}

impl Form {
    const ALL: [(&str, Form); 4] = [
        ("tsv", Form::Generated(corpus::Form::ZeekTabSeparated)),
        ("json", Form::Generated(corpus::Form::ZeekJson)),
        ("defender", Form::Generated(corpus::Form::DefenderCsv)),
        ("evtx", Form::Evtx),
    ];

    /// What it is asked for by.
    pub(crate) fn name(self) -> &'static str {
        Form::ALL.iter().find(|(_, form)| *form == self).map_or("", |(name, _)| name)
    }

    fn named(name: &str) -> Option<Form> {
        Form::ALL.iter().find(|(known, _)| *known == name).map(|(_, form)| *form)
    }
}

impl Options {
    /// Reads pairs of a name and a value.
    pub(crate) fn parse(arguments: &[&str]) -> anyhow::Result<Options> {
        let mut size = 1 << 30;
        let mut also = None;
        let mut options = Options {
            sizes: Vec::new(),
            form: Form::Generated(corpus::Form::ZeekTabSeparated),
            seed: 1,
            serverless: 1.0,
            corpus: None,
            runs: 3,
            binary: None,
        };
        for pair in arguments.chunks(2) {
            let [name, value] = *pair else { bail!("{} needs a value", pair.concat()) };
            let number = || value.parse().with_context(|| format!("{value} is no number"));
            match name {
                "--size" => size = bytes(value)?,
                "--also" => also = Some(bytes(value)?),
                "--form" => {
                    let form = Form::named(value);
                    options.form = form.with_context(|| format!("there is no form {value}"))?;
                }
                "--seed" => options.seed = number()?,
                "--serverless" => {
                    let percent = value.trim_end_matches('%').parse();
                    options.serverless = percent.context("--serverless takes per cent")?;
                }
                "--corpus" => options.corpus = Some(PathBuf::from(value)),
                "--runs" => options.runs = number()? as usize,
                "--binary" => options.binary = Some(PathBuf::from(value)),
                _ => bail!("there is no option {name}; see `cargo xtask`"),
            }
        }
        ensure!(options.runs > 0, "--runs must be at least 1");
        ensure!((0.0..=100.0).contains(&options.serverless), "--serverless takes per cent");
        options.sizes = [Some(size), also].into_iter().flatten().collect();
        Ok(options)
    }
}

/// A size such as `64M`.
fn bytes(text: &str) -> anyhow::Result<u64> {
    let split = text.len() - text.chars().next_back().map_or(0, char::len_utf8);
    let (number, unit) = text.split_at(split);
    let unit = match unit {
        "K" => 10,
        "M" => 20,
        "G" => 30,
        _ => bail!("{text} is no size; write one as 64M or 10G"),
    };
    let number: u64 = number.parse().with_context(|| format!("{text} is no size"))?;
    number.checked_mul(1 << unit).with_context(|| format!("{text} is too much"))
}

/// A size as it is asked for, where it can be.
pub(crate) fn size_name(bytes: u64) -> String {
    let units = [(30, "G"), (20, "M"), (10, "K")];
    let whole = units.iter().find(|(unit, _)| bytes.is_multiple_of(1 << unit));
    whole.map_or_else(|| bytes.to_string(), |(unit, name)| format!("{}{name}", bytes >> unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_arguments_a_gib_of_zeek_is_measured_three_times() {
        let options = Options::parse(&[]).expect("nothing is wrong with nothing");
        assert_eq!((options.sizes, options.runs), (vec![1 << 30], 3));
        assert_eq!(options.form.name(), "tsv");
    }

    #[test]
    fn every_option_is_taken() {
        let options = Options::parse(&[
            "--size",
            "64M",
            "--also",
            "1G",
            "--form",
            "json",
            "--seed",
            "7",
            "--serverless",
            "0.1%",
            "--corpus",
            "kept",
            "--runs",
            "1",
            "--binary",
            "bin/coldtrail",
        ]);
        let expected = Options {
            sizes: vec![64 << 20, 1 << 30],
            form: Form::Generated(corpus::Form::ZeekJson),
            seed: 7,
            serverless: 0.1,
            corpus: Some(PathBuf::from("kept")),
            runs: 1,
            binary: Some(PathBuf::from("bin/coldtrail")),
        };
        assert_eq!(options.expect("all of them are known"), expected);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for arguments in [
            ["--size", "big"].as_slice(),
            &["--size", "64"],
            &["--size", "99999999999G"],
            &["--size"],
            &["--form", "pcap"],
            &["--runs", "0"],
            &["--serverless", "101"],
            &["--fast", "yes"],
        ] {
            assert!(Options::parse(arguments).is_err(), "{arguments:?}");
        }
    }

    #[test]
    fn sizes_are_named_as_they_are_asked_for() {
        for name in ["64M", "1G", "10G", "1536K"] {
            assert_eq!(bytes(name).map(size_name).ok().as_deref(), Some(name));
        }
    }
}
