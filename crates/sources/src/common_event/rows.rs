//! What the keys of CEF and LEEF are called here. A column takes the first key that is set.

use coldtrail_model::{Field, Table};

use crate::filling::{Filling, Values, address, fill};
use crate::log_lines::LogLine;
use crate::time::{self, Written};
use crate::url::Url;
use crate::{Collector, Stopped};

/// Keys of the name that was asked for.
const QUERIES: [&str; 3] = ["destinationDnsDomain", "FTNTFGTqname", "FortinetFortiGateqname"];

/// Keys of a URL.
const URLS: [&str; 2] = ["request", "url"];

/// The key of the server's name in a handshake.
const SERVER_NAME: &str = "PanOSServerNameIndication";

/// Keys of whom was contacted.
const DESTINATIONS: [&str; 3] = ["dst", "dhost", "destinationAddress"];

/// Keys of the time, nearest to the event first.
const TIMES: [&str; 8] = [
    "FTNTFGTeventtime",
    "FortinetFortiGateeventtime",
    "ad.eventtime",
    "rt",
    "devTime",
    "end",
    "start",
    "deviceReceiptTime",
];

/// What an event's keys do not tell.
pub(crate) struct Dialect<'e> {
    /// The dataset of its row.
    pub(crate) dataset: &'static str,
    /// Whether `out` is what the source sent.
    pub(crate) sends_out: bool,
    /// The rule that decided; empty if none is named.
    pub(crate) rule: &'e str,
    /// For how many seconds it went on; empty if that is not known.
    pub(crate) seconds: &'e str,
    /// How many packets there were; empty if that is not known.
    pub(crate) packets: &'e str,
}

/// Makes a row of an event, if a table has a place for it.
pub(crate) fn row(
    event: &dyn Values,
    dialect: &Dialect<'_>,
    line: &LogLine<'_>,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let Some(table) = table(event) else { return Ok(()) };
    let Some(moment) = moment(event, line, collector) else { return Ok(()) };
    fill(collector, table, dialect.dataset, moment, event, |event| {
        event.row().text(Field::RuleName, dialect.rule);
        parties(event, line);
        match table {
            Table::Dns => dns(event),
            Table::Web => web(event),
            Table::Tls => {
                event.domain(Field::TlsClientServerName, SERVER_NAME);
            }
            _ => flow(event, dialect),
        }
        bytes(event, table, dialect.sends_out);
    })
}

