//! Logs of Zeek, the network monitor: connections, DNS, HTTP, TLS and certificates.
//!
//! Zeek writes them as tab-separated values with a header ([`tsv`]) or as JSON ([`json`]), with the
//! same fields; a log's own module maps its fields to columns, whatever it was written in. Which log
//! a record belongs to is said by its path, or else shows in its fields. Field names and meanings:
//! <https://docs.zeek.org/en/master/logs/index.html>.

pub(crate) mod conn;
pub(crate) mod dns;
mod glance;
pub(crate) mod http;
pub(crate) mod json;
pub(crate) mod ssl;
pub(crate) mod tsv;
mod x509;

#[cfg(test)]
mod kit_tests;

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{Field, Table};

use crate::filling::{Filling, Values, fill};
use crate::{Collector, Stopped, time};

/// The logs that feed a table. Zeek writes many more, which are read and counted only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Log {
    Conn,
    Dns,
    Http,
    Ssl,
    X509,
}

impl Log {
    /// The log of that path, or the one that has such fields.
    fn of(path: Option<&str>, has: impl Fn(&str) -> bool) -> Option<Self> {
        path.and_then(Self::named).or_else(|| Self::having(has))
    }

    /// The log of that path. Connections that are still open, and long ones, are written to logs of
    /// their own with the same fields (`open_conn`, `conn_long`).
    fn named(path: &str) -> Option<Self> {
        let path = path.strip_prefix("open_").unwrap_or(path);
        match path.strip_suffix("_long").unwrap_or(path) {
            "conn" => Some(Log::Conn),
            "dns" => Some(Log::Dns),
            "http" => Some(Log::Http),
            "ssl" => Some(Log::Ssl),
            "x509" => Some(Log::X509),
            _ => None,
        }
    }

    /// The log that has such fields. A JSON record lacks those that are unset, so only fields that
    /// Zeek always sets can tell.
    fn having(has: impl Fn(&str) -> bool) -> Option<Self> {
        if has("conn_state") || has("missed_bytes") && has("orig_pkts") {
            Some(Log::Conn)
        } else if has("trans_id") && has("rejected") || has("query") && has("qtype") {
            Some(Log::Dns)
        } else if has("trans_depth") && has("response_body_len") && !has("request_path") {
            // A SIP log has all of these but for the path of the request.
            Some(Log::Http)
        } else if has("resumed") && has("established") || has("cipher") && has("server_name") {
            Some(Log::Ssl)
        } else if has("certificate.subject") || has("certificate.serial") {
            Some(Log::X509)
        } else {
            None
        }
    }

    /// The path that Zeek has for it.
    fn path(self) -> &'static str {
        match self {
            Log::Conn => "conn",
            Log::Dns => "dns",
            Log::Http => "http",
            Log::Ssl => "ssl",
            Log::X509 => "x509",
        }
    }

    fn dataset(self) -> &'static str {
        match self {
            Log::Conn => "zeek.conn",
            Log::Dns => "zeek.dns",
            Log::Http => "zeek.http",
            Log::Ssl => "zeek.ssl",
            Log::X509 => "zeek.x509",
        }
    }

    fn table(self) -> Table {
        match self {
            Log::Conn => Table::Flow,
            Log::Dns => Table::Dns,
            Log::Http => Table::Web,
            Log::Ssl | Log::X509 => Table::Tls,
        }
    }

    fn columns(self, record: &mut Filling<'_, '_, '_>) {
        match self {
            Log::Conn => conn::columns(record),
            Log::Dns => dns::columns(record),
            Log::Http => http::columns(record),
            Log::Ssl => ssl::columns(record),
            Log::X509 => x509::columns(record),
        }
    }

    /// Makes a row of a record.
    fn row(self, record: &dyn Values, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let Some(timestamp) = moment(record, self.dataset(), collector) else { return Ok(()) };
        let (table, dataset) = (self.table(), self.dataset());
        fill(collector, table, dataset, timestamp, record, |record| self.columns(record))
    }
}

/// When a record was made; `None`, counted, where it does not say.
fn moment(record: &dyn Values, log: &str, collector: &mut Collector<'_>) -> Option<i64> {
    let Some(written) = record.text("ts") else {
        collector.anomaly(Anomaly::MissingTimestamp, log);
        return None;
    };
    let moment = timestamp(&written);
    if moment.is_none() {
        collector.anomaly(Anomaly::InvalidTimestamp, &written);
    }
    moment
}

/// A time as Zeek writes it: seconds with a fraction, or, by `LogAscii::json_timestamps`, ISO 8601
/// or whole milliseconds.
fn timestamp(text: &str) -> Option<i64> {
    time::epoch_seconds(text)
        .or_else(|| time::rfc3339_assuming_utc(text))
        .or_else(|| time::epoch_milliseconds(text.parse().ok()?))
}

/// The columns of the connection that a record is about.
fn connection(record: &mut Filling<'_, '_, '_>) {
    record
        .text(Field::NetworkSessionId, "uid")
        .address(Field::SourceIp, "id.orig_h")
        .number(Field::SourcePort, "id.orig_p")
        .address(Field::DestinationIp, "id.resp_h")
        .number(Field::DestinationPort, "id.resp_p");
}

#[cfg(test)]
mod tests {
    use super::{Log, timestamp};

    #[test]
    fn a_path_names_its_log_before_its_fields_do() {
        let conn = |name: &str| name == "conn_state";
        assert_eq!(Log::of(Some("open_ssl"), conn), Some(Log::Ssl));
        assert_eq!(Log::of(Some("conn_long"), |_| false), Some(Log::Conn));
        assert_eq!(Log::of(Some("conn_red"), conn), Some(Log::Conn));
        assert_eq!(Log::of(None, conn), Some(Log::Conn));
        assert_eq!(Log::of(Some("weird"), |_| false), None);
    }

    #[test]
    fn a_sip_record_is_no_http_record() {
        let sip = ["trans_depth", "method", "uri", "response_body_len", "request_path"];
        assert_eq!(Log::of(None, |name| sip.contains(&name)), None);
        assert_eq!(Log::of(None, |name| sip[..4].contains(&name)), Some(Log::Http));
    }

    #[test]
    fn times_in_every_spelling() {
        let moment = Some(1_547_188_415_857_000);
        assert_eq!(timestamp("1547188415.857000"), moment);
        assert_eq!(timestamp("1547188415857"), moment);
        assert_eq!(timestamp("2019-01-11T06:33:35.857Z"), moment);
        assert_eq!(timestamp("2019-01-11T06:33:35"), Some(1_547_188_415_000_000));
        assert_eq!(timestamp("yesterday"), None);
    }
}
