//! The part of a stream that is in memory: it moves forward, and grows only as far as one record.

use std::io::{ErrorKind, Read};

/// The least that is asked of the stream at a time.
const LEAST_READ: usize = 64 << 10;

/// Reads a stream into a buffer whose beginning is dropped as records are taken from it.
///
/// A stream that fails has ended: the container layer keeps the error, with its place, for whoever
/// counts what is wrong with the source.
pub(crate) struct Window<'r> {
    stream: &'r mut dyn Read,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    offset: u64,
}

impl<'r> Window<'r> {
    /// A window on a stream whose first byte has the given offset.
    pub(crate) fn new(stream: &'r mut dyn Read, offset: u64) -> Self {
        Self { stream, buffer: Vec::new(), start: 0, end: 0, offset }
    }

    /// The bytes in memory that were not taken yet.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// The offset of the first of [`Window::bytes`] in the stream.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Reads more bytes behind those in memory; `false` at the end of the stream.
    pub(crate) fn fill(&mut self) -> bool {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.buffer.len() - self.end < LEAST_READ {
            let length = (self.buffer.len() * 2).max(4 * LEAST_READ);
            self.buffer.resize(length, 0);
        }
        let Some(free) = self.buffer.get_mut(self.end..) else { return false };
        let read = read_some(self.stream, free);
        self.end += read;
        read > 0
    }

    /// Takes bytes from the front; at most those in memory.
    pub(crate) fn take(&mut self, length: usize) -> &[u8] {
        let start = self.start;
        self.start = start.saturating_add(length).min(self.end);
        self.offset += (self.start - start) as u64;
        self.buffer.get(start..self.start).unwrap_or_default()
    }

    /// How much memory the window holds, in bytes.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.buffer.capacity()
    }
}

/// Reads into the buffer; zero bytes at the end of the stream, or where it fails.
fn read_some(stream: &mut dyn Read, buffer: &mut [u8]) -> usize {
    loop {
        match stream.read(buffer) {
            // A stream that claims more than it was given room for is broken.
            Ok(read) => return read.min(buffer.len()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return 0,
        }
    }
}
