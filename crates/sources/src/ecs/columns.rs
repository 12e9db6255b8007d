//! Where the columns are in a document. All tables share the list: a column that a table lacks is not
//! asked for.

use std::borrow::Cow;

use coldtrail_model::Field;
use serde_json::Value;

use crate::filling::{Filling, address};

pub(super) fn set(document: &mut Filling<'_, '_, '_>) {
    actor(document);
    ends(document);
    event(document);
    dns(document);
    web(document);
    tls(document);
    process(document);
    cloud(document);
}

fn actor(document: &mut Filling<'_, '_, '_>) {
    document.lower(Field::HostName, "host.name").lower(Field::HostName, "host.hostname");
    for (domain, name) in [("user.domain", "user.name"), ("source.user.domain", "source.user.name")]
    {
        let Some(user) = document.value(name) else { continue };
        match document.value(domain) {
            // A domain of a mail address is no domain that the user belongs to.
            Some(domain) if !domain.contains('.') => {
                document.row().text(Field::UserName, &format!("{domain}\\{user}"));
            }
            _ => {
                document.row().text(Field::UserName, &user);
            }
        }
    }
    document
        .text(Field::UserName, "user.email")
        .text(Field::UserName, "client.user.email")
        .text(Field::UserId, "user.id")
        .text(Field::UserId, "user.email");
}

fn ends(document: &mut Filling<'_, '_, '_>) {
    for (field, name) in [
        (Field::SourceIp, "source.ip"),
        (Field::SourceIp, "client.ip"),
        (Field::DestinationIp, "destination.ip"),
        (Field::DestinationIp, "server.ip"),
    ] {
        // Some list both ends where they do not know who began.
        if let Some(text) = document.value(name)
            && let Some(address) = address(&text)
        {
            document.row().text(field, &address);
        }
    }
    document
        .number(Field::SourcePort, "source.port")
        .number(Field::SourcePort, "client.port")
        .number(Field::DestinationPort, "destination.port")
        .number(Field::DestinationPort, "server.port")
        .domain(Field::DestinationDomain, "destination.domain")
        .domain(Field::DestinationDomain, "server.domain")
        .text(Field::NetworkSessionId, "zeek.session_id")
        .text(Field::NetworkSessionId, "network.session_id")
        .number(Field::SourceBytes, "source.bytes")
        .number(Field::SourceBytes, "client.bytes")
        .number(Field::DestinationBytes, "destination.bytes")
        .number(Field::DestinationBytes, "server.bytes")
        .number(Field::SourcePackets, "source.packets")
        .number(Field::DestinationPackets, "destination.packets")
        .number(Field::NetworkBytes, "network.bytes")
        .number(Field::NetworkPackets, "network.packets")
        .transport("network.transport")
        .transport("network.iana_number")
        .lower(Field::NetworkProtocol, "network.protocol")
        .text(Field::NetworkApplication, "network.application");
    let direction = match document.value("network.direction").as_deref() {
        Some("egress" | "outbound") => "outbound",
        Some("ingress" | "inbound") => "inbound",
        _ => return,
    };
    document.row().text(Field::NetworkDirection, direction);
}

fn event(document: &mut Filling<'_, '_, '_>) {
    document
        .number(Field::EventDuration, "event.duration")
        .text(Field::EventOutcome, "event.outcome")
        .text(Field::EventProvider, "event.provider")
        .text(Field::ErrorCode, "error.code")
        .lower(Field::ObserverName, "observer.name")
        .lower(Field::ObserverName, "observer.hostname");
    for (field, name) in [(Field::EventAction, "event.action"), (Field::RuleName, "rule.name")] {
        if let Some(first) = first(document, name) {
            document.row().text(field, &first);
        }
    }
    let decision =
        all(document, "event.type").into_iter().find(|kind| kind == "allowed" || kind == "denied");
    document.row().text(Field::EventType, &decision.unwrap_or_default());
}

fn dns(document: &mut Filling<'_, '_, '_>) {
    document
        .domain(Field::DnsQuestionName, "dns.question.name")
        .text(Field::DnsQuestionType, "dns.question.type")
        .text(Field::DnsResponseCode, "dns.response_code")
        .texts(Field::DnsAnswersData, "dns.answers.data")
        .numbers(Field::DnsAnswersTtl, "dns.answers.ttl");
    let answers: Vec<Value> = all(document, "dns.answers")
        .iter()
        .filter_map(|text| serde_json::from_str(text).ok())
        .collect();
    let data: Vec<&str> =
        answers.iter().filter_map(|answer| answer.get("data")?.as_str()).collect();
    if !data.is_empty() {
        document.row().texts(Field::DnsAnswersData, data.iter().copied());
        let ttl: Vec<Option<i64>> = answers
            .iter()
            .filter(|answer| answer.get("data").is_some_and(Value::is_string))
            .map(|answer| answer.get("ttl").and_then(Value::as_i64))
            .collect();
        if ttl.iter().any(Option::is_some) {
            document.row().numbers(Field::DnsAnswersTtl, ttl.into_iter());
        }
    }
    document.texts(Field::DnsAnswersData, "dns.resolved_ip");
}

