//! However damaged a Parquet file is, reading it ends well: behind its mark the input is anything, with
//! the mark again behind that, so that the length of the list of row groups is found.

#![no_main]

use arrow_array::RecordBatch;
use coldtrail_model::Table;
use coldtrail_sources::{Receiver, Stopped, read_stream};
use libfuzzer_sys::fuzz_target;

struct Nobody;

impl Receiver for Nobody {
    fn receive(&mut self, _: Table, _: RecordBatch) -> Result<(), Stopped> {
        Ok(())
    }
}

fuzz_target!(|inside: &[u8]| {
    let file = [b"PAR1", inside, b"PAR1"].concat();
    read_stream("a file", &mut file.as_slice(), &mut Nobody);
});
