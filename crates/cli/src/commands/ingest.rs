use std::io::Write;
use std::num::NonZero;
use std::path::PathBuf;
use std::thread::available_parallelism;

use anyhow::bail;
use clap::Args;
use coldtrail_model::Timestamp;
use coldtrail_pipeline::store::{Ingest as HowToIngest, Ingested, Store};
use coldtrail_pipeline::{Input, discover};

use super::store::Format;
use crate::{Outcome, mapping, moment, output, terminal};

const EXAMPLES: &str = "\
Examples:
  coldtrail ingest /var/log/zeek --store history     again and again: only what is new is read
  coldtrail ingest archive/*.gz Security.evtx --store history
  coldtrail ingest export.csv --store history --whole     its last line has no end";

const NOTES: &str = "\
A log is known by its content: one that was renamed, moved or packed adds nothing, one that grew is
read from where it ended. A last line without an end is left for the next time, unless --whole says
that there will be none. Rows that reach for a serverless platform keep their original records.

Exit code: 0 done, 2 could not run.";

/// Read what is new in logs into a store.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, after_help = NOTES)]
pub(crate) struct Ingest {
    /// Files, folders, globs, archives.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,

    /// The folder of the store; it is made where there is none.
    #[arg(long, value_name = "DIR")]
    store: PathBuf,

    /// Take a last line without an end as it is.
    #[arg(long)]
    whole: bool,

    /// Describe logs that no format knows: see `coldtrail sources map`.
    #[arg(long = "map", value_name = "FILE")]
    maps: Vec<PathBuf>,

    /// How many threads read; all cores by default.
    #[arg(long, value_name = "COUNT")]
    threads: Option<NonZero<usize>>,

    /// How to write what was done.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Take this as the time of the run.
    #[arg(long, value_name = "TIME", value_parser = moment::moment)]
    now: Option<Timestamp>,
}

impl Ingest {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let (inputs, faults) = discover(&self.paths);
        for fault in faults.iter() {
            let help = fault.anomaly.help();
            terminal::say(&format!("{}: {} ({help})", fault.source, fault.detail));
        }
        if inputs.is_empty() {
            bail!("none of the paths leads to anything that can be read");
        }
        let store = Store::open_or_create(&self.store)?;
        let cores = available_parallelism().map_or(1, NonZero::get);
        let how = HowToIngest {
            threads: self.threads.map_or(cores, NonZero::get),
            whole: self.whole,
            mappings: mapping::read(&self.maps)?,
            ..HowToIngest::at(self.now.unwrap_or_else(moment::now))
        };
        let bar = terminal::progress_bar(inputs.iter().map(Input::bytes).sum());
        let ingested = {
            let bar = bar.clone();
            store.ingest(&inputs, &how, &move |bytes| bar.inc(bytes))
        };
        bar.finish_and_clear();
        let ingested = ingested?;
        output::to(None, |writer| match self.format {
            Format::Text => text(&ingested, writer),
            Format::Json => Ok(writeln!(writer, "{}", serde_json::to_string_pretty(&ingested)?)?),
        })?;
        Ok(Outcome::Clean)
    }
}

fn text(ingested: &Ingested, writer: &mut dyn Write) -> anyhow::Result<()> {
    let Ingested { new, grown, known, rows, contacts, .. } = ingested;
    writeln!(writer, "{rows} rows added, {contacts} of them towards serverless platforms")?;
    writeln!(writer, "{new} new sources, {grown} that had grown, {known} known already")?;
    for source in &ingested.pending {
        writeln!(writer, "pending: the last line of {source} has no end yet")?;
    }
    for source in &ingested.unrecognised {
        writeln!(writer, "no log: {source}")?;
    }
    for fault in &ingested.faults {
        let place = fault.offset.map_or_else(String::new, |offset| format!(" at byte {offset}"));
        let (source, code, count) = (&fault.source, &fault.code, fault.count);
        writeln!(writer, "{code}: {count} in {source}, first{place}: {}", fault.detail)?;
    }
    Ok(())
}
