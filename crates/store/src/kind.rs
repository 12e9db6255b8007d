//! The kinds of files that a store has, and where they lie.

use std::sync::{Arc, LazyLock};

use arrow_schema::{DataType, Field as ArrowField, Schema, SchemaRef, TimeUnit};
use coldtrail_model::{Field, Table};

use crate::commit::File;

/// What the rows of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Rows of an event table that cannot be contacts, without their original records.
    Rest(Table),
    /// Rows that can, with them.
    Contacts(Table),
    /// Sums of activity.
    Activity,
}

/// The name of the summary's table.
pub(crate) const ACTIVITY: &str = "activity";

impl Kind {
    /// The kind of a file; `None` for a table that this program does not know.
    pub(crate) fn of(file: &File) -> Option<Self> {
        match Table::from_name(&file.table) {
            Some(table) if file.contacts => Some(Kind::Contacts(table)),
            Some(table) => Some(Kind::Rest(table)),
            None => (file.table == ACTIVITY).then_some(Kind::Activity),
        }
    }

    /// The name of the table.
    pub(crate) fn table(self) -> &'static str {
        match self {
            Kind::Rest(table) | Kind::Contacts(table) => table.name(),
            Kind::Activity => ACTIVITY,
        }
    }

    /// Whether it is the one for contacts.
    pub(crate) fn is_contacts(self) -> bool {
        matches!(self, Kind::Contacts(_))
    }

    /// The columns. A file leaves out those that are null in all its rows, which readers fill in.
    pub(crate) fn schema(self) -> SchemaRef {
        match self {
            Kind::Contacts(table) => table.schema(),
            Kind::Rest(table) => REST.get(table as usize).cloned().unwrap_or(table.schema()),
            Kind::Activity => activity_schema(),
        }
    }

    /// Where a file lies, by its first day, the number of its commit and its own.
    pub(crate) fn path(self, date: &str, commit: u64, number: u64) -> String {
        let (table, end) = (self.table(), if self.is_contacts() { "-contacts" } else { "" });
        format!("table={table}/date={date}/{commit:020}-{number}{end}.parquet")
    }
}

/// Whether a path below a store is one of a file with rows, or may have been meant to be.
pub(crate) fn is_of_rows(path: &str) -> bool {
    path.starts_with("table=") && path.ends_with(".parquet")
}

/// Event tables without the original record.
static REST: LazyLock<[SchemaRef; Table::ALL.len()]> = LazyLock::new(|| {
    Table::ALL.map(|table| {
        let schema = table.schema();
        let kept =
            schema.fields().iter().filter(|field| field.name() != Field::RecordOriginal.name());
        Arc::new(Schema::new(kept.cloned().collect::<Vec<_>>()))
    })
});

/// The columns of the summary of activity: who was active in which hour, how much.
///
/// `timestamp` is the beginning of the hour. `host_name` and `source_ip` are as in the rows, but that
/// the address is null for what came in. `events` counts rows of `table`, `process_rows` those that
/// name a process and `name_rows` those that name what was contacted; `sent_bytes` and
/// `received_bytes` are sums. A key may come several times: readers sum up.
pub fn activity_schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        let time = || DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let number = |name| ArrowField::new(name, DataType::Int64, false);
        Arc::new(Schema::new(vec![
            ArrowField::new("timestamp", time(), false),
            ArrowField::new("table", DataType::Utf8, false),
            ArrowField::new("host_name", DataType::Utf8, true),
            ArrowField::new("source_ip", DataType::Utf8, true),
            number("events"),
            number("process_rows"),
            number("name_rows"),
            number("sent_bytes"),
            number("received_bytes"),
            ArrowField::new("first", time(), false),
            ArrowField::new("last", time(), false),
        ]))
    });
    Arc::clone(&SCHEMA)
}
