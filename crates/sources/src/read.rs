//! Reads an input: unpacks it, recognises each member, and has its format read it.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use coldtrail_diagnostics::{Anomaly, Faults};

use crate::collector::{Collector, Output, Receiver, Tally};
use crate::container::{Counted, Peeked, Progress, Visitor, unpack};
use crate::content::{Content, Followed};
use crate::csv::Csv;
use crate::discover::{Input, Origin};
use crate::format::{Format, Stopped};
use crate::line_format::Crew;
use crate::parquet::is_parquet;
use crate::records::ParquetTable;
use crate::selection::{Ending, Selection};
use crate::{records, sniff};

/// What was read from one source: a file, or a member of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceTally {
    /// Its name, `!/` before a member of an archive.
    pub source: String,
    /// Its format, for JSON the shape of its records; `None` when nothing recognised it.
    pub format: Option<&'static str>,
    /// What was counted.
    pub tally: Tally,
    /// How many bytes were read of the unpacked stream.
    pub bytes: u64,
    /// The stretch that need not be read another time, if that was
    /// [asked for](Selection::resumable) and a format knows the source.
    pub content: Option<Content>,
    /// The stretch that was passed over since it was read another time. Where it is not the one that
    /// was meant, somebody put another file in place of the one that was looked at.
    pub passed: Option<Content>,
}

/// Reads what is wanted of an input, with every member if it is an archive.
///
/// `progress` is told how many more bytes of the input itself were read, so that their sum reaches
/// about the size of the file. There is nothing that fails: what is wrong with a source is in the
/// faults of its tally.
pub fn read(
    input: &Input,
    selection: Selection,
    receiver: &mut dyn Receiver,
    progress: &dyn Fn(u64),
) -> Vec<SourceTally> {
    let mut output = Output::new(Arc::new(selection));
    let tallies = read_into(input, &mut output, receiver, None, progress);
    // Everything is read, so there is nothing left to stop.
    let _enough = output.finish(receiver);
    tallies
}

/// Reads all of a stream as if it were an input of that name.
pub fn read_stream(
    name: &str,
    stream: &mut dyn Read,
    receiver: &mut dyn Receiver,
) -> Vec<SourceTally> {
    read_stream_of(name, stream, Selection::everything(), receiver)
}

/// Reads what is wanted of a stream as if it were an input of that name.
pub fn read_stream_of(
    name: &str,
    stream: &mut dyn Read,
    selection: Selection,
    receiver: &mut dyn Receiver,
) -> Vec<SourceTally> {
    let mut output = Output::new(Arc::new(selection));
    let reading = Reading::new(&mut output, receiver, None, Begin::Everywhere(0));
    let tallies = reading.tallies(name, stream, None, &|_| {});
    let _enough = output.finish(receiver);
    tallies
}

/// Reads an input into batches that others may go on filling.
pub(crate) fn read_into(
    input: &Input,
    output: &mut Output,
    receiver: &mut dyn Receiver,
    crew: Option<&Crew>,
    progress: Progress<'_>,
) -> Vec<SourceTally> {
    let name = &input.name;
    match &input.origin {
        Origin::Stdin => {
            let reading = Reading::new(output, receiver, crew, Begin::Everywhere(0)).at_once();
            reading.tallies(name, &mut io::stdin().lock(), None, progress)
        }
        Origin::File(path) => {
            file(name, path, Reading::new(output, receiver, crew, Begin::Everywhere(0)), progress)
        }
        Origin::Tail { path, from } => {
            let begin = Begin::Everywhere(*from);
            file(name, path, Reading::new(output, receiver, crew, begin), progress)
        }
        Origin::Rest { path, read } => {
            file(name, path, Reading::new(output, receiver, crew, Begin::Each(read)), progress)
        }
    }
}

/// The path of a file that can be opened twice, which a pipe cannot.
pub(crate) fn regular(path: &Path) -> Option<&Path> {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file()).then_some(path)
}

fn file(name: &str, path: &Path, reading: Reading<'_>, progress: Progress<'_>) -> Vec<SourceTally> {
    match File::open(path) {
        Ok(mut file) => match regular(path) {
            Some(regular) => {
                let (path, written) = (Some(regular.to_owned()), last_written(&file));
                let reading = Reading { path, written, ..reading };
                reading.tallies(name, &mut file, Some(regular), progress)
            }
            None => reading.at_once().tallies(name, &mut file, None, progress),
        },
        Err(error) => vec![unreadable(name, &error)],
    }
}

/// When a file was last written, in microseconds since 1970. Members of archives are older.
fn last_written(file: &File) -> Option<i64> {
    let modified = file.metadata().ok()?.modified().ok()?;
    let since = modified.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_micros()).ok()
}

fn unreadable(name: &str, error: &io::Error) -> SourceTally {
    let mut tally = Tally::default();
    tally.faults.add(name, Anomaly::Unreadable, None, &error.to_string());
    SourceTally {
        source: name.to_owned(),
        format: None,
        tally,
        bytes: 0,
        content: None,
        passed: None,
    }
}

struct Reading<'r> {
    output: &'r mut Output,
    receiver: &'r mut dyn Receiver,
    crew: Option<&'r Crew>,
    begin: Begin<'r>,
    /// Whether the input can be read only once.
    is_fleeting: bool,
    /// The file, where it can be opened again.
    path: Option<PathBuf>,
    /// When the file was last written, in microseconds since 1970.
    written: Option<i64>,
    tallies: Vec<SourceTally>,
}

