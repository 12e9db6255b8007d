//! Where the rows and anomalies of one source go.
//!
//! A parser announces each record, then fills rows of typed columns; the collector stamps every row
//! with its dataset and the place of the original record, cuts batches of bounded size, and counts.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use arrow_array::RecordBatch;
use coldtrail_diagnostics::{Anomaly, Faults};
use coldtrail_model::{Field, Table};
use serde_json::{Map, Value};

use crate::format::Stopped;
use crate::records::{Fits, OwnFields, Place, RecordBuilder, Records, TableRecord};
use crate::selection::{Pass, Selection};
use crate::table_builder::TableBuilder;
use crate::time::Written;
use crate::whole::{Contents, WholeRecord};

/// Takes batches of rows as they are cut.
pub trait Receiver {
    /// Takes a batch of the wanted columns of a table; [`Stopped`] ends the reading of the source.
    fn receive(&mut self, table: Table, batch: RecordBatch) -> Result<(), Stopped>;

    /// Takes a batch of [records](crate::Records) as they were exported.
    fn receive_records(&mut self, _batch: RecordBatch) -> Result<(), Stopped> {
        Ok(())
    }

    /// Takes a record as it is, if [that is wanted](Selection::whole) of its format.
    fn receive_whole(&mut self, _record: WholeRecord<'_>) -> Result<(), Stopped> {
        Ok(())
    }

    /// Takes note of a row that a [`Selection`] had no use for, so that nobody is forgotten who was
    /// active. Only a selection with a filter leaves rows to this.
    fn sight(&mut self, _sighting: &Sighting<'_>) {}
}

/// What was seen at a glance of a row that was not decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting<'s> {
    /// The table that the row would have been in.
    pub table: Table,
    /// When it happened, in microseconds since 1970, UTC.
    pub timestamp: i64,
    /// The host that acted.
    pub host_name: Option<&'s str>,
    /// The address that acted; none where the row says that the connection came in.
    pub address: Option<&'s str>,
    /// Whether the row names what was contacted.
    pub names_target: bool,
    /// Whether the row names the process that acted.
    pub names_process: bool,
}

/// What was counted while one source was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Records met, with or without a place in a table.
    pub records: u64,
    /// Rows per table.
    pub rows: BTreeMap<Table, u64>,
    /// The earliest and the latest event, in microseconds since 1970, UTC.
    pub span: Option<(i64, i64)>,
    /// What was wrong.
    pub faults: Faults,
    /// Where the last record begins if the stream ended before the record did, or may have: whoever
    /// writes the log has not ended the line yet.
    pub unfinished: Option<u64>,
    /// Whether records were left to a second pass.
    pub is_put_aside: bool,
    /// What records call the values of columns, if that was
    /// [asked for](crate::Selection::explained).
    pub origins: BTreeMap<(Table, Field), BTreeSet<String>>,
}

impl Tally {
    /// Counts a row of that moment, in microseconds since 1970.
    fn count(&mut self, table: Table, timestamp: i64) {
        *self.rows.entry(table).or_default() += 1;
        self.span_to(timestamp);
    }

    /// Takes a moment into the span.
    fn span_to(&mut self, timestamp: i64) {
        let (first, last) = self.span.unwrap_or((timestamp, timestamp));
        self.span = Some((first.min(timestamp), last.max(timestamp)));
    }

    /// Takes over what was counted of another part of the same source.
    pub fn merge(&mut self, other: Tally) {
        self.records += other.records;
        for (table, rows) in other.rows {
            *self.rows.entry(table).or_default() += rows;
        }
        self.span = match (self.span, other.span) {
            (Some((first, last)), Some((earlier, later))) => {
                Some((first.min(earlier), last.max(later)))
            }
            (span, other) => span.or(other),
        };
        self.faults.append(other.faults);
        self.unfinished = self.unfinished.max(other.unfinished);
        self.is_put_aside |= other.is_put_aside;
        for (column, origins) in other.origins {
            self.origins.entry(column).or_default().extend(origins);
        }
    }
}

