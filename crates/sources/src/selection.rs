//! What is wanted of logs, so that what nobody wants is never decoded.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use arrow_schema::{Schema, SchemaRef};
use coldtrail_model::{Field, Links, Table, Timestamp, Window};

use crate::mapped::Mapping;
use crate::records::Records;

/// What is wanted of logs: columns of tables, a stretch of time, and records that can matter.
///
/// Records are counted whatever is wanted: a tally is the same under every selection, but for
/// anomalies in values that nobody asked for, and for what one of two passes leaves to the other.
///
/// A filter only spares work. It may let through rows that do not matter, never hold back one that
/// does, and formats may ignore it: whoever asks decides on the rows that arrive.
#[derive(Clone, Debug)]
pub struct Selection {
    columns: [Option<Columns>; Table::ALL.len()],
    window: Window,
    originals: bool,
    filter: Filter,
    pass: Pass,
    resumable: Option<Ending>,
    mappings: Arc<[Mapping]>,
    explained: bool,
    records: Option<Arc<Records>>,
    except: Vec<String>,
    stopped: Option<Arc<AtomicBool>>,
    whole: Vec<&'static str>,
}

/// What becomes of a last record that may not have ended yet, since somebody is still writing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It is left out, to be read another time.
    LeftOut,
    /// It is taken as it is, and what is written behind it is never read.
    Taken,
}

/// Which records can matter.
#[derive(Clone, Debug, Default)]
pub enum Filter {
    /// Any of them.
    #[default]
    Everything,
    /// Those with a name that holds one of the needles.
    Naming(Arc<Needles>),
    /// Those that touch one of the links.
    Touching(Arc<Links>),
}

/// Connections can be told from one another only once it is known which names matter, so logs of
/// nothing but connections are left to a second pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pass {
    /// Everything is read and counted now.
    #[default]
    Only,
    /// Logs of connections without names are put aside: they are neither read nor counted.
    First,
    /// Only what the first pass put aside is counted; everything is read.
    Second,
    /// Everything was counted before; it is read again.
    Repeated,
}

/// Literal texts of which any name that matters holds one, in any case of letters.
#[derive(Debug)]
pub struct Needles {
    automaton: Option<AhoCorasick>,
}

impl Needles {
    /// Needles of those texts. Should there be more than an automaton can hold, everything matters.
    pub fn new<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            // Names are short: what pays is a step for each byte, without any preparation.
            .kind(Some(AhoCorasickKind::DFA))
            .prefilter(false)
            .build(texts);
        Self { automaton: automaton.ok() }
    }

    /// Whether the bytes hold one of the texts.
    pub(crate) fn touch(&self, bytes: &[u8]) -> bool {
        self.automaton.as_ref().is_none_or(|automaton| automaton.is_match(bytes))
    }
}

impl Selection {
    /// Every column of every table, but for the original records.
    pub fn everything() -> Self {
        let mut selection = Self::nothing();
        for table in Table::ALL {
            let fields = table.fields().iter().filter(|field| **field != Field::RecordOriginal);
            selection = selection.with(table, &fields.copied().collect::<Vec<_>>());
        }
        selection
    }

    /// Every column of every table, original records included.
    pub fn everything_with_originals() -> Self {
        let all = Table::ALL.into_iter();
        all.fold(Self::nothing(), |selection, table| selection.with(table, table.fields()))
    }

    /// No column of any table: records are only counted.
    pub fn nothing() -> Self {
        Self {
            columns: Default::default(),
            window: Window::default(),
            originals: false,
            resumable: None,
            mappings: Arc::default(),
            explained: false,
            records: None,
            except: Vec::new(),
            stopped: None,
            whole: Vec::new(),
            filter: Filter::default(),
            pass: Pass::default(),
        }
    }

    /// Wants those columns of a table; batches have them in the table's order, with the table's
    /// types.
    pub fn with(mut self, table: Table, fields: &[Field]) -> Self {
        self.originals |= fields.contains(&Field::RecordOriginal);
        if let Some(columns) = self.columns.get_mut(table as usize) {
            *columns = Some(Columns::of(table, fields));
        }
        self
    }

    /// Wants only what happened in a window of time.
    pub fn within(mut self, window: Window) -> Self {
        self.window = window;
        self
    }

    /// Wants to read on another time: tallies then say what was read, as
    /// [`SourceTally::content`](crate::SourceTally::content).
    pub fn resumable(mut self, ending: Ending) -> Self {
        self.resumable = Some(ending);
        self
    }

