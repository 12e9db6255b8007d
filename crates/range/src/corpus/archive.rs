//! The files of a corpus: lines in the order in which a sensor writes them, a file for each log and
//! hour.
//!
//! A connection is written when it ends, but known when it begins. So lines wait until no earlier
//! one can come any more: as many as there are connections open at a time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use coldtrail_model::Timestamp;

use super::CorpusError;
use super::form::{Form, Line, Log};
use crate::timing::after;

/// How long a file is written to before the next one is begun.
const ROTATION: Duration = Duration::from_secs(3600);

/// Few, large writes: a corpus is written as fast as the disk takes it.
const BUFFER: usize = 1 << 18;

pub(super) struct Archive<'f> {
    form: Form,
    folder: &'f Path,
    waiting: BinaryHeap<Reverse<Line>>,
    /// The files of the hour that is being written.
    open: BTreeMap<Log, OpenFile>,
    hour: Timestamp,
    bytes: u64,
    files: u64,
}

struct OpenFile {
    path: PathBuf,
    file: BufWriter<File>,
}

impl<'f> Archive<'f> {
    pub(super) fn new(form: Form, folder: &'f Path) -> Archive<'f> {
        Archive {
            form,
            folder,
            waiting: BinaryHeap::new(),
            open: BTreeMap::new(),
            hour: Timestamp(i64::MIN),
            bytes: 0,
            files: 0,
        }
    }

    /// The size of all that was added, written or not.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes a line, which must not be earlier than what was released.
    pub(super) fn add(&mut self, line: Line) {
        self.bytes += line.text.len() as u64;
        self.waiting.push(Reverse(line));
    }

    /// Writes the lines from before a moment.
    pub(super) fn release(&mut self, until: Timestamp) -> Result<(), CorpusError> {
        while self.waiting.peek().is_some_and(|Reverse(line)| line.written < until) {
            if let Some(Reverse(line)) = self.waiting.pop() {
                self.write(&line)?;
            }
        }
        Ok(())
    }

    /// Writes what is left, and returns the size and the number of the files.
    pub(super) fn close(mut self) -> Result<(u64, u64), CorpusError> {
        self.release(Timestamp(i64::MAX))?;
        self.rotate()?;
        Ok((self.bytes, self.files))
    }

    fn write(&mut self, line: &Line) -> Result<(), CorpusError> {
        let hour = beginning(line.written);
        if hour != self.hour {
            self.rotate()?;
            self.hour = hour;
        }
        if !self.open.contains_key(&line.log) {
            self.open(line.log)?;
        }
        match self.open.get_mut(&line.log) {
            Some(open) => open.write(&line.text),
            None => Ok(()),
        }
    }

    fn open(&mut self, log: Log) -> Result<(), CorpusError> {
        let path = self.folder.join(log.path(self.hour, after(self.hour, ROTATION)));
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|source| failed(parent, source))?;
        }
        let file = File::create(&path).map_err(|source| failed(&path, source))?;
        let mut open = OpenFile { path, file: BufWriter::with_capacity(BUFFER, file) };
        let header = self.form.header(log, self.hour).map_err(CorpusError::Render)?;
        open.write(&header)?;
        self.bytes += header.len() as u64;
        self.files += 1;
        self.open.insert(log, open);
        Ok(())
    }

    /// Completes the files of the hour.
    fn rotate(&mut self) -> Result<(), CorpusError> {
        let footer = self.form.footer(after(self.hour, ROTATION));
        for (_, mut open) in std::mem::take(&mut self.open) {
            open.write(&footer)?;
            self.bytes += footer.len() as u64;
            open.file.flush().map_err(|source| failed(&open.path, source))?;
        }
        Ok(())
    }
}

impl OpenFile {
    fn write(&mut self, text: &str) -> Result<(), CorpusError> {
        self.file.write_all(text.as_bytes()).map_err(|source| failed(&self.path, source))
    }
}

fn failed(path: &Path, source: io::Error) -> CorpusError {
    CorpusError::Write { path: path.to_owned(), source }
}

/// When the hour of a moment begins.
fn beginning(time: Timestamp) -> Timestamp {
    let rotation = ROTATION.as_micros() as i64;
    Timestamp(time.microseconds().div_euclid(rotation) * rotation)
}
