//! Cuts comma-separated values into blocks of whole rows, which several threads can read at the same time.
//!
//! Where rows begin and end is what [`super::csv_rows`] says, to the byte. Most lines have an even number of
//! quotes, and such a line is a row by itself, whatever is in it; only for the others cells have to be looked
//! at. So finding rows costs little beside reading them.

use std::io::Read;

use coldtrail_diagnostics::Anomaly;
use memchr::{memchr, memchr_iter};

use super::csv_rows::{Cells, Damage, LONGEST_SPREAD, State, without_mark};
use super::{LONGEST_RECORD, Skipped};

/// Large enough that handing a block to another thread costs nothing beside reading it, small enough
/// to stay in a core's cache.
const BLOCK: usize = 512 << 10;

/// The blocks of a stream.
pub(crate) struct CsvBlocks<'r> {
    stream: &'r mut dyn Read,
    /// What was read behind the last row.
    rest: Vec<u8>,
    offset: u64,
    has_ended: bool,
}

/// What comes next of a stream.
#[derive(Debug)]
pub(crate) enum Piece {
    /// Rows.
    Rows(CsvBlock),
    /// A row that is a header.
    Header(Vec<u8>),
    /// A line that is too long.
    Skipped(Skipped),
}

/// Rows, one behind the other.
#[derive(Debug)]
pub(crate) struct CsvBlock {
    /// Where the bytes begin in the stream.
    pub(crate) offset: u64,
    /// The bytes of all rows.
    pub(crate) bytes: Vec<u8>,
    /// Where the rows lie in the bytes.
    pub(crate) rows: Vec<RowPlace>,
}

/// Where a row lies in its block, with its line end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RowPlace {
    pub(crate) begin: usize,
    pub(crate) end: usize,
    /// Why it is none.
    pub(crate) damage: Option<Damage>,
}

impl<'r> CsvBlocks<'r> {
    /// The blocks of a stream.
    pub(crate) fn new(stream: &'r mut dyn Read) -> Self {
        Self { stream, rest: Vec::new(), offset: 0, has_ended: false }
    }

    /// The next piece. A row over lines has to have that many columns.
    pub(crate) fn next(
        &mut self,
        columns: usize,
        is_header: &dyn Fn(&[u8]) -> bool,
    ) -> Option<Piece> {
        let mut bytes = std::mem::take(&mut self.rest);
        if bytes.len() < BLOCK {
            self.more(&mut bytes);
        }
        loop {
            let scan = self.scan(&bytes, columns, is_header);
            if scan.end > 0 {
                self.rest = bytes.split_off(scan.end);
                let offset = self.offset;
                self.offset += scan.end as u64;
                if scan.is_header {
                    return Some(Piece::Header(bytes));
                }
                return Some(Piece::Rows(CsvBlock { offset, bytes, rows: scan.rows }));
            }
            if self.has_ended && bytes.is_empty() {
                return None;
            }
            if bytes.len() > LONGEST_RECORD {
                return Some(Piece::Skipped(self.skip(bytes)));
            }
            self.more(&mut bytes);
        }
    }

    /// Looks for rows, up to a header or to where more bytes are needed.
    fn scan(&self, bytes: &[u8], columns: usize, is_header: &dyn Fn(&[u8]) -> bool) -> Scan {
        let mut scan = Scan::default();
        while let Some(place) = row(bytes, scan.end, columns, self.has_ended) {
            let whole = bytes.get(place.begin..place.end).unwrap_or_default();
            if content(whole).is_empty() {
                scan.end = place.end;
            } else if place.damage.is_none() && is_header(whole) {
                if scan.rows.is_empty() {
                    return Scan { end: place.end, is_header: true, rows: Vec::new() };
                }
                return scan;
            } else {
                scan.end = place.end;
                scan.rows.push(place);
            }
        }
        scan
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
        self.has_ended |= bytes.len() - before < BLOCK;
        bytes.len() > before
    }
}

#[derive(Default)]
struct Scan {
    rows: Vec<RowPlace>,
    end: usize,
    is_header: bool,
}

/// A row without its line end and mark.
pub(crate) fn content(whole: &[u8]) -> &[u8] {
    let line = whole.strip_suffix(b"\n").unwrap_or(whole);
    let is_ended = line.len() < whole.len();
    let line = line.strip_suffix(b"\r").filter(|_| is_ended).unwrap_or(line);
    without_mark(line)
}

/// The row at a place; `None` where it may go on behind the bytes, or there is none.
fn row(bytes: &[u8], begin: usize, columns: usize, is_all: bool) -> Option<RowPlace> {
    let end = line_end(bytes, begin, is_all)?;
    let line = bytes.get(begin..end)?;
    if line.len() > LONGEST_RECORD {
        // Whoever reads on skips it.
        return None;
    }
    let is_whole = memchr_iter(b'"', line).count().is_multiple_of(2);
    if is_whole {
        return Some(RowPlace { begin, end, damage: None });
    }
    match spread(bytes, begin, columns, is_all)? {
        Ok(end) => Some(RowPlace { begin, end, damage: None }),
        Err(damage) => Some(RowPlace { begin, end, damage: Some(damage) }),
    }
}

