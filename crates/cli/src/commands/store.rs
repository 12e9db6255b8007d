use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};
use coldtrail_model::Timestamp;
use coldtrail_pipeline::store::{Compacted, Expired, Expiry, Status, Store as Folder};
use serde::Serialize;

use crate::{Outcome, moment, output};

/// Look after a store: what it holds, how it lies, how long it is kept.
#[derive(Debug, Subcommand)]
#[command(before_help = "\
Examples:
  coldtrail store status --store history
  coldtrail store compact --store history
  coldtrail store expire --store history --older-than 90d --larger-than 50G")]
pub(crate) enum Store {
    /// Say what the store holds, how far back it reaches, and what is wrong with it.
    Status(Where),
    /// Make few large files of many small ones, and tell contacts by the catalogue of today.
    Compact(Where),
    /// Drop whole days, the oldest first.
    Expire(Expire),
}

/// Which store, and how to write about it.
#[derive(Debug, Args)]
pub(crate) struct Where {
    /// The folder of the store.
    #[arg(long, value_name = "DIR")]
    store: PathBuf,

    /// How to write what comes of it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Take this as the time of the run.
    #[arg(long, value_name = "TIME", value_parser = moment::moment)]
    now: Option<Timestamp>,
}

/// What is to go. Rows that went do not come back when their logs are ingested again.
#[derive(Debug, Args)]
#[command(before_help = "\
Examples:
  coldtrail store expire --store history --older-than 90d
  coldtrail store expire --store history --larger-than 50G")]
pub(crate) struct Expire {
    #[command(flatten)]
    at: Where,

    /// Drop days that ended longer ago, such as 90d or 12w.
    #[arg(long, value_name = "SPAN", value_parser = days)]
    older_than: Option<u32>,

    /// Drop the oldest days until the files are no larger, such as 500M, 50G or 2T.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    larger_than: Option<u64>,
}

/// How to write what was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

impl Store {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        match self {
            Store::Status(at) => at.write(&at.open()?.status()?, status),
            Store::Compact(at) => at.write(&at.open()?.compact(at.now())?, compacted),
            Store::Expire(expire) => expire.run(),
        }
    }
}

impl Expire {
    fn run(self) -> anyhow::Result<Outcome> {
        let Expire { at, older_than: older_than_days, larger_than: larger_than_bytes } = self;
        if older_than_days.is_none() && larger_than_bytes.is_none() {
            bail!("say what is to go: --older-than 90d, --larger-than 50G, or both");
        }
        let expiry = Expiry { older_than_days, larger_than_bytes };
        at.write(&at.open()?.expire(&expiry, at.now())?, expired)
    }
}

impl Where {
    fn open(&self) -> anyhow::Result<Folder> {
        Ok(Folder::open(&self.store)?)
    }

    fn now(&self) -> Timestamp {
        self.now.unwrap_or_else(moment::now)
    }

    fn write<T: Serialize>(
        &self,
        what: &T,
        text: impl FnOnce(&T, &mut dyn Write) -> anyhow::Result<()>,
    ) -> anyhow::Result<Outcome> {
        output::to(None, |writer| match self.format {
            Format::Text => text(what, writer),
            Format::Json => Ok(writeln!(writer, "{}", serde_json::to_string_pretty(what)?)?),
        })?;
        Ok(Outcome::Clean)
    }
}

