//! Reads logs into the store, each stretch of each log once.
//!
//! A log is known by its content. Before anything is read, every member of every file is compared
//! with what was read before, whatever it was called then: what is known whole is left out, what grew
//! is read from where it ended, everything else is new. Then about a GiB of logs is read, by many
//! threads, and committed; a kill loses what was read since.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use coldtrail_catalogue::Catalogue;
use coldtrail_diagnostics::{Anomaly, Faults};
use coldtrail_model::Timestamp;
use coldtrail_sources::{
    Compared, Content, Ending, Input, Known, Mapping, Member, Origin, Selection, SourceTally,
    compare, read_all,
};
use serde::Serialize;

use crate::buffers::{Buffers, Files};
use crate::commit::{Commit, Fault, File, Reading, Tally};
use crate::error::StoreError;
use crate::originals::Originals;
use crate::snapshot::Snapshot;
use crate::store::Store;
use crate::writer::Writer;

/// So many bytes of input make a commit.
const BYTES_A_COMMIT: u64 = 1 << 30;

/// So many inputs make a commit, whatever their size.
const INPUTS_A_COMMIT: usize = 4096;

/// How often a batch is begun anew because a log was rotated after it was looked at and before it was
/// read. Then, logs that grew are left for another time.
const ATTEMPTS: u32 = 3;

/// How to ingest.
#[derive(Clone, Debug)]
pub struct Ingest {
    /// The time of the run.
    pub now: Timestamp,
    /// How many threads read.
    pub threads: usize,
    /// Whether a last line without an end is taken as it is, and not left for another time.
    pub whole: bool,
    /// So many bytes of input make a commit.
    pub bytes_a_commit: u64,
    /// Descriptions of logs that no format knows.
    pub mappings: Arc<[Mapping]>,
}

impl Ingest {
    /// By one thread, with a commit for each GiB.
    pub fn at(now: Timestamp) -> Self {
        Self {
            now,
            threads: 1,
            whole: false,
            bytes_a_commit: BYTES_A_COMMIT,
            mappings: Arc::default(),
        }
    }
}

/// What came of an ingest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ingested {
    /// How many sources were met for the first time.
    pub new: u64,
    /// How many had grown.
    pub grown: u64,
    /// How many were known whole; a packed file that is known as it lies there counts as one.
    pub known: u64,
    /// Sources whose last line has not ended yet, so that it was left for another time.
    pub pending: Vec<String>,
    /// Sources in which nothing was recognised.
    pub unrecognised: Vec<String>,
    /// How many rows were added.
    pub rows: u64,
    /// How many of them can be contacts.
    pub contacts: u64,
    /// How many commits were made.
    pub commits: u64,
    /// What was wrong with what was read this time.
    pub faults: Vec<Fault>,
}

impl Store {
    /// Reads what is new of the inputs. `progress` is told, by any thread, how many more bytes of the
    /// inputs are dealt with.
    ///
    /// # Errors
    ///
    /// When the store cannot be written to. What was committed before stays. What is wrong with an
    /// input is no error: it is told.
    pub fn ingest(
        &self,
        inputs: &[Input],
        ingest: &Ingest,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Ingested, StoreError> {
        let writer = self.writer(ingest.now)?;
        let known = writer.snapshot().known();
        let mut run = Run { writer, known, ingest, progress, ingested: Ingested::default() };
        let mut waiting: VecDeque<&Input> = inputs.iter().collect();
        let mut attempts = ATTEMPTS;
        while !waiting.is_empty() {
            let again = waiting.clone();
            let batch = run.gather(&mut waiting, attempts == 0);
            match run.read(batch) {
                Ok(Outcome::Committed) => attempts = ATTEMPTS,
                Ok(Outcome::Replaced) => {
                    attempts = attempts.saturating_sub(1);
                    waiting = again;
                }
                Err(error) => {
                    run.writer.abandon();
                    return Err(error);
                }
            }
        }
        Ok(run.ingested)
    }
}

struct Run<'r> {
    writer: Writer,
    known: Known,
    ingest: &'r Ingest,
    progress: &'r (dyn Fn(u64) + Sync),
    ingested: Ingested,
}

