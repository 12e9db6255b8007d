//! Cuts a JSON document of tables into the columns and rows of each: lists in lists, which no framing of
//! objects finds.
//!
//! A row is the list that ends where its brackets do. After damage, which is a quote or a bracket too many
//! or too few, they end elsewhere; then a row is no JSON or does not have as many cells as there are columns, and the
//! next row is looked for where one list ends and another begins.

use std::io::Read;

use coldtrail_diagnostics::Anomaly;
use serde::de::IgnoredAny;

use super::window::Window;
use super::{Framed, Skipped};

/// The longest row, in bytes: what a table of Azure's may hold in a row, with escapes, and more.
const LONGEST: usize = 4 << 20;

/// How many bytes may be looked at again for each byte read, and in advance: a hostile stream must not make
/// that quadratic.
const PATIENCE: u64 = 8;
const PATIENCE_IN_ADVANCE: u64 = 64 << 20;

/// The columns and rows of a stream.
pub(crate) struct JsonRows<'r> {
    window: Window<'r>,
    /// What the elements are that come next.
    section: Section,
    /// Whether rows came.
    has_rows: bool,
    looked_at: u64,
}

#[derive(Clone, Copy, PartialEq)]
enum Section {
    /// Members of tables.
    Members,
    Columns,
    Rows,
}

/// A column's description, or a row.
#[derive(Debug)]
pub(crate) struct Element<'e> {
    /// Where it begins in the stream.
    pub(crate) offset: u64,
    /// Its bytes, which need not be valid JSON.
    pub(crate) bytes: &'e [u8],
    /// Whether it describes a column.
    pub(crate) is_column: bool,
}

impl<'r> JsonRows<'r> {
    /// The columns and rows of a stream.
    pub(crate) fn new(stream: &'r mut dyn Read) -> Self {
        Self {
            window: Window::new(stream, 0),
            section: Section::Members,
            has_rows: false,
            looked_at: 0,
        }
    }

    /// The next column or row, or a stretch that is damaged. A row has to have that many cells.
    pub(crate) fn next(&mut self, columns: usize) -> Option<Framed<Element<'_>>> {
        loop {
            if self.section == Section::Members {
                self.find_section()?;
            }
            match self.after_separators()? {
                b'{' if self.section == Section::Columns => return Some(self.element(None)),
                b'[' if self.section == Section::Rows => return Some(self.element(Some(columns))),
                b']' => {
                    self.window.take(1);
                    self.section = Section::Members;
                }
                _ => return Some(Framed::Skipped(self.skip(false))),
            }
        }
    }

    /// Goes to where the next list of columns or rows begins.
    fn find_section(&mut self) -> Option<()> {
        loop {
            let names =
                [(&b"\"columns\""[..], Section::Columns), (&b"\"rows\""[..], Section::Rows)];
            let bytes = self.window.bytes();
            let found = names
                .iter()
                .filter_map(|(name, section)| Some((list_behind(bytes, name)?, *section)));
            // Where rows end too early, a bracket in one of them was none of the list's.
            let row = self.has_rows.then(|| boundary(bytes, 0)).flatten();
            let found = found.chain(row.map(|place| (place, Section::Rows)));
            if let Some((place, section)) = found.min_by_key(|(place, _)| *place) {
                self.window.take(place);
                self.section = section;
                self.has_rows |= section == Section::Rows;
                return Some(());
            }
            // A name and the spaces behind it may lie across the end of what is in memory.
            let done = bytes.len().saturating_sub(64);
            if !self.window.fill() {
                return None;
            }
            self.window.take(done.saturating_sub(64));
        }
    }

    /// The next byte that separates nothing.
    fn after_separators(&mut self) -> Option<u8> {
        loop {
            let bytes = self.window.bytes();
            let separators = bytes.iter().take_while(|byte| b", \t\r\n".contains(byte)).count();
            if let Some(byte) = bytes.get(separators).copied() {
                self.window.take(separators);
                return Some(byte);
            }
            self.window.take(separators);
            if !self.window.fill() {
                return None;
            }
        }
    }

    /// Takes the list or object that begins here, if it has as many elements as it should.
    fn element(&mut self, cells: Option<usize>) -> Framed<Element<'_>> {
        let offset = self.window.offset();
        let mut scan = Scan::default();
        let end = loop {
            let bytes = self.window.bytes();
            if let Some(end) = scan.run(bytes) {
                break Some(end);
            }
            self.looked_at += (bytes.len() - scan.begun).min(bytes.len()) as u64;
            scan.begun = bytes.len();
            if bytes.len() > LONGEST || !self.window.fill() {
                break None;
            }
        };
        let fits = cells.is_none_or(|cells| scan.cells() == cells && !scan.has_row(cells))
            && end.and_then(|end| self.window.bytes().get(..end)).is_some_and(is_json);
        match end {
            Some(end) if fits => Framed::Record(Element {
                offset,
                bytes: self.window.take(end),
                is_column: cells.is_none(),
            }),
            _ => {
                self.looked_at += scan.place as u64;
                Framed::Skipped(self.skip(end.is_none()))
            }
        }
    }

    /// Drops everything up to where one row ends and another begins, or all that is left.
    fn skip(&mut self, is_open: bool) -> Skipped {
        let offset = self.window.offset();
        let patient = self.looked_at <= PATIENCE * offset + PATIENCE_IN_ADVANCE;
        let mut is_ended = false;
        let mut searched = 1;
        loop {
            let bytes = self.window.bytes();
            if patient && let Some(place) = boundary(bytes, searched) {
                self.window.take(place);
                break;
            }
            if patient {
                searched = bytes.len().saturating_sub(64).max(1);
                if bytes.len() > 2 * LONGEST {
                    self.window.take(searched - 1);
                    searched = 1;
                }
            } else {
                self.window.take(bytes.len());
            }
            if !self.window.fill() {
                let rest = self.window.bytes().len();
                self.window.take(rest);
                is_ended = true;
                break;
            }
        }
        let length = self.window.offset() - offset;
        let anomaly =
            if is_open && is_ended { Anomaly::TruncatedRecord } else { Anomaly::InvalidJson };
        Skipped { offset, length, anomaly }
    }
}