/// Where a row ends that goes on over lines.
fn spread(
    bytes: &[u8],
    begin: usize,
    columns: usize,
    is_all: bool,
) -> Option<Result<usize, Damage>> {
    let mut cells = Cells::default();
    let mut place = begin;
    let mut lines = 0;
    loop {
        let Some(end) = line_end(bytes, place, is_all) else {
            let is_cut = is_all && lines <= 1;
            let is_broken = is_all || bytes.len() - begin > LONGEST_RECORD;
            return match (is_cut, is_broken) {
                (true, _) => Some(Err(Damage::Cut)),
                (_, true) => Some(Err(Damage::Quote)),
                _ => None,
            };
        };
        let line = bytes.get(place..end)?;
        if line.len() > LONGEST_RECORD || lines > 0 && (end - begin) as u64 > LONGEST_SPREAD {
            return Some(Err(Damage::Quote));
        }
        match cells.take(&String::from_utf8_lossy(content(line))) {
            State::Whole if cells.done.len() == columns => return Some(Ok(end)),
            State::Whole | State::Broken => return Some(Err(Damage::Quote)),
            State::Open => {}
        }
        place = end;
        lines += 1;
    }
}

/// Where the line ends that begins at a place, its end included.
fn line_end(bytes: &[u8], begin: usize, is_all: bool) -> Option<usize> {
    let rest = bytes.get(begin..).filter(|rest| !rest.is_empty())?;
    match memchr(b'\n', rest) {
        Some(end) => Some(begin + end + 1),
        None => is_all.then_some(bytes.len()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Framed;
    use super::super::csv_rows::{Damage, Row, Rows};
    use super::{BLOCK, CsvBlocks, Piece};

    type Found = Vec<(u64, u64, Option<Damage>)>;

    /// Every row by its place. Strict parsing of a line that is a row by itself is left to its reader, so
    /// that damage to it does not show here.
    fn in_blocks(mut input: &[u8], columns: usize) -> Found {
        let mut blocks = CsvBlocks::new(&mut input);
        let mut found = Vec::new();
        while let Some(piece) = blocks.next(columns, &|_| false) {
            let Piece::Rows(block) = piece else { panic!("no line is long") };
            found.extend(block.rows.iter().map(|row| {
                (block.offset + row.begin as u64, (row.end - row.begin) as u64, row.damage)
            }));
        }
        found
    }

    fn one_by_one(mut input: &[u8], columns: usize) -> Found {
        let mut rows = Rows::new(&mut input);
        let mut found = Vec::new();
        while let Some(Framed::Record(Row { offset, length, cells, .. })) = rows.next(columns) {
            found.push((offset, length, cells.err()));
        }
        found
    }

    fn are_same(input: &[u8], columns: usize) -> bool {
        let (blocks, rows) = (in_blocks(input, columns), one_by_one(input, columns));
        let quotes = |(offset, length, _): &(u64, u64, _)| {
            let row = &input[*offset as usize..(*offset + *length) as usize];
            row.iter().filter(|byte| **byte == b'"').count()
        };
        blocks.len() == rows.len()
            && blocks.iter().zip(&rows).all(|(one, other)| {
                let is_left = quotes(other) % 2 == 0 && one.2.is_none();
                (one.0, one.1) == (other.0, other.1) && (one.2 == other.2 || is_left)
            })
    }

    #[test]
    fn a_row_across_blocks_stays_whole() {
        let cell = "x\n".repeat(BLOCK / 8);
        let row = format!("a,\"{cell}\",b\n");
        assert!(are_same(row.repeat(9).as_bytes(), 3));
        // Behind a quote that is never closed, every row is found again.
        assert!(are_same(format!("a,\"b,c\n{}", row.repeat(5)).as_bytes(), 3));
    }

    #[test]
    fn a_header_ends_a_block() {
        let mut input = &b"a,b\n1,2\n3,4\na,b\n5,6"[..];
        let mut blocks = CsvBlocks::new(&mut input);
        let mut pieces = Vec::new();
        while let Some(piece) = blocks.next(2, &|row| row.starts_with(b"a")) {
            pieces.push(match piece {
                Piece::Header(_) => "header".to_owned(),
                Piece::Rows(block) => format!("{} rows at {}", block.rows.len(), block.offset),
                Piece::Skipped(_) => "skipped".to_owned(),
            });
        }
        assert_eq!(pieces, ["header", "2 rows at 4", "header", "1 rows at 16"]);
    }

    proptest! {
        #[test]
        fn blocks_hold_the_rows_of_the_stream(
            input in prop::collection::vec(prop::sample::select(&b"a,,\"\"\n\n\r\xff"[..]), 0..200),
        ) {
            prop_assert!(are_same(&input, 3), "{:?} {:?}", in_blocks(&input, 3), one_by_one(&input, 3));
        }
    }
}