/// What became of a batch.
enum Outcome {
    /// What is new of it is in the store.
    Committed,
    /// Nothing was added: a file is not the one that was looked at any more.
    Replaced,
}

/// What is read and committed together.
#[derive(Default)]
struct Batch {
    inputs: Vec<Input>,
    /// For each of them, by name.
    taken: BTreeMap<String, Taken>,
    /// Files that cannot be read, or not yet.
    readings: Vec<Reading>,
    /// Packed files of which nothing is new.
    packed: Vec<Content>,
    /// For each source that is known whole, how many bytes need not be read for it.
    known: Vec<u64>,
    /// Sources that are left for another time.
    left: Vec<String>,
    /// What was wrong with files that cannot be read.
    refused: Vec<Fault>,
    beginnings: Beginnings,
    originals: Originals,
}

/// An input that is read.
struct Taken {
    path: PathBuf,
    packed: Option<Content>,
    /// What was known of its members.
    known: BTreeMap<String, Content>,
}

impl Run<'_> {
    /// Takes inputs until they are enough for a commit. An input that begins like one that was taken
    /// waits: it may be the same log, which shows when the other is read.
    fn gather(&mut self, waiting: &mut VecDeque<&Input>, leave_grown: bool) -> Batch {
        let mut batch = Batch::default();
        let mut later = VecDeque::new();
        let mut bytes = 0;
        while bytes < self.ingest.bytes_a_commit
            && batch.inputs.len() + later.len() < INPUTS_A_COMMIT
            && let Some(input) = waiting.pop_front()
        {
            match compare(input, &self.known) {
                Ok(Compared::Whole) => batch.known.push(input.bytes()),
                Ok(Compared::Members { packed, members }) => {
                    let (whole, new): (Vec<Member>, Vec<Member>) =
                        members.into_iter().partition(|member| member.is_whole);
                    if new.is_empty() && !whole.is_empty() {
                        batch.packed.extend(packed);
                        batch.known.push(input.bytes());
                    } else if leave_grown && new.iter().any(|member| member.known.is_some()) {
                        batch.left.extend(new.into_iter().map(|member| member.name));
                    } else if batch.beginnings.clash(&new) {
                        later.push_back(input);
                    } else {
                        batch.beginnings.add(&new);
                        bytes += input.bytes();
                        self.take(input, packed, &whole, &new, &mut batch);
                    }
                }
                Err(error) => self.refuse(input, &error, &mut batch),
            }
        }
        later.extend(waiting.drain(..));
        *waiting = later;
        batch
    }

    fn take(
        &self,
        input: &Input,
        packed: Option<Content>,
        whole: &[Member],
        new: &[Member],
        batch: &mut Batch,
    ) {
        let (Origin::File(path) | Origin::Tail { path, .. } | Origin::Rest { path, .. }) =
            &input.origin
        else {
            return;
        };
        let name = self.name(input, new, batch);
        let renamed = |member: &Member| {
            let rest = member.name.strip_prefix(&input.name).unwrap_or_default();
            format!("{name}{rest}")
        };
        let mut read = BTreeMap::new();
        let mut known = BTreeMap::new();
        for member in whole {
            read.insert(renamed(member), u64::MAX);
        }
        batch.known.extend(whole.iter().map(|_| 0));
        for member in new {
            if let Some(content) = &member.known {
                read.insert(renamed(member), content.length);
                known.insert(renamed(member), content.clone());
            }
        }
        batch.originals.read_from(&name, path);
        batch.taken.insert(name.clone(), Taken { path: path.clone(), packed, known });
        batch.inputs.push(Input { name, origin: Origin::Rest { path: path.clone(), read } });
    }

    /// The name by which the rows of an input name it. A log that grew keeps its name, wherever it
    /// lies by now; a new one whose name another log had before is numbered, so that a reference leads
    /// to one record alone.
    fn name(&self, input: &Input, members: &[Member], batch: &Batch) -> String {
        let snapshot = self.writer.snapshot();
        if let [member] = members
            && member.name == input.name
            && let Some(content) = &member.known
            && let Some((name, _)) =
                snapshot.sources().find(|(_, source)| source.contents.contains(content))
            && !name.contains("!/")
            && !batch.taken.contains_key(name)
        {
            return name.to_owned();
        }
        let is_free = |name: &str| {
            !batch.taken.contains_key(name)
                && members.iter().all(|member| {
                    let rest = member.name.strip_prefix(&input.name).unwrap_or_default();
                    is_free(snapshot, &format!("{name}{rest}"), member)
                })
        };
        let numbered = (2_u64..).map(|number| format!("{}#{number}", input.name));
        let mut names = std::iter::once(input.name.clone()).chain(numbered);
        names.find(|name| is_free(name)).unwrap_or_else(|| input.name.clone())
    }

    fn refuse(&self, input: &Input, error: &std::io::Error, batch: &mut Batch) {
        let mut faults = Faults::default();
        faults.add(&input.name, Anomaly::Unreadable, None, &error.to_string());
        let tally = Tally {
            faults: faults
                .iter()
                .map(|fault| Fault {
                    source: fault.source.clone(),
                    code: fault.anomaly.code().to_owned(),
                    offset: fault.offset,
                    count: fault.count,
                    detail: fault.detail.clone(),
                })
                .collect(),
            ..Tally::default()
        };
        batch.refused.extend(tally.faults.iter().cloned());
        let reading =
            Reading { name: input.name.clone(), path: input.name.clone(), tally, content: None };
        batch.readings.extend(self.worth_noting(reading));
    }

    /// Reads a batch and commits what came of it.
    fn read(&mut self, batch: Batch) -> Result<Outcome, StoreError> {
        let Batch { inputs, taken, mut readings, mut packed, originals, .. } = batch;
        let (tallies, added) = self.rows(&inputs, &originals)?;
        if was_replaced(&tallies, &taken) {
            self.writer.abandon();
            return Ok(Outcome::Replaced);
        }
        self.ingested.known += batch.known.len() as u64;
        self.ingested.pending.extend(batch.left);
        self.ingested.faults.extend(batch.refused);
        (self.progress)(batch.known.iter().sum());
        packed.extend(taken.values().filter_map(|taken| taken.packed.clone()));
        for read in &tallies {
            if let Some(reading) = self.reading(read, &taken) {
                readings.push(reading);
            }
        }
        if added.is_empty() && readings.is_empty() && packed.is_empty() {
            return Ok(Outcome::Committed);
        }
        let contents = readings.iter().filter_map(|reading| reading.content.as_ref());
        contents.chain(&packed).for_each(|content| self.known.add(content.clone()));
        let of_events = || added.iter().filter(|file| file.event_table().is_some());
        self.ingested.rows += of_events().map(|file| file.rows).sum::<u64>();
        self.ingested.contacts +=
            of_events().filter(|file| file.contacts).map(|file| file.rows).sum::<u64>();
        self.ingested.commits += 1;
        self.writer.commit(Commit { added, readings, packed, ..Commit::default() })?;
        Ok(Outcome::Committed)
    }

    /// Reads inputs into files of the next commit.
    fn rows(
        &self,
        inputs: &[Input],
        originals: &Originals,
    ) -> Result<(Vec<SourceTally>, Vec<File>), StoreError> {
        let files = Files {
            root: self.writer.root(),
            commit: self.writer.next(),
            next: AtomicU64::new(0),
            catalogue: Catalogue::builtin(),
            originals,
        };
        let ending = if self.ingest.whole { Ending::Taken } else { Ending::LeftOut };
        let selection = Arc::new(
            Selection::everything_with_originals()
                .resumable(ending)
                .mapped(Arc::clone(&self.ingest.mappings)),
        );
        let threads = if inputs.is_empty() { 1 } else { self.ingest.threads.max(1) };
        let buffers = (0..threads).map(|_| Buffers::new(&files, threads)).collect();
        let read = read_all(inputs, &selection, buffers, self.progress)?;
        let mut added = Vec::new();
        // All threads write their last files at once.
        let finished: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = read
                .receivers
                .into_iter()
                .map(|buffers| scope.spawn(|| buffers.finish()))
                .collect();
            threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
        });
        for files in finished {
            added.extend(files.map_err(|_panic| coldtrail_sources::ReaderDied)??);
        }
        added.sort_by(|one, other| one.path.cmp(&other.path));
        Ok((read.tallies, added))
    }

    /// What a commit says of a source that was read; `None` where nothing came of it.
    fn reading(&mut self, read: &SourceTally, taken: &BTreeMap<String, Taken>) -> Option<Reading> {
        let tally = Tally::of(read);
        let of_input = taken.iter().find(|(name, _)| belongs(&read.source, name));
        let path = of_input.map(|(_, taken)| taken.path.display().to_string());
        let known = of_input.and_then(|(_, taken)| taken.known.get(&read.source));
        if tally.pending.is_some() {
            self.ingested.pending.push(read.source.clone());
        }
        if read.format.is_none() {
            self.ingested.unrecognised.push(read.source.clone());
        }
        self.ingested.faults.extend(tally.faults.iter().cloned());
        let path = path.unwrap_or_else(|| read.source.clone());
        let content = read.content.clone();
        let reading = Reading { name: read.source.clone(), path, tally, content };
        match (&reading.content, known) {
            (None, _) => return self.worth_noting(reading),
            (Some(content), Some(known)) if content == known && reading.tally.records == 0 => {
                self.ingested.known += 1;
                return None;
            }
            (Some(_), Some(_)) => self.ingested.grown += 1,
            (Some(_), None) => self.ingested.new += 1,
        }
        Some(reading)
    }

    /// Whether it is news that there is nothing in a source.
    fn worth_noting(&self, reading: Reading) -> Option<Reading> {
        match self.writer.snapshot().source(&reading.name) {
            Some(source) if !source.contents.is_empty() || source.tally == reading.tally => None,
            _ => Some(reading),
        }
    }
}

