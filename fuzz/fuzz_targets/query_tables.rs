//! Whatever stands where a row of a query's answer should, reading ends and the row before it is there.

#![no_main]

use arrow_array::RecordBatch;
use coldtrail_model::Table;
use coldtrail_sources::{Receiver, Stopped, read_stream};
use libfuzzer_sys::fuzz_target;

const BEFORE: &[u8] = br#"{"tables":[{"name":"T","columns":[{"name":"TimeGenerated"},{"name":"DeviceName"},{"name":"RemoteUrl"}],"rows":[["2024-05-04T00:00:00Z","ws01","a.example"],"#;

struct Count(usize);

impl Receiver for Count {
    fn receive(&mut self, _: Table, batch: RecordBatch) -> Result<(), Stopped> {
        self.0 += batch.num_rows();
        Ok(())
    }
}

fuzz_target!(|rest: &[u8]| {
    let mut count = Count(0);
    read_stream("input", &mut [BEFORE, rest].concat().as_slice(), &mut count);
    assert!(count.0 > 0, "the row before is lost");
});
