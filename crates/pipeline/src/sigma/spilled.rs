//! Values in order, however many there are: what does not fit into memory waits in temporary files.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// So many bytes wait in memory before they are written to a file.
const BYTES_IN_MEMORY: usize = 16 << 20;

/// Gathers values; each thread has its own.
#[derive(Debug)]
pub(crate) struct Gathered<T> {
    waiting: Vec<T>,
    bytes: usize,
    most: usize,
    runs: Vec<File>,
    failed: Option<io::Error>,
}

/// Values that were gathered, in order.
pub(crate) struct InOrder<T> {
    runs: Vec<Run<T>>,
    heads: BinaryHeap<Reverse<(T, usize)>>,
}

impl<T: Ord> Default for InOrder<T> {
    fn default() -> Self {
        Self { runs: Vec::new(), heads: BinaryHeap::new() }
    }
}

/// Values of one thread in order, of a stretch of time.
enum Run<T> {
    Memory(std::vec::IntoIter<T>),
    File(BufReader<File>, PhantomData<T>),
}

impl<T> Default for Gathered<T> {
    fn default() -> Self {
        Self {
            waiting: Vec::new(),
            bytes: 0,
            most: BYTES_IN_MEMORY,
            runs: Vec::new(),
            failed: None,
        }
    }
}

impl<T: Ord + Serialize + DeserializeOwned> Gathered<T> {
    /// Takes a value that is about so large.
    pub(crate) fn push(&mut self, value: T, bytes: usize) {
        self.waiting.push(value);
        self.bytes += bytes + size_of::<T>();
        if self.bytes >= self.most {
            self.bytes = 0;
            let spilled = self.spill();
            self.failed = self.failed.take().or(spilled.err());
        }
    }

    fn spill(&mut self) -> io::Result<()> {
        self.waiting.sort_unstable();
        let mut file = tempfile::tempfile()?;
        let mut writer = BufWriter::new(&mut file);
        for value in self.waiting.drain(..) {
            serde_json::to_writer(&mut writer, &value)?;
            writer.write_all(b"\n")?;
        }
        writer.flush()?;
        drop(writer);
        file.rewind()?;
        self.runs.push(file);
        Ok(())
    }

    /// All values of all threads in order.
    ///
    /// # Errors
    ///
    /// When values could not be written to, or read from, a temporary file.
    pub(crate) fn in_order(parts: Vec<Self>) -> io::Result<InOrder<T>> {
        let mut runs = Vec::new();
        for mut part in parts {
            if let Some(error) = part.failed {
                return Err(error);
            }
            part.waiting.sort_unstable();
            runs.push(Run::Memory(part.waiting.into_iter()));
            let files = part.runs.into_iter();
            runs.extend(files.map(|file| Run::File(BufReader::new(file), PhantomData)));
        }
        let mut in_order = InOrder { runs, heads: BinaryHeap::new() };
        for place in 0..in_order.runs.len() {
            if let Some(head) = in_order.read(place)? {
                in_order.heads.push(Reverse((head, place)));
            }
        }
        Ok(in_order)
    }
}

impl<T: Ord + DeserializeOwned> InOrder<T> {
    fn read(&mut self, place: usize) -> io::Result<Option<T>> {
        match self.runs.get_mut(place) {
            None => Ok(None),
            Some(Run::Memory(values)) => Ok(values.next()),
            Some(Run::File(reader, _)) => {
                let mut line = Vec::new();
                match reader.read_until(b'\n', &mut line)? {
                    0 => Ok(None),
                    _ => Ok(Some(serde_json::from_slice(&line)?)),
                }
            }
        }
    }
}

impl<T: Ord + DeserializeOwned> Iterator for InOrder<T> {
    type Item = io::Result<T>;

    fn next(&mut self) -> Option<io::Result<T>> {
        let Reverse((head, place)) = PeekMut::pop(self.heads.peek_mut()?);
        match self.read(place) {
            Ok(Some(next)) => self.heads.push(Reverse((next, place))),
            Ok(None) => {}
            Err(error) => return Some(Err(error)),
        }
        Some(Ok(head))
    }
}

#[cfg(test)]
mod tests {
    use super::Gathered;

    fn in_order(values: &[u64], threads: usize, most: usize) -> Vec<u64> {
        let mut parts: Vec<Gathered<u64>> =
            (0..threads).map(|_| Gathered { most, ..Gathered::default() }).collect();
        for (place, value) in values.iter().enumerate() {
            parts[place % threads].push(*value, 0);
        }
        let spilled = parts.iter().map(|part| part.runs.len()).sum::<usize>();
        assert_eq!(spilled > 0, most < 1000);
        Gathered::in_order(parts).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn values_come_in_order_from_memory_and_from_files() {
        let values: Vec<u64> = (0..1000).map(|value| value * 7919 % 1009).collect();
        let mut expected = values.clone();
        expected.sort_unstable();
        assert_eq!(in_order(&values, 1, usize::MAX), expected);
        assert_eq!(in_order(&values, 3, 100), expected);
        assert_eq!(in_order(&values, 4, 1), expected);
    }
}
