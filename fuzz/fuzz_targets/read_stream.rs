//! Whatever the bytes are, packed or not, reading them ends well, and every row points at bytes that
//! were there.
//!
//! Good seeds are small logs of each format, plain, in UTF-16, and packed with gzip, zstd, zip, tar.

#![no_main]

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{RecordBatch, StringArray};
use coldtrail_model::{Field, Table};
use coldtrail_sources::{Receiver, Stopped, read_stream};
use libfuzzer_sys::fuzz_target;

/// How far the records of each source reach.
#[derive(Default)]
struct Reach(BTreeMap<String, i64>);

impl Receiver for Reach {
    fn receive(&mut self, _: Table, batch: RecordBatch) -> Result<(), Stopped> {
        let column = |field: Field| batch.column_by_name(field.name()).expect("every table has it");
        let sources = column(Field::RecordSource).as_dictionary::<Int32Type>();
        let sources = sources.downcast_dict::<StringArray>().expect("texts");
        let offsets = column(Field::RecordOffset).as_primitive::<Int64Type>().values();
        let lengths = column(Field::RecordLength).as_primitive::<Int64Type>().values();
        for (source, (offset, length)) in sources.into_iter().zip(offsets.iter().zip(lengths)) {
            let reach = self.0.entry(source.expect("every row has one").to_owned()).or_default();
            *reach = (*reach).max(offset + length);
        }
        Ok(())
    }
}

fuzz_target!(|bytes: &[u8]| {
    // The rows of a Parquet file have numbers in place of offsets; it has a target of its own.
    if bytes.starts_with(b"PAR1") {
        return;
    }
    let mut reach = Reach::default();
    for tally in read_stream("input", &mut &*bytes, &mut reach) {
        let end = reach.0.remove(&tally.source).unwrap_or(0);
        assert!(end <= tally.bytes as i64, "{end} in {} of {}", tally.bytes, tally.source);
    }
    assert!(reach.0.is_empty(), "rows without a tally: {:?}", reach.0);
});
