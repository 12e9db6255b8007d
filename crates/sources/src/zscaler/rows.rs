//! What the keys of the feeds are called here. A column takes the first key that is set.

use std::borrow::Cow;

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{Field, Table};

use super::Feed;
use crate::filling::{Filling, Values, address, fill};
use crate::set_values::SetValues;
use crate::time;
use crate::url::Url;
use crate::{Collector, Stopped};

/// What feeds write where they know nothing.
const NOTHING: [&str; 6] = ["None", "NA", "N/A", "Unknown", "NotAvailable", "Other"];

/// Protocols of requests that were passed through without a look.
const TUNNELS: [&str; 3] = ["SSL", "TUNNEL", "TUNNEL_SSL"];

/// Makes a row of a record, if a table has a place for it.
pub(super) fn row(
    feed: Feed,
    record: &dyn Values,
    observer: &str,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let record = &SetValues { record, words: &NOTHING };
    let (table, dataset) = match feed {
        Feed::Web if is_tunnel(record) => (Table::Flow, "zscaler.web"),
        Feed::Web => (Table::Web, "zscaler.web"),
        Feed::Firewall => (Table::Flow, "zscaler.firewall"),
        Feed::Dns => (Table::Dns, "zscaler.dns"),
        Feed::Tunnel => (Table::Flow, "zscaler.tunnel"),
        Feed::Other => return Ok(()),
    };
    let Some(moment) = moment(record, collector) else { return Ok(()) };
    fill(collector, table, dataset, moment, record, |record| {
        record
            .text(Field::UserName, "user")
            .text(Field::UserName, "login")
            .lower(Field::HostName, "devicehostname");
        record.row().lower(Field::ObserverName, observer);
        match feed {
            Feed::Web if table == Table::Flow => tunnelled(record),
            Feed::Web => request(record),
            Feed::Firewall => session(record),
            Feed::Dns => query(record),
            _ => tunnel(record),
        }
    })
}

/// The clock is that of the feed's pattern, which seldom writes its zone.
fn moment(record: &dyn Values, collector: &mut Collector<'_>) -> Option<i64> {
    if let Some(moment) = record.text("epochtime").and_then(|text| time::epoch(&text)) {
        return Some(moment);
    }
    let Some(text) = record.text("datetime").or_else(|| record.text("time")) else {
        collector.anomaly(Anomaly::MissingTimestamp, "neither datetime nor time");
        return None;
    };
    let zone = record.text("tz").and_then(|zone| time::zone(&zone));
    let written = time::iso(&text).or_else(|| time::named_month(&text));
    collector.moment(&text, written.map(|written| written.assuming_zone(zone)))
}

fn is_tunnel(record: &dyn Values) -> bool {
    let method = record.text("requestmethod").or_else(|| record.text("reqmethod"));
    let protocol = record.text("protocol").or_else(|| record.text("proto"));
    method.is_some_and(|method| method == "CONNECT")
        || protocol.is_some_and(|protocol| TUNNELS.contains(&&*protocol))
}

/// Who asked whom through the proxy, and what the proxy did.
fn parties(record: &mut Filling<'_, '_, '_>) {
    record
        .address(Field::SourceIp, "cintip")
        .address(Field::SourceIp, "ClientIP")
        .address(Field::SourceIp, "cip")
        .address(Field::DestinationIp, "serverip")
        .address(Field::DestinationIp, "sip")
        .text(Field::NetworkApplication, "appname")
        .action("action");
    decoded(record, Field::RuleName, &["rulelabel"]);
    decoded(record, Field::UserAgentOriginal, &["useragent", "eua", "ua"]);
}

fn request(record: &mut Filling<'_, '_, '_>) {
    parties(record);
    record
        .text(Field::HttpRequestMethod, "requestmethod")
        .text(Field::HttpRequestMethod, "reqmethod")
        .number(Field::HttpResponseStatusCode, "status")
        .number(Field::HttpResponseStatusCode, "respcode")
        .number(Field::HttpRequestBytes, "requestsize")
        .number(Field::HttpRequestBytes, "reqsize")
        .number(Field::HttpResponseBytes, "responsesize")
        .number(Field::HttpResponseBytes, "respsize")
        .text(Field::HttpRequestReferrer, "refererURL")
        .text(Field::HttpRequestReferrer, "ereferer")
        .text(Field::HttpResponseMimeType, "contenttype");
    // The URL is written without its scheme.
    let scheme = record.value("protocol").or_else(|| record.value("proto")).unwrap_or_default();
    if let "HTTP" | "HTTPS" = &*scheme
        && let Some(written) = record.value("url").or_else(|| record.value("eurl"))
    {
        let whole = format!("{}://{written}", scheme.to_ascii_lowercase());
        Url::parse(&whole).fill(record.row(), &whole);
    }
    record
        .url("url")
        .url("eurl")
        .domain(Field::UrlDomain, "hostname")
        .domain(Field::UrlDomain, "ehost");
}