fn web(document: &mut Filling<'_, '_, '_>) {
    document
        .text(Field::HttpRequestMethod, "http.request.method")
        .number(Field::HttpResponseStatusCode, "http.response.status_code")
        .domain(Field::UrlDomain, "url.domain")
        .text(Field::UrlPath, "url.path")
        .text(Field::UrlQuery, "url.query")
        .url("url.full")
        .url("url.original")
        .text(Field::UserAgentOriginal, "user_agent.original")
        .text(Field::HttpRequestReferrer, "http.request.referrer")
        .number(Field::HttpRequestBodyBytes, "http.request.body.bytes")
        .number(Field::HttpResponseBodyBytes, "http.response.body.bytes")
        .number(Field::HttpRequestBytes, "http.request.bytes")
        .number(Field::HttpResponseBytes, "http.response.bytes")
        .text(Field::HttpResponseMimeType, "http.response.mime_type")
        .text(Field::HttpRequestBodyContent, "http.request.body.content")
        .text(Field::HttpResponseBodyContent, "http.response.body.content");
}

fn tls(document: &mut Filling<'_, '_, '_>) {
    document
        .domain(Field::TlsClientServerName, "tls.client.server_name")
        .text(Field::TlsVersion, "tls.version")
        .truth(Field::TlsEstablished, "tls.established")
        .text(Field::TlsClientJa3, "tls.client.ja3")
        .text(Field::TlsClientJa4, "tls.client.ja4")
        .text(Field::TlsServerJa3s, "tls.server.ja3s")
        .text(Field::TlsCipher, "tls.cipher")
        .text(Field::TlsServerSubject, "tls.server.subject")
        .text(Field::TlsServerIssuer, "tls.server.issuer")
        .texts(Field::X509AlternativeNames, "tls.server.x509.alternative_names");
}

fn process(document: &mut Filling<'_, '_, '_>) {
    for (path, name, written) in [
        (Field::ProcessExecutable, Field::ProcessName, "process.executable"),
        (Field::ProcessParentExecutable, Field::ProcessParentName, "process.parent.executable"),
    ] {
        if let Some(image) = document.value(written) {
            document.row().image(path, name, &image);
        }
    }
    document
        .lower(Field::ProcessName, "process.name")
        .number(Field::ProcessPid, "process.pid")
        .text(Field::ProcessEntityId, "process.entity_id")
        .text(Field::ProcessCommandLine, "process.command_line")
        .text(Field::ProcessHashSha256, "process.hash.sha256")
        .lower(Field::ProcessParentName, "process.parent.name")
        .text(Field::ProcessParentCommandLine, "process.parent.command_line")
        .text(Field::FilePath, "file.path")
        .text(Field::FileHashSha256, "file.hash.sha256")
        .text(Field::ScriptBlockText, "powershell.file.script_block_text")
        .text(Field::ScriptBlockId, "powershell.file.script_block_id")
        .number(Field::ScriptSequence, "powershell.sequence")
        .number(Field::ScriptTotal, "powershell.total");
}

fn cloud(document: &mut Filling<'_, '_, '_>) {
    document
        .text(Field::CloudProvider, "cloud.provider")
        .text(Field::CloudAccountId, "cloud.account.id")
        .text(Field::CloudProjectId, "cloud.project.id")
        .text(Field::CloudRegion, "cloud.region")
        .text(Field::CloudServiceName, "cloud.service.name")
        .text(Field::CloudServiceName, "service.name")
        .text(Field::FaasName, "faas.name")
        .text(Field::FaasExecution, "faas.execution")
        .text(Field::FaasTriggerType, "faas.trigger.type")
        .truth(Field::FaasColdstart, "faas.coldstart");
}

/// The elements of a list, or the only one.
fn all<'d>(document: &Filling<'d, '_, '_>, name: &'static str) -> Vec<Cow<'d, str>> {
    document.list(name).unwrap_or_default()
}

fn first<'d>(document: &Filling<'d, '_, '_>, name: &'static str) -> Option<Cow<'d, str>> {
    all(document, name).into_iter().next()
}
