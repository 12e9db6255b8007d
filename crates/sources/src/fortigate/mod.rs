//! Fortinet's firewalls: a row of `flow` for each session (traffic) or finding in one (utm), of `dns` for
//! each query, of `web` for each URL, of `tls` for each handshake of which the server's name is known.
//!
//! A line is `key=value` pairs between spaces or commas. Events of the firewall itself, such as logins
//! and tunnels of its VPN, are counted only. FortiWeb writes the same lines with keys of its own for
//! some values. CEF is read as such.
//! <https://docs.fortinet.com/document/fortigate/7.4.0/fortios-log-message-reference>

#[cfg(test)]
mod kit_tests;

use coldtrail_model::{Field, Table};

use crate::decision::decision;
use crate::filling::{Filling, Values, fill};
use crate::format::LineShape;
use crate::framing::key_values::KeyValues;
use crate::log_lines::LogLine;
use crate::url::{self, Url};
use crate::{Collector, Stopped, time};

/// Lines of FortiGate.
pub(crate) struct FortiGate;

/// What stands for a value that is not known.
const UNKNOWN: [&str; 3] = ["N/A", "n/a", "(null)"];

impl LineShape for FortiGate {
    fn name(&self) -> &'static str {
        "fortigate"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        separator(line.message).is_some()
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let Some(separator) = separator(line.message) else { return Ok(()) };
        let record = Record(KeyValues::of(line.message, separator));
        let Some((table, dataset)) = table(&record) else { return Ok(()) };
        let Some(moment) = moment(&record, line, collector) else { return Ok(()) };
        fill(collector, table, dataset, moment, &record, |record| {
            parties(record, table, line);
            decided(record);
            match table {
                Table::Dns => dns(record),
                Table::Web => web(record),
                Table::Tls => tls(record),
                _ => flow(record),
            }
        })
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "<189>date=2024-05-04 time=12:00:00 devname=\"fw\" devid=\"F1\" eventtime=1714816800000000000 tz=\"+0200\" logid=\"0000000013\" type=\"traffic\" subtype=\"forward\" level=\"notice\" vd=\"root\" srcip=10.0.0.5 srcport=49200 dstip=192.0.2.7 dstport=443 proto=6 action=\"close\" sentbyte=1 rcvdbyte=2",
            "date=2024-05-04,time=12:00:00,logid=\"1501054802\",type=\"dns\",subtype=\"dns-response\",level=\"notice\",vd=\"root\",eventtime=1714816800,srcip=10.0.0.5,dstip=192.0.2.53,qname=\"a.example\",qtype=\"A\"",
        ]
    }
}

/// What stands between the pairs of a line, if it is one of these: each has a kind and one below it,
/// and a number of its kind, unless that was cut off.
fn separator(message: &str) -> Option<char> {
    let separator = if message.contains(",subtype=") { ',' } else { ' ' };
    let has = |key: &str| {
        message.match_indices(key).any(|(place, _)| {
            let before = message.get(..place).unwrap_or_default();
            before.is_empty() || before.ends_with(separator)
        })
    };
    let is_one = has("subtype=")
        && has("type=")
        && (has("logid=") || has("log_id=") || has("level=") && has("vd="));
    is_one.then_some(separator)
}

/// A record, of which values that are not known are not set.
struct Record<'l>(KeyValues<'l>);

impl Values for Record<'_> {
    fn text(&self, name: &'static str) -> Option<std::borrow::Cow<'_, str>> {
        self.0.text(name).filter(|value| !UNKNOWN.contains(&value.as_ref()))
    }
}

/// What a record is, and its dataset. Older versions have in the kind what newer ones have below it.
fn table(record: &Record<'_>) -> Option<(Table, &'static str)> {
    let has = |name| record.text(name).is_some();
    if !(has("srcip") && has("dstip") || has("src") && has("dst")) {
        return None;
    }
    let (kind, below) = (record.text("type")?, record.text("subtype").unwrap_or_default());
    let below = if kind == "utm" { below.as_ref() } else { kind.as_ref() };
    match below {
        "event" => None,
        "traffic" if has("http_host") => Some((Table::Web, "fortigate.traffic")),
        "traffic" => Some((Table::Flow, "fortigate.traffic")),
        "dns" => Some((Table::Dns, "fortigate.dns")),
        "webfilter" => Some((Table::Web, "fortigate.webfilter")),
        _ if has("url") => Some((Table::Web, "fortigate.utm")),
        "ssl" if has("hostname") || has("sni") => Some((Table::Tls, "fortigate.ssl")),
        _ => Some((Table::Flow, "fortigate.utm")),
    }
}

/// The time of the event since 1970, or else that of the clock, or else that of the syslog header.
fn moment(record: &Record<'_>, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Option<i64> {
    if let Some(moment) = record.text("eventtime").and_then(|text| time::epoch(&text)) {
        return Some(moment);
    }
    let (Some(date), Some(clock)) = (record.text("date"), record.text("time")) else {
        return line.moment(collector);
    };
    let text = format!("{date} {clock}");
    let zone = record.text("tz").and_then(|zone| time::zone(zone.trim_start_matches("UTC")));
    collector.moment(&text, time::iso(&text).map(|written| written.assuming_zone(zone)))
}