/// Collects the rows and anomalies of one source.
pub(crate) struct Collector<'a> {
    source: &'a str,
    output: &'a mut Output,
    receiver: &'a mut dyn Receiver,
    tally: Tally,
    record: Record,
    shape: Option<&'static str>,
    /// Records before this offset were read another time.
    begin: u64,
    /// Says whether a record that has not ended is left out, to be read another time.
    leaves_out: Option<&'a dyn Fn() -> bool>,
    /// Whether the current record is left out.
    is_left_out: bool,
    /// Where the last record ends.
    end: u64,
    pass: Pass,
    /// Whether it is this pass that counts.
    counts: bool,
    /// When the source was last written, in microseconds since 1970, where that is known.
    written: Option<i64>,
    /// The values that were asked for last, and what the record calls them, where somebody wants to
    /// know.
    asked: RefCell<VecDeque<(String, String)>>,
}

/// A column is made of a few values that are asked for one behind the other.
const MOST_ASKED: usize = 8;

/// The place of the record that is being read, and its bytes where somebody wants them.
#[derive(Debug, Default)]
struct Record {
    offset: u64,
    length: u64,
    original: Vec<u8>,
}

/// The batches that are being built for one receiver. They outlast a source, so that many small
/// sources make few batches.
pub(crate) struct Output {
    selection: Arc<Selection>,
    /// One for each table that had a row, at the table's place.
    builders: [Option<TableBuilder>; Table::ALL.len()],
    /// Records as they were exported, where those are wanted.
    records: Option<RecordBuilder>,
    fits: Fits,
}

impl Output {
    /// Nothing built yet of what a selection wants.
    pub(crate) fn new(selection: Arc<Selection>) -> Self {
        let records = selection.records().map(|records| RecordBuilder::new(records));
        Self { selection, builders: Default::default(), records, fits: Fits::default() }
    }

    /// What is wanted.
    pub(crate) fn selection(&self) -> &Arc<Selection> {
        &self.selection
    }

    /// Sends what is left.
    pub(crate) fn finish(&mut self, receiver: &mut dyn Receiver) -> Result<(), Stopped> {
        for table in Table::ALL {
            if let Some(batch) = self.builder(table).and_then(TableBuilder::cut) {
                receiver.receive(table, batch)?;
            }
        }
        match self.records.as_mut().and_then(RecordBuilder::cut) {
            Some(batch) => receiver.receive_records(batch),
            None => Ok(()),
        }
    }

    fn builder(&mut self, table: Table) -> Option<&mut TableBuilder> {
        self.builders.get_mut(table as usize)?.as_mut()
    }
}

impl<'a> Collector<'a> {
    /// A collector for one source.
    pub(crate) fn new(
        source: &'a str,
        output: &'a mut Output,
        receiver: &'a mut dyn Receiver,
    ) -> Self {
        let (tally, record) = (Tally::default(), Record::default());
        let pass = output.selection.pass();
        let counts = matches!(pass, Pass::Only | Pass::First);
        Self {
            source,
            output,
            receiver,
            tally,
            record,
            shape: None,
            begin: 0,
            leaves_out: None,
            is_left_out: false,
            end: 0,
            pass,
            counts,
            asked: RefCell::default(),
            written: None,
        }
    }

    /// Tells when the source was last written, in microseconds since 1970: none of its records is
    /// later, so that this tells the year of those that leave it out.
    pub(crate) fn last_written(mut self, moment: Option<i64>) -> Self {
        self.written = moment;
        self
    }

    /// When the source was last written.
    pub(crate) fn written(&self) -> Option<i64> {
        self.written
    }

    /// The moment of the current record, as far as it is written: what is missing is taken from what
    /// is known of the source, and counted as an anomaly, as is a text that is no time.
    pub(crate) fn moment(&mut self, text: &str, written: Option<Written>) -> Option<i64> {
        let moment = written.and_then(|written| written.moment(self.written));
        match (written, moment) {
            (Some(written), Some(_)) => self.tell_assumptions(text, written),
            (Some(written), None) if !written.has_year() && self.written.is_none() => {
                self.anomaly(Anomaly::MissingYear, &format!("`{text}` names no year"));
            }
            _ => self.anomaly(Anomaly::InvalidTimestamp, text),
        }
        moment
    }

    fn tell_assumptions(&mut self, text: &str, written: Written) {
        for (is_assumed, anomaly, lack) in [
            (!written.has_year(), Anomaly::AssumedYear, "names no year"),
            (!written.has_zone(), Anomaly::AssumedZone, "names no zone"),
            (written.order_is_assumed(), Anomaly::AssumedDateOrder, "may be two days"),
        ] {
            if is_assumed {
                self.anomaly(anomaly, &format!("`{text}` {lack}"));
            }
        }
    }

