//! The main job.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::thread::available_parallelism;

use coldtrail_catalogue::Catalogue;
use coldtrail_correlate::{KnownService, findings};
use coldtrail_detect::{
    BROWSERS, Baseline, Clients, Detected, Settings, Steps, Views, cloud, conversations, detect,
    mentions, with_names_of_hosts, with_others, within,
};
use coldtrail_diagnostics::Faults;
use coldtrail_engine::plan::LogicalPlan;
use coldtrail_engine::{Census, Engine, EngineError, Progress, Session};
use coldtrail_model::{
    Baseline as ReportBaseline, Fault, Report, SCHEMA, Seen, Table, Timestamp, Window,
};
use coldtrail_sources::{Input, Mapping, SourceTally, discover};
use coldtrail_store::Store;
use coldtrail_triage::Context;

use crate::HuntError;
use crate::all_contacts::MOST_BYTES_IN_MEMORY;
use crate::evidence::originals;
use crate::in_memory::InMemory;
use crate::parts;
use crate::profiles::profiles;
use crate::raw::{Prepared, RawHunt};
use crate::rule_hits::RuleHits;
use crate::stored::StoreHunt;

/// What to hunt in, and how.
pub struct Hunt {
    /// What to hunt in.
    pub within: Within,
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
    /// Descriptions of logs that no format knows.
    pub mappings: Arc<[Mapping]>,
    /// Thresholds.
    pub settings: Settings,
    /// What people know and no log tells.
    pub context: Context,
    /// What was wrong with that.
    pub context_faults: Vec<Fault>,
    /// What rules say of the same logs.
    pub told: RuleHits,
    /// Is told how many bytes were read.
    pub progress: Progress,
    /// Is told when a stage begins.
    pub stages: Stages,
}

/// Is told when a stage of a hunt begins.
pub type Stages = Arc<dyn Fn(Stage) + Send + Sync>;

/// A stage of a hunt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// What is done, in a few words.
    pub name: &'static str,
    /// How many bytes of logs are read in it; 0 where none are.
    pub bytes: u64,
}

impl Stage {
    pub(crate) fn of(name: &'static str) -> Self {
        Self { name, bytes: 0 }
    }

    pub(crate) fn reading(name: &'static str, inputs: &[Input]) -> Self {
        Self { name, bytes: inputs.iter().map(Input::bytes).sum() }
    }
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
        Ok(Self::within(Within::Logs(inputs), faults, now))
    }

    /// A hunt in a store, for all time, by all cores and with the default thresholds.
    ///
    /// # Errors
    ///
    /// When the store cannot be opened.
    pub fn over_store(folder: &Path, now: Timestamp) -> Result<Self, HuntError> {
        let store = Store::open(folder).map_err(HuntError::Store)?;
        Ok(Self::within(Within::Store(store), Faults::default(), now))
    }

    fn within(within: Within, faults: Faults, now: Timestamp) -> Self {
        Self {
            within,
            faults,
            window: Window::default(),
            now,
            threads: available_parallelism().map_or(1, NonZero::get),
            settings: Settings::default(),
            prefilter: true,
            mappings: Arc::default(),
            context: Context::default(),
            context_faults: Vec::new(),
            told: RuleHits::default(),
            progress: Arc::new(|_bytes| {}),
            stages: Arc::new(|_stage| {}),
        }
    }
}

/// What to hunt in.
pub enum Within {
    /// Log files, as [`coldtrail_sources::discover`] found them.
    Logs(Vec<Input>),
    /// A store, with all its history.
    Store(Store),
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
    let Hunt {
        within,
        faults,
        window,
        now,
        threads,
        settings,
        prefilter,
        mappings,
        context,
        context_faults,
        told,
        progress,
        stages,
    } = hunt;
    let scratch = tempfile::tempdir().map_err(HuntError::Scratch)?;
    let prepared = match within {
        Within::Logs(inputs) => {
            let raw = RawHunt {
                inputs,
                window,
                threads,
                prefilter,
                mappings,
                progress,
                stages: Arc::clone(&stages),
            };
            raw.prepare(scratch.path()).await.map_err(HuntError::Read)?
        }
        Within::Store(store) => {
            stages(Stage::of("look up in the store"));
            StoreHunt { store, window, threads }.prepare(scratch.path()).await?
        }
    };
    let Prepared { session, contacts, read } = prepared;
    stages(Stage::of("fold into conversations"));
    let views = views(&session, window, contacts, &read, &settings, scratch.path()).await;
    let views = views.map_err(HuntError::Read)?;
    stages(Stage::of("detect and report"));
    report(
        &session,
        &session,
        &views,
        read,
        Terms { faults, window, now, settings, context, context_faults, told },
    )
    .await
}

/// What was counted while the logs were read.
pub struct Read {
    /// What was counted of each source, in order of name.
    pub seen: Vec<Seen>,
    /// What was wrong in them.
    pub faults: Vec<Fault>,
    /// Who was active, over all the history there is.
    pub census: Census,
    /// The time that this history covers, beyond the time looked at where there is a store.
    pub history: Window,
}

