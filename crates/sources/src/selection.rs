//! What is wanted of logs, so that what nobody wants is never decoded.

use std::sync::Arc;

use arrow_schema::{Schema, SchemaRef};
use coldtrail_model::{Field, Table, Timestamp, Window};

/// What is wanted of logs: columns of tables, and a stretch of time.
///
/// Records are counted whatever is wanted: a tally is the same under every selection, but for
/// anomalies in values that nobody asked for.
#[derive(Clone, Debug)]
pub struct Selection {
    columns: [Option<Columns>; Table::ALL.len()],
    window: Window,
    originals: bool,
    resumable: Option<Ending>,
}

/// What becomes of a last record that may not have ended yet, since somebody is still writing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It is left out, to be read another time.
    LeftOut,
    /// It is taken as it is, and what is written behind it is never read.
    Taken,
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

    /// Whether, and how, it is read on another time.
    pub(crate) fn ending(&self) -> Option<Ending> {
        self.resumable
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
