//! The Security log, as far as it tells of processes and connections.

use coldtrail_model::{Field, Table};

use super::{Event, account, event_message, image, number, set_process};
use crate::Collector;
use crate::format::Stopped;

const DATASET: &str = "windows.security";

/// Makes the rows of an event of the Security log.
pub(super) fn rows(event: &Event<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
    let of_message = event_message::read(event);
    let event = of_message.as_ref().unwrap_or(event);
    match event.event_id {
        4688 => process_created(event, collector),
        5156 => connection(event, "allowed", collector),
        5157 => connection(event, "denied", collector),
        _ => Ok(()),
    }
}

/// Event 4688: a process started
/// (<https://learn.microsoft.com/previous-versions/windows/it-pro/windows-10/security/threat-protection/auditing/event-4688>).
///
/// The user is the one who started it. The command line is there only where a policy says so, the
/// parent's path since Windows 10.
fn process_created(event: &Event<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
    let Some(moment) = event.created(collector) else { return Ok(()) };
    let process = number(&event.data.get("NewProcessId"), "NewProcessId", collector);
    event.row(Table::Process, DATASET, moment, collector, |filling| {
        set_process(filling, process);
        let domain = filling.value("SubjectDomainName").unwrap_or_default();
        let name = filling.value("SubjectUserName").unwrap_or_default();
        filling.row().text(Field::UserName, &account(&domain, &name));
        filling.text(Field::ProcessCommandLine, "CommandLine");
        image(filling, Field::ProcessExecutable, Field::ProcessName, "NewProcessName");
        let parent = (Field::ProcessParentExecutable, Field::ProcessParentName);
        image(filling, parent.0, parent.1, "ParentProcessName");
    })
}

/// Events 5156 and 5157: the Windows Filtering Platform permitted a connection, or blocked it
/// (<https://learn.microsoft.com/previous-versions/windows/it-pro/windows-10/security/threat-protection/auditing/event-5156>).
/// That a port was bound (5158) or that somebody listens (5154) contacts nobody and makes no row.
///
/// The source is whoever began, in either direction. The image is a path below a device, and no
/// user is named.
fn connection(
    event: &Event<'_>,
    decision: &str,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let Some(moment) = event.created(collector) else { return Ok(()) };
    event.row(Table::Flow, DATASET, moment, collector, |filling| {
        image(filling, Field::ProcessExecutable, Field::ProcessName, "Application");
        filling
            .number(Field::ProcessPid, "ProcessID")
            // So newer versions of nxlog call it, whose own `ProcessID` is another one.
            .number(Field::ProcessPid, "ProcessId")
            .address(Field::SourceIp, "SourceAddress")
            .number(Field::SourcePort, "SourcePort")
            .address(Field::DestinationIp, "DestAddress")
            .number(Field::DestinationPort, "DestPort");
        let protocol = filling.value("Protocol").unwrap_or_default();
        let message = filling.value("Direction").unwrap_or_default();
        filling
            .row()
            .text(Field::EventType, decision)
            .text(Field::NetworkTransport, transport(&protocol))
            .text(Field::NetworkDirection, direction(&message));
    })
}

/// The transport of a protocol number
/// (<https://www.iana.org/assignments/protocol-numbers/protocol-numbers.xhtml>).
fn transport(number: &str) -> &'static str {
    match number {
        "1" | "58" => "icmp",
        "6" => "tcp",
        "17" => "udp",
        _ => "",
    }
}

/// The direction as seen from the host, given as the number of a message.
fn direction(message: &str) -> &'static str {
    match message {
        "%%14592" | "Inbound" => "inbound",
        "%%14593" | "Outbound" => "outbound",
        _ => "",
    }
}
