//! The store: rows of logs with history, and the commands that keep it.

pub use coldtrail_store::{
    Compacted, Expired, Expiry, Ingest, Ingested, MARKER, Snapshot, Status, Store, StoreError,
    TableStatus, check_marker,
};
