use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use anyhow::bail;
use clap::{Subcommand, ValueEnum};
use coldtrail_model::{Field, Table};
use coldtrail_pipeline::{ExplainedColumn, Explanation, KnownFormat, discover, explain, formats};
use serde_json::{Value, json};

use super::store::Format;
use crate::{Outcome, mapping, output, terminal};

/// Say which logs are read, and what became of a log's fields.
#[derive(Debug, Subcommand)]
#[command(before_help = "\
Examples:
  coldtrail sources list
  coldtrail sources explain access.log            what was it taken for, and what did its fields become?
  coldtrail sources map web > acme.toml           describe a log that nobody knows, then
  coldtrail hunt acme.csv --map acme.toml")]
pub(crate) enum Sources {
    /// List the formats, the tables that each fills, and how closely it tells what was contacted.
    List {
        /// How to write the list.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Read logs whole, and say what was recognised, what each field became, and what is missing.
    Explain {
        /// Files, folders, globs, archives; `-` is standard input.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<String>,

        /// Describe logs that no format knows: see `coldtrail sources map`.
        #[arg(long = "map", value_name = "FILE")]
        maps: Vec<PathBuf>,

        /// How to write the explanation.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Write the beginning of a mapping file, with all columns of a table.
    Map {
        /// What one record of the log is.
        #[arg(value_enum, value_name = "TABLE")]
        table: TableName,
    },
}

/// A table of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableName {
    /// A connection.
    Flow,
    /// A DNS query.
    Dns,
    /// An HTTP request.
    Web,
    /// A TLS handshake.
    Tls,
    /// A process start.
    Process,
    /// A file creation.
    File,
    /// A script block.
    Script,
    /// An action on a cloud's control plane, or a run of a function.
    Cloud,
}

impl Sources {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        match self {
            Sources::List { format } => output::to(None, |writer| list(format, writer))?,
            Sources::Explain { paths, maps, format } => {
                let mappings = mapping::read(&maps)?;
                let (inputs, faults) = discover(&paths);
                for fault in faults.iter() {
                    terminal::say(&format!("{}: {}", fault.source, fault.detail));
                }
                if inputs.is_empty() {
                    bail!("none of the paths leads to anything that can be read");
                }
                output::to(None, |writer| {
                    for input in &inputs {
                        for explanation in explain(input, mappings.clone()) {
                            match format {
                                Format::Text => explained(&explanation, writer)?,
                                Format::Json => writeln!(writer, "{}", as_json(&explanation))?,
                            }
                        }
                    }
                    Ok(())
                })?;
            }
            Sources::Map { table } => output::to(None, |writer| template(table.table(), writer))?,
        }
        Ok(Outcome::Clean)
    }
}

impl TableName {
    fn table(self) -> Table {
        match self {
            TableName::Flow => Table::Flow,
            TableName::Dns => Table::Dns,
            TableName::Web => Table::Web,
            TableName::Tls => Table::Tls,
            TableName::Process => Table::Process,
            TableName::File => Table::File,
            TableName::Script => Table::Script,
            TableName::Cloud => Table::Cloud,
        }
    }
}

fn list(format: Format, writer: &mut dyn Write) -> anyhow::Result<()> {
    let name = formats().iter().map(|format| format.name.len()).max().unwrap_or_default();
    let logs = formats().iter().map(|format| format.logs.len()).max().unwrap_or_default();
    for KnownFormat { name: its_name, logs: its_logs, tables } in formats() {
        let names: Vec<&str> = tables.iter().map(|table| table.name()).collect();
        match format {
            Format::Text => writeln!(
                writer,
                "{its_name:name$}  {its_logs:logs$}  {} ({})",
                resolution(tables),
                names.join(" ")
            )?,
            Format::Json => writeln!(
                writer,
                "{}",
                json!({ "format": its_name, "logs": its_logs, "tables": names, "resolution": resolution(tables) })
            )?,
        }
    }
    if format == Format::Text {
        writeln!(
            writer,
            "\nAnything else: `coldtrail sources map TABLE` begins a description of it."
        )?;
    }
    Ok(())
}

