//! The extended log format of the W3C: a row of `web` for each request, or of `flow` for what was
//! passed through without a look.
//!
//! Products write the same format with names of their own: proxies of Blue Coat, which are Symantec's
//! now ([`Product`]), Microsoft's IIS, and others. The columns are those of the last `#Fields`, or,
//! where there is no header, those that the product writes unless told otherwise ([`layouts`]).

mod json;
mod kinds;
mod layouts;
mod pairs;
mod product;
mod rows;

#[cfg(test)]
mod kit_tests;

use coldtrail_diagnostics::Anomaly;

pub(crate) use self::json::W3cJson;
pub(crate) use self::pairs::W3cPairs;
use self::product::Product;
use self::rows::Stream;
use crate::format::LineShape;
use crate::framing::columns::{Cells, Columns};
use crate::framing::w3c;
use crate::log_lines::LogLine;
use crate::{Collector, Stopped};

/// Logs in the extended format.
pub(crate) struct W3c;

impl LineShape for W3c {
    fn name(&self) -> &'static str {
        "w3c"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        let by_header = |columns: &Columns| {
            !columns.names.is_empty()
                && kinds::begin(&columns.names, line.message, columns.delimiter)
        };
        // The Windows firewall writes the same format, and has a shape of its own.
        if line.columns.is_some_and(|columns| columns.has("tcpflags")) {
            return false;
        }
        line.columns.is_some_and(by_header) || layouts::of(line.message).is_some()
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let header = line.columns.filter(|columns| !columns.names.is_empty());
        if let Some(columns) = header {
            let Columns { names, delimiter, software, day } = columns;
            let cells = layouts::cells(line.message, *delimiter, Some(names.len()));
            let is_exact = cells.len() == names.len();
            if is_exact || kinds::fit(names, &cells) {
                if !is_exact {
                    collector.anomaly(Anomaly::WrongColumnCount, &counts(names, &cells));
                }
                let stream =
                    Stream { product: Product::of(software, names), day, observer: line.host() };
                return rows::row(&Cells { names, cells: &cells }, stream, collector);
            }
            collector.anomaly(Anomaly::WrongColumnCount, &counts(names, &cells));
        }
        let Some((layout, cells)) = layouts::of(line.message) else { return Ok(()) };
        let stream = Stream { product: layout.product, day: "", observer: line.host() };
        rows::row(&Cells { names: &layout.names, cells: &cells }, stream, collector)
    }

    fn header(&self, line: &str, before: Option<&Columns>) -> Option<Columns> {
        w3c::directive(line, before)
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "#Software: SGOS 7.3\n#Fields: date time time-taken c-ip sc-status s-action sc-bytes cs-bytes cs-method cs-uri-scheme cs-host cs-uri-path cs-uri-query cs(User-Agent)\n2024-05-04 10:00:00 24 10.0.0.5 200 TCP_MISS 394 120 GET http a.example /x ?y=1 \"curl/8 (x)\"",
            "2024-05-04 10:00:00 192.0.2.7 GET /x y=1 443 - 10.0.0.5 curl/8 - 200 0 0 5",
        ]
    }
}

fn counts<N, C>(names: &[N], cells: &[C]) -> String {
    format!("{} columns are named, {} cells are there", names.len(), cells.len())
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use coldtrail_model::Table;

    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    fn read(log: &str) -> KeptRows {
        KeptRows::read(&LogLines, log.as_bytes())
    }

    #[test]
    fn a_request_to_a_proxy_is_a_row_of_web() {
        let rows = read(
            "#Software: SGOS 7.3\n\
             #Fields: date time time-taken c-ip sc-status s-action sc-bytes cs-bytes cs-method \
             cs-uri-scheme cs-host cs-uri-port cs-uri-path cs-uri-query cs-username r-ip \
             rs(Content-Type) cs(Referer) cs(User-Agent) sc-filter-result s-ip\n\
             2024-05-04 10:00:00 24 10.0.0.5 200 TCP_MISS 394 120 GET https A.example 443 /x ?y=1 \
             CORP\\jane 192.0.2.7 text/html http://b.example/ \"curl/8 (x)\" OBSERVED 10.0.0.1\n",
        );
        assert_eq!(
            rows.only(Table::Web),
            "timestamp=1714816800000000 event_dataset=proxysg.access user_name=CORP\\jane \
             source_ip=10.0.0.5 destination_ip=192.0.2.7 destination_port=443 \
             http_request_method=GET http_response_status_code=200 url_domain=a.example url_path=/x \
             url_query=y=1 user_agent_original=curl/8 (x) http_request_referrer=http://b.example/ \
             http_request_bytes=120 http_response_bytes=394 http_response_mime_type=text/html \
             event_duration=24000000 event_action=TCP_MISS event_type=allowed"
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn columns_may_change_midway() {
        let rows = read(
            "#Software: Microsoft Internet Information Services 10.0\n\
             #Date: 2024-05-04 00:00:00\n\
             #Fields: time c-ip cs-method cs-uri-stem sc-win32-status\n\
             10:00:00 10.0.0.5 GET /a 0\n\
             #Fields: date time cs-uri-stem cs-method c-ip sc-win32-status\n\
             2024-05-05 10:00:00 /b POST 10.0.0.6 0\n",
        );
        assert_eq!(
            rows.all(Table::Web),
            [
                "timestamp=1714816800000000 event_dataset=iis.access source_ip=10.0.0.5 \
                 http_request_method=GET url_path=/a",
                "timestamp=1714903200000000 event_dataset=iis.access source_ip=10.0.0.6 \
                 http_request_method=POST url_path=/b",
            ]
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn what_a_web_server_was_asked_for_is_read_without_a_header() {
        let rows = read(
            "2024-05-04 10:00:00 192.0.2.7 GET /x y=1 443 CORP\\jane ::1%0 curl/8+(x) - 200 0 0 5\n",
        );
        assert_eq!(
            rows.only(Table::Web),
            "timestamp=1714816800000000 event_dataset=iis.access user_name=CORP\\jane source_ip=::1 \
             destination_ip=192.0.2.7 destination_port=443 http_request_method=GET \
             http_response_status_code=200 url_path=/x url_query=y=1 \
             user_agent_original=curl/8 (x) event_duration=5000000"
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn a_refused_connection_is_a_row_of_flow() {
        let rows = read(
            "2024-05-04 10:00:00 10.0.0.5 49200 192.0.2.7 80 - - - - - Timer_ConnectionIdle -\n",
        );
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=iis.error source_ip=10.0.0.5 \
             source_port=49200 destination_ip=192.0.2.7 destination_port=80 network_transport=tcp \
             event_action=Timer_ConnectionIdle"
        );
    }

    #[test]
    fn a_line_that_lacks_a_column_is_told() {
        let rows = read(
            "#Fields: date time c-ip cs-method cs-uri-stem\n\
             2024-05-04 10:00:00 10.0.0.5 GET\n\
             2024-05-04 10:00:00 10.0.0.5 GET /a\n",
        );
        assert_eq!(rows.count(), 1);
        assert_eq!(rows.anomalies(), [(Anomaly::WrongColumnCount, 1)]);
    }
}
