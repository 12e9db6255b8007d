//! Whatever a line of a JSON log holds, the records on the lines around it are read.

#![no_main]

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use coldtrail_model::{Field, Table};
use coldtrail_sources::{Receiver, Stopped, read_stream};
use libfuzzer_sys::fuzz_target;

/// The identifiers of all connections.
#[derive(Default)]
struct Connections(Vec<String>);

impl Receiver for Connections {
    fn receive(&mut self, table: Table, batch: RecordBatch) -> Result<(), Stopped> {
        if table == Table::Flow {
            let column = batch.column_by_name(Field::NetworkSessionId.name());
            let uids = column.expect("a column of the table").as_string::<i32>();
            self.0.extend(uids.iter().flatten().map(str::to_owned));
        }
        Ok(())
    }
}

fuzz_target!(|line: &[u8]| {
    let record = |uid: &str| {
        format!("{{\"_path\":\"conn\",\"ts\":1.5,\"uid\":\"{uid}\",\"id.orig_h\":\"10.0.0.1\"}}\n")
    };
    let line: Vec<u8> = line.iter().copied().filter(|byte| *byte != b'\n').collect();
    let (before, after, last) = (record("before"), record("after"), record("last"));
    let log = [before.as_bytes(), &line, b"\n", after.as_bytes(), last.as_bytes()].concat();
    let mut connections = Connections::default();
    read_stream("input", &mut log.as_slice(), &mut connections);
    for uid in ["before", "after", "last"] {
        assert!(connections.0.iter().any(|found| found == uid), "{uid} is lost");
    }
});
