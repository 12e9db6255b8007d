//! Logs that a user describes: which fields of a CSV, JSON or `key=value` record are which columns of
//! ours.
//!
//! A mapping is a [`Format`] of its own, made at run time. It recognises a stream by its content as
//! any other does: by the names that it maps. Streams that it recognises are its own, whatever else
//! knows them, since the user said so.

mod description;
mod records;

use std::borrow::Cow;
use std::io::Read;

pub use description::MappingError;

use self::description::{Column, Description, InUnit, TimeFormat, Unit};
use crate::Collector;
use crate::filling::{Filling, Values, fill};
use crate::format::{Format, Stopped};
use crate::time::{self, DateOrder, Written};
use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{Field, FieldType};

/// A description of logs that no format of ours knows.
///
/// ```
/// use coldtrail_sources::Mapping;
///
/// let mapping: Mapping = r#"
///     name = "acme-gateway"
///     table = "web"                       # what one record is: flow, dns, web, tls, …
///     records = "csv"                     # csv, json or key-value
///     time = { from = "when", format = "iso", zone = "+02:00" }
///     only = { kind = "request" }         # records of which this holds
///
///     [columns]                           # our columns, and the record's fields
///     source_ip = "client"
///     url_full = "url"
///     http_request_bytes = "sent"
///     event_duration = { from = "took", unit = "ms" }
///     observer_name = { always = "gateway-1" }
/// "#
/// .parse()?;
/// assert_eq!(mapping.name(), "acme-gateway");
/// # Ok::<(), coldtrail_sources::MappingError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Mapping {
    description: Description,
    name: &'static str,
}

impl Mapping {
    /// The name that reports show as the format of what it describes.
    pub fn name(&self) -> &'static str {
        self.name
    }
}

impl std::str::FromStr for Mapping {
    type Err = MappingError;

    fn from_str(text: &str) -> Result<Self, MappingError> {
        let description = Description::parse(text)?;
        // Formats are known by static names. A program reads a handful of mappings in its life.
        let name = description.name.clone().leak();
        Ok(Self { description, name })
    }
}

impl Format for Mapping {
    fn name(&self) -> &'static str {
        self.name
    }

    fn recognises(&self, head: &[u8]) -> bool {
        records::recognises(&self.description, head)
    }

    fn read(&self, stream: &mut dyn Read, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        records::read(&self.description, stream, collector)
    }
}

/// A record's fields by name, whatever it is made of.
trait Fields {
    fn field(&self, name: &str) -> Option<Cow<'_, str>>;

    /// The elements of a field that is a list.
    fn elements(&self, name: &str) -> Option<Vec<Cow<'_, str>>> {
        Some(vec![self.field(name)?])
    }
}

impl Description {
    /// The time of a record, with what is missing from it.
    fn written(&self, text: &str) -> Option<Written> {
        let written = match self.time.format {
            TimeFormat::Epoch => return None,
            TimeFormat::Iso => time::iso(text),
            TimeFormat::CommonLog => time::common_log(text),
            TimeFormat::NamedMonth => time::named_month(text),
            TimeFormat::DayFirst => time::numeric_date(text, Some(DateOrder::DayFirst)),
            TimeFormat::MonthFirst => time::numeric_date(text, Some(DateOrder::MonthFirst)),
        }?;
        Some(written.assuming_zone(self.time.offset))
    }

    fn is_time(&self, text: &str) -> bool {
        match self.time.format {
            TimeFormat::Epoch => time::epoch(text).is_some(),
            _ => self.written(text).is_some(),
        }
    }

