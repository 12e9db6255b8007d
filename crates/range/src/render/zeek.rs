//! Zeek 6 as the network sensor: tab-separated logs of a tap that sees every host.
//!
//! Zeek writes a connection when it ends, so `conn.log` is in the order of ends. The two largest logs
//! are gzip files, as rotation leaves them. Field names and types are those of the Zeek documentation's log pages
//! (<https://docs.zeek.org/en/lts/logs/>).

use std::time::Duration;

use coldtrail_model::Timestamp;

use super::{RenderError, RenderedFile, clock};
use crate::timing::after;
use crate::{Exchange, Lookup, Random, Timeline, Wire, names};

pub(super) fn render(timeline: &Timeline) -> Result<Vec<RenderedFile>, RenderError> {
    let connections = log(timeline, "conn", &CONNECTION_FIELDS, connections(timeline));
    let queries = log(timeline, "dns", &QUERY_FIELDS, queries(timeline));
    let handshakes = log(timeline, "ssl", &HANDSHAKE_FIELDS, handshakes(timeline));
    let requests = log(timeline, "http", &REQUEST_FIELDS, requests(timeline));
    Ok(vec![
        RenderedFile::rotated("zeek/conn.log", &connections)?,
        RenderedFile::plain("zeek/dns.log".to_owned(), queries),
        RenderedFile::plain("zeek/http.log".to_owned(), requests),
        RenderedFile::rotated("zeek/ssl.log", &handshakes)?,
    ])
}

/// Name and type of a column.
type Column = (&'static str, &'static str);

/// A row and the moment at which Zeek writes it.
type Row = (Timestamp, Vec<String>);

const CONNECTION_FIELDS: [Column; 21] = [
    ("ts", "time"),
    ("uid", "string"),
    ("id.orig_h", "addr"),
    ("id.orig_p", "port"),
    ("id.resp_h", "addr"),
    ("id.resp_p", "port"),
    ("proto", "enum"),
    ("service", "string"),
    ("duration", "interval"),
    ("orig_bytes", "count"),
    ("resp_bytes", "count"),
    ("conn_state", "string"),
    ("local_orig", "bool"),
    ("local_resp", "bool"),
    ("missed_bytes", "count"),
    ("history", "string"),
    ("orig_pkts", "count"),
    ("orig_ip_bytes", "count"),
    ("resp_pkts", "count"),
    ("resp_ip_bytes", "count"),
    ("tunnel_parents", "set[string]"),
];

const QUERY_FIELDS: [Column; 24] = [
    ("ts", "time"),
    ("uid", "string"),
    ("id.orig_h", "addr"),
    ("id.orig_p", "port"),
    ("id.resp_h", "addr"),
    ("id.resp_p", "port"),
    ("proto", "enum"),
    ("trans_id", "count"),
    ("rtt", "interval"),
    ("query", "string"),
    ("qclass", "count"),
    ("qclass_name", "string"),
    ("qtype", "count"),
    ("qtype_name", "string"),
    ("rcode", "count"),
    ("rcode_name", "string"),
    ("AA", "bool"),
    ("TC", "bool"),
    ("RD", "bool"),
    ("RA", "bool"),
    ("Z", "count"),
    ("answers", "vector[string]"),
    ("TTLs", "vector[interval]"),
    ("rejected", "bool"),
];

const HANDSHAKE_FIELDS: [Column; 18] = [
    ("ts", "time"),
    ("uid", "string"),
    ("id.orig_h", "addr"),
    ("id.orig_p", "port"),
    ("id.resp_h", "addr"),
    ("id.resp_p", "port"),
    ("version", "string"),
    ("cipher", "string"),
    ("curve", "string"),
    ("server_name", "string"),
    ("resumed", "bool"),
    ("last_alert", "string"),
    ("next_protocol", "string"),
    ("established", "bool"),
    ("ssl_history", "string"),
    ("cert_chain_fps", "vector[string]"),
    ("client_cert_chain_fps", "vector[string]"),
    ("sni_matches_cert", "bool"),
];

