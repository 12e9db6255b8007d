use std::fs;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use coldtrail_range::enterprise::Enterprise;
use coldtrail_range::{RenderedFile, render, scenario, scenarios, simulate};

use crate::{Outcome, output, terminal};

/// Write the logs of a simulated enterprise in the native formats of its sensors.
///
/// It writes files and does nothing else: no name is resolved and nothing is contacted. All names are
/// reserved ones, or set aside for this purpose.
#[derive(Debug, Args)]
#[command(before_help = "\
Examples:
  coldtrail simulate --list
  coldtrail simulate --scenario examples --seed 7 --output logs/
  coldtrail simulate --scenario enterprise --seed 1001 --hosts 200 --days 7 --output lab/
  coldtrail hunt lab/logs --context lab/context    and compare with lab/truth.json")]
pub(crate) struct Simulate {
    /// List the scenarios.
    #[arg(long)]
    list: bool,

    /// Which enterprise.
    #[arg(long, required_unless_present = "list", value_name = "NAME")]
    scenario: Option<String>,

    /// Same seed, same bytes.
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// How many hosts an enterprise has; other scenarios have theirs.
    #[arg(long, default_value_t = 60, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(20..=5000))]
    hosts: u32,

    /// How many days an enterprise is watched; other scenarios have theirs.
    #[arg(long, default_value_t = 2, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=60))]
    days: u32,

    /// The folder to write to; it is made if need be.
    #[arg(long, required_unless_present = "list", value_name = "FOLDER")]
    output: Option<PathBuf>,
}

impl Simulate {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        match (self.scenario, self.output) {
            (Some(name), Some(folder)) if !self.list => {
                let files = if name == ENTERPRISE {
                    let (seed, hosts, days) = (self.seed, self.hosts, self.days);
                    Enterprise { seed, hosts: hosts as usize, days: days.into() }.stage().files()?
                } else {
                    of_scenario(&name, self.seed)?
                };
                write(files, &folder)
            }
            _ => list(),
        }
    }
}

/// The scenario that is made of as many hosts and days as are asked for.
const ENTERPRISE: &str = "enterprise";

fn list() -> anyhow::Result<Outcome> {
    output::to(None, |writer| {
        for scenario in scenarios() {
            writeln!(writer, "{:14} {}", scenario.name, scenario.description)?;
        }
        let all =
            "every family of attack and of benign use, with context and truth (docs/evaluation.md)";
        writeln!(writer, "{ENTERPRISE:14} {all}")?;
        Ok(())
    })?;
    Ok(Outcome::Clean)
}

fn of_scenario(name: &str, seed: u64) -> anyhow::Result<Vec<RenderedFile>> {
    let Some(scenario) = scenario(name) else {
        bail!("no scenario is called `{name}`; `coldtrail simulate --list` lists them");
    };
    Ok(render(&simulate(&scenario, seed))?)
}

fn write(files: Vec<RenderedFile>, folder: &std::path::Path) -> anyhow::Result<Outcome> {
    for file in files {
        let path = folder.join(&file.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)
                .with_context(|| format!("cannot make the folder {}", parent.display()))?;
        }
        output::whole_file(&path, |writer| Ok(writer.write_all(&file.contents)?))?;
        terminal::say(&format!("wrote {}", path.display()));
    }
    Ok(Outcome::Clean)
}
