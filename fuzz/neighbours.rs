//! Reads a log whose middle line is anything, between two good ones, and says whether those are there.

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use coldtrail_model::{Field, Table};
use coldtrail_sources::{Receiver, Stopped, read_stream};

/// The addresses that acted.
#[derive(Default)]
struct Sources(Vec<String>);

impl Receiver for Sources {
    fn receive(&mut self, _: Table, batch: RecordBatch) -> Result<(), Stopped> {
        if let Some(column) = batch.column_by_name(Field::SourceIp.name()) {
            self.0.extend(column.as_string::<i32>().iter().flatten().map(str::to_owned));
        }
        Ok(())
    }
}

/// Checks that the lines around a line make their rows; `good` makes a line of a source's address, and
/// `header` comes before them all. A line that begins like a header, or with `#`, speaks about those
/// behind it and is left out.
pub fn survive(header: &str, line: &[u8], good: impl Fn(&str) -> String) {
    let first_word = header.split([',', ' ', '\t']).next().unwrap_or_default().as_bytes();
    let speaks = line.starts_with(b"#") || !first_word.is_empty() && line.starts_with(first_word);
    if line.contains(&b'\n') || speaks {
        return;
    }
    let (before, after) = (good("192.0.2.1") + "\n", good("192.0.2.2") + "\n");
    let log = [header.as_bytes(), before.as_bytes(), line, b"\n", after.as_bytes()].concat();
    let mut sources = Sources::default();
    read_stream("input", &mut log.as_slice(), &mut sources);
    for source in ["192.0.2.1", "192.0.2.2"] {
        assert!(sources.0.iter().any(|found| found == source), "{source} is lost");
    }
}
