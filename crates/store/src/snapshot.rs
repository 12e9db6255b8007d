//! The state of a store: what a fold over its log gives.

use std::collections::BTreeMap;

use coldtrail_sources::{Content, Known};
use serde::{Deserialize, Serialize};

use crate::commit::{Commit, File, Tally};
use crate::error::StoreError;

/// How many stretches are remembered of one source: the first and the latest. A copy of a growing
/// log is known again if it was made at the time of one of these readings.
const MOST_CONTENTS: usize = 16;

/// What a store holds at one moment. A checkpoint of the log is a snapshot as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The number of the last commit; 0 where there is none.
    pub commit: u64,
    files: BTreeMap<String, File>,
    /// Files that are no longer part of the store, and since when.
    removed: BTreeMap<String, i64>,
    sources: BTreeMap<String, Source>,
    packed: Vec<Content>,
}

/// What the store knows of one source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The file that it was, as it was named when it was last read.
    pub path: String,
    /// What was counted over all readings.
    pub tally: Tally,
    /// What was read, shortest first; empty where there was nothing that a format knows.
    pub contents: Vec<Content>,
}

impl Snapshot {
    /// Folds the entries of a log, given as names (with or without folders before them) and bytes, in
    /// any order. Names that are none of an entry's are passed over.
    ///
    /// The newest checkpoint that can be read counts, and the commits behind it.
    ///
    /// # Errors
    ///
    /// When a commit that counts is damaged or missing.
    pub fn fold<N: AsRef<str>, B: AsRef<[u8]>>(
        entries: impl IntoIterator<Item = (N, B)>,
    ) -> Result<Self, StoreError> {
        let mut commits: BTreeMap<u64, B> = BTreeMap::new();
        let mut checkpoints: BTreeMap<u64, B> = BTreeMap::new();
        for (name, bytes) in entries {
            match Entry::named(name.as_ref()) {
                Some(Entry::Commit(number)) => commits.insert(number, bytes),
                Some(Entry::Checkpoint(number)) => checkpoints.insert(number, bytes),
                None => continue,
            };
        }
        let mut snapshot = newest(&checkpoints, &commits)?;
        for (number, bytes) in commits.range(snapshot.commit + 1..) {
            if *number != snapshot.commit + 1 {
                return Err(StoreError::MissingEntry { number: snapshot.commit + 1 });
            }
            let entry = Entry::Commit(*number).name();
            let commit: Commit = serde_json::from_slice(bytes.as_ref())
                .map_err(|source| StoreError::DamagedEntry { entry, source })?;
            snapshot.apply(&commit, *number);
        }
        Ok(snapshot)
    }

    /// The files that are part of the store, in order of path.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.files.values()
    }

    /// Whether a path is that of a file of the store.
    pub fn names(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Whether that catalogue told contacts from the rest in a file. Where another did, the rest may
    /// hold contacts, and has to be looked through as well.
    pub fn is_split_by(&self, file: &File, catalogue: &str) -> bool {
        file.catalogue == catalogue
    }

    /// All sources by name, with what was counted of each.
    pub fn sources(&self) -> impl Iterator<Item = (&str, &Source)> {
        self.sources.iter().map(|(name, source)| (name.as_str(), source))
    }

    /// The source of that name.
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.sources.get(name)
    }

    /// Files that are no longer part of the store but may still lie there, and since when.
    pub(crate) fn removed(&self) -> &BTreeMap<String, i64> {
        &self.removed
    }

    /// Forgets files that were removed and do not lie there any more.
    pub(crate) fn forget_removed(&mut self, path: &str) {
        self.removed.remove(path);
    }

    /// Everything that was read.
    pub(crate) fn known(&self) -> Known {
        let mut known = Known::default();
        let contents = self.sources.values().flat_map(|source| &source.contents);
        contents.chain(&self.packed).for_each(|content| known.add(content.clone()));
        known
    }

    /// Takes in what a commit says.
    pub(crate) fn apply(&mut self, commit: &Commit, number: u64) {
        self.commit = number;
        for path in &commit.removed {
            if self.files.remove(path).is_some() {
                self.removed.insert(path.clone(), commit.time);
            }
        }
        for file in &commit.added {
            self.files.insert(file.path.clone(), file.clone());
        }
        for reading in &commit.readings {
            let source = self.sources.entry(reading.name.clone()).or_default();
            source.path.clone_from(&reading.path);
            match &reading.content {
                Some(content) if source.contents.is_empty() => {
                    source.tally = reading.tally.clone();
                    source.contents = vec![content.clone()];
                }
                Some(content) => {
                    source.tally.add(&reading.tally);
                    source.remember(content);
                }
                None => source.tally = reading.tally.clone(),
            }
        }
        self.packed.extend(commit.packed.iter().cloned());
    }
}

impl Source {
    fn remember(&mut self, content: &Content) {
        if !self.contents.contains(content) {
            self.contents.push(content.clone());
            self.contents.sort_by_key(|content| content.length);
        }
        if self.contents.len() > MOST_CONTENTS {
            self.contents.remove(1);
        }
    }
}

