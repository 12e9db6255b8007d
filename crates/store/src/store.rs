//! A store in a folder.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use coldtrail_model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::commit::File;
use crate::error::StoreError;
use crate::kind::Kind;
use crate::log;
use crate::log::below;
use crate::parquet_file::Rows;
use crate::snapshot::Snapshot;
use crate::writer::Writer;

/// The version of stores that this program writes and reads.
pub const FORMAT: &str = "coldtrail.store/1";

/// The file that makes a folder a store, and says which version it has.
pub const MARKER: &str = "coldtrail-store.json";

/// A store in a folder. It holds nothing open: each operation sees the store as it is by then.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Marker {
    format: String,
}

impl Store {
    /// Opens a store, for reading or writing.
    ///
    /// # Errors
    ///
    /// When the folder is no store, or one of a newer version.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let path = root.join(MARKER);
        match fs::read(&path) {
            Ok(bytes) => check_marker(root, &bytes)?,
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Err(StoreError::NotAStore(root.to_owned()));
            }
            Err(error) => return Err(StoreError::file("read", &path, error)),
        }
        Ok(Self { root: root.to_owned() })
    }

    /// Opens a store, and makes one where there is nothing or an empty folder.
    ///
    /// # Errors
    ///
    /// As [`Store::open`], and when the folder has files or cannot be written to.
    pub fn open_or_create(root: &Path) -> Result<Self, StoreError> {
        match Self::open(root) {
            Err(StoreError::NotAStore(_)) => {}
            opened => return opened,
        }
        fs::create_dir_all(root).map_err(|error| StoreError::file("make", root, error))?;
        let files = fs::read_dir(root).map_err(|error| StoreError::file("read", root, error))?;
        // A maker that was killed may have left the folder of the log and half a marker.
        let beside = format!("{MARKER}.new");
        let is_ours = |name: &str| name == beside || name == "log";
        if files.flatten().any(|file| !is_ours(&file.file_name().to_string_lossy())) {
            return match Self::open(root) {
                // Somebody else has just made it.
                Ok(store) => Ok(store),
                Err(_) => Err(StoreError::NotEmpty(root.to_owned())),
            };
        }
        log::create(root)?;
        let marker = format!("{{\"format\":\"{FORMAT}\"}}\n");
        let beside = root.join(beside);
        log::write(&beside, marker.as_bytes())?;
        let path = root.join(MARKER);
        fs::rename(&beside, &path).map_err(|error| StoreError::file("write", &path, error))?;
        log::sync_folder(root)?;
        Self::open(root)
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What the store holds at this moment.
    ///
    /// # Errors
    ///
    /// When the log cannot be read.
    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        log::read(&self.root)
    }

    /// Where a file of the store lies.
    pub fn path_of(&self, file: &File) -> PathBuf {
        below(&self.root, &file.path)
    }

    /// The rows of a file, in batches with all columns of its table: those that the file leaves out
    /// are null. Rows of the rest have no original records.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened; each batch, when the file is damaged from there on.
    pub fn rows(
        &self,
        file: &File,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, StoreError>> + use<>, StoreError> {
        let schema = Kind::of(file).map_or_else(crate::activity_schema, |kind| match kind {
            Kind::Rest(table) | Kind::Contacts(table) => table.schema(),
            Kind::Activity => kind.schema(),
        });
        let path = self.path_of(file);
        let rows = Rows::open(&self.root, file, schema)?;
        Ok(rows.map(move |batch| {
            batch.map_err(|source| StoreError::DamagedFile { path: path.clone(), source })
        }))
    }

    pub(crate) fn writer(&self, now: Timestamp) -> Result<Writer, StoreError> {
        Writer::take(&self.root, now)
    }
}

/// Checks the bytes of a [`MARKER`], wherever they come from.
///
/// # Errors
///
/// When it is damaged, or of another version than [`FORMAT`].
pub fn check_marker(root: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let marker: Marker = serde_json::from_slice(bytes)
        .map_err(|source| StoreError::DamagedMarker { path: root.join(MARKER), source })?;
    if marker.format == FORMAT {
        return Ok(());
    }
    let path = root.to_owned();
    Err(StoreError::NewerVersion { path, found: marker.format, known: FORMAT })
}
