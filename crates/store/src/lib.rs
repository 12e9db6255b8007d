//! A store: the rows of logs in a folder of Parquet files, with history.
//!
//! [`Store::ingest`] reads logs into the store, each stretch of each log once, whatever the log is
//! called by then; [`Store::snapshot`] says which files make up the store; [`Store::compact`] and
//! [`Store::expire`] keep it in shape. A program that is killed at any moment leaves a store that
//! opens, with nothing lost that was committed and nothing there twice.
//!
//! # Layout
//!
//! ```text
//! coldtrail-store.json                                  the version
//! log/00000000000000000001.json                         one commit each
//! log/00000000000000000040.checkpoint.json              all commits up to that one, folded
//! table=dns/date=2026-04-13/<commit>-<n>.parquet        rows
//! table=dns/date=2026-04-13/<commit>-<n>-contacts.parquet
//! table=activity/date=2026-04-13/<commit>-<n>.parquet   sums per hour, host and address
//! lock                                                  held by the one writer
//! ```
//!
//! Files never change; only those that the log names count. All paths are relative, so that a copy of
//! the folder is the same store, on object storage as well ([`Snapshot::fold`] needs no file system).
//!
//! Rows that the catalogue recognises as reaching for a platform lie apart, with their original
//! records. Those of the rest stay in the logs: [`Store::originals`] finds them as long as the log
//! lies where it was read and still begins as it did.
//!
//! ```
//! use coldtrail_model::Timestamp;
//! use coldtrail_sources::discover;
//! use coldtrail_store::{Ingest, Store};
//!
//! let folder = tempfile::tempdir()?;
//! let log = folder.path().join("dns.log");
//! std::fs::write(&log, "#fields\tts\tquery\tqtype\n1600666032.1\tsync.acme.workers.dev\t1\n")?;
//!
//! let store = Store::open_or_create(&folder.path().join("store"))?;
//! let (inputs, _) = discover(&[log.display().to_string()]);
//! let ingest = Ingest::at(Timestamp(1_776_074_400_000_000));
//! assert_eq!(store.ingest(&inputs, &ingest, &|_| {})?.rows, 1);
//! assert_eq!(store.ingest(&inputs, &ingest, &|_| {})?.rows, 0, "it is known by now");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod activity;
mod buffers;
mod commit;
mod compact;
mod error;
mod evidence;
mod expire;
mod gathering;
mod ingest;
mod kind;
mod log;
mod originals;
mod parquet_file;
mod snapshot;
mod sorted;
mod split;
mod status;
mod store;
mod writer;

pub use commit::{Commit, Fault, File, Reading, Tally};
pub use compact::Compacted;
pub use error::StoreError;
pub use expire::{Expired, Expiry};
pub use ingest::{Ingest, Ingested};
pub use kind::activity_schema;
pub use snapshot::{Snapshot, Source};
pub use status::{Status, TableStatus};
pub use store::{FORMAT, MARKER, Store, check_marker};
