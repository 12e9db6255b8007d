//! What the log of a store is made of.

use std::collections::BTreeMap;

use coldtrail_model::Table;
use coldtrail_sources::{Content, SourceTally};
use serde::{Deserialize, Serialize};

/// One entry of the log: everything in it came to be at once, or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Its number; the first is 1.
    pub number: u64,
    /// When it was made, in microseconds since 1970, by the clock of whoever made it.
    pub time: i64,
    /// Files that are part of the store from now on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<File>,
    /// Paths of files that are no longer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
    /// What was read of logs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<Reading>,
    /// Packed files as they lay there, all of whose members are read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packed: Vec<Content>,
}

/// A Parquet file of the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Where it is, relative to the store, with `/` between folders.
    pub path: String,
    /// What its rows are: the name of an event table, or `activity`.
    pub table: String,
    /// The day of its first row, in UTC. Its rows are of that day alone, unless the log held so many
    /// days with so few rows that a file for each would be out of proportion.
    pub date: String,
    /// Whether its rows can be contacts, and have their original records.
    pub contacts: bool,
    /// How many rows it has.
    pub rows: u64,
    /// How many bytes it has.
    pub bytes: u64,
    /// The moment of its earliest row, in microseconds since 1970.
    pub first: i64,
    /// The moment of its latest row.
    pub last: i64,
    /// The fingerprint of the catalogue that told contacts from the rest.
    pub catalogue: String,
}

impl File {
    /// The event table that its rows belong to; `None` for the summary of activity.
    pub fn event_table(&self) -> Option<Table> {
        Table::from_name(&self.table)
    }
}

/// What was read of one source at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The source as its rows name it. Another source that lay at the same path before has the same
    /// name but for the `#2` behind the path.
    pub name: String,
    /// The file as it was named, without `!/` and what follows.
    pub path: String,
    /// What was counted, of what is new alone.
    pub tally: Tally,
    /// What is read by now; absent where there was nothing that a format knows. What was counted
    /// then stands in place of what was counted before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
}

/// What was counted of one source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Its format; absent when nothing recognised it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Records met, with or without a place in a table.
    pub records: u64,
    /// Rows by the name of the table.
    pub rows: BTreeMap<String, u64>,
    /// The earliest event, in microseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<i64>,
    /// The latest event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<i64>,
    /// What was wrong, by kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
    /// Where a last record begins that had not ended, and was left for another time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<u64>,
}

/// One kind of anomaly in one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The source, or the part of it, where it was met.
    pub source: String,
    /// The anomaly's stable code.
    pub code: String,
    /// Where it was first met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// How often it was met.
    pub count: u64,
    /// The particulars of the first time.
    pub detail: String,
}

impl Tally {
    /// What a reader counted.
    pub(crate) fn of(read: &SourceTally) -> Self {
        let SourceTally { format, tally, content, .. } = read;
        let rows = tally.rows.iter().map(|(table, rows)| (table.name().to_owned(), *rows));
        let end = content.as_ref().map(|content| content.length);
        let faults = tally.faults.iter().map(|fault| Fault {
            source: fault.source.clone(),
            code: fault.anomaly.code().to_owned(),
            offset: fault.offset,
            count: fault.count,
            detail: fault.detail.clone(),
        });
        Self {
            format: format.map(str::to_owned),
            records: tally.records,
            rows: rows.collect(),
            first: tally.span.map(|(first, _)| first),
            last: tally.span.map(|(_, last)| last),
            faults: faults.collect(),
            pending: tally.unfinished.filter(|offset| Some(*offset) == end),
        }
    }

    /// Adds what was counted of a later part of the same source.
    pub(crate) fn add(&mut self, later: &Tally) {
        self.format = self.format.take().or_else(|| later.format.clone());
        self.records += later.records;
        for (table, rows) in &later.rows {
            *self.rows.entry(table.clone()).or_default() += rows;
        }
        self.first = [self.first, later.first].into_iter().flatten().min();
        self.last = self.last.max(later.last);
        for fault in &later.faults {
            match self.faults.iter_mut().find(|known| same_kind(known, fault)) {
                Some(known) => known.count += fault.count,
                None => self.faults.push(fault.clone()),
            }
        }
        self.pending = later.pending;
    }
}

fn same_kind(one: &Fault, other: &Fault) -> bool {
    one.code == other.code && one.source == other.source
}
