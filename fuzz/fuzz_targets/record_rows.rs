//! Whatever a line of an export holds, quotes above all, the records on the lines around it are read in
//! blocks as they were exported.

#![no_main]

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use coldtrail_model::Table;
use coldtrail_sources::{KnownKinds, Receiver, Records, Selection, Stopped, read_stream_of};
use libfuzzer_sys::fuzz_target;

const COLUMNS: [&str; 4] = ["Timestamp", "DeviceName", "RemoteUrl", "AdditionalFields"];

/// The hosts of all records.
#[derive(Default)]
struct Hosts(Vec<String>);

impl Receiver for Hosts {
    fn receive(&mut self, _: Table, _: RecordBatch) -> Result<(), Stopped> {
        Ok(())
    }

    fn receive_records(&mut self, batch: RecordBatch) -> Result<(), Stopped> {
        let hosts = batch.column(0).as_string::<i32>();
        self.0.extend(hosts.iter().flatten().map(str::to_owned));
        Ok(())
    }
}

fuzz_target!(|line: &[u8]| {
    // Another header speaks about the rows behind it.
    let is_header = line.windows(4).any(|part| part == b"Time");
    if line.contains(&b'\n') || is_header {
        return;
    }
    let row = |host: &str| {
        format!("2024-05-04T00:00:00Z,{host},a.example,\"{{\"\"a\"\":\n1}}\"\n").into_bytes()
    };
    let header = (COLUMNS.join(",") + "\n").into_bytes();
    let log = [&header, &row("before")[..], line, b"\n", &row("after")].concat();
    let kinds = KnownKinds::new([("DeviceNetworkEvents", COLUMNS)]);
    let records = Records::new("DeviceNetworkEvents", &["DeviceName".to_owned()]);
    let selection = Selection::of_records(Arc::new(records.among(Arc::new(kinds))));
    let mut hosts = Hosts::default();
    read_stream_of("DeviceNetworkEvents.csv", &mut log.as_slice(), selection, &mut hosts);
    for host in ["before", "after"] {
        assert!(hosts.0.iter().any(|found| found == host), "{host} is lost");
    }
});
