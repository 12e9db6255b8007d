//! What can go wrong with a store.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use coldtrail_sources::ReaderDied;
use parquet::errors::ParquetError;
use thiserror::Error;

/// Why a store could not do what it was asked for. Each names the place and what to do.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The folder has no `coldtrail-store.json`.
    #[error("{} is not a store: make one with `coldtrail ingest PATH --store {}`", .0.display(), .0.display())]
    NotAStore(PathBuf),
    /// The folder has files, but is no store.
    #[error("{} has files and is not a store: name an empty or a new folder", .0.display())]
    NotEmpty(PathBuf),
    /// The store was written by a newer program.
    #[error("the store {} has format {found}, and this program knows {known}: use a newer coldtrail", path.display())]
    NewerVersion {
        /// The store.
        path: PathBuf,
        /// What it says.
        found: String,
        /// What is known.
        known: &'static str,
    },
    /// `coldtrail-store.json` cannot be understood.
    #[error("{} is damaged: restore it from a copy", path.display())]
    DamagedMarker {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// An entry of the log cannot be understood.
    #[error(
        "{entry} of the store's log is damaged: restore it from a copy; the files it names are untouched"
    )]
    DamagedEntry {
        /// The entry.
        entry: String,
        /// Why.
        source: serde_json::Error,
    },
    /// An entry of the log is not there, but later ones are.
    #[error("commit {number} is missing from the store's log: restore it from a copy")]
    MissingEntry {
        /// The number of the commit.
        number: u64,
    },
    /// Somebody else writes to the store.
    #[error("the store {} is being written to by another process ({holder}): wait until it is done", path.display())]
    Busy {
        /// The store.
        path: PathBuf,
        /// Who it is, as it says.
        holder: String,
    },
    /// The store may be read only.
    #[error("cannot write to {}: the store may only be read; give its folder to the user who runs this, or copy it", path.display())]
    ReadOnly {
        /// What could not be written.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no room.
    #[error("no room to write {}: nothing was lost; free some room, or run `coldtrail store expire`, and repeat", path.display())]
    Full {
        /// What could not be written.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file system refused something else.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A Parquet file cannot be read.
    #[error("{} is damaged or half written: restore it from a copy; other files can still be read", path.display())]
    DamagedFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ParquetError,
    },
    /// A Parquet file cannot be made.
    #[error("cannot encode {}", path.display())]
    Encode {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ParquetError,
    },
    /// A reading thread died.
    #[error("nothing of the last stretch was added")]
    Reading(#[from] ReaderDied),
}

impl StoreError {
    /// What an error of the file system is.
    pub(crate) fn file(action: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        let is_writing = !matches!(action, "read" | "open");
        match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                StoreError::Full { path, source }
            }
            ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied if is_writing => {
                StoreError::ReadOnly { path, source }
            }
            _ => StoreError::File { action, path, source },
        }
    }

    /// What an error while a Parquet file is written is: mostly one of the file system.
    pub(crate) fn encode(path: &Path, source: ParquetError) -> Self {
        match source {
            ParquetError::External(inner) => match inner.downcast::<io::Error>() {
                Ok(error) => Self::file("write", path, *error),
                Err(inner) => StoreError::Encode {
                    path: path.to_owned(),
                    source: ParquetError::External(inner),
                },
            },
            source => StoreError::Encode { path: path.to_owned(), source },
        }
    }
}
