//! Retention: whole days go, the oldest first.

use std::collections::BTreeSet;

use coldtrail_model::Timestamp;
use serde::Serialize;

use crate::commit::{Commit, File};
use crate::error::StoreError;
use crate::snapshot::Snapshot;
use crate::store::Store;
use crate::writer::GRACE;

const DAY: i64 = 86_400 * 1_000_000;

/// What is to go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expiry {
    /// Days that ended more than so many days ago.
    pub older_than_days: Option<u32>,
    /// As many of the oldest days as it takes for the files to have no more bytes than this.
    pub larger_than_bytes: Option<u64>,
}

/// What went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Expired {
    /// The days, oldest first.
    pub days: Vec<String>,
    /// How many files.
    pub files: u64,
    /// How many rows.
    pub rows: u64,
    /// How many bytes; their room is free when nobody can be reading them any more, at the latest
    /// with the first `expire` or `compact` an hour from now.
    pub bytes: u64,
    /// How many files that went earlier were removed by now, and how many bytes they had.
    pub removed: u64,
    /// See [`Expired::removed`].
    pub removed_bytes: u64,
}

impl Store {
    /// Drops whole days, oldest first. The store goes on knowing which logs it has read: their rows
    /// do not come back when they are named again.
    ///
    /// # Errors
    ///
    /// When the store cannot be written to; it then is as it was.
    pub fn expire(&self, expiry: &Expiry, now: Timestamp) -> Result<Expired, StoreError> {
        self.expire_with_grace(expiry, now, GRACE)
    }

    /// As [`Store::expire`], removing files that went so many microseconds ago: none are kept for
    /// readers where that is 0.
    ///
    /// # Errors
    ///
    /// As [`Store::expire`].
    pub fn expire_with_grace(
        &self,
        expiry: &Expiry,
        now: Timestamp,
        grace: i64,
    ) -> Result<Expired, StoreError> {
        let mut writer = self.writer(now)?;
        let over = over(writer.snapshot(), expiry, now);
        let days: BTreeSet<&str> = over.iter().map(|file| file.date.as_str()).collect();
        let events = over.iter().filter(|file| file.event_table().is_some());
        let mut expired = Expired {
            days: days.into_iter().map(str::to_owned).collect(),
            files: over.len() as u64,
            rows: events.map(|file| file.rows).sum(),
            bytes: over.iter().map(|file| file.bytes).sum(),
            ..Expired::default()
        };
        if !over.is_empty() {
            let removed = over.into_iter().map(|file| file.path).collect();
            writer.commit(Commit { removed, ..Commit::default() })?;
        }
        (expired.removed, expired.removed_bytes) = writer.clean(grace)?;
        Ok(expired)
    }
}

fn over(snapshot: &Snapshot, expiry: &Expiry, now: Timestamp) -> Vec<File> {
    // A day belongs to a file as long as the file has a row of it.
    let last_day = |file: &File| file.last.div_euclid(DAY);
    let today = now.0.div_euclid(DAY);
    let oldest = expiry.older_than_days.map(|days| today - i64::from(days));
    let is_old = |file: &File| oldest.is_some_and(|oldest| last_day(file) < oldest);
    let (mut over, kept): (Vec<File>, Vec<File>) =
        snapshot.files().cloned().partition(|file| is_old(file));
    let Some(limit) = expiry.larger_than_bytes else { return over };
    let mut bytes: u64 = kept.iter().map(|file| file.bytes).sum();
    let days: BTreeSet<i64> = kept.iter().map(last_day).collect();
    for day in days {
        if bytes <= limit {
            break;
        }
        for file in kept.iter().filter(|file| last_day(file) == day) {
            bytes -= file.bytes;
            over.push(file.clone());
        }
    }
    over
}