fn tunnelled(record: &mut Filling<'_, '_, '_>) {
    parties(record);
    record
        .number(Field::SourceBytes, "requestsize")
        .number(Field::SourceBytes, "reqsize")
        .lower(Field::NetworkProtocol, "protocol")
        .lower(Field::NetworkProtocol, "proto")
        .number(Field::DestinationBytes, "responsesize")
        .number(Field::DestinationBytes, "respsize");
    record.row().text(Field::NetworkTransport, "tcp").text(Field::NetworkDirection, "outbound");
    let Some(written) = record.value("url").or_else(|| record.value("eurl")) else { return };
    let host = Url::parse(&written).host;
    match address(host) {
        Some(address) => record.row().text(Field::DestinationIp, &address),
        None => record.row().domain(Field::DestinationDomain, host),
    };
    let authority = written.split('/').next().unwrap_or_default();
    let port = authority.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    if let Some(port) = port {
        record.row().number(Field::DestinationPort, port);
    }
}

/// `cs` is the client's side, `sd` the server's.
fn session(record: &mut Filling<'_, '_, '_>) {
    record
        .address(Field::SourceIp, "csip")
        .number(Field::SourcePort, "csport")
        .address(Field::DestinationIp, "sdip")
        .address(Field::DestinationIp, "cdip")
        .number(Field::DestinationPort, "sdport")
        .number(Field::DestinationPort, "cdport")
        .domain(Field::DestinationDomain, "cdfqdn")
        .transport("proto")
        .lower(Field::NetworkProtocol, "nwsvc")
        .text(Field::NetworkApplication, "nwapp")
        .number(Field::SourceBytes, "outbytes")
        .number(Field::DestinationBytes, "inbytes")
        .milliseconds(Field::EventDuration, "durationms")
        .action("action");
    decoded(record, Field::RuleName, &["rulelabel"]);
}

fn query(record: &mut Filling<'_, '_, '_>) {
    record
        .address(Field::SourceIp, "clt_sip")
        .address(Field::DestinationIp, "srv_dip")
        .number(Field::DestinationPort, "srv_dport")
        .domain(Field::DnsQuestionName, "dns_req")
        .text(Field::DnsQuestionType, "dns_reqtype")
        .action("reqaction");
    // `REQ_ALLOW` and `RES_BLOCK` are what was decided about the request and the answer.
    for name in ["resaction", "reqaction"] {
        if let Some(word) = record.value(name) {
            let word = word.trim_start_matches("REQ_").trim_start_matches("RES_");
            let decided = crate::decision::decision(word).unwrap_or_default();
            record.row().text(Field::EventType, decided);
        }
    }
    decoded(record, Field::RuleName, &["reqrulelabel", "resrulelabel"]);
    // An answer is an address, a name, or a word for why there is none.
    if let Some(answer) = record.value("dns_resp") {
        if address(&answer).is_some() || answer.contains('.') {
            record.row().texts(Field::DnsAnswersData, std::iter::once(&*answer));
        } else {
            record.row().text(Field::DnsResponseCode, &answer);
        }
    }
}

/// A tunnel between a site and the cloud.
fn tunnel(record: &mut Filling<'_, '_, '_>) {
    record
        .address(Field::SourceIp, "sourceip")
        .number(Field::SourcePort, "sourceport")
        .address(Field::DestinationIp, "destinationip")
        .number(Field::DestinationPort, "destinationport")
        .text(Field::EventAction, "event")
        .text(Field::EventAction, "Recordtype");
    if record.value("tunneltype").is_some_and(|kind| kind == "GRE") {
        record.row().text(Field::NetworkTransport, "gre");
    }
}

/// Sets a column to the first of the values that is set, without the `%20` that feeds write for what
/// might be taken for a delimiter.
fn decoded(record: &mut Filling<'_, '_, '_>, field: Field, names: &[&'static str]) {
    if let Some(written) = names.iter().find_map(|name| record.value(name)) {
        record.row().text(field, &plain(&written));
    }
}

