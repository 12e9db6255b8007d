//! `Syslog`: messages of Linux hosts and of what they forward, the syslog header in columns
//! (<https://learn.microsoft.com/azure/azure-monitor/reference/tables/syslog>).

use super::{Columns, Object};
use crate::filling::Values;
use crate::framing::syslog::Syslog;
use crate::log_lines::{self, LogLine};
use crate::{Collector, Stopped, json, time};

/// Makes the rows of whatever record the message is.
pub(super) fn rows(object: &Object, collector: &mut Collector<'_>) -> Result<(), Stopped> {
    let columns = Columns(object);
    let Some(text) = columns.text("SyslogMessage") else { return Ok(()) };
    let message = text.trim();
    if json::rows_of_message(message, collector)? {
        return Ok(());
    }
    let written = ["TimeGenerated", "EventTime"].iter().find_map(|name| columns.text(name));
    let host = ["HostName", "Computer", "HostIP"].iter().find_map(|name| columns.text(name));
    let program = columns.text("ProcessName");
    // A message may have come with another header inside.
    let line = LogLine::of(message);
    let syslog = line.syslog.unwrap_or(Syslog { message, ..Syslog::default() });
    let time = written.as_deref().and_then(|text| {
        let written = time::iso(text).or_else(|| time::numeric_date(text, MONTH_FIRST))?;
        Some((text, written.assuming_utc()))
    });
    let syslog = Syslog {
        time: syslog.time.filter(|(_, written)| written.has_zone()).or(time),
        host: or(syslog.host, host.as_deref()),
        program: or(syslog.program, program.as_deref()),
        ..syslog
    };
    log_lines::rows_of_line(&LogLine { syslog: Some(syslog), ..line }, collector).map(|_| ())
}

/// So the portal writes dates.
const MONTH_FIRST: Option<time::DateOrder> = Some(time::DateOrder::MonthFirst);

fn or<'l>(first: &'l str, second: Option<&'l str>) -> &'l str {
    if first.is_empty() { second.unwrap_or_default() } else { first }
}
