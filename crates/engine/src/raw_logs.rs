//! Tables over log files as they are: read in parallel, in bounded memory, and no more than is asked.
//!
//! A pass over the logs begins when the first table is drained. By then the plans have said which
//! columns and which stretch of time they want, and nothing else is decoded. Threads read; each batch
//! goes to the channel of its table, and the plan that scans the table drains it. A plan must
//! therefore scan each table at most once, and all tables of a pass must be drained at the same time.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
use async_trait::async_trait;
use coldtrail_model::{Field, Table, Window};
use coldtrail_sources::{
    Filter, Input, Mapping, Pass, ReadAll, ReaderDied, Receiver, Selection, Sighting, SourceTally,
    Stopped, read_all,
};
use datafusion::catalog::{Session as CatalogSession, TableProvider};
use datafusion::common::{DataFusionError, Result, project_schema};
use datafusion::datasource::TableType;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use futures::stream;
use tokio::sync::mpsc;

use crate::census::CENSUS_FIELDS;
use crate::{Census, EngineError, Session};

/// Is told how many more bytes of input were read, from any thread.
pub type Progress = Arc<dyn Fn(u64) + Send + Sync>;

/// Batches that wait in a channel: enough to keep both sides busy, few enough to stay small.
const WAITING_BATCHES: usize = 4;

/// One pass over log files.
pub struct RawLogs {
    /// The files.
    pub inputs: Vec<Input>,
    /// How many threads read.
    pub threads: usize,
    /// The time to look at.
    pub window: Window,
    /// Which records can matter.
    pub filter: Filter,
    /// Which pass it is.
    pub pass: Pass,
    /// Descriptions of logs that no format knows.
    pub mappings: Arc<[Mapping]>,
    /// Is told how many bytes were read.
    pub progress: Progress,
}

impl RawLogs {
    /// Registers the tables with the session. Reading begins when one of them is drained.
    ///
    /// Rows of other tables, and of those that no plan scans, are counted and go nowhere.
    ///
    /// # Errors
    ///
    /// When the session already has one of the tables.
    pub fn register(self, session: &Session, tables: &[Table]) -> Result<Reading, EngineError> {
        let pass = Arc::new(Mutex::new(State::Waiting { raw: self, scans: Vec::new() }));
        for table in tables {
            let provider = RawTable { table: *table, pass: Arc::clone(&pass) };
            session.register(*table, Arc::new(provider))?;
        }
        Ok(Reading { pass })
    }
}

/// Reading that waits to begin, or goes on.
pub struct Reading {
    pass: Arc<Mutex<State>>,
}

impl Reading {
    /// Waits for the end, and returns what was counted, in order of source name.
    ///
    /// # Errors
    ///
    /// When a reading thread died.
    pub fn finish(self) -> Result<(Vec<SourceTally>, Census), EngineError> {
        let mut state = lock(&self.pass);
        // Where no plan scans a table there is still to be counted.
        state.begin();
        let State::Running(thread) = std::mem::replace(&mut *state, State::Over) else {
            return Err(EngineError::Reader);
        };
        drop(state);
        let read = thread.join().map_err(|_panic| EngineError::Reader)?;
        read.map_err(|_died| EngineError::Reader)
    }
}

enum State {
    Waiting { raw: RawLogs, scans: Vec<Scan> },
    Running(JoinHandle<Result<(Vec<SourceTally>, Census), ReaderDied>>),
    Over,
}

