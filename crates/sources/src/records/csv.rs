//! Records in comma-separated values. An export may be one file of many gigabytes of which a query wants few
//! rows and few columns: its blocks are read by all threads, rows that do not hold what is wanted are passed
//! over as bytes, and of the others only the wanted cells are decoded.
//!
//! Reading row by row as objects ([`crate::csv`]) gives the same records, and is what is done where the
//! header alone does not tell how its rows have to be read.

use std::borrow::Cow;
use std::io::Read;
use std::sync::Arc;

use coldtrail_diagnostics::Anomaly;
use memchr::memchr;

use super::{Fit, OwnFields, Records};
use crate::csv::{Header, is_part_of_name};
use crate::framing::Framed;
use crate::framing::csv_blocks::{CsvBlock, CsvBlocks, Piece, RowPlace, content};
use crate::framing::csv_rows::{Damage, MOST_CELLS, Row, Rows};
use crate::line_format::{Crew, Part, share};
use crate::{Collector, Stopped, json};

/// How many rows of the head may show what a header alone does not.
const ROWS_THAT_TELL: usize = 50;

/// Whether a stream that begins like this is a table with wanted records.
pub(super) fn may_hold(records: &Arc<Records>, source: &str, mut head: &[u8]) -> bool {
    let mut rows = Rows::new(&mut head);
    let Some(Framed::Record(Row { cells: Ok(cells), .. })) = rows.next(0) else { return false };
    let Some(header) = Header::of(&cells) else { return false };
    let Some(plan) = TablePlan::of(records, &header) else { return false };
    let mut says = || {
        (0..ROWS_THAT_TELL).map_while(|_| rows.next(header.names.len())).any(|framed| {
            let Framed::Record(Row { cells: Ok(cells), .. }) = framed else { return false };
            records.says_it_is(&header.object(cells)) == Some(true)
        })
    };
    records.is_wanted(plan.fit, None, source) || plan.fit.by_action || says()
}

/// Reads a stream to its end.
pub(crate) fn read(
    stream: &mut dyn Read,
    collector: &mut Collector<'_>,
    crew: Option<&Crew>,
) -> Result<(), Stopped> {
    let Some(records) = collector.records() else { return Ok(()) };
    let mut header: Option<Arc<Plan>> = None;
    let mut blocks = CsvBlocks::new(stream);
    let mut next = |collector: &mut Collector<'_>| loop {
        let before = header.as_deref();
        let columns = before.map_or(0, |plan| plan.header.names.len());
        let is_header = |row: &[u8]| next_header(row, before, &records).is_some();
        match blocks.next(columns, &is_header)? {
            Piece::Skipped(skipped) => skipped.tell(collector),
            Piece::Header(row) => {
                if let Some(next) = next_header(&row, before, &records) {
                    header = Some(Arc::new(Plan::of(&records, next)));
                }
            }
            Piece::Rows(block) => {
                let is_led = !block.bytes.ends_with(b"\n");
                let plan = header.clone();
                let read = Box::new(move |collector: &mut Collector<'_>| {
                    read_block(&block, plan.as_deref(), collector)
                });
                return Some(Part { read, is_led });
            }
        }
    };
    share(&mut next, collector, crew)
}

/// The header that a row is: the first one that may be, or that of another export that was joined.
fn next_header(row: &[u8], before: Option<&Plan>, records: &Records) -> Option<Header> {
    // Nearly every row is told by its first bytes, which are those of a time.
    let row = content(row);
    if !row.iter().all(|byte| is_part_of_name(*byte) || matches!(byte, b'"' | b',')) {
        return None;
    }
    let mut cells = Cells::default();
    cells.split(row).ok()?;
    let names: Vec<String> = cells.texts(row).map(Cow::into_owned).collect();
    let header = Header::of(&names)?;
    let Some(before) = before else { return Some(header) };
    let names: Vec<&str> = header.names.iter().map(String::as_str).collect();
    let is_next = header.names == before.header.names
        || header.is_claimed()
        || records.is_table() && records.fit(&names).by_names.is_some();
    is_next.then_some(header)
}

/// How the rows behind a header are read.
struct Plan {
    header: Header,
    records: Arc<Records>,
    /// `None` where a row has to be looked at as an object.
    table: Option<TablePlan>,
}

/// How the rows of a table are read.
pub(super) struct TablePlan {
    pub(super) fit: Fit,
    /// The columns in which a row says its table.
    pub(super) saying: Vec<usize>,
    /// The column that has the action.
    pub(super) action: Option<usize>,
}