/// Records before these offsets were read another time.
enum Begin<'r> {
    Everywhere(u64),
    /// By member; of others, everything is new.
    Each(&'r BTreeMap<String, u64>),
}

impl Begin<'_> {
    fn of(&self, member: &str) -> u64 {
        match self {
            Begin::Everywhere(offset) => *offset,
            Begin::Each(offsets) => offsets.get(member).copied().unwrap_or_default(),
        }
    }
}

impl<'r> Reading<'r> {
    fn new(
        output: &'r mut Output,
        receiver: &'r mut dyn Receiver,
        crew: Option<&'r Crew>,
        begin: Begin<'r>,
    ) -> Self {
        Self {
            output,
            receiver,
            crew,
            begin,
            is_fleeting: false,
            path: None,
            written: None,
            tallies: Vec::new(),
        }
    }

    /// Reads an input that cannot be read again.
    fn at_once(self) -> Self {
        Self { is_fleeting: true, ..self }
    }

    fn tallies(
        mut self,
        name: &str,
        stream: &mut dyn Read,
        file: Option<&Path>,
        progress: Progress<'_>,
    ) -> Vec<SourceTally> {
        // A receiver that wants no more has what it wants, and the tallies say how far that was.
        let _enough = unpack(name, stream, file, progress, &mut self);
        self.tallies
    }
}

impl Visitor for Reading<'_> {
    fn member(
        &mut self,
        name: &str,
        stream: &mut Peeked<'_>,
        may_go_on: &dyn Fn() -> bool,
    ) -> Result<(), Stopped> {
        let begin = self.begin.of(name);
        if begin == u64::MAX {
            return Ok(());
        }
        let selection = Arc::clone(self.output.selection());
        if selection.is_stopped() {
            return Err(Stopped);
        }
        let (ending, mappings) = (selection.ending(), selection.mappings());
        let mut collector = Collector::new(name, self.output, self.receiver)
            .beginning_at(begin)
            .last_written(self.written);
        if self.is_fleeting {
            collector = collector.at_once();
        }
        if ending == Some(Ending::LeftOut) {
            collector = collector.leaving_out_unfinished(may_go_on);
        }
        let (mut content, mut passed) = (None, None);
        let bytes = Cell::new(0);
        let count = |more| bytes.set(bytes.get() + more);
        let described = mappings.iter().map(|mapping| mapping as &dyn Format);
        let table = |path: &Path| {
            let records = selection.records().filter(|_| is_parquet(stream.head()))?;
            ParquetTable::open(records, path)
        };
        let table = self.path.as_deref().and_then(table);
        let mut stream = UntilStopped { stream, selection: &selection };
        let recognised = described
            .into_iter()
            .find(|format| format.recognises(stream.stream.head()))
            .or_else(|| sniff::recognise(stream.stream.head()))
            .or_else(|| records::recognise(&selection, name, stream.stream.head()));
        let outcome = match (recognised, table) {
            (Some(_), Some(table)) => {
                count(table.length());
                table.read(&mut collector, self.crew)
            }
            (Some(format), _) if !selection.may_be_in(format.name()) => Ok(()),
            (Some(format), _) if ending.is_some() => {
                let mut followed = Followed::passing(&mut stream, begin);
                let counted = &mut Counted::new(&mut followed, Some(&count));
                let outcome = read_records(format, counted, &mut collector, self.crew);
                content = followed.content(end(&collector, bytes.get(), &followed));
                passed = followed.passed().cloned();
                outcome
            }
            (Some(format), _) => {
                let counted = &mut Counted::new(&mut stream, Some(&count));
                read_records(format, counted, &mut collector, self.crew)
            }
            (None, _) => {
                if !stream.stream.head().is_empty() {
                    let looks = sniff::describe(stream.stream.head());
                    collector.anomaly_at(Anomaly::UnknownFormat, None, &looks);
                }
                Ok(())
            }
        };
        let format = collector.shape().or(recognised.map(|format| format.name()));
        let (source, tally) = (name.to_owned(), collector.finish());
        self.tallies.push(SourceTally {
            source,
            format,
            tally,
            bytes: bytes.get(),
            content,
            passed,
        });
        outcome
    }

    fn faults(&mut self, source: &str, faults: Faults) {
        match self.tallies.last_mut() {
            Some(last) if last.source == source => last.tally.faults.append(faults),
            _ => {
                let tally = Tally { faults, ..Tally::default() };
                let source = source.to_owned();
                self.tallies.push(SourceTally {
                    source,
                    format: None,
                    tally,
                    bytes: 0,
                    content: None,
                    passed: None,
                });
            }
        }
    }
}

/// A stream that ends once nobody wants any more of it.
struct UntilStopped<'s, 'p> {
    stream: &'s mut Peeked<'p>,
    selection: &'s Selection,
}

impl Read for UntilStopped<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.selection.is_stopped() { Ok(0) } else { self.stream.read(buffer) }
    }
}

fn read_records(
    format: &dyn Format,
    stream: &mut dyn Read,
    collector: &mut Collector<'_>,
    crew: Option<&Crew>,
) -> Result<(), Stopped> {
    if collector.records().is_some() && format.name() == Csv.name() {
        return records::read_csv(stream, collector, crew);
    }
    format.read_with(stream, collector, crew)
}

/// Where the stretch ends that need not be read another time.
fn end(collector: &Collector<'_>, bytes: u64, followed: &Followed<'_>) -> u64 {
    // Behind the last record of a binary log, its chunk has room for the next one.
    if collector.is_left_out() || followed.is_filled_in_place() { collector.end() } else { bytes }
}