/// How closely a format can tell what was contacted, at best.
fn resolution(tables: &[Table]) -> &'static str {
    let has = |table| tables.contains(&table);
    if has(Table::Web) {
        "function, by path"
    } else if has(Table::Tls) || has(Table::Dns) {
        "tenant, by name"
    } else if has(Table::Flow) {
        "address; tenant beside DNS or TLS logs"
    } else if has(Table::Cloud) {
        "function, in your own account"
    } else {
        "programs and scripts"
    }
}

fn explained(explanation: &Explanation, writer: &mut dyn Write) -> anyhow::Result<()> {
    let Explanation { source, tables } = explanation;
    let tally = &source.tally;
    let format = source.format.unwrap_or("not recognised");
    writeln!(writer, "{}: {format}, {} records", shown(&source.source), tally.records)?;
    if let Some((first, last)) = tally.span {
        let [first, last] = [first, last].map(coldtrail_model::Timestamp);
        writeln!(writer, "  from {first} to {last}")?;
    }
    for (table, columns) in tables {
        let rows = tally.rows.get(table).copied().unwrap_or_default();
        writeln!(writer, "\n  {}: {rows} rows", table.name())?;
        let filled: Vec<_> = columns.iter().filter(|column| column.filled > 0).collect();
        let widest =
            filled.iter().map(|column| column.field.name().len()).max().unwrap_or_default();
        let from = filled.iter().map(|column| origin(column).chars().count()).max();
        let from = from.unwrap_or_default().min(MOST_ORIGIN);
        for column in filled {
            let share = percent(column.filled, rows);
            let (name, origin) = (column.field.name(), shown(&origin(column)));
            let example = shown(column.example.as_deref().unwrap_or_default());
            let line = format!("    {name:widest$}  {share:>5}  {origin:from$}  {example}");
            writeln!(writer, "{}", cut(&line, terminal::width()))?;
        }
        for (_, consequence) in missing(*table, columns) {
            writeln!(writer, "    missing: {consequence}")?;
        }
        let empty = columns.iter().filter(|column| column.filled == 0);
        let empty: Vec<&str> = empty.map(|column| column.field.name()).collect();
        if !empty.is_empty() {
            writeln!(writer, "    without a value: {}", empty.join(", "))?;
        }
    }
    let rows: u64 = tally.rows.values().sum();
    if tally.records > rows {
        writeln!(writer, "\n  {} records have no place in a table", tally.records - rows)?;
    }
    for fault in tally.faults.iter() {
        let place = fault.offset.map_or_else(String::new, |offset| format!(" at byte {offset}"));
        let (code, count, detail) = (fault.anomaly.code(), fault.count, shown(&fault.detail));
        writeln!(writer, "  {code}: {count}, first{place}: {detail} ({})", fault.anomaly.help())?;
    }
    writeln!(writer)?;
    Ok(())
}

/// No more of what records call a value is shown.
const MOST_ORIGIN: usize = 36;

fn origin(column: &ExplainedColumn) -> String {
    match column.origins.as_slice() {
        [] => "(made of the record)".to_owned(),
        origins => origins.join(", "),
    }
}

