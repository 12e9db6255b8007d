//! The log of the DNS client (`Microsoft-Windows-DNS-Client/Operational`), which is off unless
//! somebody turned it on; hosts without Sysmon have their names here.

use coldtrail_model::{Field, Table};

use super::{Event, dns_query, set_process};
use crate::Collector;
use crate::format::Stopped;

/// Makes the rows of an event of the DNS client.
pub(super) fn rows(event: &Event<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
    match event.event_id {
        3008 => query_completed(event, collector),
        _ => Ok(()),
    }
}

/// Event 3008: a query has ended. It is written by the process that asked; its name and user stay
/// unknown.
fn query_completed(event: &Event<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
    let Some(moment) = event.created(collector) else { return Ok(()) };
    let process = event.process(collector);
    event.row(Table::Dns, "windows.dns_client", moment, collector, |filling| {
        set_process(filling, process);
        let number = filling.value("QueryType").unwrap_or_default();
        filling.row().text(Field::DnsQuestionType, question_type(&number));
        dns_query::columns(filling);
    })
}

/// The name of a record type
/// (<https://www.iana.org/assignments/dns-parameters/dns-parameters.xhtml#dns-parameters-4>), for
/// those that clients ask for.
pub(crate) fn question_type(number: &str) -> &'static str {
    match number {
        "1" => "A",
        "2" => "NS",
        "5" => "CNAME",
        "6" => "SOA",
        "12" => "PTR",
        "15" => "MX",
        "16" => "TXT",
        "28" => "AAAA",
        "33" => "SRV",
        "64" => "SVCB",
        "65" => "HTTPS",
        "255" => "ANY",
        _ => "",
    }
}