impl Plan {
    fn of(records: &Arc<Records>, header: Header) -> Self {
        let table = TablePlan::of(records, &header);
        Self { header, records: Arc::clone(records), table }
    }
}

impl TablePlan {
    /// The plan for rows of such columns; `None` where a row has to be looked at as an object.
    pub(super) fn of(records: &Records, header: &Header) -> Option<Self> {
        let is_path = |field: &str| {
            let outer = field.split_once('.').map(|(outer, _)| outer);
            outer.is_some_and(|outer| header.names.iter().any(|name| name.starts_with(outer)))
                && !header.names.iter().any(|name| name == field)
        };
        let wanted = records.needles().iter().map(|(field, _)| field).chain(records.fields());
        if !records.is_table()
            || header.names.iter().any(|name| json::may_wrap(name))
            || wanted.into_iter().any(|field| is_path(field))
        {
            return None;
        }
        let names: Vec<&str> = header.names.iter().map(String::as_str).collect();
        let column = |name: &str| names.iter().position(|known| *known == name);
        let saying = super::kind::SAYING.iter().filter_map(|name| column(name)).collect();
        Some(Self { fit: records.fit(&names), saying, action: column("ActionType") })
    }

    /// Whether all rows are of the wanted table, or none is.
    pub(super) fn is_constant(&self) -> bool {
        self.saying.is_empty() && (self.action.is_none() || !self.fit.by_action)
    }

    /// Whether a row is of the wanted table.
    fn takes(&self, row: &CsvRecord<'_>, records: &Records, source: &str) -> bool {
        let said = self.saying.iter().find_map(|column| records.names_it(&row.cell(*column)?));
        said.unwrap_or_else(|| {
            let action = self.action.and_then(|column| row.cell(column));
            records.is_wanted(self.fit, action.as_deref(), source)
        })
    }
}

/// Reads the rows of a block.
fn read_block(
    block: &CsvBlock,
    plan: Option<&Plan>,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let table = plan.and_then(|plan| Some((plan, plan.table.as_ref()?)));
    let mut glance = Glance::of(block, table.map(|(plan, _)| plan.records.as_ref()));
    let mut cells = Cells::default();
    for place in &block.rows {
        let (offset, length) = (block.offset + place.begin as u64, place.end - place.begin);
        if collector.is_old(offset) {
            continue;
        }
        let Some(whole) = block.bytes.get(place.begin..place.end) else { continue };
        collector.record(offset, length as u64);
        if !whole.ends_with(b"\n") {
            collector.unfinished();
        }
        if let Some(damage) = place.damage {
            collector.anomaly(damage.anomaly(), damage.detail());
        } else if glance.may_matter(place) {
            let row = content(whole);
            match (table, plan) {
                (Some((plan, table)), _) => read_row(row, plan, table, &mut cells, collector)?,
                (None, plan) => read_object(row, plan, &mut cells, collector)?,
            }
        }
    }
    Ok(())
}

/// Takes a row of a table.
fn read_row(
    row: &[u8],
    plan: &Plan,
    table: &TablePlan,
    cells: &mut Cells,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    if !split(row, Some(plan), cells, collector) {
        return Ok(());
    }
    let record = CsvRecord { header: &plan.header, row, cells };
    let is_wanted = table.takes(&record, &plan.records, collector.source());
    if is_wanted {
        collector.note_shape(plan.records.format_of_table());
        collector.take(&record)?;
    }
    Ok(())
}

/// Reads a row as an object.
fn read_object(
    row: &[u8],
    plan: Option<&Plan>,
    cells: &mut Cells,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    match plan {
        Some(plan) if split(row, Some(plan), cells, collector) => {
            let texts = cells.texts(row).map(Cow::into_owned).collect();
            json::rows_of_object(&plan.header.object(texts), collector).map(|_is_known| ())
        }
        Some(_) => Ok(()),
        None => {
            split(row, None, cells, collector);
            Ok(())
        }
    }
}

/// Finds the cells of a row; `false`, counted, if they are not those of the header.
fn split(
    row: &[u8],
    plan: Option<&Plan>,
    cells: &mut Cells,
    collector: &mut Collector<'_>,
) -> bool {
    if str::from_utf8(row).is_err() {
        collector.anomaly(Anomaly::InvalidText, "");
    }
    if let Err(damage) = cells.split(row) {
        collector.anomaly(damage.anomaly(), damage.detail());
        return false;
    }
    let Some(plan) = plan else {
        collector.anomaly(Anomaly::InvalidHeader, "there is no header before this row");
        return false;
    };
    let (found, due) = (cells.places.len(), plan.header.names.len());
    if found != due {
        let cut = found < due && collector.is_unfinished();
        let anomaly = if cut { Anomaly::TruncatedRecord } else { Anomaly::WrongColumnCount };
        collector.anomaly(anomaly, &format!("{found} columns instead of {due}"));
    }
    found == due
}

