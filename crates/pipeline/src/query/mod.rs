//! Queries in KQL and SQL over log files as they are, or over a store.

mod answer;
mod environment;
mod external_data;
mod limited;
mod rules;
pub mod schema;
mod stored;
mod tables;

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::RecordBatch;
use coldtrail_detect::lower::{LowerError, Lowering};
use coldtrail_diagnostics::Faults;
use coldtrail_engine::plan::LogicalPlan;
use coldtrail_engine::{EngineError, EventTable, LogFiles, Progress, Rows, Session};
use coldtrail_model::{Table, Window};
use coldtrail_rules::kql::plan::Plan;
use coldtrail_rules::kql::{Problem, bind, dialects};
use coldtrail_sources::{Input, KnownKinds, Mapping, SourceTally};
use coldtrail_store::{Store, StoreError};
use tokio::runtime::{Handle, Runtime};

pub use self::answer::{AnswerError, AnswerWriter, Shown, as_kql};
use self::environment::QueryEnvironment;
pub use self::environment::Surroundings;
pub use self::external_data::ExternalFiles;
use self::limited::Take;
pub use self::stored::StoredFunctions;
use self::tables::{QueryTables, Source};
use crate::stored::StoreTables;

/// What a query reads.
#[derive(Clone, Debug)]
pub enum Queried {
    /// Log files, with descriptions of those that no format knows.
    Logs(Vec<Input>, Arc<[Mapping]>),
    /// A store, in this folder.
    Store(PathBuf),
    /// Nothing: the query spells its rows out.
    Nothing,
}

/// Why a query could not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The engine could not be started.
    #[error("cannot start the engine")]
    Start(#[source] std::io::Error),
    /// The store could not be read.
    #[error("cannot read the store")]
    Store(#[source] StoreError),
    /// The engine could not plan or run the query.
    #[error("cannot run the query")]
    Engine(#[from] EngineError),
    /// The query's plan could not be made into one of the engine.
    #[error("cannot plan the query")]
    Lower(#[from] LowerError),
    /// The query took longer than it may.
    #[error(
        "the query was stopped after {} seconds; narrow it with `where`, or give it more with --timeout",
        .0.as_secs()
    )]
    Late(Duration),
    /// Whoever takes the rows wants no more.
    #[error("cannot write the rows")]
    Write(#[source] Box<dyn Error + Send + Sync>),
}

/// The engine with everything that queries read.
pub struct QueryEngine {
    threads: Handle,
    _runtime: Threads,
    session: Session,
    source: Source,
    surroundings: Surroundings,
    timeout: Option<Duration>,
}

/// Threads that nobody waits for at the end: what runs for too long may not notice that nobody wants it.
struct Threads(Option<Runtime>);

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// A query that means something, ready to run.
pub struct PreparedQuery {
    /// What it means; of SQL there is none.
    pub plan: Option<Plan>,
    /// What its author should know.
    pub warnings: Vec<Problem>,
    lowered: Option<LogicalPlan>,
}

impl QueryEngine {
    /// An engine over those logs, with so many threads.
    ///
    /// # Errors
    ///
    /// When the engine cannot start, or the store cannot be read.
    pub fn new(
        queried: Queried,
        surroundings: Surroundings,
        threads: usize,
        progress: Progress,
    ) -> Result<Self, QueryError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads.max(1))
            // Plans are as deep as queries are.
            .thread_stack_size(16 << 20)
            .enable_time()
            .build()
            .map_err(QueryError::Start)?;
        let session = Session::new(threads)?;
        let source = match queried {
            Queried::Logs(inputs, mappings) => {
                let kinds = dialects::all().iter().flat_map(|known| known.exports());
                let files = LogFiles::new(inputs, threads).mapped(mappings).telling(progress);
                Source::Logs(files, Arc::new(KnownKinds::new(kinds)))
            }
            Queried::Store(folder) => {
                register_store(&session, &folder)?;
                Source::Store
            }
            Queried::Nothing => Source::Nowhere,
        };
        Ok(Self {
            threads: runtime.handle().clone(),
            _runtime: Threads(Some(runtime)),
            session,
            source,
            surroundings,
            timeout: None,
        })
    }

    /// Stops queries that take longer than that.
    pub fn within(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout;
        self
    }

    /// Prepares a query in KQL.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn kql(&self, text: &str) -> Result<PreparedQuery, Vec<Problem>> {
        let environment = QueryEnvironment {
            surroundings: &self.surroundings,
            session: &self.session,
            source: &self.source,
            threads: &self.threads,
            timeout: self.timeout,
        };
        let bound = bind::bind(text, &environment)?;
        Ok(PreparedQuery { plan: Some(bound.plan), warnings: bound.warnings, lowered: None })
    }

    /// Prepares a query in SQL, over the event tables.
    ///
    /// # Errors
    ///
    /// When it is wrong, or names what there is not.
    pub fn sql(&self, text: &str) -> Result<PreparedQuery, QueryError> {
        if let Source::Logs(files, _) = &self.source {
            for table in Table::ALL {
                self.session.register(table, Arc::new(EventTable::new(files.clone(), table)))?;
            }
        }
        for table in Table::ALL {
            self.threads.block_on(self.session.name_plainly(table, Rows::Linked))?;
        }
        let lowered = self.threads.block_on(self.session.sql(text))?;
        Ok(PreparedQuery { plan: None, warnings: Vec::new(), lowered: Some(lowered) })
    }

    /// The engine's plan of a query.
    ///
    /// # Errors
    ///
    /// When the engine refuses it.
    pub fn lower(&self, query: &PreparedQuery) -> Result<LogicalPlan, QueryError> {
        match (&query.lowered, &query.plan) {
            (Some(lowered), _) => Ok(lowered.clone()),
            (None, Some(plan)) => {
                let tables = QueryTables { session: &self.session, source: &self.source };
                let lowering = Lowering::new(&self.session, &tables);
                Ok(self.threads.block_on(lowering.lower(plan))?)
            }
            (None, None) => Err(QueryError::Engine(EngineError::Reader)),
        }
    }

    /// How a query would run, a line for each step.
    ///
    /// # Errors
    ///
    /// When the engine refuses it.
    pub fn explain(&self, query: &PreparedQuery) -> Result<String, QueryError> {
        let lowered = self.lower(query)?;
        Ok(self.threads.block_on(self.session.explained(lowered))?)
    }

    /// Runs a query, and hands its rows over as they come, in order if the query sorts.
    ///
    /// Joins are made by hashing; should the memory not do, and no row have come yet, they are made by sorting,
    /// which spills to disk.
    ///
    /// # Errors
    ///
    /// When it cannot run, takes too long, or nobody takes its rows.
    pub fn run(&self, query: &PreparedQuery, take: &mut Take<'_>) -> Result<(), QueryError> {
        self.session.join_by_sorting(false);
        match self.run_once(query, take) {
            Err((error, 0)) if is_out_of_memory(&error) => {
                self.session.join_by_sorting(true);
                self.run_once(query, take).map_err(|(error, _)| error)
            }
            result => result.map_err(|(error, _)| error),
        }
    }

    fn run_once(
        &self,
        query: &PreparedQuery,
        take: &mut Take<'_>,
    ) -> Result<(), (QueryError, usize)> {
        let lowered = self.lower(query).map_err(|error| (error, 0))?;
        let mut taken = 0;
        let mut counted = |batch: RecordBatch| {
            taken += batch.num_rows();
            take(batch)
        };
        let result =
            limited::run(&self.threads, &self.session, lowered, self.timeout, &mut counted);
        result.map_err(|error| (error, taken))
    }

    /// What was counted of the logs so far.
    pub fn tallies(&self) -> Vec<SourceTally> {
        match &self.source {
            Source::Logs(files, _) => files.tallies(),
            Source::Store | Source::Nowhere => Vec::new(),
        }
    }

    /// The surroundings.
    pub fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }
}