    /// Leaves out the records that begin before an offset.
    pub(crate) fn beginning_at(mut self, offset: u64) -> Self {
        self.begin = offset;
        self
    }

    /// Leaves out the last record if it has not ended and `may_go_on` another time.
    pub(crate) fn leaving_out_unfinished(mut self, may_go_on: &'a dyn Fn() -> bool) -> Self {
        self.leaves_out = Some(may_go_on);
        self
    }

    /// Whether a record at that offset was read another time.
    pub(crate) fn is_old(&self, offset: u64) -> bool {
        offset < self.begin
    }

    /// Counts what follows, or does not because another pass did.
    pub(crate) fn count(&mut self, counts: bool) {
        self.counts = counts;
    }

    /// Whether this pass counts what it meets.
    pub(crate) fn counts(&self) -> bool {
        self.counts
    }

    /// Notes that records were left to a second pass.
    pub(crate) fn put_aside(&mut self) {
        self.tally.is_put_aside = true;
    }

    /// Does everything in one pass, because the source cannot be read again.
    pub(crate) fn at_once(mut self) -> Self {
        if self.pass == Pass::First {
            self.pass = Pass::Only;
        }
        self
    }

    /// Which pass it is.
    pub(crate) fn pass(&self) -> Pass {
        self.pass
    }

    /// Notes that the stream ended before the current record did, or may have.
    pub(crate) fn unfinished(&mut self) {
        self.tally.unfinished = Some(self.record.offset);
        if self.leaves_out.is_some_and(|may_go_on| may_go_on()) {
            self.is_left_out = true;
            self.tally.records -= u64::from(self.counts && !self.is_old(self.record.offset));
        }
    }

    /// Whether the stream ended before the current record did, or may have.
    pub(crate) fn is_unfinished(&self) -> bool {
        self.tally.unfinished == Some(self.record.offset)
    }

    /// Where the stretch ends that need not be read another time: before a record that was left out,
    /// or else where the last record ends.
    pub(crate) fn end(&self) -> u64 {
        if self.is_left_out { self.record.offset } else { self.end }
    }

    /// Notes that the stream was read up to there, in a format whose records do not lie in it one
    /// behind the other.
    pub(crate) fn ends_at(&mut self, end: u64) {
        self.end = end;
    }

    /// Notes that records of the stream that others read end there.
    pub(crate) fn ends_behind(&mut self, end: u64) {
        self.end = self.end.max(end);
    }

    /// Whether the last record is left out.
    pub(crate) fn is_left_out(&self) -> bool {
        self.is_left_out
    }

    /// What is wanted.
    pub(crate) fn selection(&self) -> &Arc<Selection> {
        &self.output.selection
    }

    /// Notes which shape the records have, in a format that leaves it open; the first one counts.
    pub(crate) fn note_shape(&mut self, name: &'static str) {
        self.shape.get_or_insert(name);
    }

