use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Subcommand;
use coldtrail_model::Timestamp;
use coldtrail_pipeline::{Known, Problem, ProblemKind};

use crate::{Outcome, moment, output};

/// Check a folder of sanctioned services, assets, changes, indicators and settings.
#[derive(Debug, Subcommand)]
#[command(before_help = "\
Examples:
  coldtrail context check context/
  coldtrail hunt zeek/ --context context/")]
pub(crate) enum Context {
    /// Say what is wrong with the files, with line, column and what to write instead. The exit code is
    /// 1 when an entry is not used or has expired.
    Check {
        /// The folder: sanctioned.csv, assets.csv, changes.csv, intel/, settings.toml.
        #[arg(value_name = "DIR")]
        folder: PathBuf,

        /// Take this as the time of the run: entries expire.
        #[arg(long, value_name = "TIME", value_parser = moment::moment)]
        now: Option<Timestamp>,
    },
}

impl Context {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let Context::Check { folder, now } = self;
        let known = read(&folder, now.unwrap_or_else(moment::now))?;
        let problems = &known.problems;
        let shown = folder.display().to_string();
        output::to(None, |writer| {
            for problem in problems {
                writeln!(writer, "{}", coldtrail_present::problem(&shown, problem))?;
            }
            for (line, setting) in known.settings_in_words() {
                writeln!(writer, "{shown}/settings.toml:{line}: {setting}")?;
            }
            if problems.is_empty() {
                writeln!(writer, "{shown}: nothing is wrong")?;
            }
            Ok(())
        })?;
        let is_lost = |problem: &Problem| !problem.is_used || problem.kind == ProblemKind::Expired;
        Ok(if problems.iter().any(is_lost) { Outcome::Found } else { Outcome::Clean })
    }
}

/// Reads a context. That there is no such folder is an error; what is wrong in it is a problem.
pub(crate) fn read(folder: &Path, now: Timestamp) -> anyhow::Result<Known> {
    if !folder.is_dir() {
        bail!("{} is no folder; a context is one (docs/context.md)", folder.display());
    }
    Ok(Known::read(folder, now))
}
