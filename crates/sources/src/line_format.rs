//! Formats whose records are lines: several threads read blocks of one stream.
//!
//! One thread, the leader, cuts the stream into blocks and follows what lines say about those behind
//! them, such as the header of a log. Any thread can then read a block by itself. Which thread reads
//! which block is left to chance, and makes no difference to rows and counts.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::collector::{Collector, Tally};
use crate::format::Stopped;
use crate::framing::Framed;
use crate::framing::blocks::{Block, Blocks};
use crate::selection::Pass;

/// A format whose records are lines.
pub(crate) trait LineFormat {
    /// What is known before the first line.
    fn begin(&self) -> Box<dyn Following>;
}

/// What the lines so far say about those behind them.
pub(crate) trait Following {
    /// Takes in what a block says; the answer reads this block, knowing those before.
    fn pass(&mut self, block: &Block) -> Arc<dyn BlockReader>;

    /// Which shape the records so far have, in a format that leaves it open.
    fn shape(&self) -> Option<&'static str> {
        None
    }
}

/// Reads a block, knowing what the lines before it said.
pub(crate) trait BlockReader: Send + Sync {
    /// Makes rows of the lines.
    fn read(&self, block: &Block, collector: &mut Collector<'_>) -> Result<(), Stopped>;
}

/// Makes rows of a part.
pub(crate) type ReadPart = Box<dyn FnOnce(&mut Collector<'_>) -> Result<(), Stopped> + Send>;

/// Part of a stream: what reads it, without the other parts.
pub(crate) struct Part {
    /// Makes rows of it.
    pub(crate) read: ReadPart,
    /// Whether the thread that leads has to read it itself: behind the last line end there may be half a
    /// line, and what becomes of it is the leader's to say.
    pub(crate) is_led: bool,
}

/// Reads a stream block by block, with the help of a crew if there is one.
pub(crate) fn read_blocks(
    format: &dyn LineFormat,
    stream: &mut dyn Read,
    collector: &mut Collector<'_>,
    crew: Option<&Crew>,
) -> Result<(), Stopped> {
    let mut following = format.begin();
    let mut blocks = Blocks::new(stream);
    let mut next = |collector: &mut Collector<'_>| loop {
        match blocks.next()? {
            Framed::Skipped(skipped) => skipped.tell(collector),
            Framed::Record(block) => {
                let reader = following.pass(&block);
                if let Some(shape) = following.shape() {
                    collector.note_shape(shape);
                }
                let is_led = !block.bytes().ends_with(b"\n");
                let read =
                    Box::new(move |collector: &mut Collector<'_>| reader.read(&block, collector));
                return Some(Part { read, is_led });
            }
        }
    };
    share(&mut next, collector, crew)
}

/// Reads the parts of a stream, with the help of a crew if there is one.
pub(crate) fn share(
    next: &mut dyn FnMut(&mut Collector<'_>) -> Option<Part>,
    collector: &mut Collector<'_>,
    crew: Option<&Crew>,
) -> Result<(), Stopped> {
    let source = Arc::new(Source::of(collector));
    let mut outcome = Ok(());
    while outcome.is_ok()
        && let Some(part) = next(collector)
    {
        outcome = match crew {
            Some(crew) if !part.is_led => {
                crew.take_or_do(Job { part, source: Arc::clone(&source) }, collector)
            }
            _ => (part.read)(collector),
        };
    }
    match crew {
        Some(crew) => outcome.and(crew.finish(&source, collector)),
        None => outcome,
    }
}

/// Threads that read blocks for one another.
pub(crate) struct Crew {
    work: Mutex<Work>,
    changed: Condvar,
}

struct Work {
    /// Parts that wait: never more than there are threads that are idle or do nothing but help.
    jobs: VecDeque<Job>,
    idle: usize,
    /// Threads that have no stream of their own any more.
    helpers: usize,
    /// Threads that may still lead the reading of a stream.
    leaders: usize,
}

/// A part that is to be read.
struct Job {
    part: Part,
    source: Arc<Source>,
}

/// The stream that parts belong to.
struct Source {
    name: String,
    begin: u64,
    written: Option<i64>,
    pass: Pass,
    done: Mutex<Done>,
}

/// What others did of a stream.
#[derive(Default)]
struct Done {
    tally: Tally,
    /// Where the last of their records ends.
    end: u64,
    pending: usize,
    is_stopped: bool,
}

impl Source {
    fn of(collector: &Collector<'_>) -> Self {
        let (name, begin) = (collector.source().to_owned(), collector.begin());
        let (written, pass) = (collector.written(), collector.pass());
        Self { name, begin, written, pass, done: Mutex::default() }
    }

    fn done(&self) -> MutexGuard<'_, Done> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Crew {
    /// A crew of so many threads, each of which calls [`Crew::help`] in the end.
    pub(crate) fn new(threads: usize) -> Self {
        let work = Work { jobs: VecDeque::new(), idle: 0, helpers: 0, leaders: threads };
        Self { work: Mutex::new(work), changed: Condvar::new() }
    }

    /// Gives a part to another thread, or reads it here.
    fn take_or_do(&self, job: Job, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let mut work = self.work();
        if work.idle.max(work.helpers) > work.jobs.len() {
            job.source.done().pending += 1;
            work.jobs.push_back(job);
            self.changed.notify_all();
            return Ok(());
        }
        drop(work);
        if job.source.done().is_stopped {
            return Err(Stopped);
        }
        (job.part.read)(collector)
    }

    /// Waits until others have read their blocks of a stream, and takes over what they counted.
    fn finish(&self, source: &Source, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let mut work = self.work();
        while source.done().pending > 0 {
            work = match work.jobs.pop_front() {
                Some(job) => {
                    drop(work);
                    self.read(job, collector);
                    self.work()
                }
                None => self.idle(work),
            };
        }
        drop(work);
        let done = std::mem::take(&mut *source.done());
        collector.take_over(done.tally);
        collector.ends_behind(done.end);
        if done.is_stopped { Err(Stopped) } else { Ok(()) }
    }

    /// Reads blocks for others until no thread leads any more. The collector lends its batches.
    pub(crate) fn help(&self, collector: &mut Collector<'_>) {
        let mut work = self.work();
        work.leaders -= 1;
        work.helpers += 1;
        self.changed.notify_all();
        loop {
            if let Some(job) = work.jobs.pop_front() {
                drop(work);
                self.read(job, collector);
                work = self.work();
            } else if work.leaders == 0 {
                return;
            } else {
                work = self.idle(work);
            }
        }
    }

    /// Reads a block of somebody's stream.
    fn read(&self, job: Job, collector: &mut Collector<'_>) {
        let Job { part, source } = job;
        let aside = collector.aside(&source.name, source.pass);
        let mut aside = aside.beginning_at(source.begin).last_written(source.written);
        let is_stopped = source.done().is_stopped || (part.read)(&mut aside).is_err();
        let end = aside.end();
        let tally = aside.finish();
        let mut done = source.done();
        done.tally.merge(tally);
        done.end = done.end.max(end);
        done.is_stopped |= is_stopped;
        done.pending -= 1;
        drop(done);
        // Taking the lock keeps the leader from missing this between its look and its wait.
        let _work = self.work();
        self.changed.notify_all();
    }

    /// Waits for a block, or for whatever else changes.
    fn idle<'w>(&'w self, mut work: MutexGuard<'w, Work>) -> MutexGuard<'w, Work> {
        work.idle += 1;
        let mut work = self.changed.wait(work).unwrap_or_else(PoisonError::into_inner);
        work.idle -= 1;
        work
    }

    fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
