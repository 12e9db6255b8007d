//! Sysmon, on Windows and on Linux
//! (<https://learn.microsoft.com/sysinternals/downloads/sysmon#events>, and `sysmon -s` prints the
//! schema).
//!
//! The user, the image and the GUID of a process stand in the row of everything it does. What the
//! tables have no place for, such as loaded images or registry writes, is read and makes no row.

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{Field, Table};

use super::{Event, dns_query, image};
use crate::filling::Filling;
use crate::format::Stopped;
use crate::{Collector, time};

/// Makes the rows of a Sysmon event.
pub(super) fn rows(
    event: &Event<'_>,
    dataset: &str,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let (table, columns): (_, fn(&mut Filling<'_, '_, '_>)) = match event.event_id {
        1 => (Table::Process, process_create),
        3 => (Table::Flow, network_connect),
        11 => (Table::File, file_create),
        22 => (Table::Dns, dns_query::columns),
        _ => return Ok(()),
    };
    let Some(moment) = happened(event, collector) else { return Ok(()) };
    event.row(table, dataset, moment, collector, |filling| {
        process(filling);
        columns(filling);
    })
}

/// The process that acted, in every event.
fn process(filling: &mut Filling<'_, '_, '_>) {
    filling.text(Field::UserName, "User").number(Field::ProcessPid, "ProcessId");
    image(filling, Field::ProcessExecutable, Field::ProcessName, "Image");
    if let Some(guid) = filling.value("ProcessGuid") {
        filling.row().text(Field::ProcessEntityId, &entity(&guid));
    }
}

/// Event 1, `ProcessCreate`: a process started.
fn process_create(filling: &mut Filling<'_, '_, '_>) {
    image(filling, Field::ProcessParentExecutable, Field::ProcessParentName, "ParentImage");
    filling
        .text(Field::ProcessCommandLine, "CommandLine")
        .text(Field::ProcessParentCommandLine, "ParentCommandLine");
    if let Some(hashes) = filling.value("Hashes") {
        filling.row().lower(Field::ProcessHashSha256, sha256(&hashes));
    }
}

/// Event 3, `NetworkConnect`: a process opened a TCP connection or sent UDP, or accepted it.
///
/// The source is whoever began, so that for an accepted connection the host that logged it is the
/// destination.
fn network_connect(filling: &mut Filling<'_, '_, '_>) {
    filling
        .address(Field::SourceIp, "SourceIp")
        .number(Field::SourcePort, "SourcePort")
        .address(Field::DestinationIp, "DestinationIp")
        .number(Field::DestinationPort, "DestinationPort")
        .domain(Field::DestinationDomain, "DestinationHostname")
        .lower(Field::NetworkTransport, "Protocol");
    let initiated = filling.value("Initiated").unwrap_or_default();
    filling
        .row()
        .text(Field::NetworkDirection, direction(&initiated))
        .text(Field::EventAction, "NetworkConnect");
}

/// Event 11, `FileCreate`: a file was created or overwritten.
fn file_create(filling: &mut Filling<'_, '_, '_>) {
    filling.text(Field::FilePath, "TargetFilename");
}

/// When it happened: `UtcTime`, since the event itself is written up to seconds later.
fn happened(event: &Event<'_>, collector: &mut Collector<'_>) -> Option<i64> {
    let text = event.data.get("UtcTime");
    if matches!(text.as_ref(), "" | "-") {
        return event.created(collector);
    }
    time::rfc3339_assuming_utc(&text).or_else(|| {
        collector.anomaly(Anomaly::InvalidValue, &format!("UtcTime: `{text}` is no time"));
        event.created(collector)
    })
}

/// A process GUID in one spelling, without braces and in upper case: EVTX holds it as a number,
/// XML writes braces around it, and JSON does either.
fn entity(guid: &str) -> String {
    guid.trim_matches(['{', '}']).to_ascii_uppercase()
}

/// The SHA-256 of `SHA1=…,MD5=…,SHA256=…,IMPHASH=…`; the configuration says which of them are there.
fn sha256(hashes: &str) -> &str {
    hashes.split(',').find_map(|hash| hash.trim_ascii().strip_prefix("SHA256=")).unwrap_or_default()
}

/// The direction as seen from the host that logged the connection.
fn direction(initiated: &str) -> &'static str {
    match initiated {
        "true" | "True" => "outbound",
        "false" | "False" => "inbound",
        _ => "",
    }
}
