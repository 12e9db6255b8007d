//! Log files that plans scan in any order and as often as they like.
//!
//! Each scan is a pass of its own over the files, with threads of its own, and decodes only the columns that
//! it wants: unlike [`RawLogs`](crate::RawLogs), whose tables share one pass and have to be drained at the
//! same time. What was counted is kept once for each source, however often it was read.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::SchemaRef;
use coldtrail_model::{Table, Window};
use coldtrail_sources::{
    Input, Mapping, Receiver, Selection, SourceTally, Stopped, is_export_of, read_all,
};
use datafusion::common::Result;
use datafusion::error::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use futures::stream;

use crate::batch_queue::BatchQueue;
use crate::{EngineError, Progress};

/// Batches that wait for each thread: enough to keep both sides busy, few enough to stay small.
const WAITING_BATCHES: usize = 4;

/// Files, and how they are read. Clones share what was counted.
#[derive(Clone)]
pub struct LogFiles {
    inputs: Arc<[Input]>,
    threads: usize,
    window: Window,
    mappings: Arc<[Mapping]>,
    progress: Progress,
    tallies: Arc<Mutex<BTreeMap<String, SourceTally>>>,
}

impl LogFiles {
    /// Those files, each scan of which is read by so many threads. An input that can be read only once
    /// ([`Origin::is_lasting`](coldtrail_sources::Origin::is_lasting)) is empty for a second scan.
    pub fn new(inputs: Vec<Input>, threads: usize) -> Self {
        Self {
            inputs: inputs.into(),
            threads: threads.max(1),
            window: Window::default(),
            mappings: Arc::default(),
            progress: Arc::new(|_bytes| {}),
            tallies: Arc::default(),
        }
    }

    /// Gives rows of event tables only where they happened in a window of time.
    pub fn within(mut self, window: Window) -> Self {
        self.window = window;
        self
    }

    /// Reads logs that users described by their descriptions.
    pub fn mapped(mut self, mappings: Arc<[Mapping]>) -> Self {
        self.mappings = mappings;
        self
    }

    /// Tells how many more bytes were read, by any scan.
    pub fn telling(mut self, progress: Progress) -> Self {
        self.progress = progress;
        self
    }

    /// Without files that are, as their header tells, tables of one of those formats and of nothing else.
    pub(crate) fn besides(&self, formats: &[String]) -> Self {
        let is_export = |input: &&Input| !formats.iter().any(|format| is_export_of(input, format));
        let inputs: Vec<Input> = self.inputs.iter().filter(is_export).cloned().collect();
        Self { inputs: inputs.into(), ..self.clone() }
    }

    /// What was counted so far, in order of source name: of each source, by the scan that met most of it. A
    /// scan that a plan ended early counts nothing.
    pub fn tallies(&self) -> Vec<SourceTally> {
        self.counted().values().cloned().collect()
    }

    /// The window of time.
    pub(crate) fn window(&self) -> Window {
        self.window
    }

    /// A plan that reads what is selected, with a partition for each thread.
    pub(crate) fn scan(
        &self,
        schema: SchemaRef,
        selection: Selection,
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let scan = Arc::new(Scan {
            files: self.clone(),
            schema: Arc::clone(&schema),
            selection: selection.mapped(Arc::clone(&self.mappings)),
            passes: Mutex::default(),
        });
        let partition = |_| {
            let scan = Arc::clone(&scan);
            Arc::new(LogPartition { scan, runs: AtomicUsize::new(0) }) as Arc<dyn PartitionStream>
        };
        let partitions = (0..self.threads).map(partition).collect();
        Ok(Arc::new(StreamingTableExec::try_new(schema, partitions, None, [], false, limit)?))
    }

    fn counted(&self) -> MutexGuard<'_, BTreeMap<String, SourceTally>> {
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what a scan counted of sources that no other met more of.
    fn keep(&self, tallies: Vec<SourceTally>) {
        let met = |it: &SourceTally| (it.tally.records, it.tally.rows.values().sum::<u64>());
        let mut counted = self.counted();
        for tally in tallies {
            let is_more = counted.get(&tally.source).is_none_or(|known| met(&tally) > met(known));
            if is_more {
                counted.insert(tally.source.clone(), tally);
            }
        }
    }
}