/// The newest checkpoint that can be read, or else nothing. An older one may serve in its place only
/// where the commits behind it are still there, which the fold finds out.
fn newest<B: AsRef<[u8]>>(
    checkpoints: &BTreeMap<u64, B>,
    commits: &BTreeMap<u64, B>,
) -> Result<Snapshot, StoreError> {
    let mut damage = None;
    for (number, bytes) in checkpoints.iter().rev() {
        match serde_json::from_slice(bytes.as_ref()) {
            Ok(snapshot) => return Ok(Snapshot { commit: *number, ..snapshot }),
            Err(source) => {
                let entry = Entry::Checkpoint(*number).name();
                damage.get_or_insert(StoreError::DamagedEntry { entry, source });
            }
        }
    }
    match damage {
        Some(damage) if !commits.contains_key(&1) => Err(damage),
        _ => Ok(Snapshot::default()),
    }
}

/// A file of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Entry {
    Commit(u64),
    Checkpoint(u64),
}

impl Entry {
    /// Reads a name: twenty digits, so that names are ordered as numbers are.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let name = name.rsplit('/').next().unwrap_or(name);
        let (digits, kind) = name.split_once('.')?;
        let number = digits.parse().ok().filter(|_| digits.len() == 20)?;
        match kind {
            "json" => Some(Entry::Commit(number)),
            "checkpoint.json" => Some(Entry::Checkpoint(number)),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> String {
        match self {
            Entry::Commit(number) => format!("{number:020}.json"),
            Entry::Checkpoint(number) => format!("{number:020}.checkpoint.json"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Entry, Snapshot};
    use crate::commit::{Commit, File};
    use crate::error::StoreError;

    fn file(path: &str) -> File {
        File {
            path: path.to_owned(),
            table: "dns".to_owned(),
            date: "2026-04-13".to_owned(),
            contacts: false,
            rows: 1,
            bytes: 1,
            first: 0,
            last: 0,
            catalogue: "one".to_owned(),
        }
    }

    /// Two files, of which the second commit replaces one by a third.
    fn log() -> Vec<(String, Vec<u8>)> {
        let first = Commit { added: vec![file("a"), file("b")], ..Commit::default() };
        let second = Commit {
            time: 7,
            added: vec![file("c")],
            removed: vec!["a".to_owned()],
            ..Commit::default()
        };
        [first, second]
            .iter()
            .zip(1..)
            .map(|(commit, number)| {
                (Entry::Commit(number).name(), serde_json::to_vec(commit).unwrap())
            })
            .collect()
    }

    fn paths(snapshot: &Snapshot) -> Vec<&str> {
        snapshot.files().map(|file| file.path.as_str()).collect()
    }

    #[test]
    fn only_files_that_the_log_names_count() {
        let mut entries = log();
        entries.reverse();
        entries.push(("log/lock".to_owned(), b"no entry".to_vec()));
        let snapshot = Snapshot::fold(entries).unwrap();
        assert_eq!((snapshot.commit, paths(&snapshot)), (2, vec!["b", "c"]));
        assert_eq!(snapshot.removed().get("a"), Some(&7));
    }

    #[test]
    fn a_checkpoint_stands_for_the_commits_before_it() {
        let whole = Snapshot::fold(log()).unwrap();
        let checkpoint = serde_json::to_vec(&Snapshot::fold(log().into_iter().take(1)).unwrap());
        let entries =
            [(Entry::Checkpoint(1).name(), checkpoint.unwrap()), log().into_iter().nth(1).unwrap()];
        assert_eq!(Snapshot::fold(entries).unwrap(), whole);
    }

    #[test]
    fn a_damaged_checkpoint_is_no_loss_while_the_commits_are_there() {
        let mut entries = log();
        entries.push((Entry::Checkpoint(1).name(), b"{".to_vec()));
        assert_eq!(Snapshot::fold(entries).unwrap(), Snapshot::fold(log()).unwrap());
        let alone = [(Entry::Checkpoint(1).name(), b"{".to_vec()), log().remove(1)];
        assert!(matches!(Snapshot::fold(alone), Err(StoreError::DamagedEntry { .. })));
    }

    proptest! {
        /// Whatever the bytes: an answer, or an error that says where.
        #[test]
        fn damage_anywhere_is_survived(place in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
            let mut entries = log();
            let bytes = &mut entries[1].1;
            let place = place.index(bytes.len());
            bytes[place] = byte;
            if cut {
                bytes.truncate(place);
            }
            match Snapshot::fold(entries) {
                Ok(snapshot) => prop_assert_eq!(snapshot.commit, 2),
                Err(error) => prop_assert!(error.to_string().contains("00000000000000000002")),
            }
        }
    }

    #[test]
    fn a_gap_or_damage_in_the_log_is_told() {
        let gap = Snapshot::fold(log().into_iter().skip(1));
        assert!(matches!(gap, Err(StoreError::MissingEntry { number: 1 })), "{gap:?}");
        let mut damaged = log();
        damaged[1].1.truncate(20);
        let error = Snapshot::fold(damaged).unwrap_err();
        assert!(error.to_string().contains("00000000000000000002.json"), "{error}");
    }
}
