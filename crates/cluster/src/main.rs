//! The `coldtrail-cluster` binary: hunts with Ballista as the engine.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use coldtrail_cluster::{standalone, write_tables};
use coldtrail_detect::{CONTACT_TABLES, contacts, conversations, with_names_of_hosts};
use coldtrail_engine::{RawLogs, Session};
use coldtrail_model::{Report, Timestamp};
use coldtrail_pipeline::{Hunt, Terms, report};
use coldtrail_present::{Format, TextOptions};

/// Hunts with Ballista as the engine.
#[derive(Debug, Parser)]
#[command(name = "coldtrail-cluster", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the logs as Parquet tables, hunt in them on Ballista, and report as JSON.
    ///
    /// The report is the one that `coldtrail hunt --format json` gives. The exit code is 0 when
    /// nothing was found, 1 when something was, 2 when it could not run.
    Hunt {
        /// Files, folders, globs, archives; `-` is standard input.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<String>,

        /// Take this as the time of the run, such as 2026-04-13T10:00:00Z.
        #[arg(long, value_name = "TIME")]
        now: Option<jiff::Timestamp>,
    },
}

fn main() -> ExitCode {
    let Command::Hunt { paths, now } = Arguments::parse().command;
    let now = now.unwrap_or_else(jiff::Timestamp::now);
    match hunt(&paths, Timestamp(now.as_microsecond())) {
        Ok(report) => ExitCode::from(u8::from(!report.findings.is_empty())),
        Err(error) => {
            let _closed = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}

#[tokio::main]
async fn hunt(paths: &[String], now: Timestamp) -> anyhow::Result<Report> {
    let Hunt { inputs, faults, window, now, threads, settings, progress } = Hunt::over(paths, now)?;
    let folder = tempfile::tempdir().context("cannot make a folder for the tables")?;
    let raw = RawLogs::new(inputs, threads, window, progress);
    let read = write_tables(&Session::new(threads)?, raw, folder.path()).await?;

    let cluster = standalone(threads).await?;
    for table in CONTACT_TABLES {
        let path = folder.path().join(table.name());
        cluster.register_parquet(table, &path.to_string_lossy()).await?;
    }
    let folded = conversations(contacts(&cluster, window).await?)?;
    let named = with_names_of_hosts(folded, &read.census)?;
    let terms = Terms { faults, window, now, settings };
    let report = report(&cluster, &named, read, terms).await?;
    let mut output = io::stdout().lock();
    coldtrail_present::write(&report, Format::Json, &TextOptions::default(), &mut output)?;
    Ok(report)
}