/// Whether brackets and quotes are where they should be.
fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(bytes).is_ok()
}

/// The place behind the `[` of the member of that name.
fn list_behind(bytes: &[u8], name: &[u8]) -> Option<usize> {
    let lower = |part: &[u8]| part.eq_ignore_ascii_case(name);
    memchr::memchr_iter(b'"', bytes).find_map(|place| {
        let behind = place + name.len();
        if !bytes.get(place..behind).is_some_and(lower) {
            return None;
        }
        let rest = bytes.get(behind..)?;
        let mut marks = rest.iter().enumerate().filter(|(_, byte)| !byte.is_ascii_whitespace());
        let (Some((_, b':')), Some((bracket, b'['))) = (marks.next(), marks.next()) else {
            return None;
        };
        Some(behind + bracket + 1)
    })
}

/// Where the next row begins: a `[` behind `],`.
fn boundary(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    memchr::memchr_iter(b'[', rest).find_map(|place| {
        let before = rest.get(..place)?.trim_ascii_end();
        let before = before.strip_suffix(b",")?.trim_ascii_end();
        before.ends_with(b"]").then_some(from + place)
    })
}

/// How many lists in cells are kept in mind.
const MOST_INNER_LISTS: usize = 4096;

/// Looks for the end of a list or object.
#[derive(Default)]
struct Scan {
    place: usize,
    /// How much was looked at in earlier runs.
    begun: usize,
    depth: usize,
    commas: usize,
    /// The same inside the list that is a cell, and of such lists the ones that ended.
    inner_commas: usize,
    inner_lists: Vec<usize>,
    is_empty: bool,
    in_text: bool,
    is_escaped: bool,
}

impl Scan {
    /// Goes on to the end of what is there; the place behind the end of the list.
    fn run(&mut self, bytes: &[u8]) -> Option<usize> {
        while let Some(byte) = bytes.get(self.place) {
            self.place += 1;
            if self.in_text {
                match byte {
                    _ if self.is_escaped => self.is_escaped = false,
                    b'\\' => self.is_escaped = true,
                    b'"' => self.in_text = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_text = true,
                b'[' | b'{' => {
                    self.depth += 1;
                    self.is_empty = self.depth == 1;
                    if self.depth == 2 {
                        self.inner_commas = 0;
                    }
                    continue;
                }
                b']' | b'}' => {
                    self.depth = self.depth.saturating_sub(1);
                    match self.depth {
                        0 => return Some(self.place),
                        1 if *byte == b']' && self.inner_lists.len() < MOST_INNER_LISTS => {
                            self.inner_lists.push(self.inner_commas + 1);
                        }
                        _ => {}
                    }
                }
                b',' if self.depth == 1 => self.commas += 1,
                b',' if self.depth == 2 => self.inner_commas += 1,
                byte if byte.is_ascii_whitespace() => continue,
                _ => {}
            }
            self.is_empty = false;
        }
        None
    }

    /// Whether a cell is a list with as many cells as a row has: then it is one, which the bracket that
    /// was lost before it made part of this. The APIs write lists in cells as text.
    fn has_row(&self, cells: usize) -> bool {
        cells > 1 && self.inner_lists.contains(&cells)
    }

    /// How many elements the list has.
    fn cells(&self) -> usize {
        if self.is_empty { 0 } else { self.commas + 1 }
    }
}
