//! Fetches the original bytes of records again, for evidence.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use coldtrail_diagnostics::Faults;
use coldtrail_model::RecordReference;

use crate::container::{Peeked, Visitor, unpack};
use crate::format::Stopped;
use crate::framing::LONGEST_RECORD;
use crate::parquet::{is_parquet, records};
use crate::read::regular;

/// Fetches the bytes of many records, in the order of the references; `None` where that is not
/// possible. Each input is read once, up to the last record that is wanted of it.
pub fn fetch(references: &[RecordReference]) -> Vec<Option<Vec<u8>>> {
    let mut fetched = vec![None; references.len()];
    for (path, (name, wanted)) in by_input(references) {
        let Ok(mut file) = File::open(&path) else { continue };
        let mut fetching = Fetching { wanted, fetched: &mut fetched };
        // It stops when it has everything.
        let _enough = unpack(&name, &mut file, regular(&path), &|_| {}, &mut fetching);
    }
    fetched
}

/// The stretches that are wanted of each source.
type Wanted = BTreeMap<String, Vec<Stretch>>;

struct Stretch {
    offset: u64,
    length: usize,
    /// Its place in the answer.
    place: usize,
}

/// Groups references by the file they lead to, which is read under the name it had.
fn by_input(references: &[RecordReference]) -> BTreeMap<PathBuf, (String, Wanted)> {
    let mut inputs: BTreeMap<PathBuf, (String, Wanted)> = BTreeMap::new();
    for (place, reference) in references.iter().enumerate() {
        let Some(name) = input_name(&reference.source) else { continue };
        let Ok(length) = usize::try_from(reference.length) else { continue };
        if length <= LONGEST_RECORD {
            let (_, wanted) = inputs
                .entry(PathBuf::from(name))
                .or_insert_with(|| (name.to_owned(), Wanted::new()));
            let stretches = wanted.entry(reference.source.clone()).or_default();
            stretches.push(Stretch { offset: reference.offset, length, place });
        }
    }
    inputs
}

/// The part of a source's name that names the input; the rest names the member.
fn input_name(source: &str) -> Option<&str> {
    let ends = source.match_indices("!/").map(|(end, _)| end).chain([source.len()]);
    ends.filter_map(|end| source.get(..end)).find(|name| Path::new(name).is_file())
}

struct Fetching<'f> {
    wanted: Wanted,
    fetched: &'f mut [Option<Vec<u8>>],
}

impl Visitor for Fetching<'_> {
    fn member(
        &mut self,
        name: &str,
        stream: &mut Peeked<'_>,
        _: &dyn Fn() -> bool,
    ) -> Result<(), Stopped> {
        match self.wanted.remove(name) {
            Some(stretches) if is_parquet(stream.head()) => self.rows(&stretches, stream),
            Some(stretches) => self.stretches(stretches, stream),
            None => {}
        }
        if self.wanted.is_empty() { Err(Stopped) } else { Ok(()) }
    }

    fn faults(&mut self, _: &str, _: Faults) {}
}

impl Fetching<'_> {
    /// Makes the records of rows again, whose offsets are their numbers.
    fn rows(&mut self, stretches: &[Stretch], stream: &mut dyn Read) {
        let numbers = stretches.iter().map(|stretch| stretch.offset).collect();
        let records = records(stream, &numbers);
        for stretch in stretches {
            let record = records.get(&stretch.offset).filter(|it| it.len() == stretch.length);
            if let Some(answer) = self.fetched.get_mut(stretch.place) {
                *answer = record.cloned();
            }
        }
    }

    /// Reads forward over the stretches. Records do not cross one another, but one may be part of
    /// another, such as an event inside an envelope, or the same as another.
    fn stretches(&mut self, mut stretches: Vec<Stretch>, stream: &mut dyn Read) {
        stretches.sort_by_key(|stretch| (stretch.offset, Reverse(stretch.length)));
        let mut position = 0;
        let mut outer: (u64, Vec<u8>) = (0, Vec::new());
        for Stretch { offset, length, place } in stretches {
            if offset >= position {
                let skipped =
                    io::copy(&mut (&mut *stream).take(offset - position), &mut io::sink());
                let mut bytes = Vec::new();
                let read = (&mut *stream).take(length as u64).read_to_end(&mut bytes);
                if skipped.is_err() || read.is_err() {
                    return;
                }
                position = offset + bytes.len() as u64;
                outer = (offset, bytes);
            }
            let start = usize::try_from(offset - outer.0).unwrap_or(usize::MAX);
            let inner = outer.1.get(start..).and_then(|bytes| bytes.get(..length));
            if let Some(answer) = self.fetched.get_mut(place) {
                *answer = inner.map(<[u8]>::to_vec);
            }
        }
    }
}
