//! Rows on their way from a reader to files, in memory of bounded size.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::RecordBatch;
use arrow_select::filter::filter_record_batch;
use coldtrail_catalogue::Catalogue;
use coldtrail_model::{Field, Table};
use coldtrail_sources::{Receiver, Stopped};

use crate::activity::Activity;
use crate::commit::File;
use crate::error::StoreError;
use crate::kind::{ACTIVITY, Kind};
use crate::log::below;
use crate::originals::Originals;
use crate::sorted::{Piece, days};
use crate::{parquet_file, split};

/// Memory for rows over all threads, in bytes. While rows are written, they take up about as much
/// again for a moment, so this is a third of what is meant.
const BUDGET: usize = 64 << 20;

/// What all buffers of one commit have in common.
pub(crate) struct Files<'s> {
    pub(crate) root: &'s Path,
    /// The number of the commit, and of the next file in it.
    pub(crate) commit: u64,
    pub(crate) next: AtomicU64,
    pub(crate) catalogue: &'s Catalogue,
    /// Where the original records are that a format does not hand over.
    pub(crate) originals: &'s Originals,
}

/// The rows of one thread that are not written yet, and the files of those that are.
pub(crate) struct Buffers<'s> {
    files: &'s Files<'s>,
    budget: usize,
    rest: [Vec<Piece>; Table::ALL.len()],
    rest_bytes: usize,
    contacts: [Vec<Piece>; Table::ALL.len()],
    contacts_bytes: usize,
    activity: Activity,
    notes_activity: bool,
    written: Vec<File>,
    failure: Option<StoreError>,
}

impl Receiver for Buffers<'_> {
    fn receive(&mut self, table: Table, batch: RecordBatch) -> Result<(), Stopped> {
        self.take(table, &batch).map_err(|error| {
            self.failure.get_or_insert(error);
            Stopped
        })
    }
}

impl<'s> Buffers<'s> {
    /// Buffers for one of so many threads.
    pub(crate) fn new(files: &'s Files<'s>, threads: usize) -> Self {
        Self {
            files,
            budget: BUDGET / threads.max(1),
            rest: Default::default(),
            rest_bytes: 0,
            contacts: Default::default(),
            contacts_bytes: 0,
            activity: Activity::of_thread(threads),
            notes_activity: true,
            written: Vec::new(),
            failure: None,
        }
    }

    /// Does not sum up activity: that of rows which were in the store before is summed up already.
    pub(crate) fn without_activity(mut self) -> Self {
        self.notes_activity = false;
        self
    }

    /// Takes rows, and writes what there is if that becomes too much.
    pub(crate) fn take(&mut self, table: Table, batch: &RecordBatch) -> Result<(), StoreError> {
        let is_contact = split::contacts(self.files.catalogue, table, batch);
        if let Some(is_contact) = &is_contact
            && let Ok(batch) = filter_record_batch(batch, is_contact)
            && let Some(contacts) = self.contacts.get_mut(table as usize)
        {
            self.contacts_bytes += batch.get_array_memory_size();
            contacts.push(Piece { batch, without: None });
        }
        if let Some(rest) = self.rest.get_mut(table as usize) {
            let batch = without_originals(batch);
            self.rest_bytes += batch.get_array_memory_size();
            rest.push(Piece { batch, without: is_contact });
        }
        if self.contacts_bytes > self.budget / 4 {
            self.write_contacts()?;
        }
        if self.rest_bytes > self.budget {
            self.write_rest()?;
        }
        Ok(())
    }

    /// Takes sums of activity.
    pub(crate) fn take_activity(&mut self, batch: &RecordBatch) -> Result<(), StoreError> {
        self.activity.note_sums(batch);
        if self.activity.is_full() { self.write_activity() } else { Ok(()) }
    }

    /// Writes everything; the files, or what went wrong with any of them.
    pub(crate) fn finish(mut self) -> Result<Vec<File>, StoreError> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        self.write_contacts()?;
        self.write_rest()?;
        self.write_activity()?;
        Ok(self.written)
    }

    /// Gives up: the files that were written already.
    pub(crate) fn into_written(self) -> Vec<String> {
        self.written.into_iter().map(|file| file.path).collect()
    }

    fn write_rest(&mut self) -> Result<(), StoreError> {
        self.rest_bytes = 0;
        for (table, rest) in Table::ALL.into_iter().zip(std::mem::take(&mut self.rest)) {
            self.note_activity(table, &rest)?;
            self.write(Kind::Rest(table), rest)?;
        }
        Ok(())
    }

    /// Sums up activity of very many rows at a time, so that the sums stay in the cache. Contacts are
    /// among these rows, marked as such.
    fn note_activity(&mut self, table: Table, pieces: &[Piece]) -> Result<(), StoreError> {
        if !self.notes_activity {
            return Ok(());
        }
        for piece in pieces {
            self.activity.note(table, &piece.batch);
            if self.activity.is_full() {
                self.write_activity()?;
            }
        }
        Ok(())
    }

    fn write_contacts(&mut self) -> Result<(), StoreError> {
        self.contacts_bytes = 0;
        for (table, mut contacts) in Table::ALL.into_iter().zip(std::mem::take(&mut self.contacts))
        {
            self.files.originals.fill_in(&mut contacts);
            self.write(Kind::Contacts(table), contacts)?;
        }
        Ok(())
    }

    fn write_activity(&mut self) -> Result<(), StoreError> {
        let batch = self.activity.take();
        self.write(
            Kind::Activity,
            batch.map(|batch| Piece { batch, without: None }).into_iter().collect(),
        )
    }

    fn write(&mut self, kind: Kind, pieces: Vec<Piece>) -> Result<(), StoreError> {
        let Files { root, commit, next, catalogue, .. } = self.files;
        for day in days(kind, &pieces) {
            let path = kind.path(&day.date, *commit, next.fetch_add(1, Ordering::Relaxed));
            let bytes = parquet_file::write(&below(root, &path), kind, &pieces, &day)?;
            self.written.push(File {
                path,
                table: kind.table().to_owned(),
                date: day.date,
                contacts: kind.is_contacts(),
                rows: day.places.len() as u64,
                bytes,
                first: day.first,
                last: day.last,
                catalogue: catalogue.fingerprint().to_owned(),
            });
        }
        Ok(())
    }
}

fn without_originals(batch: &RecordBatch) -> RecordBatch {
    let originals = batch.schema().index_of(Field::RecordOriginal.name());
    let mut batch = batch.clone();
    if let Ok(originals) = originals {
        batch.remove_column(originals);
    }
    batch
}

/// Whether a file is one of sums of activity.
pub(crate) fn is_activity(file: &File) -> bool {
    file.table == ACTIVITY
}
