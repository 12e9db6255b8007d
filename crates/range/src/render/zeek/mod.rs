//! Zeek 6 as the network sensor: the logs of a tap that sees every host.
//!
//! Zeek writes a connection when it ends, so `conn.log` is in the order of ends. The two largest logs
//! are gzip files, as rotation leaves them.

mod columns;
mod record;
mod rows;

use coldtrail_model::Timestamp;

use super::{RenderError, RenderedFile, clock};
use crate::{Tap, Timeline};

use columns::{CONNECTION_FIELDS, Column, HANDSHAKE_FIELDS, QUERY_FIELDS, REQUEST_FIELDS};
pub(crate) use record::Writing;
pub(crate) use rows::{queries, rows};

/// A log of Zeek, among those that the range writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Log {
    /// Every connection, when it ended.
    Connections,
    /// Every DNS query, with its answer.
    Queries,
    /// Every request in plain HTTP.
    Requests,
    /// Every TLS handshake.
    Handshakes,
}

impl Log {
    /// All of them, in the order of their paths.
    pub(crate) const ALL: [Log; 4] =
        [Log::Connections, Log::Queries, Log::Requests, Log::Handshakes];

    /// What Zeek calls it.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Log::Connections => "conn",
            Log::Queries => "dns",
            Log::Requests => "http",
            Log::Handshakes => "ssl",
        }
    }

    fn columns(self) -> &'static [Column] {
        match self {
            Log::Connections => &CONNECTION_FIELDS,
            Log::Queries => &QUERY_FIELDS,
            Log::Requests => &REQUEST_FIELDS,
            Log::Handshakes => &HANDSHAKE_FIELDS,
        }
    }
}

/// A line of a log, and the moment at which Zeek writes it.
pub(crate) struct Row {
    pub(crate) log: Log,
    pub(crate) written: Timestamp,
    pub(crate) line: String,
}

/// The lines before the first record of tab-separated values.
pub(crate) fn header(log: Log, opened: Timestamp) -> String {
    let join = |of: fn(&Column) -> &'static str| {
        log.columns().iter().map(of).collect::<Vec<_>>().join("\t")
    };
    format!(
        "#separator \\x09\n#set_separator\t,\n#empty_field\t{}\n#unset_field\t{}\n\
         #path\t{}\n#open\t{}\n#fields\t{}\n#types\t{}\n",
        record::EMPTY,
        record::UNSET,
        log.path(),
        stamp(opened),
        join(|(name, _)| name),
        join(|(_, kind)| kind),
    )
}

/// The line behind the last one.
pub(crate) fn footer(closed: Timestamp) -> String {
    format!("#close\t{}\n", stamp(closed))
}

fn stamp(time: Timestamp) -> String {
    clock::format(time, "%Y-%m-%d-%H-%M-%S")
}

pub(super) fn render(timeline: &Timeline) -> Result<Vec<RenderedFile>, RenderError> {
    let mut rows: Vec<Row> = Vec::new();
    for exchange in &timeline.exchanges {
        match exchange.process.host.tap {
            Tap::Zeek => rows.extend(self::rows(exchange, Writing::TabSeparated)),
            Tap::Queries => rows.extend(queries(exchange, Writing::TabSeparated)),
            Tap::Suricata | Tap::Squid => {}
        }
    }
    rows.sort_by(|left, right| (left.written, &left.line).cmp(&(right.written, &right.line)));
    let files = Log::ALL.into_iter().map(|log| {
        let mut text = header(log, timeline.start);
        text.extend(rows.iter().filter(|row| row.log == log).map(|row| row.line.as_str()));
        text.push_str(&footer(timeline.end));
        let path = format!("zeek/{}.log", log.path());
        match log {
            Log::Connections | Log::Handshakes => RenderedFile::rotated(&path, &text),
            Log::Queries | Log::Requests => Ok(RenderedFile::plain(path, text)),
        }
    });
    files.collect()
}
