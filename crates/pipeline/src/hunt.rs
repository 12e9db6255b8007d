//! The main job.

use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;

use coldtrail_catalogue::Catalogue;
use coldtrail_correlate::{KnownService, findings};
use coldtrail_detect::{
    BROWSERS, Baseline, Detected, Settings, contacts, conversations, detect, linked_flows,
    with_names_of_hosts,
};
use coldtrail_diagnostics::Faults;
use coldtrail_engine::plan::{LogicalPlan, union};
use coldtrail_engine::{Census, Engine, EngineError, Progress, Session};
use coldtrail_model::{Links, Report, SCHEMA, Timestamp, Window};
use coldtrail_sources::{Input, SourceTally, discover};

use crate::HuntError;
use crate::parts;
use crate::raw::{Prepared, RawHunt};

/// What to hunt in, and how.
pub struct Hunt {
    /// The logs, as [`coldtrail_sources::discover`] found them.
    pub inputs: Vec<Input>,
    /// What was wrong on the way to them.
    pub faults: Faults,
    /// The time to look at.
    pub window: Window,
    /// The time of the run.
    pub now: Timestamp,
    /// How many threads read and compute.
    pub threads: usize,
    /// Whether rows that cannot matter are passed over. Findings are the same without; it is slower,
    /// and anomalies in values of such rows are counted, too.
    pub prefilter: bool,
    /// Thresholds.
    pub settings: Settings,
    /// Is told how many bytes were read.
    pub progress: Progress,
}

impl Hunt {
    /// A hunt over files, folders, globs and archives, for all time, by all cores and with the
    /// default thresholds.
    ///
    /// # Errors
    ///
    /// When none of the paths leads to anything that can be read.
    pub fn over(paths: &[String], now: Timestamp) -> Result<Self, HuntError> {
        let (inputs, faults) = discover(paths);
        if inputs.is_empty() {
            return Err(HuntError::NothingToRead(parts::why_nothing(&faults)));
        }
        Ok(Self {
            inputs,
            faults,
            window: Window::default(),
            now,
            threads: available_parallelism().map_or(1, NonZero::get),
            settings: Settings::default(),
            prefilter: true,
            progress: Arc::new(|_bytes| {}),
        })
    }
}

/// Reads the logs once, looks for what the detections know, and reports.
///
/// # Errors
///
/// When the engine fails. Bad input is no error: it is reported.
pub fn hunt(hunt: Hunt) -> Result<Report, HuntError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(hunt.threads.max(1))
        .build()
        .map_err(HuntError::Start)?;
    runtime.block_on(run(hunt))
}

async fn run(hunt: Hunt) -> Result<Report, HuntError> {
    let Hunt { inputs, faults, window, now, threads, settings, prefilter, progress } = hunt;
    let scratch = tempfile::tempdir().map_err(HuntError::Scratch)?;
    let raw = RawHunt { inputs, window, threads, prefilter, progress };
    let prepared = raw.prepare(scratch.path()).await.map_err(HuntError::Read)?;
    let Prepared { session, links, read } = prepared;
    let conversations = fold(&session, window, &links, &read).await.map_err(HuntError::Read)?;
    report(&session, &conversations, read, Terms { faults, window, now, settings }).await
}

/// What was counted while the logs were read.
pub struct Read {
    /// What was counted of each source, in order of name.
    pub tallies: Vec<SourceTally>,
    /// Who was active.
    pub census: Census,
}

/// What a report depends on beside the logs.
pub struct Terms {
    /// What was wrong on the way to the logs.
    pub faults: Faults,
    /// The time to look at.
    pub window: Window,
    /// The time of the run.
    pub now: Timestamp,
    /// Thresholds.
    pub settings: Settings,
}

/// Runs the detections over conversations on any engine, and reports.
///
/// `conversations` is a plan that [`coldtrail_detect::with_names_of_hosts`] made.
///
/// # Errors
///
/// When the engine cannot run a detection's plan.
pub async fn report<E: Engine>(
    engine: &E,
    conversations: &LogicalPlan,
    read: Read,
    terms: Terms,
) -> Result<Report, HuntError> {
    let baseline = baseline(&read);
    let detected = detect(engine, conversations, &baseline, &terms.settings).await;
    let Detected { signals, not_run } = detected.map_err(HuntError::Detect)?;
    let mut report = Report {
        schema: SCHEMA.to_owned(),
        generated: terms.now,
        window: terms.window,
        findings: findings(&signals, is_browser, known_service),
        seen: parts::seen(&read.tallies),
        not_run,
        faults: parts::faults(terms.faults, read.tallies),
    };
    parts::hash_records(&mut report);
    Ok(report)
}

/// Folds all contacts into conversations, which the plan that is returned scans in memory.
async fn fold(
    session: &Session,
    window: Window,
    links: &Links,
    read: &Read,
) -> Result<LogicalPlan, EngineError> {
    let folded = all_conversations(session, window, links).await?;
    let folded = in_memory(session, "conversation", folded).await?;
    let named = with_names_of_hosts(folded, &read.census)?;
    in_memory(session, "named_conversation", named).await
}

/// The plan of conversations made of all contacts: those with a name of their own, and connections
/// that are named by what their source was told.
///
/// # Errors
///
/// When the plan cannot be built.
pub async fn all_conversations<E: Engine>(
    engine: &E,
    window: Window,
    links: &Links,
) -> Result<LogicalPlan, EngineError> {
    let contacts = contacts(engine, window).await?;
    if links.is_empty() {
        return conversations(contacts);
    }
    let flows = linked_flows(engine, window, links).await?;
    conversations(union(contacts, flows)?)
}

/// Runs a plan, and gives a plan over its rows.
async fn in_memory(
    session: &Session,
    name: &str,
    plan: LogicalPlan,
) -> Result<LogicalPlan, EngineError> {
    let planned = plan.schema().inner().clone();
    let batches = session.collect(plan).await?;
    let schema = batches.first().map_or(planned, |batch| batch.schema());
    session.memory_table(name, schema, batches)
}

fn baseline(Read { tallies, census }: &Read) -> Baseline {
    let spans = || tallies.iter().filter_map(|source| source.tally.span);
    Baseline {
        active_hosts: census.active_hosts(),
        first_seen: spans().map(|(first, _)| Timestamp(first)).min(),
        last_seen: spans().map(|(_, last)| Timestamp(last)).max(),
        process_rows: census.process_rows(),
        name_rows: census.name_rows(),
    }
}

fn is_browser(process: &str) -> bool {
    BROWSERS.contains(&process)
}

fn known_service(host: &str) -> Option<KnownService> {
    let known = Catalogue::builtin().known(host)?;
    let description = format!("{}, run by {}", known.purpose, known.owner);
    Some(KnownService { description })
}
