//! Tables over log files as they are: read once, in parallel, in bounded memory.
//!
//! Threads take files from one queue; each batch goes to the channel of its table, and the plan
//! that scans the table drains it. A plan must therefore scan each table at most once, and all
//! tables at the same time (a union does; a join that waits for one side does not).

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use coldtrail_model::{Table, Window};
use coldtrail_sources::{Input, Receiver, Selection, SourceTally, Stopped};
use datafusion::catalog::streaming::StreamingTable;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use futures::stream;
use tokio::sync::mpsc;

use crate::{Census, EngineError, Session};

/// Is told how many more bytes of input were read, from any thread.
pub type Progress = Arc<dyn Fn(u64) + Send + Sync>;

/// Batches that wait in a channel: enough to keep both sides busy, few enough to stay small.
const WAITING_BATCHES: usize = 4;

/// Log files that are about to be read.
pub struct RawLogs {
    inputs: Vec<Input>,
    threads: usize,
    window: Window,
    progress: Progress,
}

impl RawLogs {
    /// The files to read, by how many threads, and the time in which the census counts.
    pub fn new(inputs: Vec<Input>, threads: usize, window: Window, progress: Progress) -> Self {
        Self { inputs, threads: threads.max(1), window, progress }
    }

    /// Registers the wanted tables with the session and begins to read.
    ///
    /// Rows of other tables are counted, and go nowhere.
    ///
    /// # Errors
    ///
    /// When the session already has one of the tables.
    pub fn start(self, session: &Session, wanted: &[Table]) -> Result<Reading, EngineError> {
        let mut channels = Vec::new();
        for table in wanted {
            let (sender, receiver) = mpsc::channel(WAITING_BATCHES);
            let partition = ChannelPartition::new(table.schema(), receiver);
            let provider = StreamingTable::try_new(table.schema(), vec![Arc::new(partition)])?;
            session.register(*table, Arc::new(provider))?;
            channels.push((*table, sender));
        }
        let window = self.window;
        let queue = Arc::new(Queue { inputs: self.inputs, next: AtomicUsize::new(0) });
        let threads = (0..self.threads)
            .map(|_| {
                let queue = Arc::clone(&queue);
                let channels = channels.clone();
                let progress = Arc::clone(&self.progress);
                std::thread::spawn(move || read_queue(&queue, channels, window, &progress))
            })
            .collect();
        Ok(Reading { threads })
    }
}

/// Reading that is going on.
pub struct Reading {
    threads: Vec<JoinHandle<(Vec<SourceTally>, Census)>>,
}

impl Reading {
    /// Waits for the end, and returns what was counted, in order of source name.
    ///
    /// # Errors
    ///
    /// When a reading thread died.
    pub fn finish(self) -> Result<(Vec<SourceTally>, Census), EngineError> {
        let mut tallies = Vec::new();
        let mut census = Census::default();
        for thread in self.threads {
            let (read, noted) = thread.join().map_err(|_panic| EngineError::Reader)?;
            tallies.extend(read);
            census.merge(noted);
        }
        tallies.sort_by(|one, other| one.source.cmp(&other.source));
        Ok((tallies, census))
    }
}

struct Queue {
    inputs: Vec<Input>,
    next: AtomicUsize,
}

impl Queue {
    fn next(&self) -> Option<&Input> {
        self.inputs.get(self.next.fetch_add(1, Ordering::Relaxed))
    }
}

fn read_queue(
    queue: &Queue,
    channels: Vec<(Table, mpsc::Sender<RecordBatch>)>,
    window: Window,
    progress: &Progress,
) -> (Vec<SourceTally>, Census) {
    let mut sorter = Sorter { channels, window, census: Census::default() };
    let mut tallies = Vec::new();
    while let Some(input) = queue.next() {
        tallies.extend(coldtrail_sources::read(
            input,
            Selection::everything(),
            &mut sorter,
            progress.as_ref(),
        ));
    }
    (tallies, sorter.census)
}

/// Puts each batch into the channel of its table.
struct Sorter {
    channels: Vec<(Table, mpsc::Sender<RecordBatch>)>,
    window: Window,
    census: Census,
}

impl Receiver for Sorter {
    fn receive(&mut self, table: Table, batch: RecordBatch) -> Result<(), Stopped> {
        self.census.note(table, &batch, self.window);
        match self.channels.iter().find(|(wanted, _)| *wanted == table) {
            Some((_, sender)) => sender.blocking_send(batch).map_err(|_closed| Stopped),
            None => Ok(()),
        }
    }
}

/// The one partition of a table that is fed by a channel; it can be run once.
struct ChannelPartition {
    schema: SchemaRef,
    receiver: Mutex<Option<mpsc::Receiver<RecordBatch>>>,
}

impl ChannelPartition {
    fn new(schema: SchemaRef, receiver: mpsc::Receiver<RecordBatch>) -> Self {
        Self { schema, receiver: Mutex::new(Some(receiver)) }
    }
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
