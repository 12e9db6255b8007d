//! The log of a store as it lies in a folder: one file a commit, which appears whole or not at all.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::commit::Commit;
use crate::error::StoreError;
use crate::snapshot::{Entry, Snapshot};

/// The folder of the log, below the store's.
const FOLDER: &str = "log";

/// How often a listing is made anew because an entry in it went away meanwhile: whoever compacts
/// replaces old entries by a checkpoint.
const ATTEMPTS: u32 = 5;

/// Reads the log of the store in a folder.
pub(crate) fn read(root: &Path) -> Result<Snapshot, StoreError> {
    let folder = root.join(FOLDER);
    let mut attempt = 1;
    loop {
        match entries(&folder) {
            Ok(entries) => return Snapshot::fold(entries),
            Err(StoreError::File { source, .. })
                if source.kind() == ErrorKind::NotFound
                    && attempt < ATTEMPTS
                    && folder.exists() =>
            {
                attempt += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

/// The newest checkpoint and what comes behind it, or everything where that is not enough.
fn entries(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    let names = names(folder)?;
    let checkpoint = names.iter().rev().find_map(|entry| match entry {
        Entry::Checkpoint(number) => Some(*number),
        Entry::Commit(_) => None,
    });
    let newest: Vec<Entry> = names
        .iter()
        .copied()
        .filter(|entry| match entry {
            Entry::Checkpoint(number) => Some(*number) == checkpoint,
            Entry::Commit(number) => Some(*number) > checkpoint,
        })
        .collect();
    let bytes = contents(folder, &newest)?;
    if Snapshot::fold(bytes.iter().map(|(name, bytes)| (name, bytes))).is_ok() {
        return Ok(bytes);
    }
    contents(folder, &names)
}

fn contents(folder: &Path, entries: &[Entry]) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    let read = |entry: &Entry| {
        let path = folder.join(entry.name());
        let bytes = fs::read(&path).map_err(|error| StoreError::file("read", &path, error))?;
        Ok((entry.name(), bytes))
    };
    entries.iter().map(read).collect()
}

/// The entries of the log, in order.
fn names(folder: &Path) -> Result<Vec<Entry>, StoreError> {
    let refused = |error| StoreError::file("read", folder, error);
    let mut names = Vec::new();
    for file in fs::read_dir(folder).map_err(refused)? {
        names.extend(file.map_err(refused)?.file_name().to_str().and_then(Entry::named));
    }
    names.sort_by_key(|entry| match entry {
        Entry::Commit(number) => (*number, 0),
        Entry::Checkpoint(number) => (*number, 1),
    });
    Ok(names)
}

/// Makes the folder of the log.
pub(crate) fn create(root: &Path) -> Result<(), StoreError> {
    let folder = root.join(FOLDER);
    fs::create_dir_all(&folder).map_err(|error| StoreError::file("make", &folder, error))?;
    sync_folder(root)
}

/// Adds a commit. When this returns, it stays, come what may.
pub(crate) fn append(root: &Path, commit: &Commit) -> Result<(), StoreError> {
    put(root, Entry::Commit(commit.number), commit)
}

/// Adds a checkpoint, and takes away what the one before it stands for: one generation is kept, so
/// that damage to the newest checkpoint loses nothing.
pub(crate) fn checkpoint(root: &Path, snapshot: &Snapshot) -> Result<(), StoreError> {
    let folder = root.join(FOLDER);
    let before = names(&folder)?;
    let newest = Entry::Checkpoint(snapshot.commit);
    if !before.contains(&newest) {
        put(root, newest, snapshot)?;
    }
    let previous = before.iter().rev().find_map(|entry| match entry {
        Entry::Checkpoint(number) if *number < snapshot.commit => Some(*number),
        _ => None,
    });
    for entry in before {
        let is_old = match entry {
            Entry::Commit(number) => Some(number) <= previous,
            Entry::Checkpoint(number) => Some(number) < previous,
        };
        if is_old {
            remove(&folder.join(entry.name()))?;
        }
    }
    Ok(())
}

/// Takes away what a killed writer left in the folder of the log.
pub(crate) fn sweep(root: &Path) -> Result<(), StoreError> {
    let folder = root.join(FOLDER);
    let refused = |error| StoreError::file("read", &folder, error);
    for file in fs::read_dir(&folder).map_err(refused)? {
        let file = file.map_err(refused)?;
        if file.file_name().to_string_lossy().ends_with(".new") {
            remove(&file.path())?;
        }
    }
    Ok(())
}

/// Writes an entry beside its place, and then links it there, which fails if there is one already.
fn put(root: &Path, entry: Entry, content: &impl Serialize) -> Result<(), StoreError> {
    let folder = root.join(FOLDER);
    let path = folder.join(entry.name());
    let beside = folder.join(entry.name() + ".new");
    let bytes = serde_json::to_vec(content)
        .map_err(|error| StoreError::file("write", &path, error.into()))?;
    let linked = write(&beside, &bytes).and_then(|()| {
        link(&beside, &path).map_err(|error| StoreError::file("write", &path, error))
    });
    let removed = remove(&beside);
    linked?;
    removed?;
    sync_folder(&folder)
}

/// Gives a file another name, unless there is one of that name.
fn link(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        // Some file systems have no links. The lock keeps others from making the name meanwhile.
        Err(error) if error.kind() != ErrorKind::AlreadyExists && !to.exists() => {
            fs::rename(from, to)
        }
        linked => linked,
    }
}

/// Writes a file, so that it lasts.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let written = File::create(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|error| StoreError::file("write", path, error))
}

/// Removes a file that may be gone already.
pub(crate) fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(StoreError::file("remove", path, error))
        }
        _ => Ok(()),
    }
}

/// Makes the names in a folder last. Only Unix lets a folder be opened for that.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| StoreError::file("write", folder, error))
}

/// A path below the store's folder, as commits write it.
pub(crate) fn below(root: &Path, relative: &str) -> PathBuf {
    relative.split('/').fold(root.to_owned(), |path, part| path.join(part))
}