/// What cannot be told for lack of columns that this log never fills.
fn missing(table: Table, columns: &[ExplainedColumn]) -> Vec<(&'static str, &'static str)> {
    let lacks = |fields: &[Field]| {
        let filled = |field: &Field| {
            columns.iter().any(|column| column.field == *field && column.filled > 0)
        };
        !fields.iter().any(filled)
    };
    let mut missing = Vec::new();
    if table != Table::Cloud && lacks(&[Field::HostName, Field::SourceIp]) {
        missing.push(("actor", "who acted, so that nothing here leads to a host"));
    }
    let programs = [Table::Flow, Table::Dns, Table::Web, Table::Tls].contains(&table);
    if programs && lacks(&[Field::ProcessName]) {
        missing
            .push(("process", "the process: a browser cannot be told from an implant by its name"));
    }
    match table {
        Table::Flow => {
            if lacks(&[Field::DestinationDomain]) {
                let names =
                    "names: connections are named by DNS or TLS logs of the same sources only";
                missing.push(("name", names));
            }
            if lacks(&[Field::SourceBytes, Field::NetworkBytes]) {
                missing.push(("bytes", "volumes: uploads cannot be told from polls"));
            }
        }
        Table::Dns if lacks(&[Field::DnsAnswersData]) => {
            let answers =
                "answers: custom domains on platforms, and connections to them, stay unseen";
            missing.push(("answers", answers));
        }
        Table::Web if lacks(&[Field::UrlPath]) => {
            let paths =
                "paths: tenants of shared hosts such as script.google.com cannot be told apart";
            missing.push(("path", paths));
        }
        Table::Tls if lacks(&[Field::TlsClientServerName]) => {
            missing
                .push(("name", "server names, which is all that a handshake says of its tenant"));
        }
        _ => {}
    }
    missing
}

fn as_json(explanation: &Explanation) -> Value {
    let Explanation { source, tables } = explanation;
    let rows = |table: &Table| source.tally.rows.get(table).copied().unwrap_or_default();
    let tables: BTreeMap<&str, Value> = tables
        .iter()
        .map(|(table, columns)| {
            let missing: BTreeMap<_, _> = missing(*table, columns).into_iter().collect();
            let columns: BTreeMap<&str, Value> = columns
                .iter()
                .map(|column| {
                    let ExplainedColumn { field, filled, origins, example } = column;
                    (field.name(), json!({ "filled": filled, "from": origins, "example": example }))
                })
                .collect();
            (table.name(), json!({ "rows": rows(table), "columns": columns, "missing": missing }))
        })
        .collect();
    let faults: Vec<Value> = source
        .tally
        .faults
        .iter()
        .map(|fault| {
            json!({ "code": fault.anomaly.code(), "count": fault.count, "offset": fault.offset, "detail": fault.detail })
        })
        .collect();
    json!({
        "source": source.source,
        "format": source.format,
        "records": source.tally.records,
        "tables": tables,
        "faults": faults,
    })
}

fn percent(part: u64, whole: u64) -> String {
    let share = 100.0 * part as f64 / whole.max(1) as f64;
    format!("{share:.0} %")
}

/// Text of a log, which is anybody's: control characters would speak to the terminal, and bearer
/// secrets in URLs are nobody's business.
fn shown(text: &str) -> String {
    coldtrail_present::redacted(text)
}

fn cut(line: &str, width: usize) -> String {
    if line.chars().count() <= width {
        return line.trim_end().to_owned();
    }
    let kept: String = line.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

fn template(table: Table, writer: &mut dyn Write) -> anyhow::Result<()> {
    let name = table.name();
    writeln!(
        writer,
        "\
# Describes a log, so that coldtrail reads it: coldtrail hunt LOG --map THIS-FILE
# Check it with: coldtrail sources explain LOG --map THIS-FILE
name = \"my-{name}-log\"        # shown as the format
table = \"{name}\"              # what one record is
records = \"csv\"             # csv, json or key-value

# How the time is written: iso, epoch, common-log, named-month, day-first or month-first;
# `zone` counts where a time names none.
time = {{ from = \"timestamp\", format = \"iso\", zone = \"UTC\" }}

# csv = {{ delimiter = \";\", columns = [\"a\", \"b\"] }}   # columns: where no header line has them
# only = {{ type = \"request\" }}                        # take only records of which this holds

# A column of ours, and the field of the record; fields of JSON objects in objects as `a.b`.
# {{ from = \"field\", unit = \"ms\" }} for durations, {{ always = \"text\" }} for a text of your own.
[columns]"
    )?;
    for field in table.fields() {
        let is_ours = matches!(
            field,
            Field::Timestamp
                | Field::EventDataset
                | Field::RecordSource
                | Field::RecordOffset
                | Field::RecordLength
                | Field::RecordOriginal
        );
        if !is_ours {
            writeln!(writer, "# {} = \"\"", field.name())?;
        }
    }
    Ok(())
}
