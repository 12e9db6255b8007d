use anyhow::bail;
use clap::Subcommand;
use coldtrail_pipeline::DETECTIONS;

use crate::{Outcome, output};

/// List and explain what is looked for.
#[derive(Debug, Subcommand)]
#[command(before_help = "\
Examples:
  coldtrail detections list
  coldtrail detections explain rhythm.beacon")]
pub(crate) enum Detections {
    /// One line for each detection.
    List,
    /// The documentation of a detection.
    Explain {
        /// Its identifier, as in `list`.
        detection: String,
    },
}

impl Detections {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        match self {
            Detections::List => list(),
            Detections::Explain { detection } => explain(&detection),
        }
    }
}

fn list() -> anyhow::Result<Outcome> {
    output::to(None, |writer| {
        for detection in DETECTIONS {
            let attack = detection.attack().join(" ");
            writeln!(writer, "{:24} {:14} {attack}", detection.id(), detection.title())?;
        }
        Ok(())
    })?;
    Ok(Outcome::Clean)
}

fn explain(id: &str) -> anyhow::Result<Outcome> {
    let Some(detection) = DETECTIONS.iter().find(|detection| detection.id() == id) else {
        let ids: Vec<&str> = DETECTIONS.iter().map(|detection| detection.id()).collect();
        bail!("no detection is called `{id}`; there are: {}", ids.join(", "));
    };
    output::to(None, |writer| {
        writeln!(writer, "{}: {}\n", detection.id(), detection.title())?;
        writeln!(writer, "ATT&CK: {}\n", detection.attack().join(", "))?;
        Ok(writeln!(writer, "{}", detection.documentation())?)
    })?;
    Ok(Outcome::Clean)
}
