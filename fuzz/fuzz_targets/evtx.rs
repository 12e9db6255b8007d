//! However damaged a binary log of Windows is, reading it ends well, and every row points at bytes
//! that are there.
//!
//! The input is what follows the file header. Seeds are quickest when a chunk is cut where its free
//! space begins.

#![no_main]

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use coldtrail_model::{Field, Table};
use coldtrail_sources::{Receiver, Stopped, read_stream};
use libfuzzer_sys::fuzz_target;

/// Checks the place of every row in a stream of that length.
struct Places(i64);

impl Receiver for Places {
    fn receive(&mut self, _: Table, batch: RecordBatch) -> Result<(), Stopped> {
        let numbers = |field: Field| {
            batch
                .column_by_name(field.name())
                .expect("every table has it")
                .as_primitive::<Int64Type>()
        };
        let (offsets, lengths) = (numbers(Field::RecordOffset), numbers(Field::RecordLength));
        for (offset, length) in offsets.values().iter().zip(lengths.values()) {
            assert!(offset + length <= self.0, "{offset} + {length} > {}", self.0);
        }
        Ok(())
    }
}

fuzz_target!(|chunks: &[u8]| {
    let mut log = b"ElfFile\0".to_vec();
    log.resize(4096, 0);
    log.extend_from_slice(chunks);
    let mut places = Places(log.len() as i64);
    read_stream("a log", &mut log.as_slice(), &mut places);
});
