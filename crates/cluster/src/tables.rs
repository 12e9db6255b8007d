//! Makes a store of raw logs, which is all that executors can read.

use std::path::Path;

use coldtrail_model::Timestamp;
use coldtrail_pipeline::store::{Ingest, Store};
use coldtrail_sources::Input;

use crate::ClusterError;

/// Ingests logs as they are now into a new store in a folder.
///
/// # Errors
///
/// When the store cannot be written.
pub fn write_store(inputs: &[Input], now: Timestamp, folder: &Path) -> Result<(), ClusterError> {
    let failed = |source| ClusterError::Store { url: folder.display().to_string(), source };
    let store = Store::open_or_create(folder).map_err(failed)?;
    let ingest = Ingest { whole: true, ..Ingest::at(now) };
    store.ingest(inputs, &ingest, &|_bytes| {}).map_err(failed)?;
    Ok(())
}
