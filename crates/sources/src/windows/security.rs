//! The Security log, as far as it tells of processes and connections.

use coldtrail_model::{Field, Table};

use super::{Event, account, image, number, set_process};
use crate::Collector;
use crate::format::Stopped;

const DATASET: &str = "windows.security";

/// Makes the rows of an event of the Security log.
pub(super) fn rows(event: &Event<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
    match event.event_id {
        4688 => process_created(event, collector),
        5156 => connection_permitted(event, collector),
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

/// Event 5156: the Windows Filtering Platform permitted a connection
/// (<https://learn.microsoft.com/previous-versions/windows/it-pro/windows-10/security/threat-protection/auditing/event-5156>).
///
/// The source is whoever began, in either direction. The image is a path below a device, and no
/// user is named.
fn connection_permitted(event: &Event<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
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
        "%%14592" => "inbound",
        "%%14593" => "outbound",
        _ => "",
    }
}