const REQUEST_FIELDS: [Column; 30] = [
    ("ts", "time"),
    ("uid", "string"),
    ("id.orig_h", "addr"),
    ("id.orig_p", "port"),
    ("id.resp_h", "addr"),
    ("id.resp_p", "port"),
    ("trans_depth", "count"),
    ("method", "string"),
    ("host", "string"),
    ("uri", "string"),
    ("referrer", "string"),
    ("version", "string"),
    ("user_agent", "string"),
    ("origin", "string"),
    ("request_body_len", "count"),
    ("response_body_len", "count"),
    ("status_code", "count"),
    ("status_msg", "string"),
    ("info_code", "count"),
    ("info_msg", "string"),
    ("tags", "set[enum]"),
    ("username", "string"),
    ("password", "string"),
    ("proxied", "set[string]"),
    ("orig_fuids", "vector[string]"),
    ("orig_filenames", "vector[string]"),
    ("orig_mime_types", "vector[string]"),
    ("resp_fuids", "vector[string]"),
    ("resp_filenames", "vector[string]"),
    ("resp_mime_types", "vector[string]"),
];

/// What Zeek writes for a field without a value.
const UNSET: &str = "-";

/// A log with its header and footer, rows in the order in which they were written.
fn log(timeline: &Timeline, path: &str, columns: &[Column], mut rows: Vec<Row>) -> String {
    rows.sort();
    let stamp = |time| clock::format(time, "%Y-%m-%d-%H-%M-%S");
    let join =
        |of: fn(&Column) -> &'static str| columns.iter().map(of).collect::<Vec<_>>().join("\t");
    let mut text = format!(
        "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t{UNSET}\n\
         #path\t{path}\n#open\t{}\n#fields\t{}\n#types\t{}\n",
        stamp(timeline.start),
        join(|(name, _)| name),
        join(|(_, kind)| kind),
    );
    for (_, fields) in rows {
        text.push_str(&fields.join("\t"));
        text.push('\n');
    }
    text.push_str(&format!("#close\t{}\n", stamp(timeline.end)));
    text
}

/// `ts`, `uid` and the four fields of `id`, with which every log begins.
fn identity(time: Timestamp, uid: &str, exchange: &Exchange) -> Vec<String> {
    vec![
        clock::seconds(time),
        uid.to_owned(),
        exchange.process.host.address.to_string(),
        exchange.local_port.to_string(),
        exchange.address.to_string(),
        exchange.wire.port().to_string(),
    ]
}

/// The same for the query before an exchange.
fn query_identity(lookup: &Lookup, exchange: &Exchange) -> Vec<String> {
    vec![
        clock::seconds(lookup.time),
        lookup.uid.clone(),
        exchange.process.host.address.to_string(),
        lookup.local_port.to_string(),
        names::DOMAIN_CONTROLLER_ADDRESS.to_string(),
        "53".to_owned(),
    ]
}

fn connections(timeline: &Timeline) -> Vec<Row> {
    let mut rows = Vec::new();
    for exchange in &timeline.exchanges {
        rows.push(connection(exchange));
        rows.extend(exchange.lookup.as_ref().map(|lookup| query_connection(lookup, exchange)));
    }
    rows
}

fn connection(exchange: &Exchange) -> Row {
    let service = match exchange.wire {
        Wire::Tls => "ssl",
        Wire::Http { .. } => "http",
        Wire::Kerberos => "krb_tcp",
        Wire::Smb => "gssapi,smb",
    };
    // Full packets one way, an acknowledgement for every other packet of the other way, and the
    // handshakes at both ends of the connection.
    let (up, down) = (exchange.bytes_up, exchange.bytes_down);
    let packets = |sent: u64, received: u64| 4 + sent.div_ceil(1460) + received.div_ceil(2920);
    let (packets_up, packets_down) = (packets(up, down), packets(down, up));
    let mut row = identity(exchange.time, &exchange.uid, exchange);
    row.extend([
        "tcp".to_owned(),
        service.to_owned(),
        format!("{:.6}", exchange.duration.as_secs_f64()),
        up.to_string(),
        down.to_string(),
        "SF".to_owned(),
        "T".to_owned(),
        truth(exchange.address.is_private()),
        "0".to_owned(),
        "ShADadFf".to_owned(),
        packets_up.to_string(),
        (up + 40 * packets_up).to_string(),
        packets_down.to_string(),
        (down + 40 * packets_down).to_string(),
        UNSET.to_owned(),
    ]);
    (after(exchange.time, exchange.duration), row)
}

