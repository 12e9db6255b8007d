//! Makes few large files of many small ones, and tells contacts from the rest by today's catalogue.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;

use coldtrail_catalogue::Catalogue;
use coldtrail_model::{Table, Timestamp};
use serde::Serialize;

use crate::buffers::{Buffers, Files, is_activity};
use crate::commit::{Commit, File};
use crate::error::StoreError;
use crate::log;
use crate::originals::Originals;
use crate::store::Store;
use crate::writer::{GRACE, Writer};

/// A file of fewer rows is small.
const FEW_ROWS: u64 = 262_144;

/// A file of fewer sums of activity is small.
const FEW_SUMS: u64 = 50_000;

/// So many bytes of files that are replaced make a commit.
const BYTES_A_COMMIT: u64 = 512 << 20;

/// What came of compacting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Compacted {
    /// How many files were replaced.
    pub replaced: u64,
    /// By how many.
    pub by: u64,
    /// How many files that nobody needs any more were removed, and how many bytes they had.
    pub removed: u64,
    /// See [`Compacted::removed`].
    pub removed_bytes: u64,
    /// Files that are damaged, and stay as they are.
    pub damaged: Vec<String>,
}

impl Store {
    /// Merges small files of a day, splits those anew that were split by another catalogue, writes a
    /// checkpoint of the log, and removes files that were replaced an hour ago or earlier.
    ///
    /// # Errors
    ///
    /// When the store cannot be written to; it then is as it was after the last commit.
    pub fn compact(&self, now: Timestamp) -> Result<Compacted, StoreError> {
        self.compact_with_grace(now, GRACE)
    }

    /// As [`Store::compact`], removing files that were replaced so many microseconds ago: none are
    /// kept for readers where that is 0.
    ///
    /// # Errors
    ///
    /// As [`Store::compact`].
    pub fn compact_with_grace(&self, now: Timestamp, grace: i64) -> Result<Compacted, StoreError> {
        let mut compacting =
            Compacting { store: self, writer: self.writer(now)?, compacted: Compacted::default() };
        let outcome = compacting.run();
        if outcome.is_err() {
            compacting.writer.abandon();
        }
        outcome?;
        let Compacting { mut writer, mut compacted, .. } = compacting;
        (compacted.removed, compacted.removed_bytes) = writer.clean(grace)?;
        Ok(compacted)
    }
}

struct Compacting<'s> {
    store: &'s Store,
    writer: Writer,
    compacted: Compacted,
}

impl Compacting<'_> {
    fn run(&mut self) -> Result<(), StoreError> {
        let mut commit = Commit::default();
        let mut bytes = 0;
        let mut next = 0;
        for group in self.groups() {
            let (added, replaced) = self.rewrite(group, &mut next)?;
            self.compacted.replaced += replaced.len() as u64;
            self.compacted.by += added.len() as u64;
            bytes += replaced.iter().map(|file| file.bytes).sum::<u64>();
            commit.added.extend(added);
            commit.removed.extend(replaced.into_iter().map(|file| file.path));
            if bytes > BYTES_A_COMMIT {
                self.writer.commit(std::mem::take(&mut commit))?;
                (bytes, next) = (0, 0);
            }
        }
        if commit.removed.is_empty() { Ok(()) } else { self.writer.commit(commit) }
    }

    /// The files of each table and day that are worth rewriting.
    fn groups(&self) -> Vec<Vec<File>> {
        let fingerprint = Catalogue::builtin().fingerprint();
        let mut days: BTreeMap<(&str, &str), Vec<&File>> = BTreeMap::new();
        for file in self.writer.snapshot().files() {
            days.entry((&file.table, &file.date)).or_default().push(file);
        }
        let is_small =
            |file: &File| file.rows < if is_activity(file) { FEW_SUMS } else { FEW_ROWS };
        let is_outdated = |file: &File| !is_activity(file) && file.catalogue != fingerprint;
        let worth = |files: Vec<&File>| -> Vec<File> {
            let small = |contacts: bool| {
                let of_kind = files.iter().filter(|file| file.contacts == contacts);
                let small: Vec<&File> = of_kind.copied().filter(|file| is_small(file)).collect();
                if small.len() > 1 { small } else { Vec::new() }
            };
            let outdated = files.iter().copied().filter(|file| is_outdated(file));
            let mut worth: BTreeMap<&str, &File> = BTreeMap::new();
            for file in small(false).into_iter().chain(small(true)).chain(outdated) {
                worth.insert(&file.path, file);
            }
            worth.into_values().cloned().collect()
        };
        days.into_values().map(worth).filter(|files| !files.is_empty()).collect()
    }

    /// Writes the rows of files anew. A file that is damaged stays, and the others are written
    /// without it.
    fn rewrite(
        &mut self,
        mut files: Vec<File>,
        next: &mut u64,
    ) -> Result<(Vec<File>, Vec<File>), StoreError> {
        while !files.is_empty() {
            let number = AtomicU64::new(*next);
            let written = self.rewritten(&files, number, next);
            match written {
                Ok(added) => return Ok((added, files)),
                Err((place, error)) => match error {
                    StoreError::DamagedFile { .. } | StoreError::File { action: "open", .. }
                        if place < files.len() =>
                    {
                        self.compacted.damaged.push(files.remove(place).path);
                    }
                    error => return Err(error),
                },
            }
        }
        Ok((Vec::new(), Vec::new()))
    }

    /// The new files, or which file made it fail.
    fn rewritten(
        &self,
        replaced: &[File],
        number: AtomicU64,
        next: &mut u64,
    ) -> Result<Vec<File>, (usize, StoreError)> {
        let originals = self.originals();
        let files = Files {
            root: self.writer.root(),
            commit: self.writer.next(),
            next: number,
            catalogue: Catalogue::builtin(),
            originals: &originals,
        };
        let mut buffers = Buffers::new(&files, 1).without_activity();
        let mut outcome = Ok(());
        for (place, file) in replaced.iter().enumerate() {
            outcome = self.copy(file, &mut buffers).map_err(|error| (place, error));
            if outcome.is_err() {
                break;
            }
        }
        let written = match outcome {
            Ok(()) => buffers.finish().map_err(|error| (usize::MAX, error)),
            Err(failure) => {
                for path in buffers.into_written() {
                    log::remove(&log::below(self.writer.root(), &path))
                        .map_err(|error| (usize::MAX, error))?;
                }
                Err(failure)
            }
        };
        *next = files.next.into_inner();
        written
    }

    fn copy(&self, file: &File, buffers: &mut Buffers<'_>) -> Result<(), StoreError> {
        for batch in self.store.rows(file)? {
            match Table::from_name(&file.table) {
                Some(table) => buffers.take(table, &batch?)?,
                None => buffers.take_activity(&batch?)?,
            }
        }
        Ok(())
    }

    /// Where the logs lay when they were read.
    fn originals(&self) -> Originals {
        Originals::of(self.writer.snapshot())
    }
}
