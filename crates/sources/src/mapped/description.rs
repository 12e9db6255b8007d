//! What a user's mapping file says, and what is wrong with it where it makes no sense.

use std::collections::BTreeMap;
use std::ops::Range;

use coldtrail_model::{Field, FieldType, Table};
use serde::Deserialize;
use toml::Spanned;

/// The part of the similarity of two names that makes one a suggestion for the other.
const ALIKE: f64 = 0.75;

/// A mapping file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: Spanned<String>,
    table: Spanned<String>,
    records: Records,
    #[serde(default)]
    csv: Csv,
    time: Time,
    #[serde(default)]
    only: BTreeMap<String, String>,
    columns: BTreeMap<Spanned<String>, Spanned<Column>>,
}

/// How records are framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Records {
    /// A line of cells each.
    Csv,
    /// An object each: one a line, in an array, or in an envelope.
    Json,
    /// A line of `key=value` each.
    KeyValue,
}

/// How lines are cut into cells.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Csv {
    /// A comma, if none is named.
    pub(super) delimiter: Option<char>,
    /// Their names, where no header line has them.
    pub(super) columns: Option<Vec<String>>,
}

/// Where the time is, and how it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Time {
    pub(super) from: String,
    #[serde(default)]
    pub(super) format: TimeFormat,
    /// Of times that name none, such as `+02:00`.
    #[serde(default)]
    zone: Option<Spanned<String>>,
    /// In microseconds.
    #[serde(skip)]
    pub(super) offset: Option<i64>,
}

/// How a time is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum TimeFormat {
    /// `2026-04-13T09:00:00.123Z`, `2026-04-13 09:00:00`.
    #[default]
    Iso,
    /// Since 1970, in seconds, milliseconds, microseconds or nanoseconds.
    Epoch,
    /// `13/Apr/2026:09:00:00 +0000`.
    CommonLog,
    /// `Apr 13 2026 09:00:00`, `Apr 13 09:00:00`.
    NamedMonth,
    /// `13/04/2026 09:00:00`.
    DayFirst,
    /// `4/13/2026 9:00:00 AM`.
    MonthFirst,
}

/// Where a column's value comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Column {
    /// A field of the record.
    From(String),
    /// A field of the record with a unit of time.
    In(InUnit),
    /// The same in every row.
    Always(Always),
}

/// A duration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InUnit {
    pub(super) from: String,
    pub(super) unit: Unit,
}

/// A text of the mapping's own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Always {
    pub(super) always: String,
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum Unit {
    /// Seconds.
    #[serde(rename = "s")]
    Seconds,
    /// Milliseconds.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Microseconds.
    #[serde(rename = "us")]
    Microseconds,
    /// Nanoseconds.
    #[serde(rename = "ns")]
    Nanoseconds,
}

/// A mapping that makes sense.
#[derive(Clone, Debug)]
pub(super) struct Description {
    pub(super) name: String,
    pub(super) table: Table,
    pub(super) records: Records,
    pub(super) csv: Csv,
    pub(super) time: Time,
    pub(super) only: BTreeMap<String, String>,
    pub(super) columns: Vec<(Field, Column)>,
}

/// What is wrong with a mapping file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct MappingError {
    /// The line, from 1 on.
    pub line: usize,
    /// The column, from 1 on.
    pub column: usize,
    /// What is wrong there, and what may have been meant.
    pub reason: String,
}

impl MappingError {
    fn at(text: &str, span: Option<Range<usize>>, reason: String) -> Self {
        let before = span.and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { line, column, reason }
    }
}

