//! Squid, the caching proxy: a row of `web` for each request, or of `flow` for each tunnel that
//! `CONNECT` asked for, whose content nobody saw.
//!
//! A line is in Squid's own format ([`native`]) or in that of web servers ([`common`]), each alone or
//! behind a syslog header. <https://wiki.squid-cache.org/Features/LogFormat>

mod common;
pub(crate) mod native;

#[cfg(test)]
mod kit_tests;

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{Field, Table};

use crate::filling::{Filling, Values, address, fill};
use crate::format::LineShape;
use crate::framing::columns::Cells;
use crate::log_lines::LogLine;
use crate::url::Url;
use crate::{Collector, Stopped, url};

/// Squid's access log.
pub(crate) struct Squid;

const DATASET: &str = "squid.access";

impl LineShape for Squid {
    fn name(&self) -> &'static str {
        "squid"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        native::cells(line.message).is_some() || common::Request::of(line.message).is_some()
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        if let Some(cells) = native::cells(line.message) {
            let record = Cells { names: &native::NAMES, cells: &cells };
            return native_row(&record, DATASET, line.host(), collector);
        }
        let Some(request) = common::Request::of(line.message) else { return Ok(()) };
        let Some(moment) = request.moment(line, collector) else { return Ok(()) };
        let cells = request.cells();
        let record = Cells { names: &common::NAMES, cells: &cells };
        row(&record, DATASET, moment, line.host(), collector)
    }

    fn numeric_date<'l>(&self, line: &LogLine<'l>) -> Option<&'l str> {
        common::Request::of(line.message).map(|request| request.time)
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "1714816800.123     24 10.0.0.5 TCP_MISS/200 394 GET http://a.example/x?y=1 jane HIER_DIRECT/192.0.2.7 text/html",
            "<134>May  4 2024 10:00:00 proxy squid[7]: 1714816800.123 5006 10.0.0.5 TCP_TUNNEL/200 19763 CONNECT a.workers.dev:443 - HIER_DIRECT/192.0.2.7 -",
            "10.0.0.5 - jane [04/May/2024:10:00:00 +0000] \"GET http://a.example/x HTTP/1.1\" 200 512 \"-\" \"curl/8\" TCP_MISS:HIER_DIRECT",
        ]
    }
}

/// Makes a row of a request in Squid's own format, which others write as well: cells as of
/// [`native::NAMES`], and the `rule` that decided.
pub(crate) fn native_row(
    record: &dyn Values,
    dataset: &str,
    observer: &str,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let time = record.text("time").unwrap_or_default();
    match crate::time::epoch_seconds(&time) {
        Some(moment) => row(record, dataset, moment, observer, collector),
        None => {
            collector.anomaly(Anomaly::InvalidTimestamp, &time);
            Ok(())
        }
    }
}

/// Makes a row of a request.
fn row(
    record: &dyn Values,
    dataset: &str,
    moment: i64,
    observer: &str,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let is_tunnel = record.text("method").is_some_and(|method| method == "CONNECT");
    let table = if is_tunnel { Table::Flow } else { Table::Web };
    fill(collector, table, dataset, moment, record, |record| {
        record.row().lower(Field::ObserverName, observer);
        who(record);
        what(record);
        if is_tunnel {
            tunnel(record);
        } else {
            request(record);
        }
    })
}

/// The client, by its address, or by its name where Squid was told to look that up.
fn who(record: &mut Filling<'_, '_, '_>) {
    if let Some(client) = record.value("client") {
        match address(&client) {
            Some(address) => record.row().text(Field::SourceIp, &address),
            None => record.row().domain(Field::HostName, &client),
        };
    }
    record.text(Field::UserName, "user").text(Field::UserAgentOriginal, "agent");
}

/// What became of the request.
fn what(record: &mut Filling<'_, '_, '_>) {
    record.milliseconds(Field::EventDuration, "elapsed").text(Field::RuleName, "rule");
    if let Some(result) = record.value("result") {
        let is_denied = result.contains("DENIED");
        let decision = if is_denied { "denied" } else { "allowed" };
        record.row().text(Field::EventAction, &result).text(Field::EventType, decision);
    }
    // Only a direct peer is where the request was meant to go; others are proxies.
    if let Some(peer) = record.value("peer")
        && let Some((hierarchy, host)) = peer.split_once('/')
        && hierarchy.ends_with("DIRECT")
        && let Some(host) = address(host)
    {
        record.row().text(Field::DestinationIp, &host);
    }
}

fn tunnel(record: &mut Filling<'_, '_, '_>) {
    record.number(Field::DestinationBytes, "bytes");
    record.row().text(Field::NetworkTransport, "tcp").text(Field::NetworkDirection, "outbound");
    let Some(target) = record.value("url") else { return };
    // Some formats put a scheme in front of host and port.
    let authority = target.split_once("://").map_or(target.as_ref(), |(_, authority)| authority);
    let authority = authority.trim_end_matches('/');
    let host = url::host(authority);
    match address(host) {
        Some(address) => record.row().text(Field::DestinationIp, &address),
        None => record.row().domain(Field::DestinationDomain, host),
    };
    let port = authority.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    if let Some(port) = port {
        record.row().number(Field::DestinationPort, port);
    }
}

