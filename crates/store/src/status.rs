//! What a store holds and how it fares.

use std::collections::{BTreeMap, BTreeSet};

use coldtrail_catalogue::Catalogue;
use coldtrail_model::Timestamp;
use serde::Serialize;

use crate::commit::File;
use crate::error::StoreError;
use crate::parquet_file::check;
use crate::store::Store;
use crate::writer::orphans;

/// What a store holds and how it fares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The number of the last commit.
    pub commit: u64,
    /// The tables by name, `activity` among them.
    pub tables: BTreeMap<String, TableStatus>,
    /// How many sources were read.
    pub sources: u64,
    /// Sources whose last line had not ended when they were read.
    pub pending: Vec<String>,
    /// The earliest event: how far back history reaches.
    pub first: Option<Timestamp>,
    /// The latest event.
    pub last: Option<Timestamp>,
    /// Catalogues that told contacts from the rest, and how many files each split.
    pub catalogues: BTreeMap<String, u64>,
    /// Files that were split by another catalogue than today's: hunts look through their rest as
    /// well, until the store is compacted.
    pub outdated: u64,
    /// Files that no commit names, left by a writer that was killed or is at work.
    pub orphans: Vec<String>,
    /// Files that were taken out of the store but still lie there.
    pub removed: u64,
    /// Files that cannot be read, and why.
    pub damaged: BTreeMap<String, String>,
}

/// What a store holds of one table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TableStatus {
    /// How many files.
    pub files: u64,
    /// How many rows.
    pub rows: u64,
    /// How many of them can be contacts.
    pub contacts: u64,
    /// How many bytes.
    pub bytes: u64,
    /// How many days.
    pub days: u64,
    /// The earliest row.
    pub first: Option<Timestamp>,
    /// The latest row.
    pub last: Option<Timestamp>,
}

impl Store {
    /// Says what the store holds. The end of every file is read, which tells those that are half
    /// written or gone.
    ///
    /// # Errors
    ///
    /// When the log cannot be read.
    pub fn status(&self) -> Result<Status, StoreError> {
        let snapshot = self.snapshot()?;
        let fingerprint = Catalogue::builtin().fingerprint();
        let events = || snapshot.files().filter(|file| file.event_table().is_some());
        let mut catalogues: BTreeMap<String, u64> = BTreeMap::new();
        for file in events() {
            *catalogues.entry(file.catalogue.clone()).or_default() += 1;
        }
        let damaged = snapshot.files().filter_map(|file| {
            let error = check(self.root(), file).err()?;
            Some((file.path.clone(), whole(&error)))
        });
        let pending = snapshot.sources().filter(|(_, source)| source.tally.pending.is_some());
        Ok(Status {
            commit: snapshot.commit,
            tables: tables(snapshot.files()),
            sources: snapshot.sources().count() as u64,
            pending: pending.map(|(name, _)| name.to_owned()).collect(),
            first: events().map(|file| Timestamp(file.first)).min(),
            last: events().map(|file| Timestamp(file.last)).max(),
            outdated: events().filter(|file| !snapshot.is_split_by(file, fingerprint)).count()
                as u64,
            orphans: orphans(self.root(), &snapshot)?,
            removed: snapshot.removed().len() as u64,
            damaged: damaged.collect(),
            catalogues,
        })
    }
}

fn tables<'f>(files: impl Iterator<Item = &'f File>) -> BTreeMap<String, TableStatus> {
    let mut tables: BTreeMap<String, TableStatus> = BTreeMap::new();
    let mut days: BTreeSet<(&str, &str)> = BTreeSet::new();
    for file in files {
        let table = tables.entry(file.table.clone()).or_default();
        table.files += 1;
        table.rows += file.rows;
        table.contacts += if file.contacts { file.rows } else { 0 };
        table.bytes += file.bytes;
        table.days += u64::from(days.insert((&file.table, &file.date)));
        let (first, last) = (Timestamp(file.first), Timestamp(file.last));
        table.first = Some(table.first.map_or(first, |known| known.min(first)));
        table.last = Some(table.last.map_or(last, |known| known.max(last)));
    }
    tables
}

/// An error with what is behind it.
fn whole(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", whole(source)),
        None => error.to_string(),
    }
}
