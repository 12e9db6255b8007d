//! `conn`: a row of `flow` for each connection.

use coldtrail_model::Field;

use crate::filling::Filling;

use super::connection;

/// Fills a row of `flow`.
pub(crate) fn columns(record: &mut Filling<'_, '_, '_>) {
    connection(record);
    record
        .lower(Field::NetworkTransport, "proto")
        .nanoseconds(Field::EventDuration, "duration")
        .text(Field::EventAction, "conn_state")
        // Bytes with headers come first, as ECS has them; payload only where Zeek did not count so.
        .number(Field::SourceBytes, "orig_ip_bytes")
        .number(Field::SourceBytes, "orig_bytes")
        .number(Field::DestinationBytes, "resp_ip_bytes")
        .number(Field::DestinationBytes, "resp_bytes")
        .number(Field::SourcePackets, "orig_pkts")
        .number(Field::DestinationPackets, "resp_pkts");
    if let Some(service) = record.value("service") {
        // Zeek still says ssl for what ECS calls tls.
        let protocol = if service == "ssl" { "tls" } else { &service };
        record.row().lower(Field::NetworkProtocol, protocol);
    }
    if let Some(direction) = direction(record) {
        record.row().text(Field::NetworkDirection, direction);
    }
}

/// Whether the connection left or entered the networks that Zeek was told are local.
fn direction(record: &Filling<'_, '_, '_>) -> Option<&'static str> {
    let local = |name| match record.value(name)?.as_ref() {
        "T" | "true" => Some(true),
        "F" | "false" => Some(false),
        _ => None,
    };
    match (local("local_orig")?, local("local_resp")?) {
        (true, false) => Some("outbound"),
        (false, true) => Some("inbound"),
        // Neither crosses the border, and the column has no word for that.
        (true, true) | (false, false) => None,
    }
}
