//! Reads an input: unpacks it, recognises each member, and has its format read it.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use coldtrail_diagnostics::{Anomaly, Faults};

use crate::collector::{Collector, Receiver, Tally};
use crate::container::{Counted, Peeked, Progress, Visitor, unpack};
use crate::discover::{Input, Origin};
use crate::format::Stopped;
use crate::sniff;

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
}

/// Reads an input, with every member if it is an archive.
///
/// `progress` is told how many more bytes of the input itself were read, so that their sum reaches
/// about the size of the file. There is nothing that fails: what is wrong with a source is in the
/// faults of its tally.
pub fn read(
    input: &Input,
    receiver: &mut dyn Receiver,
    progress: &dyn Fn(u64),
) -> Vec<SourceTally> {
    match &input.origin {
        Origin::Stdin => tallies(&input.name, &mut io::stdin().lock(), None, receiver, progress),
        Origin::File(path) => match File::open(path) {
            Ok(mut file) => tallies(&input.name, &mut file, regular(path), receiver, progress),
            Err(error) => vec![unreadable(&input.name, &error)],
        },
    }
}

/// Reads a stream as if it were an input of that name.
pub fn read_stream(
    name: &str,
    stream: &mut dyn Read,
    receiver: &mut dyn Receiver,
) -> Vec<SourceTally> {
    tallies(name, stream, None, receiver, &|_| {})
}

/// The path of a file that can be opened twice, which a pipe cannot.
pub(crate) fn regular(path: &Path) -> Option<&Path> {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file()).then_some(path)
}

fn tallies(
    name: &str,
    stream: &mut dyn Read,
    file: Option<&Path>,
    receiver: &mut dyn Receiver,
    progress: Progress<'_>,
) -> Vec<SourceTally> {
    let mut reading = Reading { receiver, tallies: Vec::new() };
    // A receiver that wants no more has what it wants, and the tallies say how far that was.
    let _enough = unpack(name, stream, file, progress, &mut reading);
    reading.tallies
}

fn unreadable(name: &str, error: &io::Error) -> SourceTally {
    let mut tally = Tally::default();
    tally.faults.add(name, Anomaly::Unreadable, None, &error.to_string());
    SourceTally { source: name.to_owned(), format: None, tally, bytes: 0 }
}

struct Reading<'r> {
    receiver: &'r mut dyn Receiver,
    tallies: Vec<SourceTally>,
}

impl Visitor for Reading<'_> {
    fn member(&mut self, name: &str, stream: &mut Peeked<'_>) -> Result<(), Stopped> {
        let mut collector = Collector::new(name, self.receiver);
        let bytes = Cell::new(0);
        let count = |more| bytes.set(bytes.get() + more);
        let recognised = sniff::recognise(stream.head());
        let outcome = match recognised {
            Some(format) => format.read(&mut Counted::new(stream, Some(&count)), &mut collector),
            None => {
                if !stream.head().is_empty() {
                    let looks = sniff::describe(stream.head());
                    collector.anomaly_at(Anomaly::UnknownFormat, None, &looks);
                }
                Ok(())
            }
        };
        let format = collector.shape().or(recognised.map(|format| format.name()));
        let (source, tally) = (name.to_owned(), collector.finish());
        self.tallies.push(SourceTally { source, format, tally, bytes: bytes.get() });
        outcome
    }

    fn faults(&mut self, source: &str, faults: Faults) {
        match self.tallies.last_mut() {
            Some(last) if last.source == source => last.tally.faults.append(faults),
            _ => {
                let tally = Tally { faults, ..Tally::default() };
                let source = source.to_owned();
                self.tallies.push(SourceTally { source, format: None, tally, bytes: 0 });
            }
        }
    }
}
