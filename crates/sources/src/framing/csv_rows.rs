//! Cuts comma-separated values into rows (RFC 4180), where a quoted cell may go on over lines.
//!
//! One quote too many would swallow everything up to the next one, so a row that goes on over lines
//! counts only if it ends well and has as many cells as the header. Otherwise its first line alone is
//! damaged, and the next line is a row again. Quotes are taken strictly for the same reason: they
//! stand around a cell and are doubled inside, and anywhere else they are damage. That also bounds the
//! work: a line that leaves a cell open when read by itself has an odd number of quotes, so it closes
//! one that was open before it, and nothing is read more than twice.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::Read;

use coldtrail_diagnostics::Anomaly;

use super::Framed;
use super::lines::Lines;

/// How far a row may go on over lines, in bytes.
pub(super) const LONGEST_SPREAD: u64 = 1 << 20;

/// No export has that many columns; a row that has is damaged, and its cells would fill the memory.
pub(crate) const MOST_CELLS: usize = 4096;

/// The rows of a stream.
pub(crate) struct Rows<'r> {
    lines: Lines<'r>,
    /// Lines that were looked at and do not belong to a row yet.
    ahead: VecDeque<Framed<Held>>,
}

/// A row, or a line that is none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// Where it begins in the stream.
    pub(crate) offset: u64,
    /// How many bytes it has, with the line end.
    pub(crate) length: u64,
    /// Its cells without quotes.
    pub(crate) cells: Result<Vec<String>, Damage>,
    /// Whether it has a line end; without one it may be half a row.
    pub(crate) terminated: bool,
    /// Whether its bytes were UTF-8.
    pub(crate) is_text: bool,
}

/// Why a line is no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Damage {
    /// A quote stands where none may be, or has no counterpart.
    Quote,
    /// The stream ends inside a quoted cell.
    Cut,
}

impl Damage {
    pub(crate) fn anomaly(self) -> Anomaly {
        match self {
            Damage::Quote => Anomaly::WrongColumnCount,
            Damage::Cut => Anomaly::TruncatedRecord,
        }
    }

    pub(crate) fn detail(self) -> &'static str {
        match self {
            Damage::Quote => "a quote is missing, or is one too many",
            Damage::Cut => "the file ends inside a quoted cell",
        }
    }
}

impl<'r> Rows<'r> {
    /// The rows of a stream.
    pub(crate) fn new(stream: &'r mut dyn Read) -> Self {
        Self { lines: Lines::new(stream), ahead: VecDeque::new() }
    }

    /// The next row, or the stretch of a line that is too long. A row over lines has to have that
    /// many columns. Empty lines are no rows.
    pub(crate) fn next(&mut self, columns: usize) -> Option<Framed<Row>> {
        while matches!(self.ahead(0)?, Framed::Record(line) if line.text.is_empty()) {
            self.ahead.pop_front();
        }
        if let Framed::Skipped(skipped) = self.ahead(0)? {
            let skipped = *skipped;
            self.ahead.pop_front();
            return Some(Framed::Skipped(skipped));
        }
        let (lines, cells) = match self.cells() {
            Ok((lines, cells)) if lines == 1 || cells.len() == columns => (lines, Ok(cells)),
            Ok(_) => (1, Err(Damage::Quote)),
            Err(damage) => (1, Err(damage)),
        };
        Some(Framed::Record(self.take(lines, cells)?))
    }

    /// Takes lines as a row.
    fn take(&mut self, lines: usize, cells: Result<Vec<String>, Damage>) -> Option<Row> {
        let Framed::Record(Held { offset, mut length, mut terminated, mut is_text, .. }) =
            self.ahead.pop_front()?
        else {
            return None;
        };
        for _ in 1..lines {
            if let Framed::Record(line) = self.ahead.pop_front()? {
                length += line.length;
                terminated = line.terminated;
                is_text &= line.is_text;
            }
        }
        Some(Row { offset, length, cells, terminated, is_text })
    }

    /// The cells of the row that begins with the next line, and how many lines it has.
    fn cells(&mut self) -> Result<(usize, Vec<String>), Damage> {
        let mut cells = Cells::default();
        let mut length = 0;
        for place in 0.. {
            let line = match self.ahead(place) {
                Some(Framed::Record(line)) => line,
                None if place <= 1 => return Err(Damage::Cut),
                Some(Framed::Skipped(_)) | None => break,
            };
            length += line.length;
            if place > 0 && length > LONGEST_SPREAD {
                break;
            }
            match cells.take(&line.text) {
                State::Whole => return Ok((place + 1, cells.done)),
                State::Open => {}
                State::Broken => break,
            }
        }
        Err(Damage::Quote)
    }

    /// The line at that place ahead, `None` behind the last one.
    fn ahead(&mut self, place: usize) -> Option<&Framed<Held>> {
        while self.ahead.len() <= place {
            let held = match self.lines.next()? {
                Framed::Skipped(skipped) => Framed::Skipped(skipped),
                Framed::Record(line) => {
                    let text = String::from_utf8_lossy(without_mark(line.bytes));
                    let is_text = matches!(text, Cow::Borrowed(_));
                    let (offset, terminated) = (line.offset, line.terminated);
                    let length = line.whole.len() as u64;
                    Framed::Record(Held { offset, length, terminated, is_text, text: text.into() })
                }
            };
            self.ahead.push_back(held);
        }
        self.ahead.get(place)
    }
}