/// Who acted, whom it reached, and who saw it.
fn parties(record: &mut Filling<'_, '_, '_>, table: Table, line: &LogLine<'_>) {
    record
        .lower(Field::HostName, "srcname")
        .address(Field::SourceIp, "srcip")
        .address(Field::SourceIp, "src")
        .number(Field::SourcePort, "srcport")
        .number(Field::SourcePort, "src_port")
        .destination("dstip")
        .destination("dst")
        .number(Field::DestinationPort, "dstport")
        .number(Field::DestinationPort, "dst_port")
        .text(Field::RuleName, "policyname")
        .text(Field::RuleName, "policy")
        .text(Field::NetworkApplication, "app")
        .text(Field::NetworkSessionId, "sessionid")
        .text(Field::NetworkSessionId, "session_id")
        .lower(Field::ObserverName, "devname");
    record.row().lower(Field::ObserverName, line.host());
    // Behind the name of a user with a certificate stands that of the certificate.
    if let Some(user) = record.value("user").or_else(|| record.value("unauthuser")) {
        record.row().text(Field::UserName, user.split(",cn=").next().unwrap_or_default());
    }
    if table == Table::Flow {
        record
            .domain(Field::DestinationDomain, "hostname")
            .domain(Field::DestinationDomain, "dstname");
    }
}

/// What the firewall did. A session that ended in any way was allowed to begin.
fn decided(record: &mut Filling<'_, '_, '_>) {
    let is_session = record.value("type").is_some_and(|kind| kind == "traffic");
    let Some(word) = record.value("action") else { return };
    // The session may be let begin, and then be broken off for what was found in it.
    let found = record.value("utmaction").and_then(|word| decision(&word));
    let decided = match decision(&word) {
        _ if found == Some("denied") => "denied",
        Some(decided) => decided,
        None if is_session => "allowed",
        None if matches!(word.as_ref(), "exempt" | "detected" | "log-only") => "allowed",
        None if matches!(word.as_ref(), "clear_session" | "server-error") => "denied",
        None => "",
    };
    record.row().text(Field::EventAction, &word).text(Field::EventType, decided);
}

/// Of a session that lasts, a record is written now and again; what came since the last one is what
/// counts, or else it would count again in each.
fn flow(record: &mut Filling<'_, '_, '_>) {
    record
        .transport("proto")
        .nanoseconds(Field::EventDuration, "durationdelta")
        .nanoseconds(Field::EventDuration, "duration")
        .number(Field::SourceBytes, "sentdelta")
        .number(Field::DestinationBytes, "rcvddelta")
        .number(Field::SourcePackets, "sentpktdelta")
        .number(Field::DestinationPackets, "rcvdpktdelta")
        .number(Field::SourceBytes, "sentbyte")
        .number(Field::DestinationBytes, "rcvdbyte")
        .number(Field::SourcePackets, "sentpkt")
        .number(Field::DestinationPackets, "rcvdpkt")
        .text(Field::UserAgentOriginal, "agent");
    // A service without a name is its transport and port.
    if let Some(service) = record.value("service").filter(|service| !service.contains('/')) {
        record.row().lower(Field::NetworkProtocol, &service);
    }
    let direction = match record.value("direction").as_deref() {
        Some("outgoing") => "outbound",
        Some("incoming") => "inbound",
        _ => return,
    };
    record.row().text(Field::NetworkDirection, direction);
}

fn dns(record: &mut Filling<'_, '_, '_>) {
    record.domain(Field::DnsQuestionName, "qname").text(Field::DnsQuestionType, "qtype");
    if let Some(answers) = record.value("ipaddr") {
        let answers = answers.split(',').map(str::trim).filter(|answer| !answer.is_empty());
        record.row().texts(Field::DnsAnswersData, answers);
    }
}

fn web(record: &mut Filling<'_, '_, '_>) {
    record
        .text(Field::HttpRequestMethod, "httpmethod")
        .text(Field::UserAgentOriginal, "agent")
        .text(Field::UserAgentOriginal, "http_agent")
        .text(Field::HttpRequestReferrer, "referralurl")
        .text(Field::HttpRequestReferrer, "http_refer")
        .number(Field::HttpResponseStatusCode, "http_retcode")
        .number(Field::HttpRequestBytes, "sentbyte")
        .number(Field::HttpResponseBytes, "rcvdbyte");
    if let Some(method) = record.value("http_method") {
        record.row().text(Field::HttpRequestMethod, &method.to_ascii_uppercase());
    }
    if let Some(url) = record.value("url").or_else(|| record.value("http_url")) {
        let parts = if url.starts_with('/') { Url::parse_target(&url) } else { Url::parse(&url) };
        parts.fill(record.row(), &url);
    }
    record.text(Field::UrlQuery, "http_qry");
    if let Some(host) = record.value("hostname").or_else(|| record.value("http_host")) {
        record.row().domain(Field::UrlDomain, url::host(&host));
    }
}