impl Description {
    pub(super) fn parse(text: &str) -> Result<Self, MappingError> {
        let written: Written = toml::from_str(text).map_err(|error| {
            MappingError::at(text, error.span(), error.message().trim().replace('\n', "; "))
        })?;
        let wrong = |span: Range<usize>, reason: String| MappingError::at(text, Some(span), reason);
        let name = written.name.get_ref();
        let is_odd = |letter: char| !letter.is_ascii_alphanumeric() && !"-_.".contains(letter);
        if name.is_empty() || name.contains(is_odd) {
            let reason = "a name is made of letters, digits, `-`, `_` and `.`".to_owned();
            return Err(wrong(written.name.span(), reason));
        }
        let Some(table) = Table::from_name(written.table.get_ref()) else {
            let tables = Table::ALL.map(Table::name);
            let reason = unknown("table", written.table.get_ref(), &tables);
            return Err(wrong(written.table.span(), reason));
        };
        let mut time = written.time;
        if let Some(zone) = &time.zone {
            time.offset = crate::time::zone(zone.get_ref());
            if time.offset.is_none() {
                let reason = format!("`{}` is no zone; write `+02:00` or `UTC`", zone.get_ref());
                return Err(wrong(zone.span(), reason));
            }
        }
        let mut columns = Vec::new();
        for (column, from) in written.columns {
            let field = settable(table).find(|field| field.name() == column.get_ref());
            let Some(field) = field else {
                let known: Vec<_> = settable(table).map(Field::name).collect();
                let what = format!("column of `{}`", table.name());
                return Err(wrong(column.span(), unknown(&what, column.get_ref(), &known)));
            };
            if matches!(from.get_ref(), Column::In(_)) && field.field_type() != FieldType::Number {
                let reason = format!("`{}` is no number, so it has no unit", field.name());
                return Err(wrong(from.span(), reason));
            }
            columns.push((field, from.into_inner()));
        }
        let (records, csv, only) = (written.records, written.csv, written.only);
        let name = written.name.into_inner();
        Ok(Self { name, table, records, csv, time, only, columns })
    }

    /// The names of the record's fields that rows are made of.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        let of_columns = self.columns.iter().filter_map(|(_, column)| match column {
            Column::From(from) | Column::In(InUnit { from, .. }) => Some(from.as_str()),
            Column::Always(_) => None,
        });
        of_columns.chain([self.time.from.as_str()]).chain(self.only.keys().map(String::as_str))
    }
}

/// The columns of a table that a mapping may set; the others are ours to set.
fn settable(table: Table) -> impl Iterator<Item = Field> {
    const OURS: [Field; 6] = [
        Field::Timestamp,
        Field::EventDataset,
        Field::RecordSource,
        Field::RecordOffset,
        Field::RecordLength,
        Field::RecordOriginal,
    ];
    table.fields().iter().copied().filter(|field| !OURS.contains(field))
}

fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    let likeness = |known: &&&str| strsim::jaro_winkler(known, name);
    let nearest = known.iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    match nearest.filter(|nearest| likeness(nearest) >= ALIKE) {
        Some(nearest) => format!("there is no {what} called `{name}`; did you mean `{nearest}`?"),
        None => format!("there is no {what} called `{name}`; there are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use super::Description;

    const WEB: &str = "name = \"gateway\"\ntable = \"web\"\nrecords = \"csv\"\n\
                       time = { from = \"when\", zone = \"+02:00\" }\n[columns]\n";

    fn refused(text: &str) -> String {
        Description::parse(text).expect_err("it is wrong").to_string()
    }

    #[test]
    fn a_mapping_names_a_table_and_its_columns() {
        let text = format!("{WEB}source_ip = \"client\"\n");
        let description = Description::parse(&text).expect("a mapping");
        assert_eq!(description.table, Table::Web);
        assert_eq!(description.fields().collect::<Vec<_>>(), ["client", "when"]);
        assert_eq!(description.time.offset, Some(2 * 3_600_000_000));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        assert_eq!(
            refused(&format!("{WEB}source_ip = \"client\"\nurl_domian = \"host\"\n")),
            "line 7, column 1: there is no column of `web` called `url_domian`; did you mean \
             `url_domain`?"
        );
        let tables = refused(&WEB.replace("\"web\"", "\"wbe\""));
        assert!(tables.starts_with("line 2, column 9: there is no table called `wbe`"), "{tables}");
        let zone = refused(&WEB.replace("+02:00", "here"));
        assert!(zone.starts_with("line 4, column 32: `here` is no zone"), "{zone}");
        let unit = refused(&format!("{WEB}url_domain = {{ from = \"a\", unit = \"s\" }}\n"));
        assert!(unit.contains("is no number"), "{unit}");
        for text in ["", "name = 1", "name = \"x\"\ntable = \"web\"\nrecords = \"xml\"\n"] {
            assert!(refused(text).starts_with("line "), "{text}");
        }
    }
}
