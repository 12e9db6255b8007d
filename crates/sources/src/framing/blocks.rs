//! Cuts a stream into blocks of whole lines, which several threads can read at the same time.

use std::io::Read;

use coldtrail_diagnostics::Anomaly;
use memchr::{memchr, memrchr};

use super::lines::Line;
use super::{Framed, LONGEST_RECORD, Skipped};

/// Large enough that handing a block to another thread costs nothing beside reading it, small enough
/// to stay in a core's cache.
const BLOCK: usize = 512 << 10;

/// The blocks of a stream.
pub(crate) struct Blocks<'r> {
    stream: &'r mut dyn Read,
    /// What was read behind the last line end.
    rest: Vec<u8>,
    offset: u64,
}

/// Whole lines, one behind the other. The last one of the stream may have no end.
#[derive(Debug)]
pub(crate) struct Block {
    offset: u64,
    bytes: Vec<u8>,
}

impl<'r> Blocks<'r> {
    /// The blocks of a stream.
    pub(crate) fn new(stream: &'r mut dyn Read) -> Self {
        Self { stream, rest: Vec::new(), offset: 0 }
    }

    /// The next block, or the stretch of a line that is longer than [`LONGEST_RECORD`].
    pub(crate) fn next(&mut self) -> Option<Framed<Block>> {
        let mut bytes = std::mem::take(&mut self.rest);
        loop {
            let searched = bytes.len();
            if !self.more(&mut bytes) {
                return (searched > 0).then(|| self.block(bytes));
            }
            let read = bytes.get(searched..).unwrap_or_default();
            if let Some(end) = memrchr(b'\n', read) {
                self.rest = bytes.split_off(searched + end + 1);
                return Some(self.block(bytes));
            }
            if bytes.len() > LONGEST_RECORD {
                return Some(Framed::Skipped(self.skip(bytes)));
            }
        }
    }

    fn block(&mut self, bytes: Vec<u8>) -> Framed<Block> {
        let offset = self.offset;
        self.offset += bytes.len() as u64;
        Framed::Record(Block { offset, bytes })
    }

    /// Drops everything up to the next line end.
    fn skip(&mut self, mut bytes: Vec<u8>) -> Skipped {
        let mut length = 0;
        loop {
            if let Some(end) = memchr(b'\n', &bytes) {
                length += end as u64 + 1;
                self.rest = bytes.split_off(end + 1);
                break;
            }
            length += bytes.len() as u64;
            bytes.clear();
            if !self.more(&mut bytes) {
                break;
            }
        }
        let offset = self.offset;
        self.offset += length;
        Skipped { offset, length, anomaly: Anomaly::RecordTooLong }
    }

    /// Reads on behind what is there; `false` at the end of the stream. A stream that fails has
    /// ended: the container layer keeps the error.
    fn more(&mut self, bytes: &mut Vec<u8>) -> bool {
        let before = bytes.len();
        bytes.reserve(BLOCK);
        let _ended = (&mut *self.stream).take(BLOCK as u64).read_to_end(bytes);
        bytes.len() > before
    }
}

impl Block {
    /// The bytes of all lines.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The lines, in order; one that is longer than [`LONGEST_RECORD`] is left out.
    pub(crate) fn lines(&self) -> impl Iterator<Item = Framed<Line<'_>>> {
        let mut rest = self.bytes.as_slice();
        let mut offset = self.offset;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let length = memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
            let (whole, behind) = rest.split_at(length);
            let line = Line::of(offset, whole);
            rest = behind;
            offset += length as u64;
            Some(if length > LONGEST_RECORD {
                let (offset, length) = (line.offset, length as u64);
                Framed::Skipped(Skipped { offset, length, anomaly: Anomaly::RecordTooLong })
            } else {
                Framed::Record(line)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use coldtrail_diagnostics::Anomaly;
    use proptest::prelude::*;

    use super::super::lines::Lines;
    use super::{Blocks, Framed, Skipped};

    /// Every line as (offset, whole).
    fn in_blocks(mut input: &[u8]) -> Vec<(u64, Vec<u8>)> {
        let mut blocks = Blocks::new(&mut input);
        let mut found = Vec::new();
        while let Some(framed) = blocks.next() {
            let Framed::Record(block) = framed else { panic!("no line is long") };
            for line in block.lines() {
                let Framed::Record(line) = line else { panic!("no line is long") };
                found.push((line.offset, line.whole.to_vec()));
            }
        }
        found
    }

    fn one_by_one(mut input: &[u8]) -> Vec<(u64, Vec<u8>)> {
        let mut lines = Lines::new(&mut input);
        let mut found = Vec::new();
        while let Some(Framed::Record(line)) = lines.next() {
            found.push((line.offset, line.whole.to_vec()));
        }
        found
    }

    #[test]
    fn a_line_across_blocks_stays_whole() {
        let line = "x".repeat(700_000);
        let input = format!("a\n{line}\nb\n{line}");
        assert_eq!(in_blocks(input.as_bytes()), one_by_one(input.as_bytes()));
    }

    #[test]
    fn a_line_of_200_megabytes_is_left_out_and_the_next_survives() {
        const LENGTH: u64 = 200 << 20;
        let mut input = io::repeat(b'x').take(LENGTH).chain(&b"\nnext\n"[..]);
        let mut blocks = Blocks::new(&mut input);
        let Some(Framed::Skipped(skipped)) = blocks.next() else { panic!("it is too long") };
        let expected = Skipped { offset: 0, length: LENGTH + 1, anomaly: Anomaly::RecordTooLong };
        assert_eq!(skipped, expected);
        let Some(Framed::Record(block)) = blocks.next() else { panic!("there is a line") };
        let Some(Framed::Record(line)) = block.lines().next() else { panic!("there is a line") };
        assert_eq!((line.offset, line.bytes, line.terminated), (LENGTH + 1, &b"next"[..], true));
        assert!(blocks.next().is_none());
    }

    proptest! {
        #[test]
        fn blocks_hold_the_lines_of_the_stream(
            input in prop::collection::vec(prop::sample::select(&b"ab\r\n\0"[..]), 0..400),
        ) {
            prop_assert_eq!(in_blocks(&input), one_by_one(&input));
        }
    }
}
