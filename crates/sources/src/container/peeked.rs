//! A stream whose beginning was looked at, and is still to be read.

use std::io::{self, Read};

/// How much of a stream is looked at before it is decided what it is.
const HEAD: u64 = 64 << 10;

/// A stream together with its first bytes.
pub(crate) struct Peeked<'s> {
    head: Vec<u8>,
    taken: usize,
    stream: &'s mut dyn Read,
}

impl<'s> Peeked<'s> {
    /// Looks at the first 64 KiB of a stream, or at all of a shorter one.
    pub(crate) fn new(stream: &'s mut dyn Read) -> Self {
        let mut head = Vec::new();
        // The streams that are peeked at end instead of failing; were one to fail, it would do so
        // again when it is read on.
        let _ended = (&mut *stream).take(HEAD).read_to_end(&mut head);
        Self { head, taken: 0, stream }
    }

    /// The first bytes that were not read yet.
    pub(crate) fn head(&self) -> &[u8] {
        self.head.get(self.taken..).unwrap_or_default()
    }

    /// Leaves out bytes of the head.
    pub(crate) fn skip(&mut self, length: usize) {
        self.taken += length;
    }
}

impl Read for Peeked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut head = self.head();
        if head.is_empty() {
            // The head is of no more use, and archives may hold many streams in one another.
            self.head = Vec::new();
            return self.stream.read(buffer);
        }
        let length = head.read(buffer)?;
        self.taken += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use super::Peeked;

    #[test]
    fn the_head_is_read_again() {
        let mut stream = io::repeat(b'a').take(100_000).chain(&b"end"[..]);
        let mut peeked = Peeked::new(&mut stream);
        assert_eq!(peeked.head().len(), 65_536);
        peeked.skip(3);
        let mut all = Vec::new();
        peeked.read_to_end(&mut all).unwrap();
        assert_eq!(all.len(), 100_000);
        assert!(all.ends_with(b"aend"));
    }
}
