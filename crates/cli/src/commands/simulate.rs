use std::fs;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use coldtrail_range::{render, scenario, scenarios, simulate};

use crate::{Outcome, output, terminal};

/// Write the logs of a simulated enterprise in the native formats of its sensors.
///
/// It writes files and does nothing else: no name is resolved and nothing is contacted. All names are
/// reserved ones, or set aside for this purpose.
#[derive(Debug, Args)]
#[command(before_help = "\
Examples:
  coldtrail simulate --list
  coldtrail simulate --scenario examples --seed 7 --output logs/")]
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

    /// The folder to write to; it is made if need be.
    #[arg(long, required_unless_present = "list", value_name = "FOLDER")]
    output: Option<PathBuf>,
}

impl Simulate {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        match (self.scenario, self.output) {
            (Some(name), Some(folder)) if !self.list => write(&name, self.seed, &folder),
            _ => list(),
        }
    }
}

fn list() -> anyhow::Result<Outcome> {
    output::to(None, |writer| {
        for scenario in scenarios() {
            writeln!(writer, "{:14} {}", scenario.name, scenario.description)?;
        }
        Ok(())
    })?;
    Ok(Outcome::Clean)
}

fn write(name: &str, seed: u64, folder: &std::path::Path) -> anyhow::Result<Outcome> {
    let Some(scenario) = scenario(name) else {
        bail!("no scenario is called `{name}`; `coldtrail simulate --list` lists them");
    };
    for file in render(&simulate(&scenario, seed))? {
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