/// Whether any source does not begin with what was known of it, or is not there any more.
fn was_replaced(tallies: &[SourceTally], taken: &BTreeMap<String, Taken>) -> bool {
    let known = taken.values().flat_map(|taken| &taken.known);
    known.into_iter().any(|(name, known)| {
        let read = tallies.iter().find(|read| read.source == *name);
        !read.and_then(|read| read.passed.as_ref()).is_some_and(|passed| same(passed, known))
    })
}

/// Whether two stretches are the same, as far as both can tell.
fn same(passed: &Content, known: &Content) -> bool {
    passed.length == known.length
        && passed.head == known.head
        && (passed.tail == known.tail || passed.tail.is_empty() || known.tail.is_empty())
}

/// Whether rows of a member may have that name: no other content has it.
fn is_free(snapshot: &Snapshot, name: &str, member: &Member) -> bool {
    match snapshot.source(name) {
        None => true,
        Some(source) if source.contents.is_empty() => true,
        Some(source) => member.known.as_ref().is_some_and(|known| source.contents.contains(known)),
    }
}

/// Whether a source is an input of that name, or a member of it.
fn belongs(source: &str, input: &str) -> bool {
    source.strip_prefix(input).is_some_and(|rest| rest.is_empty() || rest.starts_with("!/"))
}

/// How the inputs of a batch begin. None of them is the beginning of another.
#[derive(Default)]
struct Beginnings(BTreeSet<Vec<u8>>);

impl Beginnings {
    /// Whether any member begins like one of another input, so far as both go.
    fn clash(&self, members: &[Member]) -> bool {
        members.iter().filter(|member| !member.head.is_empty()).any(|member| {
            let head = &member.head;
            let bound = (Bound::Unbounded, Bound::Included(head));
            let before = self.0.range::<Vec<u8>, _>(bound).next_back();
            let after = self.0.range(head.clone()..).next();
            before.is_some_and(|before| head.starts_with(before))
                || after.is_some_and(|after| after.starts_with(head))
        })
    }

    fn add(&mut self, members: &[Member]) {
        for member in members.iter().filter(|member| !member.head.is_empty()) {
            if self.clash(std::slice::from_ref(member)) {
                // A member of the same input begins likewise: the shorter beginning covers both.
                self.0.retain(|other| !other.starts_with(&member.head));
                if self.clash(std::slice::from_ref(member)) {
                    continue;
                }
            }
            self.0.insert(member.head.clone());
        }
    }
}