fn tls(record: &mut Filling<'_, '_, '_>) {
    record
        .domain(Field::TlsClientServerName, "sni")
        .domain(Field::TlsClientServerName, "hostname")
        .text(Field::TlsServerSubject, "scertcname")
        .text(Field::TlsServerIssuer, "scertissuer");
    if let Some(version) = record.value("tlsver")
        && let Some(number) = version.strip_prefix("tls")
    {
        record.row().text(Field::TlsVersion, number);
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use coldtrail_model::Table;

    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    fn read(line: &str) -> KeptRows {
        KeptRows::read(&LogLines, format!("{line}\n").as_bytes())
    }

    const HEAD: &str = "<189>date=2024-05-04 time=12:00:00 devname=\"FW\" devid=\"F1\" \
        eventtime=1714816800000000000 tz=\"+0200\" logid=\"1\" vd=\"root\" srcip=10.0.0.5 \
        srcport=49200 dstip=192.0.2.7 dstport=443 proto=6";

    #[test]
    fn a_session_is_a_row_of_flow() {
        let rows = read(&format!(
            "{HEAD} type=\"traffic\" subtype=\"forward\" action=\"timeout\" policyname=\"out\" \
             service=\"HTTPS\" duration=12 sentbyte=100 rcvdbyte=200 sentpkt=3 rcvdpkt=4 \
             user=\"N/A\" app=\"HTTPS.BROWSER\" hostname=\"A.workers.dev\""
        ));
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=fortigate.traffic source_ip=10.0.0.5 \
             source_port=49200 destination_ip=192.0.2.7 destination_port=443 \
             destination_domain=a.workers.dev network_transport=tcp network_protocol=https \
             event_duration=12000000000 event_action=timeout source_bytes=100 \
             destination_bytes=200 source_packets=3 destination_packets=4 \
             network_application=HTTPS.BROWSER event_type=allowed rule_name=out observer_name=fw"
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn a_url_is_a_row_of_web() {
        let rows = read(&format!(
            "{HEAD} type=\"utm\" subtype=\"webfilter\" action=\"blocked\" hostname=\"A.workers.dev\" \
             url=\"/x?y=\\\"1\" sentbyte=100 rcvdbyte=200 user=\"jane\" agent=\"curl/8\" httpmethod=\"GET\""
        ));
        assert_eq!(
            rows.only(Table::Web),
            "timestamp=1714816800000000 event_dataset=fortigate.webfilter user_name=jane \
             source_ip=10.0.0.5 source_port=49200 destination_ip=192.0.2.7 destination_port=443 \
             http_request_method=GET url_domain=a.workers.dev url_path=/x url_query=y=\"1 \
             user_agent_original=curl/8 http_request_bytes=100 http_response_bytes=200 \
             event_action=blocked event_type=denied observer_name=fw"
        );
    }

    #[test]
    fn a_query_is_a_row_of_dns() {
        let rows = read(
            "date=2024-05-04,time=12:00:00,logid=\"1\",type=\"dns\",subtype=\"dns-response\",\
             srcip=10.0.0.5,dstip=192.0.2.53,qname=\"A.example\",qtype=\"A\",\
             ipaddr=\"192.0.2.7, 192.0.2.8\",action=\"pass\",tz=\"+0200\"",
        );
        assert_eq!(
            rows.only(Table::Dns),
            "timestamp=1714816800000000 event_dataset=fortigate.dns source_ip=10.0.0.5 \
             destination_ip=192.0.2.53 dns_question_name=a.example dns_question_type=A \
             dns_answers_data=[192.0.2.7|192.0.2.8] event_action=pass event_type=allowed"
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn a_handshake_is_a_row_of_tls() {
        let row = read(&format!(
            "{HEAD} type=\"utm\" subtype=\"ssl\" action=\"exempt\" hostname=\"A.workers.dev\" tlsver=\"tls1.3\""
        ));
        let row = row.only(Table::Tls);
        assert!(row.contains("tls_client_server_name=a.workers.dev tls_version=1.3"), "{row}");
    }

    #[test]
    fn events_of_the_firewall_itself_are_counted_only() {
        let rows = read(&format!("{HEAD} type=\"event\" subtype=\"user\" action=\"logon\""));
        assert_eq!((rows.records(), rows.count(), rows.anomalies().len()), (1, 0, 0));
    }

    #[test]
    fn a_clock_without_zone_is_told() {
        let rows = read(
            "date=2024-05-04 time=10:00:00 logid=1 type=traffic subtype=forward srcip=10.0.0.5 dstip=192.0.2.7",
        );
        assert_eq!(rows.anomalies(), [(Anomaly::AssumedZone, 1)]);
    }
}
