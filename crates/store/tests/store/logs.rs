//! Logs for tests, and what a store holds of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch, StringArray};
use coldtrail_model::Timestamp;
use coldtrail_sources::discover;
use coldtrail_store::{File, Ingest, Ingested, Store};

/// 2026-04-13T00:00:00Z in seconds.
pub(crate) const MONDAY: u64 = 1_776_038_400;

/// The time of runs: two days later.
pub(crate) const NOW: Timestamp = Timestamp((MONDAY as i64 + 2 * 86_400) * 1_000_000);

/// A folder with logs, and a store beside them.
pub(crate) struct Scene {
    folder: tempfile::TempDir,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("logs")).unwrap();
        Self { folder }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The path of a log.
    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.folder.path().join("logs").join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.log(name), content).unwrap();
    }

    pub(crate) fn store(&self) -> Store {
        Store::open_or_create(&self.folder.path().join("store")).unwrap()
    }

    /// Ingests all logs.
    pub(crate) fn ingest(&self) -> Ingested {
        self.ingest_as(&Ingest::at(NOW))
    }

    pub(crate) fn ingest_as(&self, ingest: &Ingest) -> Ingested {
        let (inputs, _) = discover(&[self.folder.path().join("logs").display().to_string()]);
        self.store().ingest(&inputs, ingest, &|_| {}).unwrap()
    }

    /// The uids of all rows, sorted.
    pub(crate) fn uids(&self) -> Vec<String> {
        uids(&self.store())
    }
}

/// The header of a Zeek log of connections.
pub(crate) const CONN: &str = "#separator \\x09\n#path\tconn\n\
    #fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tconn_state\t\
    orig_ip_bytes\tresp_ip_bytes\n";

/// The header of a Zeek log of queries.
pub(crate) const DNS: &str =
    "#separator \\x09\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tquery\tqtype\tanswers\n";

/// Lines of connections with those uids, a second apart.
pub(crate) fn connections(uids: std::ops::Range<u64>) -> String {
    uids.map(|uid| {
        format!(
            "{}.5\tC{uid}\t10.0.0.{}\t{}\t192.0.2.{}\t443\ttcp\tSF\t{}\t100\n",
            MONDAY + uid,
            uid % 7,
            40_000 + uid % 1000,
            uid % 13,
            uid % 1500,
        )
    })
    .collect()
}

/// Lines of queries with those uids, a minute apart; every tenth asks for a platform.
pub(crate) fn queries(uids: std::ops::Range<u64>) -> String {
    uids.map(|uid| {
        let name = if uid % 10 == 0 { "sync.acme.workers.dev" } else { "www.example.com" };
        format!(
            "{}.25\tD{uid}\t10.0.0.{}\t{name}\t1\t192.0.2.{}\n",
            MONDAY + 60 * uid,
            uid % 7,
            uid % 13
        )
    })
    .collect()
}

/// A row as far as tests look at it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    pub(crate) table: String,
    pub(crate) source: String,
    pub(crate) offset: i64,
    pub(crate) length: i64,
    pub(crate) timestamp: i64,
    pub(crate) uid: Option<String>,
    pub(crate) contact: bool,
    pub(crate) original: Option<Vec<u8>>,
}

/// All rows of event tables, sorted.
pub(crate) fn rows(store: &Store) -> Vec<Row> {
    let snapshot = store.snapshot().unwrap();
    let files = snapshot.files().filter(|file| file.event_table().is_some());
    let mut rows: Vec<Row> = files.flat_map(|file| rows_of(store, file)).collect();
    rows.sort();
    rows
}

/// The rows of a file, in its order.
pub(crate) fn rows_of(store: &Store, file: &File) -> Vec<Row> {
    let batches = store.rows(file).unwrap().map(Result::unwrap);
    let rows: Vec<Row> = batches
        .flat_map(|batch| {
            (0..batch.num_rows()).map(|row| read(file, &batch, row)).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(rows.len() as u64, file.rows);
    rows
}

fn read(file: &File, batch: &RecordBatch, row: usize) -> Row {
    let column = |name: &str| batch.column_by_name(name).unwrap();
    let number = |name: &str| column(name).as_primitive::<Int64Type>().value(row);
    let sources = column("record_source").as_dictionary::<Int32Type>();
    let sources = sources.downcast_dict::<StringArray>().unwrap();
    let source = sources.values().value(sources.keys().value(row) as usize).to_owned();
    let uids = batch.column_by_name("network_session_id");
    let uids = uids.map(|uids| uids.as_string::<i32>());
    let originals = column("record_original").as_binary::<i32>();
    Row {
        table: file.table.clone(),
        source,
        offset: number("record_offset"),
        length: number("record_length"),
        timestamp: column("timestamp").as_primitive::<TimestampMicrosecondType>().value(row),
        uid: uids.filter(|uids| uids.is_valid(row)).map(|uids| uids.value(row).to_owned()),
        contact: file.contacts,
        original: originals.is_valid(row).then(|| originals.value(row).to_vec()),
    }
}

/// The uids of all rows, sorted.
pub(crate) fn uids(store: &Store) -> Vec<String> {
    let mut uids: Vec<String> = rows(store).into_iter().filter_map(|row| row.uid).collect();
    uids.sort();
    uids
}

/// Uids as they are in rows, sorted.
pub(crate) fn named(letter: char, uids: std::ops::Range<u64>) -> Vec<String> {
    let mut uids: Vec<String> = uids.map(|uid| format!("{letter}{uid}")).collect();
    uids.sort();
    uids
}

/// How many events the summary of activity counts for each table.
pub(crate) fn summed(store: &Store) -> BTreeMap<String, i64> {
    let mut events: BTreeMap<String, i64> = BTreeMap::new();
    let snapshot = store.snapshot().unwrap();
    for file in snapshot.files().filter(|file| file.table == "activity") {
        for batch in store.rows(file).unwrap().map(Result::unwrap) {
            let tables = batch.column_by_name("table").unwrap().as_string::<i32>();
            let counts = batch.column_by_name("events").unwrap().as_primitive::<Int64Type>();
            for row in 0..batch.num_rows() {
                *events.entry(tables.value(row).to_owned()).or_default() += counts.value(row);
            }
        }
    }
    events
}