    /// The shape that was noted.
    pub(crate) fn shape(&self) -> Option<&'static str> {
        self.shape
    }

    /// Announces the record that the following rows and anomalies come from: its byte offset in the
    /// decompressed stream, and its length.
    pub(crate) fn record(&mut self, offset: u64, length: u64) {
        self.tally.records += u64::from(self.counts && !self.is_old(offset));
        self.record.offset = offset;
        self.record.length = length;
        self.record.original.clear();
        self.is_left_out = false;
        self.end = self.end.max(offset.saturating_add(length));
    }

    /// Announces a record together with its bytes.
    pub(crate) fn whole_record(&mut self, offset: u64, bytes: &[u8]) {
        self.record(offset, bytes.len() as u64);
        self.original(bytes);
    }

    /// Keeps the bytes of the current record, if anybody wants them.
    pub(crate) fn original(&mut self, bytes: &[u8]) {
        if self.output.selection.wants_originals() {
            self.record.original.extend_from_slice(bytes);
        }
    }

    /// Begins a row made from the current record; `timestamp` is in microseconds since 1970, UTC.
    ///
    /// The row is finished by [`Row::finish`]; columns that were not set are null.
    pub(crate) fn row(&mut self, table: Table, dataset: &str, timestamp: i64) -> Row<'_, 'a> {
        self.asked.get_mut().clear();
        let is_old = self.is_old(self.record.offset) || self.is_left_out;
        let Output { selection, builders, .. } = &mut *self.output;
        let is_counted = self.counts && !is_old;
        let columns = selection.columns(table).filter(|_| !is_old && selection.contains(timestamp));
        if let (Some(columns), Some(builder)) = (columns, builders.get_mut(table as usize)) {
            let builder = builder.get_or_insert_with(|| TableBuilder::new(columns));
            builder.time(Field::Timestamp, timestamp);
            builder.text(Field::EventDataset, dataset);
            builder.text(Field::RecordSource, self.source);
            builder.number(Field::RecordOffset, saturated(self.record.offset));
            builder.number(Field::RecordLength, saturated(self.record.length));
            if !self.record.original.is_empty() {
                builder.bytes(Field::RecordOriginal, &self.record.original);
            }
        }
        Row { is_counted, is_wanted: columns.is_some(), collector: self, table, timestamp }
    }

    /// The records that are wanted as they were exported, instead of rows.
    pub(crate) fn records(&self) -> Option<Arc<Records>> {
        self.output.selection.records().cloned()
    }

    /// The record of the wanted table that an object is, if records of a table are wanted.
    pub(crate) fn of_table<'o>(
        &mut self,
        object: &'o Map<String, Value>,
    ) -> Option<TableRecord<'o>> {
        let Output { selection, fits, .. } = &mut *self.output;
        selection.records()?.of_table(object, self.source, fits)
    }

    /// Counts records that are passed on in batches; the first one has that number.
    pub(crate) fn count_records(&mut self, first: u64, count: u64) {
        self.record(first, 0);
        self.tally.records += if self.counts { count.saturating_sub(1) } else { 0 };
    }

    /// Takes a batch of records as they were exported, each of which is wanted.
    pub(crate) fn take_batch(&mut self, batch: RecordBatch) -> Result<(), Stopped> {
        self.receiver.receive_records(batch)
    }

    /// Takes the current record as one of the wanted table.
    pub(crate) fn take_of_table(&mut self, record: &TableRecord<'_>) -> Result<(), Stopped> {
        if let Some(records) = self.records() {
            self.note_shape(records.format_of_table());
        }
        self.take(record)
    }

    /// Takes the current record as it was exported, if it holds what is wanted.
    pub(crate) fn take(&mut self, record: &dyn OwnFields) -> Result<(), Stopped> {
        if self.is_old(self.record.offset) || self.is_left_out {
            return Ok(());
        }
        let Output { selection, records, .. } = &mut *self.output;
        let is_wanted = selection.records().is_some_and(|records| records.wants(record));
        let Some(builder) = records.as_mut().filter(|_| is_wanted) else { return Ok(()) };
        let Record { offset, length, .. } = self.record;
        match builder.add(record, Place { source: self.source, offset, length }) {
            Some(batch) => self.receiver.receive_records(batch),
            None => Ok(()),
        }
    }

    /// Whether records of a format are wanted as they are, instead of rows.
    pub(crate) fn wants_whole(&self, format: &str) -> bool {
        self.output.selection.wants_whole(format)
    }

    /// Passes on the current record as it is, and takes its moment into the span.
    pub(crate) fn pass_on(
        &mut self,
        format: &'static str,
        contents: Contents<'_>,
    ) -> Result<(), Stopped> {
        let Contents { moment, windows, pairs, object } = contents;
        if pairs.left_out() > 0 {
            let detail = format!("{} fields were left out", pairs.left_out());
            self.anomaly(Anomaly::TooManyFields, &detail);
        }
        if self.is_old(self.record.offset) || self.is_left_out {
            return Ok(());
        }
        if let Some(moment) = moment {
            if self.counts {
                self.tally.span_to(moment);
            }
            if !self.output.selection.contains(moment) {
                return Ok(());
            }
        }
        let Record { offset, length, .. } = self.record;
        let (source, pairs) = (self.source, pairs.into_kept());
        self.receiver.receive_whole(WholeRecord {
            format,
            source,
            offset,
            length,
            moment,
            windows,
            pairs,
            object,
        })
    }

    /// Counts a row of the current record that is not wanted, and passes on what was seen of it.
    pub(crate) fn sight(&mut self, sighting: &Sighting<'_>) {
        if self.counts && !self.is_old(self.record.offset) && !self.is_left_out {
            self.tally.count(sighting.table, sighting.timestamp);
            if self.output.selection.contains(sighting.timestamp) {
                self.receiver.sight(sighting);
            }
        }
    }

    /// Counts an anomaly at the place of the current record.
    pub(crate) fn anomaly(&mut self, anomaly: Anomaly, detail: &str) {
        let offset = self.record.offset;
        self.anomaly_at(anomaly, Some(offset), detail);
    }

    /// Counts an anomaly at a place of its own, or at none.
    pub(crate) fn anomaly_at(&mut self, anomaly: Anomaly, offset: Option<u64>, detail: &str) {
        let is_new = |offset| !self.is_old(offset) && !self.is_left_out;
        if self.counts && offset.is_none_or(is_new) {
            self.tally.faults.add(self.source, anomaly, offset, detail);
        }
    }

    /// A collector for another stretch, of this or another source, with the same batches and
    /// receiver.
    pub(crate) fn aside<'b>(&'b mut self, source: &'b str, pass: Pass) -> Collector<'b> {
        let written = self.written;
        Collector { pass, written, ..Collector::new(source, self.output, self.receiver) }
    }

    /// The name of the source.
    pub(crate) fn source(&self) -> &str {
        self.source
    }

    /// Where reading begins.
    pub(crate) fn begin(&self) -> u64 {
        self.begin
    }

    /// Takes over what another collector counted of the same source.
    pub(crate) fn take_over(&mut self, tally: Tally) {
        self.tally.merge(tally);
    }

    /// Returns what was counted. Rows that fill no batch yet stay with the output.
    pub(crate) fn finish(self) -> Tally {
        self.tally
    }
}

