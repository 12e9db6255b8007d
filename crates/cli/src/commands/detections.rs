use std::io::Write;

use anyhow::bail;
use clap::Subcommand;
use coldtrail_pipeline::{DETECTIONS, Detection, Setting, Settings};

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
    /// The documentation of a detection: what it looks for, what it needs, what can be set.
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

/// One line for each detection, in columns as wide as what is in them.
fn list() -> anyhow::Result<Outcome> {
    let mut rows = vec![["DETECTION", "TITLE", "NEEDS", "ATT&CK"].map(str::to_owned)];
    rows.extend(DETECTIONS.iter().map(|detection| {
        let needs: Vec<&str> = detection.needs().iter().map(|need| need.what).collect();
        [
            detection.id().to_owned(),
            detection.title().to_owned(),
            needs.join(", "),
            detection.attack().join(" "),
        ]
    }));
    let width = |place: usize| {
        rows.iter().filter_map(|row| row.get(place)).map(|cell| cell.chars().count()).max()
    };
    let [id_width, title_width, needs_width] = [0, 1, 2].map(|place| width(place).unwrap_or(0));
    output::to(None, |writer| {
        for [id, title, needs, attack] in &rows {
            writeln!(
                writer,
                "{id:id_width$}  {title:title_width$}  {needs:needs_width$}  {attack}"
            )?;
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
        writeln!(writer, "{}", detection.documentation())?;
        needs(*detection, writer)?;
        analytics(*detection, writer)?;
        settings(*detection, writer)
    })?;
    Ok(Outcome::Clean)
}

fn needs(detection: &dyn Detection, writer: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(writer, "\n# Needs\n")?;
    for need in detection.needs() {
        writeln!(writer, "* {}: {}", need.what, need.places())?;
    }
    Ok(())
}

fn analytics(detection: &dyn Detection, writer: &mut dyn Write) -> anyhow::Result<()> {
    let analytics = detection.analytics();
    if !analytics.is_empty() {
        writeln!(writer, "\n# Analytics of ATT&CK\n")?;
    }
    for correspondence in analytics {
        let here = match correspondence.setting {
            Some(setting) => format!(": here `{setting}`"),
            None => String::new(),
        };
        writeln!(writer, "* {}{here}", correspondence.name())?;
    }
    Ok(())
}

fn settings(detection: &dyn Detection, writer: &mut dyn Write) -> anyhow::Result<()> {
    let names = detection.settings();
    if !names.is_empty() {
        writeln!(writer, "\n# Settings\n")?;
    }
    for Setting { name, about, default, .. } in Settings::all() {
        if names.contains(&name.as_str()) {
            writeln!(writer, "* `{name} = {default}`: {about}")?;
        }
    }
    Ok(())
}