fn request(record: &mut Filling<'_, '_, '_>) {
    record
        .text(Field::HttpRequestMethod, "method")
        .number(Field::HttpResponseStatusCode, "status")
        .number(Field::HttpResponseBytes, "bytes")
        .text(Field::HttpResponseMimeType, "type")
        .text(Field::HttpRequestReferrer, "referrer");
    // In place of a URL, Squid says why there is none.
    if let Some(written) = record.value("url").filter(|written| !written.starts_with("error:")) {
        Url::parse(&written).fill(record.row(), &written);
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use coldtrail_model::Table;

    use crate::format::Format;
    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    fn read(line: &str) -> KeptRows {
        assert!(LogLines.recognises(line.as_bytes()), "{line}");
        KeptRows::read(&LogLines, format!("{line}\n").as_bytes())
    }

    #[test]
    fn a_request_is_a_row_of_web() {
        let rows = read(
            "1714816800.123     24 10.0.0.5 TCP_MISS/200 394 GET http://A.example/x?y=1 jane \
             HIER_DIRECT/192.0.2.7 text/html \"http://b.example\" \"curl/8 (x)\"",
        );
        assert_eq!(
            rows.only(Table::Web),
            "timestamp=1714816800123000 event_dataset=squid.access user_name=jane \
             source_ip=10.0.0.5 destination_ip=192.0.2.7 http_request_method=GET \
             http_response_status_code=200 url_full=http://A.example/x?y=1 url_domain=a.example \
             url_path=/x url_query=y=1 user_agent_original=curl/8 (x) \
             http_request_referrer=http://b.example http_response_bytes=394 \
             http_response_mime_type=text/html event_duration=24000000 event_action=TCP_MISS \
             event_type=allowed"
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn a_tunnel_is_a_row_of_flow() {
        let rows = read(
            "<134>May  4 2024 10:00:00 Proxy squid[7]: 1714816800.123 5006 10.0.0.5 \
             TCP_TUNNEL/200 19763 CONNECT A.workers.dev:443 - HIER_DIRECT/192.0.2.7 -",
        );
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1714816800123000 event_dataset=squid.access source_ip=10.0.0.5 \
             destination_ip=192.0.2.7 destination_port=443 destination_domain=a.workers.dev \
             network_transport=tcp network_direction=outbound event_duration=5006000000 \
             event_action=TCP_TUNNEL destination_bytes=19763 event_type=allowed \
             observer_name=proxy"
        );
    }

    #[test]
    fn what_was_denied_is_told() {
        let line = "1714816800.123 0 10.0.0.5 TCP_DENIED/403 3868 CONNECT 192.0.2.7:80 - HIER_NONE/- text/html";
        let row = read(line).only(Table::Flow);
        assert!(row.contains("destination_ip=192.0.2.7 destination_port=80"), "{row}");
        assert!(row.contains("event_action=TCP_DENIED"), "{row}");
        assert!(row.contains("event_type=denied"), "{row}");
    }

    #[test]
    fn the_common_format_is_read_with_its_zone() {
        let rows = read(
            "10.0.0.5 - jane [04/May/2024:12:00:00 +0200] \"GET http://a.example/x HTTP/1.1\" 200 \
             512 \"-\" \"curl/8\" TCP_MISS:HIER_DIRECT",
        );
        assert_eq!(
            rows.only(Table::Web),
            "timestamp=1714816800000000 event_dataset=squid.access user_name=jane \
             source_ip=10.0.0.5 http_request_method=GET http_response_status_code=200 \
             url_full=http://a.example/x url_domain=a.example url_path=/x \
             user_agent_original=curl/8 http_response_bytes=512 event_action=TCP_MISS \
             event_type=allowed"
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn a_date_that_may_be_two_days_is_told() {
        let line = |date: &str| {
            format!("10.0.0.5 - - [{date} 11:30:29] \"GET http://a.example/ HTTP/1.1\" 200 -\n")
        };
        let rows = read(&line("05/02/2025"));
        let anomalies: Vec<_> = rows.anomalies().into_iter().map(|(kind, ..)| kind).collect();
        assert_eq!(anomalies, [Anomaly::AssumedZone, Anomaly::AssumedDateOrder]);
        // The line behind it tells the order.
        let rows = read(&(line("05/02/2025") + &line("05/13/2025")));
        let anomalies: Vec<_> = rows.anomalies().into_iter().map(|(kind, ..)| kind).collect();
        assert_eq!(anomalies, [Anomaly::AssumedZone]);
        assert!(rows.all(Table::Web)[0].starts_with("timestamp=1746185429000000 "));
    }
}
