//! `DeviceNetworkEvents`, and whatever else names a remote host.
//!
//! A record makes one row. What Defender inspected on the wire (`DnsConnectionInspected` and its
//! like) was seen by Zeek, which Defender has built in: the additional fields are a record of Zeek's
//! log, and go where that log goes. Otherwise a URL with a path or query is a row of `web`, which has
//! a place for them, and all else is a row of `flow`.

use coldtrail_model::{Field, Table};

use super::Made;
use super::actor;
use super::additional::Additional;
use crate::filling::{Filling, Values};
use crate::url::Url;
use crate::zeek::json::JsonRecord;
use crate::zeek::{conn, dns, http, ssl};

/// What a record about the network is made into; nothing if it names nobody at the other end, as
/// when a process begins to listen.
pub(super) fn made(
    action: &str,
    record: &dyn Values,
    additional: &Additional,
    dataset: &'static str,
) -> Option<Made> {
    let has = |name: &'static str| additional.text(name).is_some();
    let url = record.text("RemoteUrl");
    let is_more_than_host = || url.as_deref().is_some_and(|url| Url::parse(url).has_target());
    let made = |table, columns| Some(Made { table, dataset, columns });
    match action {
        "DnsConnectionInspected" if has("query") => made(Table::Dns, query),
        "SslConnectionInspected" if has("server_name") || has("subject") => {
            made(Table::Tls, handshake)
        }
        "HttpConnectionInspected" if has("host") || has("uri") => made(Table::Web, request),
        _ if is_more_than_host() => made(Table::Web, request),
        _ if url.is_some() || record.text("RemoteIP").is_some() => made(Table::Flow, connection),
        _ => None,
    }
}

fn query(record: &mut Filling<'_, '_, '_>, additional: &Additional) {
    ends(record, additional);
    record.text(Field::EventAction, "ActionType");
    dns::columns(&mut record.from(&JsonRecord(additional.fields())));
}

/// The host of `RemoteUrl` comes first, since it is what hunters query; it is the server name.
fn handshake(record: &mut Filling<'_, '_, '_>, additional: &Additional) {
    ends(record, additional);
    record.text(Field::EventAction, "ActionType");
    if let Some(url) = record.value("RemoteUrl") {
        record.row().domain(Field::TlsClientServerName, Url::parse(&url).host);
    }
    ssl::columns(&mut record.from(&JsonRecord(additional.fields())));
}

fn request(record: &mut Filling<'_, '_, '_>, additional: &Additional) {
    ends(record, additional);
    record.text(Field::EventAction, "ActionType");
    if let Some(url) = record.value("RemoteUrl") {
        Url::parse(&url).fill(record.row(), &url);
    }
    http::columns(&mut record.from(&JsonRecord(additional.fields())));
}

fn connection(record: &mut Filling<'_, '_, '_>, additional: &Additional) {
    ends(record, additional);
    if let Some(url) = record.value("RemoteUrl") {
        record.row().domain(Field::DestinationDomain, Url::parse(&url).host);
    }
    if let Some(protocol) = record.value("Protocol") {
        record.row().text(Field::NetworkTransport, &transport(&protocol));
    }
    if is_inbound(record, additional) {
        record.row().text(Field::NetworkDirection, "inbound");
    } else if additional.text("direction").as_deref() == Some("Out") {
        record.row().text(Field::NetworkDirection, "outbound");
    }
    record.text(Field::EventAction, "ActionType");
    conn::columns(&mut record.from(&JsonRecord(additional.fields())));
}

/// The device, the process, and the addresses of both ends. Defender knows a local and a remote one;
/// the source is whichever began.
fn ends(record: &mut Filling<'_, '_, '_>, additional: &Additional) {
    actor::device(record);
    // A process that has a browser open a URL connects to nobody itself.
    if record.value("ActionType").as_deref() != Some("BrowserLaunchedToOpenUrl") {
        actor::initiating_process(record);
    }
    let (local, remote) = (("LocalIP", "LocalPort"), ("RemoteIP", "RemotePort"));
    let inbound = is_inbound(record, additional);
    let (source, destination) = if inbound { (remote, local) } else { (local, remote) };
    record
        .address(Field::SourceIp, source.0)
        .number(Field::SourcePort, source.1)
        .address(Field::DestinationIp, destination.0)
        .number(Field::DestinationPort, destination.1);
}

fn is_inbound(record: &Filling<'_, '_, '_>, additional: &Additional) -> bool {
    record.value("ActionType").is_some_and(|action| action.contains("Inbound"))
        || additional.text("direction").as_deref() == Some("In")
}

/// `tcp` for `Tcp`, `TcpV4` or `TcpV6Mapped`.
fn transport(protocol: &str) -> String {
    let protocol = protocol.to_lowercase();
    let known = ["tcp", "udp", "icmp"].into_iter().find(|known| protocol.starts_with(known));
    known.map(str::to_owned).unwrap_or(protocol)
}