/// A row that is being filled.
#[must_use = "a row counts only when it is finished"]
pub(crate) struct Row<'c, 'a> {
    collector: &'c mut Collector<'a>,
    table: Table,
    timestamp: i64,
    is_counted: bool,
    is_wanted: bool,
}

impl Row<'_, '_> {
    /// Whether anybody wants the column: what nobody wants need not be decoded.
    pub(crate) fn wants(&self, field: Field) -> bool {
        let builder = self.collector.output.builders.get(self.table as usize);
        self.is_wanted && builder.is_some_and(|it| it.as_ref().is_some_and(|it| it.has(field)))
    }

    /// Whether somebody wants to know where values come from.
    pub(crate) fn is_explained(&self) -> bool {
        self.is_wanted && self.collector.output.selection.is_explained()
    }

    /// Notes that a value of the record was asked for, and what the record calls it.
    pub(crate) fn asked_for(&self, origin: &str, value: &str) {
        let mut asked = self.collector.asked.borrow_mut();
        if asked.len() == MOST_ASKED {
            asked.pop_front();
        }
        asked.push_back((origin.to_owned(), value.to_lowercase()));
    }

    /// Notes that a text came out of one of the values that were asked for, if it did.
    fn note_text(&mut self, field: Field, text: &str) {
        let text = text.to_lowercase();
        let asked = self.collector.asked.borrow();
        let found = asked.iter().rev().find(|(_, value)| value.contains(&text));
        let origin = found.map(|(origin, _)| origin.clone());
        drop(asked);
        if let Some(origin) = origin {
            self.note_origin(field, &origin);
        }
    }

    /// Notes what the record calls the value of a column.
    pub(crate) fn note_origin(&mut self, field: Field, origin: &str) {
        let origins = self.collector.tally.origins.entry((self.table, field)).or_default();
        if !origins.contains(origin) {
            origins.insert(origin.to_owned());
        }
    }

    /// Sets a text column. Empty text is null, as is `-`: formats write both for "nothing".
    pub(crate) fn text(&mut self, field: Field, value: &str) -> &mut Self {
        if !value.is_empty() && value != "-" {
            if self.is_explained() {
                self.note_text(field, value);
            }
            self.with(|builder| builder.text(field, value));
        }
        self
    }

    /// Sets a text column in lower case: names of hosts, domains and processes compare that way.
    pub(crate) fn lower(&mut self, field: Field, value: &str) -> &mut Self {
        if value.bytes().any(|byte| byte.is_ascii_uppercase()) || !value.is_ascii() {
            self.text(field, &value.to_lowercase())
        } else {
            self.text(field, value)
        }
    }

