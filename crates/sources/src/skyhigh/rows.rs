//! What the names of the gateway's logs are called here. A column takes the first that is set.

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{Field, Table};

use crate::filling::{Filling, Values, address, fill};
use crate::log_lines::LogLine;
use crate::url::{self, Url};
use crate::{Collector, Stopped, time};

const DATASET: &str = "skyhigh.access";

/// Makes a row of a request, or of a tunnel.
pub(super) fn row(
    record: &dyn Values,
    line: &LogLine<'_>,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let first_line = record.text("http_request_first_line").unwrap_or_default();
    let (method, target) = first_line.split_once(' ').unwrap_or_default();
    let target = target.rsplit_once(" HTTP/").map_or(target, |(target, _)| target);
    let method = match method {
        "" => record.text("http_action").or_else(|| record.text("mtd")).unwrap_or_default(),
        method => method.into(),
    };
    // `CERTVERIFY` is the gateway's own look at a server before the client asks for anything.
    let is_tunnel = matches!(&*method, "CONNECT" | "CERTVERIFY");
    let Some(moment) = moment(record, line, collector) else { return Ok(()) };
    let table = if is_tunnel { Table::Flow } else { Table::Web };
    fill(collector, table, DATASET, moment, record, |record| {
        parties(record, line);
        verdict(record);
        if is_tunnel {
            tunnel(record, target);
        } else {
            record.row().text(Field::HttpRequestMethod, &method);
            request(record, target);
        }
    })
}

