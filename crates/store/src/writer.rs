//! The one writer of a store.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use coldtrail_model::Timestamp;
use walkdir::WalkDir;

use crate::commit::Commit;
use crate::error::StoreError;
use crate::kind::is_of_rows;
use crate::log;
use crate::snapshot::Snapshot;

/// For how long files stay that were taken out of the store, in microseconds: whoever reads by an
/// older snapshot may still open them.
pub(crate) const GRACE: i64 = 3600 * 1_000_000;

/// A process that was killed, or that is just starting another, may hold the lock for a moment longer
/// than it needs it.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(10);

/// The right to write to a store, held until it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Writer {
    root: PathBuf,
    snapshot: Snapshot,
    now: Timestamp,
    _lock: File,
}

impl Writer {
    /// Takes the right, and takes away what a killed writer left.
    pub(crate) fn take(root: &Path, now: Timestamp) -> Result<Self, StoreError> {
        let lock = lock(root, now)?;
        let snapshot = log::read(root)?;
        log::sweep(root)?;
        let writer = Self { root: root.to_owned(), snapshot, now, _lock: lock };
        for orphan in orphans(root, &writer.snapshot)? {
            log::remove(&log::below(root, &orphan))?;
        }
        Ok(writer)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The number of the next commit, which the names of its files begin with.
    pub(crate) fn next(&self) -> u64 {
        self.snapshot.commit + 1
    }

    /// Makes a commit of files that lie there already.
    pub(crate) fn commit(&mut self, commit: Commit) -> Result<(), StoreError> {
        let commit = Commit { number: self.next(), time: self.now.0, ..commit };
        self.sync_folders(&commit)?;
        log::append(&self.root, &commit)?;
        self.snapshot.apply(&commit, commit.number);
        Ok(())
    }

    /// Takes away what was written since the last commit, so that a full disk has room again. What
    /// cannot be taken away now is left to the next writer.
    pub(crate) fn abandon(&self) {
        for orphan in orphans(&self.root, &self.snapshot).unwrap_or_default() {
            let _left = log::remove(&log::below(&self.root, &orphan));
        }
    }

    /// Removes files that were taken out of the store longer than the grace ago, and writes a
    /// checkpoint. Returns how many files and bytes went.
    pub(crate) fn clean(&mut self, grace: i64) -> Result<(u64, u64), StoreError> {
        let over: Vec<String> = self
            .snapshot
            .removed()
            .iter()
            .filter(|(_, since)| self.now.0.saturating_sub(**since) >= grace)
            .map(|(path, _)| path.clone())
            .collect();
        let mut bytes = 0;
        for path in &over {
            let file = log::below(&self.root, path);
            bytes += fs::metadata(&file).map_or(0, |file| file.len());
            log::remove(&file)?;
            if let Some(folder) = file.parent() {
                // It goes when it is empty, and else stays.
                let _kept = fs::remove_dir(folder);
            }
            self.snapshot.forget_removed(path);
        }
        log::checkpoint(&self.root, &self.snapshot)?;
        Ok((over.len() as u64, bytes))
    }

    /// Makes the names of new files last, and those of the folders on the way to them.
    fn sync_folders(&self, commit: &Commit) -> Result<(), StoreError> {
        let mut folders = BTreeSet::new();
        for file in &commit.added {
            let path = log::below(&self.root, &file.path);
            let above = path.ancestors().skip(1).take_while(|above| above.starts_with(&self.root));
            folders.extend(above.map(Path::to_owned));
        }
        folders.iter().try_for_each(|folder| log::sync_folder(folder))
    }
}

/// Takes the lock, or says who has it.
fn lock(root: &Path, now: Timestamp) -> Result<File, StoreError> {
    let path = root.join("lock");
    let refused = |error| StoreError::file("lock", &path, error);
    let mut options = OpenOptions::new();
    let mut file =
        options.read(true).write(true).create(true).truncate(false).open(&path).map_err(refused)?;
    let mut outcome = file.try_lock();
    for _ in 0..ATTEMPTS {
        if !matches!(outcome, Err(TryLockError::WouldBlock)) {
            break;
        }
        std::thread::sleep(PAUSE);
        outcome = file.try_lock();
    }
    match outcome {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Who it is only helps; that there is somebody is certain.
            let _read = (&file).take(200).read_to_string(&mut holder);
            return Err(StoreError::Busy {
                path: root.to_owned(),
                holder: holder.trim().to_owned(),
            });
        }
        Err(TryLockError::Error(error)) => return Err(refused(error)),
    }
    let text = format!("process {} since {now}\n", std::process::id());
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| file.write_all(text.as_bytes()))
        .map_err(refused)?;
    Ok(file)
}

/// Files that lie in a store as rows do, but neither are named by the log nor were until lately.
pub(crate) fn orphans(root: &Path, snapshot: &Snapshot) -> Result<Vec<String>, StoreError> {
    let mut orphans = Vec::new();
    for entry in WalkDir::new(root).min_depth(1).sort_by_file_name() {
        let entry = match entry {
            Ok(entry) => entry,
            // A reader looks on while a writer takes files away.
            Err(error) if is_gone(&error) => continue,
            Err(error) => {
                let path = error.path().unwrap_or(root).to_owned();
                return Err(StoreError::file("read", &path, error.into()));
            }
        };
        let below = entry.path().strip_prefix(root).unwrap_or(entry.path());
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        let path = parts.join("/");
        let counts = snapshot.names(&path) || snapshot.removed().contains_key(&path);
        if entry.file_type().is_file() && is_of_rows(&path) && !counts {
            orphans.push(path);
        }
    }
    Ok(orphans)
}

fn is_gone(error: &walkdir::Error) -> bool {
    error.io_error().is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}
