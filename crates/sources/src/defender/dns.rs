//! `DeviceEvents` of the kind `DnsQueryResponse`: what a process asked the resolver of Windows.

use coldtrail_model::Field;
use serde_json::Value;

use super::actor;
use super::additional::Additional;
use crate::filling::{Filling, Values};

/// Whether there is a question in the additional fields.
pub(super) fn asks(additional: &Additional) -> bool {
    additional.text("DnsQueryString").is_some()
}

/// `IdentityQueryEvents` of the kind `DNS query`: what somebody asked a domain controller, as its sensor saw.
pub(super) fn identity_columns(record: &mut Filling<'_, '_, '_>, _: &Additional) {
    actor::device(record);
    actor::account(record, "AccountDomain", "AccountName");
    record
        .address(Field::SourceIp, "IPAddress")
        .number(Field::SourcePort, "Port")
        .address(Field::DestinationIp, "DestinationIPAddress")
        .number(Field::DestinationPort, "DestinationPort")
        .domain(Field::DnsQuestionName, "QueryTarget")
        .lower(Field::ObserverName, "DestinationDeviceName")
        .text(Field::EventAction, "ActionType");
    let kind = record.value("QueryType").unwrap_or_default();
    record.row().text(Field::DnsQuestionType, query_type(&kind));
}

/// The type of a record in words, as its letters.
fn query_type(word: &str) -> &str {
    match word {
        "Text" => "TXT",
        "HostAddress" | "Ipv4Address" => "A",
        "Ipv6Address" | "Ip6Address" => "AAAA",
        "CanonicalName" => "CNAME",
        "MailExchange" => "MX",
        "AllRecords" | "All" => "ANY",
        word => word,
    }
}

pub(super) fn columns(record: &mut Filling<'_, '_, '_>, additional: &Additional) {
    actor::device(record);
    actor::initiating_process(record);
    record
        .from(additional)
        .domain(Field::DnsQuestionName, "DnsQueryString")
        .text(Field::DnsQuestionType, "DnsQueryType");
    let answers = additional.objects("DnsQueryResult");
    let results: Vec<&str> =
        answers.iter().filter_map(|answer| answer.get("Result").and_then(Value::as_str)).collect();
    if !results.is_empty() {
        record.row().texts(Field::DnsAnswersData, results.into_iter());
    }
}