fn moment(record: &dyn Values, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Option<i64> {
    if let Some(text) = record.text("request_timestamp_epoch") {
        let moment = time::epoch(&text);
        if moment.is_none() {
            collector.anomaly(Anomaly::InvalidTimestamp, &text);
        }
        return moment;
    }
    if let Some(text) = record.text("time_stamp") {
        return collector.moment(&text, time::common_log(&text));
    }
    match record.text("date") {
        Some(text) => collector.moment(&text, time::iso(&text)),
        None => line.moment(collector),
    }
}

fn parties(record: &mut Filling<'_, '_, '_>, line: &LogLine<'_>) {
    record
        .text(Field::UserName, "username")
        .text(Field::UserName, "user")
        .lower(Field::HostName, "client_system_name")
        .address(Field::SourceIp, "client_ip")
        .address(Field::SourceIp, "source_ip")
        .address(Field::SourceIp, "srcip")
        .address(Field::DestinationIp, "destination_ip")
        .address(Field::DestinationIp, "destip")
        .number(Field::DestinationPort, "destination_port")
        .number(Field::DestinationPort, "urlp")
        .lower(Field::ProcessName, "process_name")
        .text(Field::UserAgentOriginal, "user_agent_comment")
        .text(Field::UserAgentOriginal, "user_agent")
        .text(Field::UserAgentOriginal, "ua")
        .text(Field::NetworkApplication, "application_type")
        .text(Field::NetworkApplication, "application_name")
        .text(Field::NetworkApplication, "app")
        .lower(Field::ObserverName, "hostname");
    record.row().lower(Field::ObserverName, line.host());
}

/// What was done: the result's word, or that a rule blocked, whose number is not 0.
fn verdict(record: &mut Filling<'_, '_, '_>) {
    record
        .action("result")
        .text(Field::RuleName, "rule_name")
        .text(Field::RuleName, "last_rule")
        .text(Field::RuleName, "rule");
    let blocking = match (record.value("block_id"), record.value("status")) {
        (Some(id), _) => Some(id),
        (None, Some(status)) => status.split_once('/').map(|(_, id)| id.to_owned().into()),
        _ => None,
    };
    if let Some(id) = blocking {
        let decided = if id == "0" { "allowed" } else { "denied" };
        record.row().text(Field::EventAction, decided).text(Field::EventType, decided);
    }
}

/// How many bytes the client sent and got. The appliance's syslog has four numbers: from the client,
/// to the server, from the server, to the client.
fn bytes(record: &mut Filling<'_, '_, '_>, sent: Field, received: Field) {
    record
        .number(sent, "client_to_server_bytes")
        .number(sent, "source_bytes")
        .number(received, "server_to_client_bytes")
        .number(received, "destination_bytes");
    if let Some(four) = record.value("bytes") {
        let numbers: Vec<Option<i64>> = four.split('/').map(|part| part.parse().ok()).collect();
        if let [Some(from_client), _, _, Some(to_client)] = numbers.as_slice() {
            record.row().number(sent, *from_client).number(received, *to_client);
        }
    }
}

fn tunnel(record: &mut Filling<'_, '_, '_>, target: &str) {
    bytes(record, Field::SourceBytes, Field::DestinationBytes);
    let host = url::host(target);
    match address(host) {
        Some(address) => record.row().text(Field::DestinationIp, &address),
        None => record.row().domain(Field::DestinationDomain, host),
    };
    record.destination("requested_host").destination("destination_host").destination("dhost");
    if let Some(port) = target.rsplit_once(':').and_then(|(_, port)| port.parse().ok()) {
        record.row().number(Field::DestinationPort, port);
    }
    record.row().text(Field::NetworkTransport, "tcp").text(Field::NetworkDirection, "outbound");
}

fn request(record: &mut Filling<'_, '_, '_>, target: &str) {
    bytes(record, Field::HttpRequestBytes, Field::HttpResponseBytes);
    record
        .number(Field::HttpResponseStatusCode, "http_status_code")
        .text(Field::HttpResponseMimeType, "media_type")
        .text(Field::HttpResponseMimeType, "mt")
        .text(Field::HttpRequestReferrer, "http_referer")
        .text(Field::HttpRequestReferrer, "http_referrer")
        .text(Field::HttpRequestReferrer, "referer");
    if let Some(status) = record.value("status")
        && let Some(status) = status.split('/').next().and_then(|status| status.parse().ok())
    {
        record.row().number(Field::HttpResponseStatusCode, status);
    }
    if !target.is_empty() {
        Url::parse(target).fill(record.row(), target);
    }
    record.url("url");
    if let Some(path) = record.value("requested_path") {
        let (scheme, host) = (record.value("uri_scheme"), record.value("requested_host"));
        if let (Some(scheme), Some(host)) = (scheme, host) {
            let whole = format!("{scheme}://{host}{path}");
            Url::parse(&whole).fill(record.row(), &whole);
        }
        Url::parse_target(&path).fill(record.row(), &path);
    }
    record
        .domain(Field::UrlDomain, "requested_host")
        .domain(Field::UrlDomain, "destination_host")
        .domain(Field::UrlDomain, "dhost");
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    fn read(line: &str) -> KeptRows {
        KeptRows::read(&LogLines, format!("{line}\n").as_bytes())
    }

    #[test]
    fn values_of_the_cloud_hold_spaces() {
        let rows = read(
            "user_id=-1 username=CORP\\jane doe source_ip=198.51.100.7 http_action=PUT \
             server_to_client_bytes=20 client_to_server_bytes=10 requested_host=A.workers.dev \
             requested_path=/x?y=1&z=2 result=OBSERVED virus= request_timestamp_epoch=1714816800 \
             uri_scheme=https category=Business, Other last_rule=Allow all http_status_code=200 \
             client_ip=10.0.0.5 user_agent_comment=curl/8 (x y) process_name=Curl.exe \
             destination_ip=192.0.2.7 destination_port=443 client_system_name=PC1",
        );
        assert_eq!(
            rows.only(Table::Web),
            "timestamp=1714816800000000 event_dataset=skyhigh.access host_name=pc1 \
             user_name=CORP\\jane doe source_ip=10.0.0.5 destination_ip=192.0.2.7 \
             destination_port=443 process_name=curl.exe http_request_method=PUT \
             http_response_status_code=200 url_full=https://A.workers.dev/x?y=1&z=2 \
             url_domain=a.workers.dev url_path=/x url_query=y=1&z=2 \
             user_agent_original=curl/8 (x y) http_request_bytes=10 http_response_bytes=20 \
             event_action=OBSERVED event_type=allowed rule_name=Allow all"
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn a_tunnel_is_a_row_of_flow() {
        let rows = read(
            "date=\"2024-05-04T10:00:00.000Z\" hostname=\"MWG\" username=\"jane\" \
             source_ip=10.0.0.5 destination_ip=192.0.2.7 destination_host=\"a.workers.dev\" \
             http_status_code=407 source_bytes=10 destination_bytes=0 \
             http_request_first_line=\"CONNECT A.workers.dev:443 HTTP/1.1\" \
             rule_name=\"Ask who it is\" block_id=81 user_agent=\"\"",
        );
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=skyhigh.access user_name=jane \
             source_ip=10.0.0.5 destination_ip=192.0.2.7 destination_port=443 \
             destination_domain=a.workers.dev network_transport=tcp network_direction=outbound \
             event_action=denied source_bytes=10 destination_bytes=0 event_type=denied \
             rule_name=Ask who it is observer_name=mwg"
        );
    }

    #[test]
    fn four_numbers_are_what_went_where() {
        let rows = read(
            "<30>May  4 10:00:00 2024 GW mwg: status=\"403/80\" srcip=\"10.0.0.5\" user=\"-\" \
             dhost=\"a.example\" urlp=\"80\" mtd=\"GET\" urlc=\"Other\" mt=\"text/html\" \
             bytes=\"458/509/2813889/3001\" ua=\"curl/8\" rule=\"no viruses\" \
             url=\"http://a.example/x\" destip=\"192.0.2.7\"",
        );
        assert_eq!(
            rows.only(Table::Web),
            "timestamp=1714816800000000 event_dataset=skyhigh.access source_ip=10.0.0.5 \
             destination_ip=192.0.2.7 destination_port=80 http_request_method=GET \
             http_response_status_code=403 url_full=http://a.example/x url_domain=a.example \
             url_path=/x user_agent_original=curl/8 http_request_bytes=458 \
             http_response_bytes=3001 http_response_mime_type=text/html event_action=denied \
             event_type=denied rule_name=no viruses observer_name=gw"
        );
    }
}
