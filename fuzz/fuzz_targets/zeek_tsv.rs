//! Whatever a line of a Zeek log holds, the rows on the lines around it are read.

#![no_main]

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use coldtrail_model::{Field, Table};
use coldtrail_sources::{Receiver, Stopped, read_stream};
use libfuzzer_sys::fuzz_target;

const HEADER: &[u8] =
    b"#separator \\x09\n#path\tconn\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tduration\n";

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
    // A line of the header speaks about those behind it.
    if line.iter().any(|byte| matches!(byte, b'\n' | b'#')) {
        return;
    }
    let row = |uid: &str| format!("1.500000\t{uid}\t10.0.0.5\t49200\t0.5\n").into_bytes();
    let log = [HEADER, &row("before"), line, b"\n", &row("after")].concat();
    let mut connections = Connections::default();
    read_stream("conn.log", &mut log.as_slice(), &mut connections);
    for uid in ["before", "after"] {
        assert!(connections.0.iter().any(|found| found == uid), "{uid} is lost");
    }
});