/// One scan of a plan. Each time the plan is run is a pass over the files.
struct Scan {
    files: LogFiles,
    schema: SchemaRef,
    selection: Selection,
    passes: Mutex<Vec<Pass>>,
}

/// A pass, and how many of its streams did not come yet.
struct Pass {
    queue: Arc<BatchQueue>,
    due: usize,
}

impl Scan {
    /// The queue of a pass.
    fn pass(&self, run: usize) -> Arc<BatchQueue> {
        let mut passes = self.passes.lock().unwrap_or_else(PoisonError::into_inner);
        while passes.len() <= run {
            passes.push(Pass { queue: Arc::new(self.queue()), due: self.files.threads });
        }
        match passes.get_mut(run) {
            Some(pass) => {
                pass.due = pass.due.saturating_sub(1);
                Arc::clone(&pass.queue)
            }
            None => Arc::new(self.queue()),
        }
    }

    fn queue(&self) -> BatchQueue {
        let stopped = Arc::new(AtomicBool::new(false));
        let (files, schema) = (self.files.clone(), Arc::clone(&self.schema));
        let selection = Arc::new(self.selection.clone().until(Arc::clone(&stopped)));
        let begin = Box::new(move |queue: Arc<BatchQueue>| {
            std::thread::spawn(move || read(&files, &schema, &selection, &queue));
        });
        let threads = self.files.threads;
        BatchQueue::new(WAITING_BATCHES * threads, threads, stopped, begin)
    }
}

impl Drop for Scan {
    /// Streams that did not come will not come any more.
    fn drop(&mut self) {
        let passes = self.passes.get_mut().unwrap_or_else(PoisonError::into_inner);
        for pass in passes.iter().filter(|pass| pass.due > 0) {
            pass.queue.leave(pass.due);
        }
    }
}

fn read(files: &LogFiles, schema: &SchemaRef, selection: &Arc<Selection>, queue: &Arc<BatchQueue>) {
    let sender = Sender { queue: Arc::clone(queue), schema: Arc::clone(schema) };
    let senders = vec![sender; files.threads];
    let read = read_all(&files.inputs, selection, senders, files.progress.as_ref());
    let end = match read {
        Ok(all) => {
            if !queue.is_stopped() {
                files.keep(all.tallies);
            }
            Ok(())
        }
        Err(_died) => Err(EngineError::Reader),
    };
    queue.finish(end);
}

/// Puts batches into the queue.
#[derive(Clone)]
struct Sender {
    queue: Arc<BatchQueue>,
    schema: SchemaRef,
}

impl Receiver for Sender {
    fn receive(&mut self, _: Table, batch: RecordBatch) -> Result<(), Stopped> {
        let columns: Option<Vec<_>> = self
            .schema
            .fields()
            .iter()
            .map(|field| batch.column_by_name(field.name()).cloned())
            .collect();
        let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let schema = Arc::clone(&self.schema);
        let wanted = RecordBatch::try_new_with_options(schema, columns.ok_or(Stopped)?, &rows);
        self.queue.send(wanted.map_err(|_misfit| Stopped)?)
    }

    fn receive_records(&mut self, batch: RecordBatch) -> Result<(), Stopped> {
        self.queue.send(batch)
    }
}

/// One of the partitions of a scan; which rows it gets is left to chance.
struct LogPartition {
    scan: Arc<Scan>,
    runs: AtomicUsize,
}

impl fmt::Debug for LogPartition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("log files")
    }
}

impl PartitionStream for LogPartition {
    fn schema(&self) -> &SchemaRef {
        &self.scan.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let listener = Listener(self.scan.pass(run));
        let batches = stream::poll_fn(move |context| {
            let failed = |failure| DataFusionError::External(Box::new(failure));
            listener.0.poll(context).map(|next| next.map(|batch| batch.map_err(failed)))
        });
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.scan.schema), batches))
    }
}

/// A stream that was not dropped yet.
struct Listener(Arc<BatchQueue>);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.leave(1);
    }
}