/// What an event is, by its keys.
fn table(event: &dyn Values) -> Option<Table> {
    let has = |names: &[&'static str]| names.iter().any(|name| event.text(name).is_some());
    if has(&QUERIES) {
        Some(Table::Dns)
    } else if has(&URLS) {
        Some(Table::Web)
    } else if has(&[SERVER_NAME]) {
        Some(Table::Tls)
    } else if has(&["src", "sourceAddress", "shost"]) && has(&DESTINATIONS) {
        Some(Table::Flow)
    } else {
        None
    }
}

/// The event's own time, or else that of the syslog header.
fn moment(event: &dyn Values, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Option<i64> {
    let Some(text) = TIMES.iter().find_map(|name| event.text(name)) else {
        return line.moment(collector);
    };
    if let Some(moment) = time::epoch(&text) {
        return Some(moment);
    }
    let zone = event.text("dtz").and_then(|zone| time::zone(&zone));
    collector.moment(&text, written(&text).map(|written| written.assuming_zone(zone)))
}

fn written(text: &str) -> Option<Written> {
    time::named_month(text).or_else(|| time::iso(text))
}

/// Who acted, whom it reached, and who saw it.
fn parties(event: &mut Filling<'_, '_, '_>, line: &LogLine<'_>) {
    event
        .lower(Field::HostName, "shost")
        .text(Field::UserName, "suser")
        .text(Field::UserName, "usrName")
        .text(Field::UserName, "duser")
        .text(Field::UserName, "FTNTFGTunauthuser")
        .text(Field::UserName, "PanOSSourceUser")
        .number(Field::SourcePort, "spt")
        .number(Field::SourcePort, "srcPort")
        .destination("dst")
        .number(Field::DestinationPort, "dpt")
        .number(Field::DestinationPort, "dstPort")
        .text(Field::RuleName, "policy")
        .lower(Field::ObserverName, "dvchost")
        .lower(Field::ObserverName, "identHostName")
        .action("act")
        .action("action")
        .action("FortinetFortiGateaction")
        .action("FTNTFGTaction");
    event.row().lower(Field::ObserverName, line.host());
    if let Some(source) = event.value("src") {
        match address(&source) {
            Some(address) => event.row().text(Field::SourceIp, &address),
            None => event.row().lower(Field::HostName, &source),
        };
    }
}

fn dns(event: &mut Filling<'_, '_, '_>) {
    for name in QUERIES {
        event.domain(Field::DnsQuestionName, name);
    }
    event
        .text(Field::DnsQuestionType, "FTNTFGTqtype")
        .text(Field::DnsQuestionType, "FortinetFortiGateqtype");
    let answers = ["FTNTFGTipaddr", "FortinetFortiGateipaddr"];
    if let Some(answers) = answers.iter().find_map(|name| event.value(name)) {
        let answers = answers.split(',').map(str::trim).filter(|answer| !answer.is_empty());
        event.row().texts(Field::DnsAnswersData, answers);
    }
}

fn web(event: &mut Filling<'_, '_, '_>) {
    event
        .text(Field::HttpRequestMethod, "requestMethod")
        .text(Field::HttpRequestMethod, "FTNTFGThttpmethod")
        .text(Field::HttpRequestReferrer, "FTNTFGTreferralurl")
        .text(Field::UserAgentOriginal, "FTNTFGTagent")
        .text(Field::UserAgentOriginal, "requestClientApplication")
        .text(Field::UserAgentOriginal, "userAgent")
        .text(Field::HttpRequestReferrer, "requestContext")
        .text(Field::HttpRequestReferrer, "refererUrl")
        .text(Field::NetworkApplication, "app");
    let Some(url) = URLS.iter().find_map(|name| event.value(name)) else { return };
    if url.starts_with('/') {
        Url::parse_target(&url).fill(event.row(), &url);
        event.domain(Field::UrlDomain, "dhost");
    } else {
        Url::parse(&url).fill(event.row(), &url);
    }
}

fn flow(event: &mut Filling<'_, '_, '_>, dialect: &Dialect<'_>) {
    event.domain(Field::DestinationDomain, "dhost").transport("proto");
    if let Some(app) = event.value("app") {
        // Fortinet's is the service, without a name its transport and port; the application has a
        // key of its own.
        if dialect.sends_out && !app.contains('/') {
            event.row().lower(Field::NetworkProtocol, &app);
        }
    }
    event
        .text(Field::NetworkApplication, "FTNTFGTapp")
        .text(Field::NetworkApplication, "app")
        .text(Field::NetworkApplication, "PanOSApplication");
    whole_numbers(event, dialect);
    let direction = match event.value("deviceDirection").as_deref() {
        Some("0") => "inbound",
        Some("1") => "outbound",
        _ => return,
    };
    event.row().text(Field::NetworkDirection, direction);
}

/// Counts that the format has no keys for.
fn whole_numbers(event: &mut Filling<'_, '_, '_>, dialect: &Dialect<'_>) {
    let seconds = ["FTNTFGTduration", "FortinetFortiGateduration", "ad.duration"];
    seconds.into_iter().for_each(|name| {
        event.nanoseconds(Field::EventDuration, name);
    });
    for (field, names) in [
        (Field::SourcePackets, ["FTNTFGTsentpkt", "FortinetFortiGatesentpkt", "ad.sentpkt"]),
        (Field::DestinationPackets, ["FTNTFGTrcvdpkt", "FortinetFortiGatercvdpkt", "ad.rcvdpkt"]),
    ] {
        for name in names {
            event.number(field, name);
        }
    }
    event
        .number(Field::NetworkBytes, "PanOSBytes")
        .number(Field::SourcePackets, "PanOSPacketsSent")
        .number(Field::DestinationPackets, "PanOSPacketsReceived");
    if let Ok(packets) = dialect.packets.parse() {
        event.row().number(Field::NetworkPackets, packets);
    }
    let nanoseconds = dialect.seconds.parse::<i64>().ok();
    if let Some(nanoseconds) = nanoseconds.and_then(|seconds| seconds.checked_mul(1_000_000_000)) {
        event.row().number(Field::EventDuration, nanoseconds);
    }
}

/// By the format, `in` is what went from the source to the destination.
fn bytes(event: &mut Filling<'_, '_, '_>, table: Table, sends_out: bool) {
    let (sent, received) = match table {
        Table::Web => (Field::HttpRequestBytes, Field::HttpResponseBytes),
        Table::Flow => (Field::SourceBytes, Field::DestinationBytes),
        _ => return,
    };
    let (sent_key, received_key) = if sends_out { ("out", "in") } else { ("in", "out") };
    event
        .number(sent, sent_key)
        .number(sent, "srcBytes")
        .number(received, received_key)
        .number(received, "dstBytes");
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
    fn two_addresses_are_a_row_of_flow() {
        let rows = read(
            "<134>May  4 2024 10:00:00 FW CEF:0|V|P|1|1|n|3|rt=May 04 2024 12:00:00 dtz=+0200 \
             src=10.0.0.5 spt=49200 dst=192.0.2.7 dpt=443 dhost=A.workers.dev proto=6 app=ssl \
             act=block-url cs1=no tunnels cs1Label=Rule in=10 out=20 deviceDirection=1",
        );
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=cef source_ip=10.0.0.5 source_port=49200 \
             destination_ip=192.0.2.7 destination_port=443 destination_domain=a.workers.dev \
             network_transport=tcp network_direction=outbound event_action=block-url \
             source_bytes=10 destination_bytes=20 network_application=ssl event_type=denied rule_name=no tunnels \
             observer_name=fw"
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn a_url_is_a_row_of_web() {
        let rows = read(
            "LEEF:2.0|V|P|1|E|^|devTime=1714816800000^src=10.0.0.5^usrName=jane\
             ^url=https://script.google.com/macros/s/AK/exec?a=1^userAgent=curl/8^action=allowed",
        );
        assert_eq!(
            rows.only(Table::Web),
            "timestamp=1714816800000000 event_dataset=leef user_name=jane source_ip=10.0.0.5 \
             url_full=https://script.google.com/macros/s/AK/exec?a=1 url_domain=script.google.com \
             url_path=/macros/s/AK/exec url_query=a=1 user_agent_original=curl/8 \
             event_action=allowed event_type=allowed"
        );
    }

    #[test]
    fn a_query_is_a_row_of_dns() {
        let rows = read(
            "CEF:0|Fortinet|Fortigate|v6|54802|dns|3|FTNTFGTeventtime=1714816800 src=10.0.0.5 \
             dst=192.0.2.53 FTNTFGTqname=A.example FTNTFGTqtype=A FTNTFGTipaddr=192.0.2.7, 192.0.2.8",
        );
        assert_eq!(
            rows.only(Table::Dns),
            "timestamp=1714816800000000 event_dataset=cef source_ip=10.0.0.5 \
             destination_ip=192.0.2.53 dns_question_name=a.example dns_question_type=A \
             dns_answers_data=[192.0.2.7|192.0.2.8]"
        );
    }

    #[test]
    fn an_event_about_nobody_is_counted_only() {
        let rows = read("CEF:0|V|P|1|1|n|3|msg=the disk is full rt=1714816800000");
        assert_eq!((rows.records(), rows.count()), (1, 0));
        assert_eq!(rows.anomalies(), []);
    }
}