    /// Sets a domain name column: lower case, without the trailing dot.
    pub(crate) fn domain(&mut self, field: Field, value: &str) -> &mut Self {
        self.lower(field, value.strip_suffix('.').unwrap_or(value))
    }

    /// Sets a process's path and, from it, its file name in lower case.
    pub(crate) fn image(&mut self, path: Field, name: Field, value: &str) -> &mut Self {
        let file_name = value.rsplit(['\\', '/']).next().unwrap_or(value);
        self.text(path, value).lower(name, file_name)
    }

    /// Sets a number column.
    pub(crate) fn number(&mut self, field: Field, value: i64) -> &mut Self {
        self.with(|builder| builder.number(field, value));
        self
    }

    /// Sets a truth column.
    pub(crate) fn truth(&mut self, field: Field, value: bool) -> &mut Self {
        self.with(|builder| builder.truth(field, value));
        self
    }

    /// Sets a list of texts.
    pub(crate) fn texts<'t>(
        &mut self,
        field: Field,
        values: impl Iterator<Item = &'t str>,
    ) -> &mut Self {
        self.with(|builder| builder.texts(field, values));
        self
    }

    /// Sets a list of numbers; one that could not be read is null.
    pub(crate) fn numbers(
        &mut self,
        field: Field,
        values: impl Iterator<Item = Option<i64>>,
    ) -> &mut Self {
        self.with(|builder| builder.numbers(field, values));
        self
    }

    /// Completes the row, and sends the batch on when it is full.
    pub(crate) fn finish(&mut self) -> Result<(), Stopped> {
        let collector = &mut *self.collector;
        if self.is_counted {
            collector.tally.count(self.table, self.timestamp);
        }
        let builder = collector.output.builder(self.table);
        let Some(builder) = builder.filter(|_| self.is_wanted) else { return Ok(()) };
        builder.finish_row();
        // Nothing is left to forget when the row is dropped.
        self.is_wanted = false;
        if builder.is_full()
            && let Some(batch) = builder.cut()
        {
            collector.receiver.receive(self.table, batch)?;
        }
        Ok(())
    }

    fn with(&mut self, set: impl FnOnce(&mut TableBuilder)) {
        let builder = self.collector.output.builder(self.table);
        if let Some(builder) = builder.filter(|_| self.is_wanted) {
            set(builder);
        }
    }
}

impl Drop for Row<'_, '_> {
    /// A row that a parser gave up half way must not shift the columns of the next one.
    fn drop(&mut self) {
        self.with(TableBuilder::forget_row);
    }
}

fn saturated(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray;
    use arrow_array::{Array, RecordBatch};
    use coldtrail_model::{Field, Table};

    use std::sync::Arc;

    use super::{Collector, Output, Receiver};
    use crate::format::Stopped;
    use crate::selection::Selection;

    #[derive(Default)]
    struct Kept(Vec<(Table, RecordBatch)>);

    impl Receiver for Kept {
        fn receive(&mut self, table: Table, batch: RecordBatch) -> Result<(), Stopped> {
            self.0.push((table, batch));
            Ok(())
        }
    }

    #[test]
    fn an_abandoned_row_leaves_no_trace() {
        let mut kept = Kept::default();
        let mut output = Output::new(Arc::new(Selection::everything()));
        let mut collector = Collector::new("dns.log", &mut output, &mut kept);
        collector.record(0, 10);
        collector.row(Table::Dns, "zeek.dns", 5).text(Field::DnsQuestionName, "lost.example");
        collector.record(10, 10);
        let mut row = collector.row(Table::Dns, "zeek.dns", 7);
        row.domain(Field::DnsQuestionName, "Kept.Example.").text(Field::UserName, "-");
        assert_eq!(row.finish(), Ok(()));
        drop(row);
        let tally = collector.finish();
        assert_eq!(output.finish(&mut kept), Ok(()));

        assert_eq!((tally.records, tally.span), (2, Some((7, 7))));
        let (table, batch) = &kept.0[0];
        assert_eq!((*table, batch.num_rows()), (Table::Dns, 1));
        let names = batch.column_by_name("dns_question_name").expect("a column").as_string::<i32>();
        assert_eq!(names.value(0), "kept.example");
        assert!(batch.column_by_name("user_name").expect("a column").is_null(0));
    }
}
