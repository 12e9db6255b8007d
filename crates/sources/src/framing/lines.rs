//! Cuts a stream into lines.

use std::io::Read;

use coldtrail_diagnostics::Anomaly;

use super::window::Window;
use super::{Framed, LONGEST_RECORD, Skipped};

/// The lines of a stream, ended by `\n` or `\r\n`; the last one may have no end.
pub(crate) struct Lines<'r> {
    window: Window<'r>,
}

/// One line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line<'l> {
    /// Where it begins in the stream.
    pub(crate) offset: u64,
    /// Its bytes, without the line end.
    pub(crate) bytes: &'l [u8],
    /// Its bytes, with the line end.
    pub(crate) whole: &'l [u8],
    /// Whether it has a line end; without one it may be half a line.
    pub(crate) terminated: bool,
}

impl<'l> Line<'l> {
    /// The line of those bytes, its end included.
    pub(super) fn of(offset: u64, whole: &'l [u8]) -> Self {
        let unended = whole.strip_suffix(b"\n");
        let bytes = unended.map_or(whole, |line| line.strip_suffix(b"\r").unwrap_or(line));
        Self { offset, bytes, whole, terminated: unended.is_some() }
    }
}

impl<'r> Lines<'r> {
    /// The lines of a stream.
    pub(crate) fn new(stream: &'r mut dyn Read) -> Self {
        Self { window: Window::new(stream, 0) }
    }

    /// The next line, or the stretch of one that is longer than [`LONGEST_RECORD`].
    ///
    /// This is no `Iterator`, because the line borrows the buffer it lies in.
    pub(crate) fn next(&mut self) -> Option<Framed<Line<'_>>> {
        let offset = self.window.offset();
        let mut searched = 0;
        loop {
            let bytes = self.window.bytes();
            let unsearched = bytes.get(searched..).unwrap_or_default();
            if let Some(place) = memchr::memchr(b'\n', unsearched) {
                return Some(self.line(offset, searched + place + 1));
            }
            searched = bytes.len();
            if searched > LONGEST_RECORD {
                return Some(Framed::Skipped(self.skip(offset)));
            }
            if !self.window.fill() {
                return (searched > 0).then(|| self.line(offset, searched));
            }
        }
    }

    /// Takes a line of that length, its end included.
    fn line(&mut self, offset: u64, length: usize) -> Framed<Line<'_>> {
        Framed::Record(Line::of(offset, self.window.take(length)))
    }

    /// Drops everything up to the next line end.
    fn skip(&mut self, offset: u64) -> Skipped {
        loop {
            let bytes = self.window.bytes();
            let end = memchr::memchr(b'\n', bytes).map(|place| place + 1);
            let length = end.unwrap_or(bytes.len());
            self.window.take(length);
            if end.is_some() || !self.window.fill() {
                let length = self.window.offset() - offset;
                return Skipped { offset, length, anomaly: Anomaly::RecordTooLong };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use coldtrail_diagnostics::Anomaly;
    use proptest::prelude::*;

    use super::{Framed, LONGEST_RECORD, Lines, Skipped};

    /// Every line as (offset, bytes, length, terminated).
    fn all(mut input: &[u8]) -> Vec<(u64, Vec<u8>, u64, bool)> {
        let mut lines = Lines::new(&mut input);
        let mut found = Vec::new();
        while let Some(Framed::Record(line)) = lines.next() {
            found.push((
                line.offset,
                line.bytes.to_vec(),
                line.whole.len() as u64,
                line.terminated,
            ));
        }
        found
    }

    #[test]
    fn both_line_ends_count_and_the_last_one_may_be_absent() {
        let lines = all(b"one\r\n\ntw\0o\nhalf");
        let expected: Vec<(u64, Vec<u8>, u64, bool)> = vec![
            (0, b"one".to_vec(), 5, true),
            (5, b"".to_vec(), 1, true),
            (6, b"tw\0o".to_vec(), 5, true),
            (11, b"half".to_vec(), 4, false),
        ];
        assert_eq!(lines, expected);
        assert!(all(b"").is_empty());
    }

    #[test]
    fn a_line_of_200_megabytes_costs_no_more_memory_than_the_longest_record() {
        const LENGTH: u64 = 200 << 20;
        let mut input = io::repeat(b'x').take(LENGTH).chain(&b"\nnext\n"[..]);
        let mut lines = Lines::new(&mut input);
        let skipped = Skipped { offset: 0, length: LENGTH + 1, anomaly: Anomaly::RecordTooLong };
        assert_eq!(lines.next(), Some(Framed::Skipped(skipped)));
        let Some(Framed::Record(line)) = lines.next() else { panic!("the next line survives") };
        assert_eq!((line.offset, line.bytes), (LENGTH + 1, &b"next"[..]));
        assert!(lines.next().is_none());
        assert!(lines.window.capacity() <= 2 * LONGEST_RECORD, "{}", lines.window.capacity());
    }

    proptest! {
        #[test]
        fn lines_cover_the_stream(input in prop::collection::vec(prop::sample::select(&b"ab\r\n\0"[..]), 0..400)) {
            let mut end = 0;
            for (offset, bytes, length, terminated) in all(&input) {
                prop_assert_eq!(offset, end);
                prop_assert!(!bytes.contains(&b'\n'));
                prop_assert!(input[offset as usize..].starts_with(&bytes));
                prop_assert!(terminated || offset + length == input.len() as u64);
                end = offset + length;
            }
            prop_assert_eq!(end, input.len() as u64);
        }
    }
}