/// A line that was looked at.
struct Held {
    offset: u64,
    length: u64,
    terminated: bool,
    is_text: bool,
    text: String,
}

/// The byte order mark that Windows puts before the first line.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// The cells of a row as far as it was read.
#[derive(Default)]
pub(super) struct Cells {
    pub(super) done: Vec<String>,
    /// A quoted cell that goes on in the next line.
    open: Option<String>,
}

pub(super) enum State {
    Whole,
    Open,
    Broken,
}

impl Cells {
    /// Takes in the next line.
    pub(super) fn take(&mut self, line: &str) -> State {
        let mut rest = line;
        while self.done.len() < MOST_CELLS {
            let behind = match (self.open.take(), rest.strip_prefix('"')) {
                (Some(begun), _) => self.quoted(begun + "\n", rest),
                (None, Some(inside)) => self.quoted(String::new(), inside),
                (None, None) => Some(self.plain(rest)),
            };
            let Some(behind) = behind else { return State::Open };
            match behind.strip_prefix(',') {
                Some(next) => rest = next,
                None if behind.is_empty() => return State::Whole,
                None => return State::Broken,
            }
        }
        State::Broken
    }

    /// Takes a cell without quotes; what follows it.
    fn plain<'l>(&mut self, text: &'l str) -> &'l str {
        let (cell, behind) = text.split_at(text.find([',', '"']).unwrap_or(text.len()));
        self.done.push(cell.to_owned());
        behind
    }

    /// Takes the rest of a quoted cell; what follows it, or nothing if the cell stays open.
    fn quoted<'l>(&mut self, mut cell: String, mut text: &'l str) -> Option<&'l str> {
        while let Some((inside, behind)) = text.split_once('"') {
            cell.push_str(inside);
            match behind.strip_prefix('"') {
                Some(behind) => {
                    cell.push('"');
                    text = behind;
                }
                None => {
                    self.done.push(cell);
                    return Some(behind);
                }
            }
        }
        cell.push_str(text);
        self.open = Some(cell);
        None
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};
    use std::time::{Duration, Instant};

    use super::{Damage, Framed, Row, Rows};

    fn all(text: &str, columns: usize) -> Vec<(u64, u64, Result<Vec<String>, Damage>)> {
        let mut stream = text.as_bytes();
        let mut rows = Rows::new(&mut stream);
        let mut found = Vec::new();
        while let Some(Framed::Record(Row { offset, length, cells, .. })) = rows.next(columns) {
            found.push((offset, length, cells));
        }
        found
    }

    fn cells(cells: &[&str]) -> Result<Vec<String>, Damage> {
        Ok(cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn cells_are_plain_or_quoted() {
        let rows = all("a,,\"c,\"\"d\"\"\"\r\n\r\n\"\",b,\n", 3);
        assert_eq!(rows, [(0, 14, cells(&["a", "", "c,\"d\""])), (16, 6, cells(&["", "b", ""]))]);
    }

    #[test]
    fn a_quoted_cell_goes_on_over_lines() {
        let rows = all("a,\"one\r\n\r\n,\"\"two\"\"\",c\nd,e,f\n", 3);
        assert_eq!(rows[0], (0, 22, cells(&["a", "one\n\n,\"two\"", "c"])));
        assert_eq!(rows[1], (22, 6, cells(&["d", "e", "f"])));
    }

    #[test]
    fn a_stray_quote_costs_its_line_only() {
        for damaged in ["a,\"b,c", "a,b\"b,c", "a,\"b\"b,c", "\"a,b,c", "\"a\",b,\"c"] {
            let rows = all(&format!("{damaged}\nd,\"e\",f\n\ng,h,\"i\"\"\"\n"), 3);
            assert_eq!(rows[0].2, Err(Damage::Quote), "{damaged}");
            assert_eq!(rows[1].2, cells(&["d", "e", "f"]), "{damaged}");
            assert_eq!(rows[2].2, cells(&["g", "h", "i\""]), "{damaged}");
        }
    }

    #[test]
    fn the_end_may_cut_a_cell() {
        let rows = all("a,b\nc,\"d", 2);
        assert_eq!(rows[1].2, Err(Damage::Cut));
        assert_eq!(all("\u{feff}a,\"b\"\nc", 2)[0].2, cells(&["a", "b"]));
    }

    #[test]
    fn stray_quotes_everywhere_take_no_more_than_linear_time() {
        let start = Instant::now();
        for line in ["\"\n", "a,\"\"\"\n", "\"a\n\"\"\n", "\",\"\n", "a\",\"\n"] {
            let mut stream = io::repeat(0).take(0).chain(io::Cursor::new(line.repeat(300_000)));
            let mut rows = Rows::new(&mut stream);
            while rows.next(3).is_some() {}
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    }
}