    /// Wants to know what records call the values of columns, as [`Tally::origins`].
    ///
    /// [`Tally::origins`]: crate::Tally::origins
    pub fn explained(mut self) -> Self {
        self.explained = true;
        self
    }

    /// Records as they were exported, and no rows of tables: batches go to
    /// [`Receiver::receive_records`](crate::Receiver::receive_records).
    pub fn of_records(records: Arc<Records>) -> Self {
        Self { records: Some(records), ..Self::nothing() }
    }

    /// Wants records of those formats as they are, instead of rows: each goes to
    /// [`Receiver::receive_whole`](crate::Receiver::receive_whole). Names are those of
    /// [`formats()`](crate::formats).
    ///
    /// Events of Windows in any framing, records of JSON of any shape, also as rows of an export, and Zeek's
    /// logs in tabs can be had so. Records of other formats make rows, whether they are named here or not.
    /// The window of time holds for whole records, too, if they say when they took place; a
    /// [filter](Self::only) and [formats without rows](Self::except_formats) are about rows alone.
    pub fn whole(mut self, formats: &[&'static str]) -> Self {
        self.whole = formats.to_vec();
        self
    }

    /// Whether records of a format are wanted as they are.
    pub(crate) fn wants_whole(&self, format: &str) -> bool {
        self.whole.contains(&format)
    }

    /// The records that are wanted as they were exported.
    pub(crate) fn records(&self) -> Option<&Arc<Records>> {
        self.records.as_ref()
    }

    /// Whether a stream of that format may hold what is wanted.
    pub(crate) fn may_be_in(&self, format: &str) -> bool {
        self.records.as_ref().is_none_or(|records| records.may_be_in(format))
    }

    /// Wants no rows of records in those formats, by the names in [`formats()`](crate::formats):
    /// somebody has them from elsewhere. They are counted nevertheless.
    pub fn except_formats(mut self, names: &[&str]) -> Self {
        self.except = names.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// Whether records in that format are to make no rows.
    pub(crate) fn excepts(&self, format: &str) -> bool {
        self.except.iter().any(|name| name == format)
    }

    /// Ends the reading early, as if all inputs ended, once the flag is set by whoever wanted rows.
    pub fn until(mut self, stopped: Arc<AtomicBool>) -> Self {
        self.stopped = Some(stopped);
        self
    }

    /// Whether nobody wants any more.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.as_ref().is_some_and(|stopped| stopped.load(Ordering::Relaxed))
    }

    /// Whether somebody wants to know where values come from.
    pub(crate) fn is_explained(&self) -> bool {
        self.explained
    }

    /// Reads logs that users described by their descriptions, before any format of ours.
    pub fn mapped(mut self, mappings: Arc<[Mapping]>) -> Self {
        self.mappings = mappings;
        self
    }

    /// The descriptions of users' own logs.
    pub(crate) fn mappings(&self) -> Arc<[Mapping]> {
        Arc::clone(&self.mappings)
    }

    /// Whether, and how, it is read on another time.
    pub(crate) fn ending(&self) -> Option<Ending> {
        self.resumable
    }

    /// Wants only records that can matter. The others are counted and sighted, if need be.
    pub fn only(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// Reads in one pass or in two.
    pub fn in_pass(mut self, pass: Pass) -> Self {
        self.pass = pass;
        self
    }

    /// Which records can matter.
    pub(crate) fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Which pass it is.
    pub(crate) fn pass(&self) -> Pass {
        self.pass
    }

    /// Whether anybody wants original records.
    pub(crate) fn wants_originals(&self) -> bool {
        self.originals
    }

    /// The wanted columns of a table; `None` where its rows are not wanted.
    pub(crate) fn columns(&self, table: Table) -> Option<&Columns> {
        self.columns.get(table as usize)?.as_ref()
    }

    /// Whether rows of that moment are wanted.
    pub(crate) fn contains(&self, microseconds: i64) -> bool {
        self.window.contains(Timestamp(microseconds))
    }
}

/// The wanted columns of one table.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    fields: Vec<Field>,
    schema: SchemaRef,
}

impl Columns {
    fn of(table: Table, wanted: &[Field]) -> Self {
        let whole = table.schema();
        let (fields, columns): (Vec<Field>, Vec<_>) = table
            .fields()
            .iter()
            .zip(whole.fields())
            .filter(|(field, _)| wanted.contains(field))
            .map(|(field, column)| (*field, Arc::clone(column)))
            .unzip();
        Self { fields, schema: Arc::new(Schema::new(columns)) }
    }

    /// The columns, in the table's order.
    pub(crate) fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The schema of batches.
    pub(crate) fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}