/// The UDP exchange of a query and its answer.
fn query_connection(lookup: &Lookup, exchange: &Exchange) -> Row {
    // RFC 1035: a header of 12 bytes and a question of the name's length and 6; the answer repeats
    // the question and adds 16 for an address. IPv4 and UDP add 28 to either.
    let question = 18 + exchange.name.len();
    let answer = question + 16;
    let mut row = query_identity(lookup, exchange);
    row.extend([
        "udp".to_owned(),
        "dns".to_owned(),
        format!("{:.6}", lookup.round_trip.as_secs_f64()),
        question.to_string(),
        answer.to_string(),
        "SF".to_owned(),
        "T".to_owned(),
        "T".to_owned(),
        "0".to_owned(),
        "Dd".to_owned(),
        "1".to_owned(),
        (question + 28).to_string(),
        "1".to_owned(),
        (answer + 28).to_string(),
        UNSET.to_owned(),
    ]);
    (after(lookup.time, lookup.round_trip), row)
}

fn queries(timeline: &Timeline) -> Vec<Row> {
    let both = timeline.exchanges.iter();
    let both = both.filter_map(|exchange| Some((exchange.lookup.as_ref()?, exchange)));
    both.map(|(lookup, exchange)| query(lookup, exchange)).collect()
}

fn query(lookup: &Lookup, exchange: &Exchange) -> Row {
    let mut row = query_identity(lookup, exchange);
    row.extend([
        "udp".to_owned(),
        lookup.transaction.to_string(),
        format!("{:.6}", lookup.round_trip.as_secs_f64()),
        exchange.name.to_owned(),
        "1".to_owned(),
        "C_INTERNET".to_owned(),
        "1".to_owned(),
        "A".to_owned(),
        "0".to_owned(),
        "NOERROR".to_owned(),
        truth(lookup.authoritative),
        truth(false),
        truth(true),
        truth(true),
        "0".to_owned(),
        exchange.address.to_string(),
        format!("{}.000000", lookup.time_to_live),
        truth(false),
    ]);
    (after(lookup.time, lookup.round_trip), row)
}

fn handshakes(timeline: &Timeline) -> Vec<Row> {
    let encrypted = timeline.exchanges.iter().filter(|exchange| exchange.wire == Wire::Tls);
    encrypted.map(handshake).collect()
}

fn handshake(exchange: &Exchange) -> Row {
    let tls = exchange.process.program.tls;
    // TLS 1.3 encrypts the certificate, so the sensor sees none.
    let certificate_seen = tls.version == "TLSv12";
    let (history, chain, client_chain, matches) = match certificate_seen {
        true => ("CsxknGIi", fingerprints(exchange.name), "(empty)", truth(true)),
        false => ("CsiI", UNSET.to_owned(), UNSET, UNSET.to_owned()),
    };
    let time = after(exchange.time, Duration::from_micros(9_400));
    let mut row = identity(time, &exchange.uid, exchange);
    row.extend([
        tls.version.to_owned(),
        tls.cipher.to_owned(),
        tls.curve.to_owned(),
        exchange.name.to_owned(),
        truth(false),
        UNSET.to_owned(),
        tls.next_protocol.unwrap_or(UNSET).to_owned(),
        truth(true),
        history.to_owned(),
        chain,
        client_chain.to_owned(),
        matches,
    ]);
    (time, row)
}

/// SHA-256 fingerprints of the certificate and of its issuer; invented, and the same for a name
/// each time.
fn fingerprints(name: &str) -> String {
    let mut random = Random::new(0).fork("certificate").fork(name);
    format!("{},{}", random.hexadecimal(64), random.hexadecimal(64))
}

fn requests(timeline: &Timeline) -> Vec<Row> {
    let plain = timeline.exchanges.iter().filter_map(|exchange| match exchange.wire {
        Wire::Http { path } => Some(request(path, exchange)),
        _ => None,
    });
    plain.collect()
}

fn request(path: &str, exchange: &Exchange) -> Row {
    // About so much of what comes down is the response's header.
    let body = exchange.bytes_down.saturating_sub(280);
    let time = after(exchange.time, Duration::from_micros(8_100));
    let mut row = identity(time, &exchange.uid, exchange);
    row.extend([
        "1".to_owned(),
        "GET".to_owned(),
        exchange.name.to_owned(),
        path.to_owned(),
        UNSET.to_owned(),
        "1.1".to_owned(),
        exchange.process.program.user_agent.to_owned(),
        UNSET.to_owned(),
        "0".to_owned(),
        body.to_string(),
        "200".to_owned(),
        "OK".to_owned(),
        UNSET.to_owned(),
        UNSET.to_owned(),
        "(empty)".to_owned(),
    ]);
    row.resize(REQUEST_FIELDS.len(), UNSET.to_owned());
    (time, row)
}

fn truth(value: bool) -> String {
    if value { "T" } else { "F" }.to_owned()
}
