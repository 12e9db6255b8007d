//! Whatever a line of a Defender export holds, quotes above all, the rows on the lines around it are
//! read.

#![no_main]

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use coldtrail_model::{Field, Table};
use coldtrail_sources::{Receiver, Stopped, read_stream};
use libfuzzer_sys::fuzz_target;

const HEADER: &[u8] =
    b"Timestamp,DeviceName,RemoteUrl,InitiatingProcessCommandLine,AdditionalFields\n";

/// The hosts of all connections.
#[derive(Default)]
struct Hosts(Vec<String>);

impl Receiver for Hosts {
    fn receive(&mut self, table: Table, batch: RecordBatch) -> Result<(), Stopped> {
        if table == Table::Flow {
            let column = batch.column_by_name(Field::HostName.name());
            let hosts = column.expect("a column of the table").as_string::<i32>();
            self.0.extend(hosts.iter().flatten().map(str::to_owned));
        }
        Ok(())
    }
}

fuzz_target!(|line: &[u8]| {
    // Another header speaks about the rows behind it.
    let is_header = [&b"Timestamp"[..], b"TimeGenerated"]
        .iter()
        .any(|name| line.windows(name.len()).any(|part| part == *name));
    if line.contains(&b'\n') || is_header {
        return;
    }
    let row = |host: &str| {
        format!(
            "2024-05-04T00:00:00Z,{host},a.example,\"\"\"x\"\" -a \"\"b, c\"\"\",\"{{\"\"a\"\":1}}\"\n"
        )
        .into_bytes()
    };
    let log = [HEADER, &row("before"), line, b"\n", &row("after")].concat();
    let mut hosts = Hosts::default();
    read_stream("export.csv", &mut log.as_slice(), &mut hosts);
    for host in ["before", "after"] {
        assert!(hosts.0.iter().any(|found| found == host), "{host} is lost");
    }
});
