//! Events of the DNS server: its analytic log (`Microsoft-Windows-DNSServer/Analytical`) with a record for
//! each packet
//! (<https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2012-R2-and-2012/dn800669(v=ws.11)>).
//! What its audit log tells, such as changed zones, asks for no name and makes no row.

use coldtrail_model::{Field, Table};

use super::wire;
use crate::Collector;
use crate::format::Stopped;
use crate::windows::{Event, question_type};

/// Makes the rows of an event of the DNS server.
pub(crate) fn rows(event: &Event<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
    let Some(action) = action(event.event_id) else { return Ok(()) };
    let Some(moment) = event.created(collector) else { return Ok(()) };
    let packet = wire::bytes(&event.data.get("PacketData"));
    // The host is the resolver, which asks by itself only in the name of others.
    event.row(Table::Dns, "windows.dns_server", moment, collector, |row| {
        // A client's packets come from its address and go to it; for those to and from other servers
        // the event says in the same keys who is asked.
        let ours = if is_recursion(event.event_id) { OTHER_SERVER } else { CLIENT };
        row.address(ours.0, "Source").address(ours.0, "Destination");
        if row.value("Port").is_some_and(|port| port != "0") {
            row.number(ours.1, "Port");
        }
        row.domain(Field::DnsQuestionName, "QNAME");
        let kind = row.value("QTYPE").unwrap_or_default();
        row.row()
            .text(Field::DnsQuestionType, question_type(&kind))
            .text(Field::EventAction, action);
        if let Some(answers) = packet.as_deref().and_then(wire::answers) {
            row.row().text(Field::DnsResponseCode, response_code(answers.code));
            if !answers.data.is_empty() {
                row.row().texts(Field::DnsAnswersData, answers.data.iter().map(String::as_str));
                row.row().numbers(Field::DnsAnswersTtl, answers.ttl.into_iter().map(Some));
            }
        }
        let code = row.value("RCODE").unwrap_or_default();
        row.row().text(Field::DnsResponseCode, response_code_of(&code));
    })
}

const CLIENT: (Field, Field) = (Field::SourceIp, Field::SourcePort);
const OTHER_SERVER: (Field, Field) = (Field::DestinationIp, Field::DestinationPort);

/// The name that Microsoft gives to an event, of those about a question.
fn action(event_id: u32) -> Option<&'static str> {
    Some(match event_id {
        256 => "QUERY_RECEIVED",
        257 => "RESPONSE_SUCCESS",
        258 => "RESPONSE_FAILURE",
        259 => "IGNORED_QUERY",
        260 => "RECURSE_QUERY_OUT",
        261 => "RECURSE_RESPONSE_IN",
        262 => "RECURSE_QUERY_TIMEOUT",
        279 => "INTERNAL_LOOKUP_CNAME",
        280 => "INTERNAL_LOOKUP_ADDITIONAL",
        _ => return None,
    })
}

fn is_recursion(event_id: u32) -> bool {
    matches!(event_id, 260..=262)
}

/// The name of a response code of that number, written down.
pub(crate) fn response_code_of(number: &str) -> &'static str {
    number.parse().map_or("", response_code)
}

/// The name of a response code (<https://www.iana.org/assignments/dns-parameters>).
fn response_code(code: u16) -> &'static str {
    match code {
        0 => "NOERROR",
        1 => "FORMERR",
        2 => "SERVFAIL",
        3 => "NXDOMAIN",
        4 => "NOTIMP",
        5 => "REFUSED",
        6 => "YXDOMAIN",
        7 => "YXRRSET",
        8 => "NXRRSET",
        9 => "NOTAUTH",
        10 => "NOTZONE",
        _ => "",
    }
}