impl Read {
    /// What readers counted.
    pub fn of(tallies: Vec<SourceTally>, census: Census, history: Window) -> Self {
        Self { seen: parts::seen(&tallies), faults: parts::faults_of(tallies), census, history }
    }
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
    /// What people know and no log tells.
    pub context: Context,
    /// What was wrong with that.
    pub context_faults: Vec<Fault>,
    /// What rules say of the same logs.
    pub told: RuleHits,
}

/// Runs the detections over views of the events on any engine, and reports. What is told of findings
/// beside that, such as their original records, comes from the engine that has the events.
///
/// # Errors
///
/// When the engine cannot run a detection's plan.
pub async fn report<E: Engine, S: Engine>(
    engine: &E,
    events: &S,
    views: &Views,
    read: Read,
    terms: Terms,
) -> Result<Report, HuntError> {
    let baseline = baseline(&read);
    let detected = detect(engine, views, &baseline, &terms.settings).await;
    let Detected { mut signals, mut not_run } = detected.map_err(HuntError::Detect)?;
    signals.extend(terms.told.signals);
    not_run.extend(terms.told.not_run);
    let mut report = Report {
        schema: SCHEMA.to_owned(),
        generated: terms.now,
        window: terms.window,
        findings: findings(&signals, is_browser, known_service, &terms.context),
        baseline: told_baseline(&baseline),
        seen: read.seen,
        rules: terms.told.summary,
        not_run,
        faults: [parts::told(&terms.faults), read.faults, terms.context_faults].concat(),
    };
    report.faults.sort();
    if let Some(activity) = events.activity().await.map_err(HuntError::Read)? {
        let hosts = report.findings.iter().map(|finding| finding.actor.host.clone()).collect();
        let profiles = profiles(events, activity, &hosts, &read.census).await;
        report.baseline.hosts = profiles.map_err(HuntError::Read)?;
    }
    let records = parts::records_that_matter(&report);
    let originals = originals(events, &records).await.map_err(HuntError::Evidence)?;
    parts::note_hashes(&mut report, records, originals);
    Ok(report)
}

/// What detections read, each made once.
async fn views(
    session: &Session,
    window: Window,
    contacts: LogicalPlan,
    read: &Read,
    settings: &Settings,
    folder: &Path,
) -> Result<Views, EngineError> {
    let aside = async |name: &str, plan| {
        let path = folder.join(format!("{name}.parquet"));
        session.put_aside(name, plan, path, MOST_BYTES_IN_MEMORY).await
    };
    Ok(Views {
        conversations: fold(session, window, contacts, read, settings).await?,
        mentions: aside("mention", mentions(session, window).await?).await?,
        cloud: aside("action", cloud(session, read.history, window).await?).await?,
    })
}

/// Folds contacts into conversations, which the plan that is returned scans in memory.
async fn fold(
    session: &Session,
    window: Window,
    contacts: LogicalPlan,
    read: &Read,
    settings: &Settings,
) -> Result<LogicalPlan, EngineError> {
    let steps = InMemory::new(session);
    let folded = steps.done(conversations(within(contacts.clone(), window)?)?).await?;
    // What came before the window is no part of it, but of what is usual.
    let history = if read.history == window {
        folded.clone()
    } else {
        let history = conversations(within(contacts, read.history)?)?;
        steps.done(history).await?
    };
    let named = with_names_of_hosts(folded, &read.census, settings, &steps).await?;
    let named = steps.done(named).await?;
    steps.done(with_others(named, history, &read.census, settings)?).await
}

fn baseline(Read { seen, census, history, .. }: &Read) -> Baseline {
    // Sources are counted whole, but what is usual comes from the time that was read.
    let first = seen.iter().filter_map(|source| source.first).min();
    let last = seen.iter().filter_map(|source| source.last).max();
    let rows_of = |table: Table| {
        seen.iter().filter_map(|source| source.tables.get(table.name())).copied().sum()
    };
    Baseline {
        active_hosts: census.active_hosts(),
        first_seen: first.max(history.since),
        last_seen: [last, history.until].into_iter().flatten().min(),
        process_rows: census.process_rows(),
        name_rows: census.name_rows(),
        script_rows: rows_of(Table::Script),
        file_rows: rows_of(Table::File),
        cloud_rows: rows_of(Table::Cloud),
        clients: Clients::default(),
    }
}

/// What findings were compared with, and how far back that reaches.
fn told_baseline(baseline: &Baseline) -> ReportBaseline {
    ReportBaseline {
        active_hosts: baseline.active_hosts,
        reaches_back_to: baseline.first_seen,
        reaches_to: baseline.last_seen,
        hosts: BTreeMap::new(),
    }
}

pub(crate) fn is_browser(process: &str) -> bool {
    BROWSERS.contains(&process)
}

pub(crate) fn known_service(host: &str) -> Option<KnownService> {
    let known = Catalogue::builtin().known(host)?;
    let description = format!("{}, run by {}", known.purpose, known.owner);
    Some(KnownService { description })
}
