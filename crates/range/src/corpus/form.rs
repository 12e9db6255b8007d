//! What a sensor writes of an exchange, and what stands around it in a file.

use std::collections::BTreeMap;

use coldtrail_model::Timestamp;

use crate::render::{clock, defender, zeek};
use crate::{Exchange, RenderError};

/// A sensor and its way of writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Zeek, tab-separated values.
    ZeekTabSeparated,
    /// Zeek, JSON lines.
    ZeekJson,
    /// Defender's `DeviceNetworkEvents` as CSV.
    DefenderCsv,
}

/// A record as it stands in a file.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    /// When it is written.
    pub(super) written: Timestamp,
    pub(super) log: Log,
    pub(super) text: String,
}

/// The log that a line belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Log {
    Zeek(zeek::Log),
    DeviceNetworkEvents,
}

impl Log {
    /// The path of the file for the hour that begins then and ends with the next. Zeek's are those
    /// of the archive that `zeekctl` keeps.
    pub(super) fn path(self, hour: Timestamp, next: Timestamp) -> String {
        let day = clock::format(hour, "%Y-%m-%d");
        match self {
            Log::Zeek(log) => {
                let time = |of| clock::format(of, "%H:%M:%S");
                format!("zeek/{day}/{}.{}-{}.log", log.path(), time(hour), time(next))
            }
            Log::DeviceNetworkEvents => {
                let time = clock::format(hour, "%H");
                format!("defender/DeviceNetworkEvents-{day}T{time}.csv")
            }
        }
    }
}

impl Form {
    /// About how many bytes this sensor writes of an exchange: measured, and good to a few hundredths.
    pub(super) fn bytes_an_exchange(self) -> f64 {
        match self {
            Form::ZeekTabSeparated => 540.0,
            Form::ZeekJson => 1_340.0,
            Form::DefenderCsv => 740.0,
        }
    }

    /// What a file begins with.
    pub(super) fn header(self, log: Log, opened: Timestamp) -> Result<String, RenderError> {
        match (self, log) {
            (Form::ZeekTabSeparated, Log::Zeek(log)) => Ok(zeek::header(log, opened)),
            (_, Log::DeviceNetworkEvents) => defender::header(),
            (_, Log::Zeek(_)) => Ok(String::new()),
        }
    }

    /// What a file ends with.
    pub(super) fn footer(self, closed: Timestamp) -> String {
        match self {
            Form::ZeekTabSeparated => zeek::footer(closed),
            Form::ZeekJson | Form::DefenderCsv => String::new(),
        }
    }
}

/// Turns exchanges into lines. Defender numbers its reports, device by device.
pub(super) struct Writer {
    form: Form,
    reports: BTreeMap<String, u64>,
}

impl Writer {
    pub(super) fn new(form: Form) -> Writer {
        Writer { form, reports: BTreeMap::new() }
    }

    /// The lines about an exchange, in no particular order.
    pub(super) fn lines(&mut self, exchange: &Exchange) -> Result<Vec<Line>, RenderError> {
        let writing = match self.form {
            Form::ZeekTabSeparated => zeek::Writing::TabSeparated,
            Form::ZeekJson => zeek::Writing::Json,
            Form::DefenderCsv => return Ok(vec![self.report(exchange)?]),
        };
        let rows = zeek::rows(exchange, writing);
        let line =
            |row: zeek::Row| Line { written: row.written, log: Log::Zeek(row.log), text: row.line };
        Ok(rows.map(line).collect())
    }

    fn report(&mut self, exchange: &Exchange) -> Result<Line, RenderError> {
        let report = self.reports.entry(exchange.process.host.name.clone()).or_insert(0);
        *report += 1;
        let text = defender::record(exchange, *report)?;
        Ok(Line { written: exchange.time, log: Log::DeviceNetworkEvents, text })
    }
}