    /// Makes a row of a record, if it is one of those that are meant.
    fn row(&self, record: &dyn Fields, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let is_meant = |(name, value): (&String, &String)| {
            record.field(name).is_some_and(|found| found == value.as_str())
        };
        if !self.only.iter().all(is_meant) {
            return Ok(());
        }
        let Some(text) = record.field(&self.time.from) else {
            let detail = format!("there is no `{}`", self.time.from);
            collector.anomaly(Anomaly::MissingTimestamp, &detail);
            return Ok(());
        };
        let moment = match (self.time.format, time::epoch(&text)) {
            (TimeFormat::Epoch, Some(moment)) => Some(moment),
            (TimeFormat::Epoch, None) => collector.moment(&text, None),
            _ => collector.moment(&text, self.written(&text)),
        };
        let Some(moment) = moment else { return Ok(()) };
        let values = ByColumn { description: self, record };
        let dataset = self.name.as_str();
        fill(collector, self.table, dataset, moment, &values, |row| values.columns(row))
    }
}

/// The values of a record, by the names of our columns.
struct ByColumn<'r> {
    description: &'r Description,
    record: &'r dyn Fields,
}

impl ByColumn<'_> {
    fn column(&self, name: &str) -> Option<&Column> {
        let mut columns = self.description.columns.iter();
        columns.find(|(field, _)| field.name() == name).map(|(_, column)| column)
    }

    fn columns(&self, row: &mut Filling<'_, '_, '_>) {
        for (field, _) in &self.description.columns {
            let name = field.name();
            match field.field_type() {
                FieldType::Number => row.number(*field, name),
                FieldType::Truth => row.truth(*field, name),
                FieldType::Texts => row.texts(*field, name),
                FieldType::Numbers => row.numbers(*field, name),
                _ if name.ends_with("_ip") => row.address(*field, name),
                _ if is_domain(*field) => row.domain(*field, name),
                _ if *field == Field::NetworkTransport => row.transport(name),
                _ if *field == Field::UrlFull => row.url(name),
                _ if *field == Field::EventAction => row.action(name),
                _ => row.text(*field, name),
            };
        }
    }
}

fn is_domain(field: Field) -> bool {
    matches!(
        field,
        Field::UrlDomain
            | Field::DestinationDomain
            | Field::DnsQuestionName
            | Field::TlsClientServerName
            | Field::HostName
    )
}