impl State {
    /// Begins to read, if nobody did.
    fn begin(&mut self) {
        *self = match std::mem::replace(self, State::Over) {
            State::Waiting { raw, scans } => {
                State::Running(std::thread::spawn(move || read(raw, &scans)))
            }
            begun => begun,
        };
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What one plan wants of a table, and where it goes.
#[derive(Clone)]
struct Scan {
    table: Table,
    schema: SchemaRef,
    sender: mpsc::Sender<RecordBatch>,
}

/// Reads to the end. The senders are gone when it returns, which is what ends the plans.
fn read(raw: RawLogs, scans: &[Scan]) -> Result<(Vec<SourceTally>, Census), ReaderDied> {
    let RawLogs { inputs, threads, window, filter, pass, mappings, progress } = raw;
    let mut selection =
        Selection::nothing().within(window).only(filter).in_pass(pass).mapped(mappings);
    for table in Table::ALL {
        let is_wanted = |field: &Field| {
            CENSUS_FIELDS.contains(field)
                || scans.iter().any(|scan| {
                    scan.table == table && scan.schema.field_with_name(field.name()).is_ok()
                })
        };
        let fields: Vec<Field> = table.fields().iter().copied().filter(is_wanted).collect();
        selection = selection.with(table, &fields);
    }
    let sorter = Sorter { scans: scans.to_vec(), pass, census: Census::default() };
    let sorters = vec![sorter; threads.max(1)];
    let ReadAll { tallies, receivers } =
        read_all(&inputs, &Arc::new(selection), sorters, progress.as_ref())?;
    let mut census = Census::default();
    for sorter in receivers {
        census.merge(sorter.census);
    }
    Ok((tallies, census))
}

/// Puts each batch into the channels of its table.
#[derive(Clone)]
struct Sorter {
    scans: Vec<Scan>,
    pass: Pass,
    census: Census,
}

impl Receiver for Sorter {
    fn receive(&mut self, table: Table, batch: RecordBatch) -> Result<(), Stopped> {
        match self.pass {
            Pass::Only | Pass::First => self.census.note(table, &batch),
            // What is counted twice as a host is one host; rows were counted in the first pass.
            Pass::Second | Pass::Repeated => self.census.note_hosts(&batch),
        }
        for scan in self.scans.iter().filter(|scan| scan.table == table) {
            let columns: Option<Vec<_>> = scan
                .schema
                .fields()
                .iter()
                .map(|field| batch.column_by_name(field.name()).cloned())
                .collect();
            let rows =
                arrow_array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
            let schema = Arc::clone(&scan.schema);
            let wanted = RecordBatch::try_new_with_options(schema, columns.ok_or(Stopped)?, &rows);
            scan.sender
                .blocking_send(wanted.map_err(|_misfit| Stopped)?)
                .map_err(|_closed| Stopped)?;
        }
        Ok(())
    }

    fn sight(&mut self, sighting: &Sighting<'_>) {
        self.census.sight(sighting);
    }
}

/// An event table of one pass.
struct RawTable {
    table: Table,
    pass: Arc<Mutex<State>>,
}

impl fmt::Debug for RawTable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "raw logs as {}", self.table.name())
    }
}

#[async_trait]
impl TableProvider for RawTable {
    fn schema(&self) -> SchemaRef {
        self.table.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _session: &dyn CatalogSession,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema: Arc<Schema> = project_schema(&self.table.schema(), projection)?;
        let (sender, receiver) = mpsc::channel(WAITING_BATCHES);
        match &mut *lock(&self.pass) {
            State::Waiting { scans, .. } => {
                scans.push(Scan { table: self.table, schema: Arc::clone(&schema), sender });
            }
            State::Running(_) | State::Over => {
                let because = "raw logs can be scanned only before they are read";
                return Err(DataFusionError::Execution(because.into()));
            }
        }
        let partition = ChannelPartition {
            schema: Arc::clone(&schema),
            receiver: Mutex::new(Some(receiver)),
            pass: Arc::clone(&self.pass),
        };
        let partitions: Vec<Arc<dyn PartitionStream>> = vec![Arc::new(partition)];
        Ok(Arc::new(StreamingTableExec::try_new(schema, partitions, None, [], false, None)?))
    }
}

/// The one partition of a table that is fed by a channel; it can be run once.
struct ChannelPartition {
    schema: SchemaRef,
    receiver: Mutex<Option<mpsc::Receiver<RecordBatch>>>,
    pass: Arc<Mutex<State>>,
}

impl fmt::Debug for ChannelPartition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("raw logs")
    }
}

impl PartitionStream for ChannelPartition {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let receiver = self.receiver.lock().unwrap_or_else(PoisonError::into_inner).take();
        lock(&self.pass).begin();
        let batches = stream::unfold(Some(receiver), |state| async move {
            match state? {
                Some(mut receiver) => {
                    let batch = receiver.recv().await?;
                    Some((Ok(batch), Some(Some(receiver))))
                }
                None => {
                    let error = DataFusionError::Execution("raw logs can be scanned once".into());
                    Some((Err(error), None))
                }
            }
        });
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches))
    }
}
