//! What Zeek writes of an exchange: a row of each log that concerns it.

use std::time::Duration;

use super::columns::{CONNECTION_FIELDS, HANDSHAKE_FIELDS, QUERY_FIELDS, REQUEST_FIELDS};
use super::record::{Record, Writing};
use super::{Log, Row};
use crate::timing::after;
use crate::{Exchange, Lookup, Random, Wire, names};

/// The rows of an exchange and of the query before it, in no particular order.
pub(crate) fn rows(exchange: &Exchange, writing: Writing) -> impl Iterator<Item = Row> {
    let spoken = match exchange.wire {
        Wire::Tls => Some(handshake(exchange, writing)),
        Wire::Http { path } => Some(request(path, exchange, writing)),
        Wire::Kerberos | Wire::Smb => None,
    };
    queries(exchange, writing).chain([connection(exchange, writing)]).chain(spoken)
}

/// The rows of the query before an exchange, if there was one.
pub(crate) fn queries(exchange: &Exchange, writing: Writing) -> impl Iterator<Item = Row> {
    let lookup = exchange.lookup.as_ref();
    let asked = lookup.map(|lookup| {
        [query_connection(lookup, exchange, writing), query(lookup, exchange, writing)]
    });
    asked.into_iter().flatten()
}

fn connection(exchange: &Exchange, writing: Writing) -> Row {
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
    let mut row = Record::new(&CONNECTION_FIELDS, writing);
    row.time(exchange.time);
    identity(&mut row, exchange);
    row.text("tcp").text(service).interval(exchange.duration).number(up).number(down);
    row.text("SF").truth(true).truth(exchange.address.is_private()).number(0).text("ShADadFf");
    row.number(packets_up).number(up + 40 * packets_up);
    row.number(packets_down).number(down + 40 * packets_down);
    let written = after(exchange.time, exchange.duration);
    Row { log: Log::Connections, written, line: row.finish() }
}

/// The UDP exchange of a query and its answer.
fn query_connection(lookup: &Lookup, exchange: &Exchange, writing: Writing) -> Row {
    // RFC 1035: a header of 12 bytes and a question of the name's length and 6; the answer repeats
    // the question and adds 16 for an address. IPv4 and UDP add 28 to either.
    let question = 18 + exchange.name.len() as u64;
    let answer = question + 16;
    let mut row = Record::new(&CONNECTION_FIELDS, writing);
    row.time(lookup.time);
    query_identity(&mut row, lookup, exchange);
    row.text("udp").text("dns").interval(lookup.round_trip).number(question).number(answer);
    row.text("SF").truth(true).truth(true).number(0).text("Dd");
    row.number(1).number(question + 28).number(1).number(answer + 28);
    let written = after(lookup.time, lookup.round_trip);
    Row { log: Log::Connections, written, line: row.finish() }
}

fn query(lookup: &Lookup, exchange: &Exchange, writing: Writing) -> Row {
    let mut row = Record::new(&QUERY_FIELDS, writing);
    row.time(lookup.time);
    query_identity(&mut row, lookup, exchange);
    row.text("udp").number(lookup.transaction.into()).interval(lookup.round_trip);
    row.text(exchange.name).number(1).text("C_INTERNET").number(1).text("A");
    row.number(0).text("NOERROR");
    row.truth(lookup.authoritative).truth(false).truth(true).truth(true).number(0);
    row.addresses(&[exchange.address]).intervals(&[Duration::from_secs(lookup.time_to_live)]);
    row.truth(false);
    let written = after(lookup.time, lookup.round_trip);
    Row { log: Log::Queries, written, line: row.finish() }
}

fn handshake(exchange: &Exchange, writing: Writing) -> Row {
    let tls = exchange.process.program.tls;
    let time = after(exchange.time, Duration::from_micros(9_400));
    let mut row = Record::new(&HANDSHAKE_FIELDS, writing);
    row.time(time);
    identity(&mut row, exchange);
    row.text(tls.version).text(tls.cipher).text(tls.curve).text(exchange.name);
    row.truth(false).unset();
    match tls.next_protocol {
        Some(protocol) => row.text(protocol),
        None => row.unset(),
    };
    row.truth(true);
    // TLS 1.3 encrypts the certificate, so the sensor sees none.
    if tls.version == "TLSv12" {
        let [certificate, issuer] = fingerprints(exchange.name);
        row.text("CsxknGIi").texts(&[&certificate, &issuer]).texts(&[]).truth(true);
    } else {
        row.text("CsiI");
    }
    Row { log: Log::Handshakes, written: time, line: row.finish() }
}

/// SHA-256 fingerprints of the certificate and of its issuer; invented, and the same for a name
/// each time.
fn fingerprints(name: &str) -> [String; 2] {
    let mut random = Random::new(0).fork("certificate").fork(name);
    [random.hexadecimal(64), random.hexadecimal(64)]
}

fn request(path: &str, exchange: &Exchange, writing: Writing) -> Row {
    // About so much of what comes down is the response's header.
    let body = exchange.bytes_down.saturating_sub(280);
    let time = after(exchange.time, Duration::from_micros(8_100));
    let mut row = Record::new(&REQUEST_FIELDS, writing);
    row.time(time);
    identity(&mut row, exchange);
    row.number(1).text("GET").text(exchange.name).text(path).unset().text("1.1");
    row.text(exchange.process.program.user_agent).unset().number(0).number(body);
    row.number(200).text("OK").unset().unset().texts(&[]);
    Row { log: Log::Requests, written: time, line: row.finish() }
}

/// `uid` and the four fields of `id`, which follow the time in every log.
fn identity(row: &mut Record, exchange: &Exchange) {
    row.text(&exchange.uid);
    row.address(exchange.process.host.address).number(exchange.local_port.into());
    row.address(exchange.address).number(exchange.wire.port().into());
}

/// The same for the query before an exchange.
fn query_identity(row: &mut Record, lookup: &Lookup, exchange: &Exchange) {
    row.text(&lookup.uid);
    row.address(exchange.process.host.address).number(lookup.local_port.into());
    row.address(names::DOMAIN_CONTROLLER_ADDRESS).number(53);
}
