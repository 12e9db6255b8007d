//! What the names of a record are called here, whichever way it came.

use coldtrail_model::{Field, Table};

use crate::filling::{Filling, Values, address, fill};
use crate::url::Url;
use crate::{Collector, Stopped};

/// Kinds of threats that are names which were asked for, where the application is DNS.
const OF_NAMES: [&str; 3] = ["spyware", "dns", "domain-edl"];

/// Whether a table has a place for a record.
pub(super) fn has_place(record: &dyn Values) -> bool {
    table(record).is_some()
}

/// Makes a row of a record, if a table has a place for it.
pub(super) fn row(
    record: &dyn Values,
    moment: i64,
    observer: &str,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let Some((table, dataset)) = table(record) else { return Ok(()) };
    fill(collector, table, dataset, moment, record, |record| {
        parties(record, observer);
        match table {
            Table::Web => web(record),
            Table::Dns => dns(record),
            Table::Tls => tls(record),
            _ => flow(record),
        }
    })
}

/// What a record is, and its dataset.
fn table(record: &dyn Values) -> Option<(Table, &'static str)> {
    let subtype = record.text("Subtype").unwrap_or_default();
    let is_dns = || record.text("Application").is_some_and(|app| app.starts_with("dns"));
    match record.text("LogType")?.as_ref() {
        "TRAFFIC" => Some((Table::Flow, "palo_alto.traffic")),
        "THREAT" if subtype == "url" => Some((Table::Web, "palo_alto.url")),
        "URL" => Some((Table::Web, "palo_alto.url")),
        "THREAT" if OF_NAMES.contains(&subtype.as_ref()) && is_dns() => {
            Some((Table::Dns, "palo_alto.threat"))
        }
        "THREAT" => Some((Table::Flow, "palo_alto.threat")),
        "DECRYPTION" => Some((Table::Tls, "palo_alto.decryption")),
        "DNS" => Some((Table::Dns, "palo_alto.dns")),
        _ => None,
    }
}

/// Who acted, whom it reached, who saw it, and what that decided.
fn parties(record: &mut Filling<'_, '_, '_>, observer: &str) {
    // Firewalls behind a proxy may write whom it speaks for where the user should stand.
    if let Some(user) = record.value("SourceUser").filter(|user| !user.starts_with("x-fwd-for:")) {
        record.row().text(Field::UserName, &user.replace(r"\\", r"\"));
    }
    record
        .address(Field::SourceIp, "SourceAddress")
        .number(Field::SourcePort, "SourcePort")
        .address(Field::DestinationIp, "DestinationAddress")
        .address(Field::DestinationIp, "DNSResolverIP")
        .number(Field::DestinationPort, "DestinationPort")
        .text(Field::NetworkApplication, "Application")
        .text(Field::RuleName, "Rule")
        .action("Action")
        .lower(Field::ObserverName, "DeviceName");
    record.row().lower(Field::ObserverName, observer);
}

fn flow(record: &mut Filling<'_, '_, '_>) {
    record
        .transport("Protocol")
        .nanoseconds(Field::EventDuration, "SessionDuration")
        .number(Field::NetworkBytes, "Bytes")
        .number(Field::SourceBytes, "BytesSent")
        .number(Field::DestinationBytes, "BytesReceived")
        .number(Field::NetworkPackets, "PacketsTotal")
        .number(Field::SourcePackets, "PacketsSent")
        .number(Field::DestinationPackets, "PacketsReceived");
}

fn web(record: &mut Filling<'_, '_, '_>) {
    record
        .url("URL")
        .text(Field::UserAgentOriginal, "UserAgent")
        .text(Field::HttpRequestReferrer, "Referer")
        .text(Field::HttpResponseMimeType, "ContentType");
    if let Some(method) = record.value("HTTPMethod").filter(|method| method != "unknown") {
        record.row().text(Field::HttpRequestMethod, &method.to_ascii_uppercase());
    }
}

fn dns(record: &mut Filling<'_, '_, '_>) {
    if let Some(name) = record.value("URL") {
        let name = Url::parse(&name).host;
        if address(name).is_none() {
            record.row().domain(Field::DnsQuestionName, name);
        }
    }
    // Of an answer it is the type of each record, of which the last one is what was asked for.
    if let Some(kinds) = record.value("RecordType") {
        let kind = kinds.rsplit(',').next().unwrap_or_default();
        record.row().text(Field::DnsQuestionType, &kind.to_ascii_uppercase());
    }
    record.texts(Field::DnsAnswersData, "DNSResponse");
}

fn tls(record: &mut Filling<'_, '_, '_>) {
    record
        .domain(Field::TlsClientServerName, "ServerNameIndication")
        .text(Field::TlsCipher, "TLSEncryptionAlgorithm");
    if let Some(version) = record.value("TLSVersion")
        && let Some(number) = version.strip_prefix("TLS")
    {
        record.row().text(Field::TlsVersion, number.trim_start_matches('v'));
    }
    for (field, name) in
        [(Field::TlsServerSubject, "CommonName"), (Field::TlsServerIssuer, "IssuerCommonName")]
    {
        if let Some(common_name) = record.value(name) {
            record.row().text(field, &format!("CN={common_name}"));
        }
    }
}