impl Values for ByColumn<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        match self.column(name)? {
            Column::From(from) => self.record.field(from),
            Column::Always(always) => Some(Cow::Borrowed(&always.always)),
            Column::In(InUnit { from, unit }) => {
                let text = self.record.field(from)?;
                // What is no number is left as it is, to be refused where numbers are read.
                Some(nanoseconds(&text, *unit).map_or(text, Cow::Owned))
            }
        }
    }

    fn origin(&self, name: &'static str) -> Cow<'_, str> {
        match self.column(name) {
            Some(Column::From(from) | Column::In(InUnit { from, .. })) => Cow::Borrowed(from),
            Some(Column::Always(_)) => Cow::Borrowed("(the mapping)"),
            None => Cow::Borrowed(name),
        }
    }

    fn texts(&self, name: &'static str) -> Option<Vec<Cow<'_, str>>> {
        match self.column(name)? {
            Column::From(from) => self.record.elements(from),
            _ => Some(vec![self.text(name)?]),
        }
    }
}

fn nanoseconds(text: &str, unit: Unit) -> Option<String> {
    let number: f64 = text.trim_ascii().parse().ok()?;
    let scale = match unit {
        Unit::Seconds => 1e9,
        Unit::Milliseconds => 1e6,
        Unit::Microseconds => 1e3,
        Unit::Nanoseconds => 1.0,
    };
    Some(format!("{:.0}", number * scale))
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use coldtrail_model::Table;
    use proptest::prelude::*;

    use super::Mapping;
    use crate::format::Format;
    use crate::kept_rows::KeptRows;

    const CSV: &str = r#"
        name = "acme-gateway"
        table = "web"
        records = "csv"
        time = { from = "when", zone = "+02:00" }
        only = { kind = "request" }
        csv = { delimiter = ";" }
        [columns]
        source_ip = "client"
        url_full = "url"
        event_duration = { from = "took", unit = "ms" }
        observer_name = { always = "gateway-1" }
    "#;

    const LOG: &str = "when;kind;client;url;took\n\
        2026-04-13 09:00:00;request;10.0.0.5;https://a.b.workers.dev/x;12.5\n\
        2026-04-13 09:00:01;login;10.0.0.5;;\n";

    fn mapping(text: &str) -> Mapping {
        text.parse().expect("a mapping")
    }

    #[test]
    fn cells_become_columns() {
        let mapping = mapping(CSV);
        assert!(mapping.recognises(LOG.as_bytes()));
        assert!(!mapping.recognises(b"when;who\n1;2\n"));
        let rows = KeptRows::read(&mapping, LOG.as_bytes());
        let rows = rows.all(Table::Web);
        assert_eq!(rows.len(), 1, "{rows:?}");
        for part in ["=1776063600000000", "a.b.workers.dev", "12500000", "gateway-1", "10.0.0.5"] {
            assert!(rows[0].contains(part), "{part}: {}", rows[0]);
        }
    }

    #[test]
    fn objects_become_rows_wherever_they_are() {
        let mapping = mapping(
            r#"
            name = "edr"
            table = "dns"
            records = "json"
            time = { from = "at", format = "epoch" }
            [columns]
            dns_question_name = "query.name"
            host_name = "host"
            dns_answers_data = "answers"
            "#,
        );
        let object = r#"{"at":1776070800123,"host":"WS-1","query":{"name":"A.example."},"answers":["192.0.2.1","192.0.2.2"]}"#;
        for log in [object.to_owned(), format!("[{object}]"), format!("{{\"records\":[{object}]}}")]
        {
            assert!(mapping.recognises(log.as_bytes()), "{log}");
            let rows = KeptRows::read(&mapping, log.as_bytes()).all(Table::Dns);
            assert_eq!(rows.len(), 1, "{log}");
            for part in ["ws-1", "a.example", "192.0.2.2"] {
                assert!(rows[0].contains(part), "{part}: {}", rows[0]);
            }
        }
    }

    #[test]
    fn pairs_become_columns_and_a_bad_time_is_named() {
        let mapping = mapping(
            r#"
            name = "box"
            table = "flow"
            records = "key-value"
            time = { from = "t", format = "epoch" }
            [columns]
            source_ip = "src"
            destination_ip = "dst"
            "#,
        );
        let log = "<13>Apr 13 09:00:00 box fw: t=1776070800 src=10.0.0.5 dst=192.0.2.1\n\
                   t=soon src=10.0.0.5 dst=192.0.2.1\n\
                   t=1776070801 src=10.0.0.5 dst=nowhere\n";
        let rows = KeptRows::read(&mapping, log.as_bytes());
        assert_eq!(rows.all(Table::Flow).len(), 2);
        let anomalies: Vec<_> = rows.anomalies().into_iter().map(|(anomaly, ..)| anomaly).collect();
        assert_eq!(anomalies, [Anomaly::InvalidTimestamp, Anomaly::InvalidValue]);
    }

    proptest! {
        #[test]
        fn a_damaged_line_harms_no_neighbour(damaged in prop::collection::vec(any::<u8>(), 0..80)) {
            prop_assume!(!damaged.contains(&b'\n'));
            let (header, line) = LOG.split_once('\n').expect("a header");
            let line = line.lines().next().expect("a line").as_bytes();
            let log = [header.as_bytes(), b"\n", line, b"\n", &damaged, b"\n", line, b"\n"].concat();
            let rows = KeptRows::read(&mapping(CSV), &log).all(Table::Web);
            prop_assert!(rows.len() >= 2, "{rows:?}");
        }

        #[test]
        fn no_text_is_a_mapping_that_panics(text in ".{0,200}") {
            let _error = text.parse::<Mapping>();
        }
    }
}