fn plain(written: &str) -> Cow<'_, str> {
    if !written.contains('%') {
        return Cow::Borrowed(written);
    }
    let mut bytes = Vec::with_capacity(written.len());
    let mut rest = written.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        let code = behind.get(..2).filter(|_| byte == b'%').and_then(hexadecimal);
        match code {
            Some(code) => {
                bytes.push(code);
                rest = behind.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(byte);
                rest = behind;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use super::super::ZscalerJson;
    use super::plain;
    use crate::kept_rows::KeptRows;

    fn read(object: &str) -> KeptRows {
        KeptRows::of_object(&ZscalerJson, object)
    }

    #[test]
    fn a_request_is_a_row_of_web() {
        let rows = read(
            r#"{"sourcetype":"zscalernss-web","event":{"datetime":"2024-05-04 10:00:00","tz":"GMT",
                "action":"Allowed","requestsize":"948","responsesize":"758","serverip":"192.0.2.7",
                "requestmethod":"POST","refererURL":"None","useragent":"curl%2F8%20(x)",
                "ClientIP":"10.0.0.5","status":"200","user":"j@a.example","url":"A.workers.dev/x?y=1",
                "hostname":"a.workers.dev","appname":"General","contenttype":"text/html",
                "devicehostname":"PC1","rulelabel":"let%20it%20pass"}}"#,
        );
        assert_eq!(
            rows.only(Table::Web),
            "timestamp=1714816800000000 event_dataset=zscaler.web host_name=pc1 \
             user_name=j@a.example source_ip=10.0.0.5 destination_ip=192.0.2.7 \
             http_request_method=POST http_response_status_code=200 url_domain=a.workers.dev \
             url_path=/x url_query=y=1 user_agent_original=curl/8 (x) http_request_bytes=948 \
             http_response_bytes=758 http_response_mime_type=text/html network_application=General \
             event_action=Allowed event_type=allowed rule_name=let it pass"
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn a_tunnel_is_a_row_of_flow() {
        let rows = read(
            r#"{"time":"Sat May  4 10:00:00 2024","tz":"GMT","login":"j@a.example","proto":"SSL",
                "eurl":"a.workers.dev:443","urlsupercat":"x","action":"Allowed","reqsize":"10",
                "respsize":"20","cip":"10.0.0.5","sip":"192.0.2.7","reqmethod":"NA","eua":"Unknown"}"#,
        );
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=zscaler.web user_name=j@a.example \
             source_ip=10.0.0.5 destination_ip=192.0.2.7 destination_port=443 \
             destination_domain=a.workers.dev network_transport=tcp network_protocol=ssl \
             network_direction=outbound event_action=Allowed source_bytes=10 destination_bytes=20 event_type=allowed"
        );
    }

    #[test]
    fn a_session_and_a_query() {
        let rows = read(
            r#"{"sourcetype":"zscalernss-fw","event":{"datetime":"Sat May 04 10:00:00 2024",
                "tz":"GMT","csip":"10.0.0.5","csport":49200,"sdip":"192.0.2.7","sdport":443,
                "proto":"TCP","nwsvc":"HTTPS","nwapp":"google","action":"Drop","inbytes":20,
                "outbytes":10,"durationms":5}}"#,
        );
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=zscaler.firewall source_ip=10.0.0.5 \
             source_port=49200 destination_ip=192.0.2.7 destination_port=443 network_transport=tcp \
             network_protocol=https event_duration=5000000 event_action=Drop source_bytes=10 \
             destination_bytes=20 network_application=google event_type=denied"
        );
        let rows = read(
            r#"{"sourcetype":"zscalernss-dns","event":{"datetime":"Sat May 04 10:00:00 2024",
                "tz":"GMT","clt_sip":"10.0.0.5","srv_dip":"192.0.2.53","srv_dport":"53",
                "dns_req":"A.example","dns_reqtype":"A","dns_resp":"192.0.2.7",
                "reqaction":"REQ_ALLOW","resaction":"None"}}"#,
        );
        assert_eq!(
            rows.only(Table::Dns),
            "timestamp=1714816800000000 event_dataset=zscaler.dns source_ip=10.0.0.5 \
             destination_ip=192.0.2.53 destination_port=53 dns_question_name=a.example \
             dns_question_type=A dns_answers_data=[192.0.2.7] event_action=REQ_ALLOW \
             event_type=allowed"
        );
    }

    #[test]
    fn codes_of_characters_are_taken_back() {
        assert_eq!(plain("a%20b%2Fc"), "a b/c");
        assert_eq!(plain("100% %zz%4"), "100% %zz%4");
    }
}
