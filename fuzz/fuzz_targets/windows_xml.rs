//! Whatever markup an event is written in, reading it ends well, and an event on either side of it
//! is not lost.

#![no_main]

use arrow_array::RecordBatch;
use coldtrail_model::Table;
use coldtrail_sources::{Receiver, Stopped, read_stream};
use libfuzzer_sys::fuzz_target;

/// A query that Sysmon saw.
const EVENT: &[u8] =
    b"<Event><System><Provider Name='Microsoft-Windows-Sysmon'/><EventID>22</EventID>\
    </System><EventData><Data Name='UtcTime'>2024-05-01 10:00:00</Data></EventData></Event>";

/// Counts the rows of queries.
struct Queries(usize);

impl Receiver for Queries {
    fn receive(&mut self, table: Table, batch: RecordBatch) -> Result<(), Stopped> {
        if table == Table::Dns {
            self.0 += batch.num_rows();
        }
        Ok(())
    }
}

fuzz_target!(|markup: &[u8]| {
    // Markup that ends in the middle of a tag may swallow the one that follows.
    let log = [EVENT, markup, b"<Event>", EVENT].concat();
    let mut queries = Queries(0);
    read_stream("a log", &mut log.as_slice(), &mut queries);
    assert!(queries.0 >= 2);
});
