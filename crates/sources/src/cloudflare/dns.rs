//! Queries: those that a zone answered, and those that the gateway let devices ask.

use coldtrail_model::{Field, Table};
use serde_json::Value;

use crate::filling::{Filling, fill};
use crate::nested::Nested;
use crate::{Collector, Stopped};

/// Codes of answers by number: <https://www.iana.org/assignments/dns-parameters>.
const CODES: [&str; 11] = [
    "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET",
    "NXRRSET", "NOTAUTH", "NOTZONE",
];

/// A query that a zone answered: who acted is whoever asked.
pub(super) fn zone(
    record: Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    fill(collector, Table::Dns, "cloudflare.dns", moment, &record, |filling| {
        filling
            .address(Field::SourceIp, "SourceIP")
            .domain(Field::DnsQuestionName, "QueryName")
            .lower(Field::ObserverName, "ColoCode");
        kind_and_code(filling, "ResponseCode");
    })
}

/// A query that a device asked.
pub(super) fn gateway(
    record: Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    fill(collector, Table::Dns, "cloudflare.gateway_dns", moment, &record, |filling| {
        filling
            .lower(Field::HostName, "DeviceName")
            .text(Field::UserName, "Email")
            .address(Field::SourceIp, "SrcIP")
            .number(Field::SourcePort, "SrcPort")
            .address(Field::DestinationIp, "DstIP")
            .number(Field::DestinationPort, "DstPort")
            .domain(Field::DnsQuestionName, "QueryName")
            .text(Field::DnsQuestionType, "QueryTypeName")
            .action("ResolverDecision")
            .text(Field::RuleName, "PolicyName")
            .text(Field::RuleName, "Policy");
        kind_and_code(filling, "RCode");
        // The data of the answers is in the wire's format; addresses stand beside it.
        let names = ["CNAMEs", "ResolvedIPs"];
        let answers = names.iter().flat_map(|name| record.elements(name));
        let answers: Vec<&str> = answers.filter_map(Value::as_str).collect();
        if !answers.is_empty() {
            filling.row().texts(Field::DnsAnswersData, answers.into_iter());
        }
    })
}

fn kind_and_code(filling: &mut Filling<'_, '_, '_>, code: &'static str) {
    if let Some(kind) = filling.value("QueryType") {
        let name = kind.parse().ok().and_then(kind_name);
        filling.row().text(Field::DnsQuestionType, name.unwrap_or(&kind));
    }
    if let Some(code) = filling.value(code) {
        let name = code.parse::<usize>().ok().and_then(|code| CODES.get(code).copied());
        filling.row().text(Field::DnsResponseCode, name.unwrap_or(&code));
    }
}

/// The name of a type of records: <https://www.iana.org/assignments/dns-parameters>.
fn kind_name(number: u16) -> Option<&'static str> {
    Some(match number {
        1 => "A",
        2 => "NS",
        5 => "CNAME",
        6 => "SOA",
        12 => "PTR",
        13 => "HINFO",
        15 => "MX",
        16 => "TXT",
        28 => "AAAA",
        33 => "SRV",
        35 => "NAPTR",
        43 => "DS",
        46 => "RRSIG",
        47 => "NSEC",
        48 => "DNSKEY",
        64 => "SVCB",
        65 => "HTTPS",
        252 => "AXFR",
        255 => "ANY",
        257 => "CAA",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use crate::cloudflare::CloudflareJson;
    use crate::kept_rows::KeptRows;

    #[test]
    fn the_gateway_knows_the_device() {
        let rows = KeptRows::of_object(
            &CloudflareJson,
            r#"{"Datetime":"2024-05-04T10:00:00Z","DeviceName":"WS01","Email":"jane@example.com",
            "SrcIP":"10.0.0.5","SrcPort":0,"DstIP":"192.0.2.53","DstPort":443,"QueryType":1,
            "QueryTypeName":"A","QueryName":"A.workers.dev","RCode":0,"ResolverDecision":"blockedByCategory",
            "ResolvedIPs":["192.0.2.7"],"CNAMEs":["b.example"]}"#,
        );
        assert_eq!(
            rows.only(Table::Dns),
            "timestamp=1714816800000000 event_dataset=cloudflare.gateway_dns host_name=ws01 \
             user_name=jane@example.com source_ip=10.0.0.5 source_port=0 destination_ip=192.0.2.53 \
             destination_port=443 dns_question_name=a.workers.dev dns_question_type=A \
             dns_response_code=NOERROR dns_answers_data=[b.example|192.0.2.7] \
             event_action=blockedByCategory event_type=denied"
        );
    }

    #[test]
    fn a_zone_writes_numbers() {
        let rows = KeptRows::of_object(
            &CloudflareJson,
            r#"{"QueryName":"a.example.com.","QueryType":65,"ResponseCode":3,"ColoCode":"CDG",
            "SourceIP":"192.0.2.7","Timestamp":1714816800000000000}"#,
        );
        assert_eq!(
            rows.only(Table::Dns),
            "timestamp=1714816800000000 event_dataset=cloudflare.dns source_ip=192.0.2.7 \
             dns_question_name=a.example.com dns_question_type=HTTPS dns_response_code=NXDOMAIN \
             observer_name=cdg"
        );
    }
}