/// A line for each sort of fault that logs had, with the first place.
pub fn faults(tallies: &[SourceTally]) -> Vec<String> {
    let mut all = Faults::default();
    for tally in tallies {
        all.append(tally.tally.faults.clone());
    }
    let lines = all.iter().map(|fault| {
        let place = fault.offset.map(|offset| format!(" at byte {offset}")).unwrap_or_default();
        format!(
            "{}: {} × {}{place}: {}",
            fault.source,
            fault.count,
            fault.anomaly.code(),
            fault.detail
        )
    });
    lines.collect()
}

/// How long something takes.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begin = Instant::now();
    let result = work();
    (result, begin.elapsed())
}

fn register_store(session: &Session, folder: &std::path::Path) -> Result<(), QueryError> {
    let store = Store::open(folder).map_err(QueryError::Store)?;
    let snapshot = store.snapshot().map_err(QueryError::Store)?;
    let root = store.root().display().to_string();
    let tables = StoreTables { snapshot: &snapshot, root: &root, window: Window::default() };
    for table in Table::ALL {
        session.register_files(table, Rows::Linked, &tables.files(table, Rows::Linked))?;
    }
    Ok(())
}

/// Whether that is what became of an error: no memory was left.
fn is_out_of_memory(error: &QueryError) -> bool {
    let mut source: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = source {
        if error.downcast_ref::<EngineError>().is_some_and(EngineError::is_out_of_memory) {
            return true;
        }
        source = error.source();
    }
    false
}

/// An error with everything that it came from, in one line.
fn why(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        source = error.source();
    }
    text
}