fn status(status: &Status, writer: &mut dyn Write) -> anyhow::Result<()> {
    match (status.first, status.last) {
        (Some(first), Some(last)) => writeln!(writer, "history from {first} to {last}")?,
        _ => writeln!(writer, "no history yet")?,
    }
    writeln!(writer, "{} sources read, {} commits\n", status.sources, status.commit)?;
    writeln!(
        writer,
        "{:10} {:>6} {:>7} {:>14} {:>12} {:>10}",
        "table", "days", "files", "rows", "contacts", "size"
    )?;
    for (name, table) in &status.tables {
        writeln!(
            writer,
            "{name:10} {:>6} {:>7} {:>14} {:>12} {:>10}",
            table.days,
            table.files,
            table.rows,
            table.contacts,
            shown(table.bytes)
        )?;
    }
    for source in &status.pending {
        writeln!(writer, "pending: the last line of {source} had no end yet")?;
    }
    if status.outdated > 0 {
        let outdated = status.outdated;
        writeln!(
            writer,
            "{outdated} files were split by another catalogue: run `coldtrail store compact`"
        )?;
    }
    if !status.orphans.is_empty() {
        let orphans = status.orphans.len();
        writeln!(writer, "{orphans} files of an unfinished run; the next writer removes them")?;
    }
    for (path, reason) in &status.damaged {
        writeln!(writer, "damaged: {path}: {reason}")?;
    }
    Ok(())
}

fn compacted(compacted: &Compacted, writer: &mut dyn Write) -> anyhow::Result<()> {
    let Compacted { replaced, by, removed, removed_bytes, damaged } = compacted;
    writeln!(writer, "{replaced} files replaced by {by}")?;
    writeln!(writer, "{removed} files of earlier runs removed ({})", shown(*removed_bytes))?;
    for path in damaged {
        writeln!(writer, "damaged, left as it is: {path}")?;
    }
    Ok(())
}

fn expired(expired: &Expired, writer: &mut dyn Write) -> anyhow::Result<()> {
    let Expired { days, files, rows, bytes, removed, removed_bytes } = expired;
    match (days.first(), days.last()) {
        (Some(first), Some(last)) => {
            let (count, size) = (days.len(), shown(*bytes));
            writeln!(
                writer,
                "{count} days dropped, {first} to {last}: {rows} rows, {files} files, {size}"
            )?;
            writeln!(
                writer,
                "readers may have them open: their room is free with the next run in an hour"
            )?;
        }
        _ => writeln!(writer, "nothing to drop")?,
    }
    writeln!(writer, "{removed} files of earlier runs removed ({})", shown(*removed_bytes))?;
    Ok(())
}

/// Bytes with a unit that leaves few digits.
fn shown(bytes: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < units.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", units.get(unit).unwrap_or(&"B"))
}

/// Reads `90d` or `12w`.
fn days(text: &str) -> Result<u32, String> {
    let days = match text.split_at_checked(text.len().saturating_sub(1)) {
        Some((count, "d")) => count.parse().ok(),
        Some((count, "w")) => count.parse::<u32>().ok().and_then(|weeks| weeks.checked_mul(7)),
        _ => None,
    };
    days.ok_or_else(|| "write a span as 90d or 12w".to_owned())
}

/// Reads `500M`, `50G` or `2T`: powers of 1024.
fn size(text: &str) -> Result<u64, String> {
    let bytes = || -> anyhow::Result<u64> {
        let digits = text.trim_end_matches(|letter: char| !letter.is_ascii_digit());
        let factor: u64 = match text.get(digits.len()..).unwrap_or_default() {
            "" => 1,
            "K" | "KiB" => 1 << 10,
            "M" | "MiB" => 1 << 20,
            "G" | "GiB" => 1 << 30,
            "T" | "TiB" => 1 << 40,
            _ => bail!("unknown unit"),
        };
        digits.parse::<u64>()?.checked_mul(factor).context("too large")
    };
    bytes().map_err(|_| "write a size as 500M, 50G or 2T".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{days, shown, size};

    #[test]
    fn spans_and_sizes_are_read_as_people_write_them() {
        assert_eq!((days("90d"), days("2w")), (Ok(90), Ok(14)));
        assert!(days("90").is_err() && days("d").is_err() && days("").is_err());
        assert_eq!((size("50G"), size("123"), size("1KiB")), (Ok(50 << 30), Ok(123), Ok(1024)));
        assert!(size("50X").is_err() && size("99999999999T").is_err() && size("").is_err());
        assert_eq!(shown(3 << 29), "1.5 GiB");
    }
}
