//! Where the rows and anomalies of one source go.
//!
//! A parser announces each record, then fills rows of typed columns; the collector stamps every row
//! with its dataset and the place of the original record, cuts batches of bounded size, and counts.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use coldtrail_diagnostics::{Anomaly, Faults};
use coldtrail_model::{Field, Table};

use crate::format::Stopped;
use crate::table_builder::TableBuilder;

/// Takes batches of rows as they are cut.
pub trait Receiver {
    /// Takes a batch of the table's schema; [`Stopped`] ends the reading of the source.
    fn receive(&mut self, table: Table, batch: RecordBatch) -> Result<(), Stopped>;
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
}

/// Collects the rows and anomalies of one source.
pub struct Collector<'a> {
    source: &'a str,
    receiver: &'a mut dyn Receiver,
    builders: BTreeMap<Table, TableBuilder>,
    tally: Tally,
    record: Record,
    shape: Option<&'static str>,
}

/// The place of the record that is being read.
#[derive(Clone, Copy, Debug, Default)]
struct Record {
    offset: u64,
    length: u64,
}

impl<'a> Collector<'a> {
    /// A collector for one source.
    pub fn new(source: &'a str, receiver: &'a mut dyn Receiver) -> Self {
        Self {
            source,
            receiver,
            builders: BTreeMap::new(),
            tally: Tally::default(),
            record: Record::default(),
            shape: None,
        }
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
    pub fn record(&mut self, offset: u64, length: u64) {
        self.tally.records += 1;
        self.record = Record { offset, length };
    }

    /// Begins a row made from the current record; `timestamp` is in microseconds since 1970, UTC.
    ///
    /// The row is finished by [`Row::finish`]; columns that were not set are null.
    pub fn row(&mut self, table: Table, dataset: &str, timestamp: i64) -> Row<'_, 'a> {
        let builder = self.builders.entry(table).or_insert_with(|| TableBuilder::new(table));
        builder.time(Field::Timestamp, timestamp);
        builder.text(Field::EventDataset, dataset);
        builder.text(Field::RecordSource, self.source);
        builder.number(Field::RecordOffset, saturated(self.record.offset));
        builder.number(Field::RecordLength, saturated(self.record.length));
        Row { collector: self, table, timestamp }
    }

    /// Counts an anomaly at the place of the current record.
    pub fn anomaly(&mut self, anomaly: Anomaly, detail: &str) {
        let offset = self.record.offset;
        self.anomaly_at(anomaly, Some(offset), detail);
    }

    /// Counts an anomaly at a place of its own, or at none.
    pub fn anomaly_at(&mut self, anomaly: Anomaly, offset: Option<u64>, detail: &str) {
        self.tally.faults.add(self.source, anomaly, offset, detail);
    }

    /// Sends what is left and returns what was counted.
    pub fn finish(mut self) -> Tally {
        for (table, mut builder) in std::mem::take(&mut self.builders) {
            if let Some(batch) = builder.cut() {
                // The source is read to its end, so there is nothing left to stop.
                let _enough = self.receiver.receive(table, batch);
            }
        }
        self.tally
    }
}

/// A row that is being filled.
#[must_use = "a row counts only when it is finished"]
pub struct Row<'c, 'a> {
    collector: &'c mut Collector<'a>,
    table: Table,
    timestamp: i64,
}

impl Row<'_, '_> {
    /// Sets a text column. Empty text is null, as is `-`: formats write both for "nothing".
    pub fn text(&mut self, field: Field, value: &str) -> &mut Self {
        if !value.is_empty() && value != "-" {
            self.with(|builder| builder.text(field, value));
        }
        self
    }

    /// Sets a text column in lower case: names of hosts, domains and processes compare that way.
    pub fn lower(&mut self, field: Field, value: &str) -> &mut Self {
        if value.bytes().any(|byte| byte.is_ascii_uppercase()) || !value.is_ascii() {
            self.text(field, &value.to_lowercase())
        } else {
            self.text(field, value)
        }
    }

    /// Sets a domain name column: lower case, without the trailing dot.
    pub fn domain(&mut self, field: Field, value: &str) -> &mut Self {
        self.lower(field, value.strip_suffix('.').unwrap_or(value))
    }

    /// Sets a process's path and, from it, its file name in lower case.
    pub fn image(&mut self, path: Field, name: Field, value: &str) -> &mut Self {
        let file_name = value.rsplit(['\\', '/']).next().unwrap_or(value);
        self.text(path, value).lower(name, file_name)
    }

    /// Sets a number column.
    pub fn number(&mut self, field: Field, value: i64) -> &mut Self {
        self.with(|builder| builder.number(field, value));
        self
    }

    /// Sets a truth column.
    pub fn truth(&mut self, field: Field, value: bool) -> &mut Self {
        self.with(|builder| builder.truth(field, value));
        self
    }

    /// Sets a list of texts.
    pub fn texts<'t>(&mut self, field: Field, values: impl Iterator<Item = &'t str>) -> &mut Self {
        self.with(|builder| builder.texts(field, values));
        self
    }

    /// Sets a list of numbers; one that could not be read is null.
    pub fn numbers(
        &mut self,
        field: Field,
        values: impl Iterator<Item = Option<i64>>,
    ) -> &mut Self {
        self.with(|builder| builder.numbers(field, values));
        self
    }

    /// Completes the row, and sends the batch on when it is full.
    pub fn finish(&mut self) -> Result<(), Stopped> {
        let collector = &mut *self.collector;
        let Some(builder) = collector.builders.get_mut(&self.table) else { return Ok(()) };
        builder.finish_row();
        *collector.tally.rows.entry(self.table).or_default() += 1;
        let (first, last) = collector.tally.span.unwrap_or((self.timestamp, self.timestamp));
        collector.tally.span = Some((first.min(self.timestamp), last.max(self.timestamp)));
        if builder.is_full()
            && let Some(batch) = builder.cut()
        {
            collector.receiver.receive(self.table, batch)?;
        }
        Ok(())
    }

    fn with(&mut self, set: impl FnOnce(&mut TableBuilder)) {
        if let Some(builder) = self.collector.builders.get_mut(&self.table) {
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

    use super::{Collector, Receiver};
    use crate::format::Stopped;

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
        let mut collector = Collector::new("dns.log", &mut kept);
        collector.record(0, 10);
        collector.row(Table::Dns, "zeek.dns", 5).text(Field::DnsQuestionName, "lost.example");
        collector.record(10, 10);
        let mut row = collector.row(Table::Dns, "zeek.dns", 7);
        row.domain(Field::DnsQuestionName, "Kept.Example.").text(Field::UserName, "-");
        assert_eq!(row.finish(), Ok(()));
        drop(row);
        let tally = collector.finish();

        assert_eq!((tally.records, tally.span), (2, Some((7, 7))));
        let (table, batch) = &kept.0[0];
        assert_eq!((*table, batch.num_rows()), (Table::Dns, 1));
        let names = batch.column_by_name("dns_question_name").expect("a column").as_string::<i32>();
        assert_eq!(names.value(0), "kept.example");
        assert!(batch.column_by_name("user_name").expect("a column").is_null(0));
    }
}
