//! What `cargo xtask conformance` is told.

use anyhow::{Context, bail};

/// The command's part of the usage.
pub(crate) const USAGE: &str = "\
cargo xtask conformance [FOLDER…]
                              our columns beside what vendors made of the same records, as ECS
    --format proxy/squid      only formats whose name holds that
    --verbose                 what is wrong, by format and column, with examples; what only we
                              have; records without a row; anomalies
    --examples 3              how many examples of each
    --no-goals                print only, whatever the percentages are
    --sniff                   instead: whether files are recognised, under whatever name";

/// What to compare, and what to show of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Options {
    /// Folders of the kit; all of it if there is none.
    pub(super) folders: Vec<String>,
    /// What the name of a format has to hold.
    pub(super) format: Option<String>,
    pub(super) verbose: bool,
    pub(super) examples: usize,
    pub(super) goals: bool,
    pub(super) sniffs: bool,
}

impl Options {
    /// Reads flags and folders in any order.
    pub(super) fn parse(arguments: &[&str]) -> anyhow::Result<Options> {
        let mut options = Options {
            folders: Vec::new(),
            format: None,
            verbose: false,
            examples: 3,
            goals: true,
            sniffs: false,
        };
        let mut arguments = arguments.iter();
        while let Some(&argument) = arguments.next() {
            let mut value = || arguments.next().context(format!("{argument} needs a value"));
            match argument {
                "--format" => options.format = Some((*value()?).to_owned()),
                "--examples" => options.examples = value()?.parse().context("--examples")?,
                "--verbose" => options.verbose = true,
                "--no-goals" => options.goals = false,
                "--sniff" => options.sniffs = true,
                flag if flag.starts_with('-') => bail!("there is no {flag}; usage:\n{USAGE}"),
                folder => options.folders.push(folder.to_owned()),
            }
        }
        Ok(options)
    }

    /// Whether a format is to be compared.
    pub(super) fn takes(&self, format: &str) -> bool {
        self.format.as_ref().is_none_or(|part| format.contains(part.as_str()))
    }

    /// Whether nothing of the kit is left out.
    pub(super) fn is_whole(&self) -> bool {
        self.folders.is_empty() && self.format.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::Options;

    #[test]
    fn flags_and_folders_come_in_any_order() {
        let options = Options::parse(&["zeek", "--examples", "5", "--verbose", "dns"]).unwrap();
        assert_eq!((options.folders.len(), options.examples, options.verbose), (2, 5, true));
        assert!(!options.is_whole());
        let options = Options::parse(&["--format", "proxy/"]).unwrap();
        assert!(options.takes("proxy/squid") && !options.takes("dns/bind") && options.goals);
        assert!(Options::parse(&["--format"]).is_err());
        assert!(Options::parse(&["--quiet"]).is_err());
    }
}
