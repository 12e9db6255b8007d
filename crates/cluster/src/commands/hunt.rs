use std::num::NonZero;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread::available_parallelism;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use coldtrail_cluster::{Address, ClusterError, Store, connect, hunt, standalone, write_store};
use coldtrail_diagnostics::Faults;
use coldtrail_engine::{Engine, Rows, Session};
use coldtrail_model::{Report, Timestamp, Window};
use coldtrail_pipeline::{Known, StoreTables, Terms, Within, context_faults};
use coldtrail_present::Format;

use super::Guard;
use crate::moment::{moment, now};
use crate::output;

const EXAMPLES: &str = "\
Examples:
  coldtrail-cluster hunt --cluster df://127.0.0.1:50050 --store /srv/coldtrail
  coldtrail-cluster hunt --cluster df://10.0.0.1:50050 --key cluster.pem --store s3://logs/coldtrail
  coldtrail-cluster hunt --store s3://logs/coldtrail --since 2026-04-10      in this process
  coldtrail-cluster hunt examples/ --format json --output report.json        over raw logs";

const EXIT_CODES: &str = "Exit code: 0 nothing found, 1 findings, 2 could not run.";

/// How many parts the work is cut into where a cluster does it. Executors take parts as they have
/// cores; more parts than cores cost little, fewer leave cores idle.
const PARTS: usize = 16;

/// Hunt in a store on a cluster, or in a store or logs in this process.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, after_help = EXIT_CODES)]
pub(crate) struct Hunt {
    /// Logs to read here: files, folders, globs, archives.
    #[arg(value_name = "PATH", required_unless_present = "store", conflicts_with_all = ["store", "cluster"])]
    paths: Vec<String>,

    /// The store to hunt in: s3://bucket/prefix, gs://…, az://…, or a folder.
    #[arg(long, value_name = "URL")]
    store: Option<String>,

    /// The scheduler of the cluster that does the work; without one it is done in this process.
    #[arg(long, value_name = "df://HOST:PORT", requires = "store")]
    cluster: Option<Address>,

    /// How many parts a cluster's work is cut into: a few for each core of all executors.
    #[arg(long, value_name = "COUNT", default_value_t = PARTS, requires = "cluster")]
    parts: usize,

    /// How to write the report.
    #[arg(long, value_enum, default_value_t = ReportFormat::Json)]
    format: ReportFormat,

    /// Write the report to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Look at events from this time on, such as 2026-04-13T10:00:00Z or 2026-04-13.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<Timestamp>,

    /// Look at events before this time.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    until: Option<Timestamp>,

    /// Take this as the time of the run, for reports that come out the same.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    now: Option<Timestamp>,

    /// A folder of what you know and no log tells: sanctioned.csv, assets.csv, changes.csv, intel/,
    /// settings.toml. It is read here, and never leaves this process.
    #[arg(long, value_name = "DIR")]
    context: Option<PathBuf>,

    #[command(flatten)]
    guard: Guard,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    /// A table, then the top findings explained.
    Text,
    /// The contract coldtrail.report/1; its JSON Schema is in schemas/.
    Json,
}

impl Hunt {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let window = Window { since: self.since, until: self.until };
        let now = self.now.unwrap_or_else(now);
        let threads = available_parallelism().map_or(1, NonZero::get);
        let report = match &self.store {
            Some(store) => self.in_store(store, window, now, threads).await?,
            None => self.in_logs(window, now).await?,
        };
        let format = match self.format {
            ReportFormat::Text => Format::Text,
            ReportFormat::Json => Format::Json,
        };
        output::write(&report, format, self.output.as_deref())?;
        Ok(ExitCode::from(u8::from(!report.findings.is_empty())))
    }

    async fn in_store(
        &self,
        location: &str,
        window: Window,
        now: Timestamp,
        threads: usize,
    ) -> anyhow::Result<Report> {
        let store = Store::at(location)?;
        let snapshot = store.snapshot().await?;
        let past = Window { since: None, ..window };
        let tables = StoreTables { snapshot: &snapshot, root: store.root(), window: past };
        let terms = self.terms(window, now)?;
        let Some(address) = &self.cluster else {
            let session = standalone(threads).await?;
            let report = hunt_in((&session, &session), &tables, terms, threads).await;
            return report.with_context(|| format!("the hunt in {} failed", store.url()));
        };
        let cluster = connect(address, &self.guard.door()?, self.parts).await?;
        let report = hunt_in((cluster.session(), &cluster), &tables, terms, threads).await;
        report.with_context(|| format!("the hunt in {} on {address} failed", store.url()))
    }

    /// What the report depends on beside the logs: all of it is judged here.
    fn terms(&self, window: Window, now: Timestamp) -> anyhow::Result<Terms> {
        let known = match &self.context {
            Some(folder) if folder.is_dir() => Known::read(folder, now),
            Some(folder) => bail!("{} is no folder; a context is one", folder.display()),
            None => Known::default(),
        };
        let folder = self.context.as_ref().map(|folder| folder.display().to_string());
        let context_faults = context_faults(&folder.unwrap_or_default(), &known.problems);
        let Known { context, settings, .. } = known;
        Ok(Terms {
            faults: Faults::default(),
            window,
            now,
            settings,
            context,
            context_faults,
            told: Default::default(),
        })
    }

    async fn in_logs(&self, window: Window, now: Timestamp) -> anyhow::Result<Report> {
        let hunting = coldtrail_pipeline::Hunt::over(&self.paths, now)?;
        let folder = tempfile::tempdir().context("cannot make a folder for the tables")?;
        let Within::Logs(inputs) = &hunting.within else { bail!("logs have paths") };
        write_store(inputs, now, folder.path())?;
        let store = folder.path().to_string_lossy();
        self.in_store(&store, window, now, hunting.threads).await
    }
}

async fn hunt_in<E: Engine>(
    (session, engine): (&Session, &E),
    tables: &StoreTables<'_>,
    terms: Terms,
    threads: usize,
) -> Result<Report, ClusterError> {
    tables.register(session, Rows::Contacts)?;
    tables.register(session, Rows::Linked)?;
    let read = tables.read(session, engine).await?;
    hunt(engine, read, terms, threads).await
}
