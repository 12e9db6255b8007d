//! Runs a reading and keeps what came of it.

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{RecordBatch, StringArray};
use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{Field, RecordReference, Table};
use coldtrail_sources::{
    Input, Origin, Receiver, Selection, SourceTally, Stopped, read, read_stream,
};

/// A connection of Zeek as JSON, told from others by its uid.
pub(crate) fn connection(uid: &str) -> String {
    format!(
        r#"{{"_path":"conn","ts":1600666032.123456,"uid":"{uid}","id.orig_h":"10.0.0.1","id.orig_p":50000,"id.resp_h":"192.0.2.1","id.resp_p":443,"proto":"tcp","conn_state":"SF"}}"#
    )
}

/// Lines of connections.
pub(crate) fn connections(uids: &[&str]) -> Vec<u8> {
    uids.iter().map(|uid| connection(uid) + "\n").collect::<String>().into_bytes()
}

/// What came of a reading.
#[derive(Default)]
pub(crate) struct Received {
    pub(crate) tallies: Vec<SourceTally>,
    batches: Vec<(Table, RecordBatch)>,
}

impl Receiver for Received {
    fn receive(&mut self, table: Table, batch: RecordBatch) -> Result<(), Stopped> {
        self.batches.push((table, batch));
        Ok(())
    }
}

impl Received {
    /// Reads a stream under the name `input`.
    pub(crate) fn from(mut stream: impl std::io::Read) -> Self {
        let mut received = Self::default();
        received.tallies = read_stream("input", &mut stream, &mut received);
        received
    }

    /// Reads a file.
    pub(crate) fn from_file(path: &std::path::Path) -> Self {
        let input =
            Input { name: path.display().to_string(), origin: Origin::File(path.to_owned()) };
        let mut received = Self::default();
        received.tallies = read(&input, Selection::everything(), &mut received, &|_| {});
        received
    }

    /// The uids of all connections, in the order in which they were read.
    pub(crate) fn uids(&self) -> Vec<String> {
        self.texts(Field::NetworkSessionId)
    }

    /// The values of a text column in all rows of the flow table.
    pub(crate) fn texts(&self, field: Field) -> Vec<String> {
        let mut values = Vec::new();
        for (table, batch) in &self.batches {
            if *table != Table::Flow {
                continue;
            }
            let column = batch.column_by_name(field.name()).expect("a column of the flow table");
            let column = column.as_string::<i32>();
            values.extend(column.iter().flatten().map(str::to_owned));
        }
        values
    }

    /// Where the rows' records are.
    pub(crate) fn references(&self) -> Vec<RecordReference> {
        let mut references = Vec::new();
        for (_, batch) in &self.batches {
            let column = |field: Field| batch.column_by_name(field.name()).expect("a column");
            let sources = column(Field::RecordSource).as_dictionary::<Int32Type>();
            let sources = sources.downcast_dict::<StringArray>().expect("texts");
            let offsets = column(Field::RecordOffset).as_primitive::<Int64Type>();
            let lengths = column(Field::RecordLength).as_primitive::<Int64Type>();
            for row in 0..batch.num_rows() {
                references.push(RecordReference {
                    source: sources.into_iter().nth(row).flatten().expect("a source").to_owned(),
                    offset: offsets.value(row) as u64,
                    length: lengths.value(row) as u64,
                    sha256: None,
                });
            }
        }
        references
    }

    /// The sources with their formats.
    pub(crate) fn sources(&self) -> Vec<(&str, Option<&str>)> {
        self.tallies.iter().map(|tally| (tally.source.as_str(), tally.format)).collect()
    }

    /// What was wrong: source, anomaly and count.
    pub(crate) fn faults(&self) -> Vec<(&str, Anomaly, u64)> {
        let faults = self.tallies.iter().flat_map(|tally| tally.tally.faults.iter());
        faults.map(|fault| (fault.source.as_str(), fault.anomaly, fault.count)).collect()
    }

    /// The first fault's particulars.
    pub(crate) fn detail(&self) -> &str {
        let mut faults = self.tallies.iter().flat_map(|tally| tally.tally.faults.iter());
        faults.next().map_or("", |fault| &fault.detail)
    }
}