/// A row of a table as a record. A cell that is empty is nothing.
struct CsvRecord<'r> {
    header: &'r Header,
    row: &'r [u8],
    cells: &'r Cells,
}

impl CsvRecord<'_> {
    fn cell(&self, column: usize) -> Option<Cow<'_, str>> {
        let cell = self.cells.places.get(column)?;
        cell.text(self.row).filter(|text| !text.is_empty())
    }
}

impl OwnFields for CsvRecord<'_> {
    fn own(&self, name: &str) -> Option<Cow<'_, str>> {
        self.cell(self.header.names.iter().position(|known| known == name)?)
    }
}

/// Looks through the bytes of a block for what wanted records hold, all rows at once.
struct Glance {
    /// Where in the block one of the texts ends, ascending; `None` where bytes cannot tell.
    ends: Option<Vec<usize>>,
    next: usize,
}

impl Glance {
    fn of(block: &CsvBlock, records: Option<&Records>) -> Self {
        let needles = records.map_or(&[][..], Records::needles);
        let lower = if needles.is_empty() { Vec::new() } else { block.bytes.to_ascii_lowercase() };
        let ends = needles.iter().find_map(|(_, needles)| Some(needles.ends(&lower)?.collect()));
        Self { ends, next: 0 }
    }

    /// Whether a row may hold what is wanted. Rows are asked about in their order.
    fn may_matter(&mut self, place: &RowPlace) -> bool {
        let Some(ends) = &self.ends else { return true };
        while ends.get(self.next).is_some_and(|end| *end <= place.begin) {
            self.next += 1;
        }
        ends.get(self.next).is_some_and(|end| *end <= place.end)
    }
}

/// The cells of a row, found by the rules of [`crate::framing::csv_rows`].
#[derive(Default)]
struct Cells {
    places: Vec<CellPlace>,
}

/// Where a cell lies in its row, without the quotes around it.
#[derive(Clone, Copy)]
struct CellPlace {
    begin: usize,
    end: usize,
    /// Whether it has quotes, which are doubled inside, or goes on over lines.
    is_quoted: bool,
}

impl Cells {
    fn split(&mut self, row: &[u8]) -> Result<(), Damage> {
        self.places.clear();
        let mut begin = 0;
        while self.places.len() < MOST_CELLS {
            let rest = row.get(begin..).unwrap_or_default();
            let cell = match rest.strip_prefix(b"\"") {
                Some(inside) => {
                    let end = closing_quote(inside).ok_or(Damage::Quote)?;
                    CellPlace { begin: begin + 1, end: begin + 1 + end, is_quoted: true }
                }
                None => {
                    let end = rest.iter().position(|byte| matches!(byte, b',' | b'"'));
                    let end = end.unwrap_or(rest.len());
                    CellPlace { begin, end: begin + end, is_quoted: false }
                }
            };
            self.places.push(cell);
            let behind = cell.end + usize::from(cell.is_quoted);
            match row.get(behind) {
                None => return Ok(()),
                Some(b',') => begin = behind + 1,
                Some(_) => return Err(Damage::Quote),
            }
        }
        Err(Damage::Quote)
    }

    fn texts<'r>(&'r self, row: &'r [u8]) -> impl Iterator<Item = Cow<'r, str>> {
        self.places.iter().map(|cell| cell.text(row).unwrap_or_default())
    }
}

/// The place of the quote that is not doubled.
fn closing_quote(inside: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let quote = from + memchr(b'"', inside.get(from..)?)?;
        match inside.get(quote + 1) {
            Some(b'"') => from = quote + 2,
            _ => return Some(quote),
        }
    }
}

impl CellPlace {
    fn text<'r>(&self, row: &'r [u8]) -> Option<Cow<'r, str>> {
        let bytes = row.get(self.begin..self.end)?;
        let text = String::from_utf8_lossy(bytes);
        let has_more = self.is_quoted && bytes.iter().any(|byte| matches!(byte, b'"' | b'\n'));
        if !has_more {
            return Some(text);
        }
        let text = text.replace("\r\n", "\n").replace("\n\u{feff}", "\n");
        Some(text.replace("\"\"", "\"").into())
    }
}
