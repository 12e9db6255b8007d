//! Where a vendor's document holds what our columns hold.

use coldtrail_model::Field;
use serde_json::Value;

/// The names that a column's value has in documents; the first one that is set counts.
///
/// Where ECS has no name, as for Zeek's uid, it is the vendors'. Nothing is compared where the list
/// is empty: the record's place is ours alone, and we name datasets ourselves.
pub(super) fn names(field: Field) -> &'static [&'static str] {
    match field {
        Field::EventDataset
        | Field::RecordSource
        | Field::RecordOffset
        | Field::RecordLength
        | Field::RecordOriginal => &[],
        Field::Timestamp => &["@timestamp"],
        Field::HostName => &["host.name"],
        Field::UserName => &["user.name", "source.user.name"],
        Field::SourceIp => &["source.ip", "client.ip"],
        Field::SourcePort => &["source.port", "client.port"],
        Field::DestinationIp => &["destination.ip", "server.ip"],
        Field::DestinationPort => &["destination.port", "server.port"],
        Field::DestinationDomain => &["destination.domain"],
        Field::NetworkTransport => &["network.transport"],
        Field::NetworkProtocol => &["network.protocol"],
        Field::NetworkDirection => &["network.direction"],
        Field::NetworkSessionId => &["zeek.session_id", "suricata.eve.flow_id"],
        Field::EventDuration => &["event.duration"],
        Field::EventAction => &["event.action"],
        Field::SourceBytes => &["source.bytes", "client.bytes"],
        Field::DestinationBytes => &["destination.bytes", "server.bytes"],
        Field::DnsQuestionName => &["dns.question.name"],
        Field::DnsQuestionType => &["dns.question.type"],
        Field::DnsResponseCode => &["dns.response_code"],
        Field::DnsAnswersData => &["dns.answers.data"],
        Field::DnsAnswersTtl => &["dns.answers.ttl"],
        Field::HttpRequestMethod => &["http.request.method"],
        Field::HttpResponseStatusCode => &["http.response.status_code"],
        Field::UrlFull => &["url.full", "url.original"],
        Field::UrlDomain => &["url.domain"],
        Field::UrlPath => &["url.path"],
        Field::UrlQuery => &["url.query"],
        Field::UserAgentOriginal => &["user_agent.original"],
        Field::HttpRequestReferrer => &["http.request.referrer"],
        Field::HttpRequestBodyBytes => &["http.request.body.bytes"],
        Field::HttpResponseBodyBytes => &["http.response.body.bytes"],
        Field::TlsClientServerName => &["tls.client.server_name"],
        Field::TlsVersion => &["tls.version"],
        Field::TlsEstablished => &["tls.established"],
        Field::TlsClientJa3 => &["tls.client.ja3"],
        Field::TlsClientJa4 => &["tls.client.ja4"],
        Field::TlsServerSubject => &["tls.server.subject"],
        Field::TlsServerIssuer => &["tls.server.issuer"],
        Field::X509AlternativeNames => {
            &["tls.server.x509.alternative_names", "x509.alternative_names"]
        }
        Field::ProcessName => &["process.name"],
        Field::ProcessExecutable => &["process.executable"],
        Field::ProcessPid => &["process.pid"],
        Field::ProcessEntityId => &["process.entity_id"],
        Field::ProcessCommandLine => &["process.command_line"],
        Field::ProcessHashSha256 => &["process.hash.sha256"],
        Field::ProcessParentName => &["process.parent.name"],
        Field::ProcessParentExecutable => &["process.parent.executable"],
        Field::ProcessParentCommandLine => &["process.parent.command_line"],
        Field::FilePath => &["file.path"],
        Field::FileHashSha256 => &["file.hash.sha256"],
        Field::ScriptBlockText => &["powershell.file.script_block_text"],
        Field::ScriptBlockId => &["powershell.file.script_block_id"],
        Field::ScriptSequence => &["powershell.sequence"],
        Field::ScriptTotal => &["powershell.total"],
    }
}

/// The column's values in a document, in order; empty where the vendor has none.
pub(super) fn values(document: &Value, field: Field) -> Vec<&Value> {
    let found = names(field).iter().map(|name| at(document, name));
    found.into_iter().find(|values| !values.is_empty()).unwrap_or_default()
}

/// The values at a dotted name, whether objects are nested or their keys hold the dots. Of the
/// elements of a list, all are taken.
pub(super) fn at<'d>(document: &'d Value, name: &str) -> Vec<&'d Value> {
    let mut values = Vec::new();
    collect(document, name, &mut values);
    values
}

fn collect<'d>(value: &'d Value, name: &str, values: &mut Vec<&'d Value>) {
    match value {
        Value::Array(elements) => {
            elements.iter().for_each(|element| collect(element, name, values));
        }
        Value::Object(_) if name.is_empty() => {}
        Value::Object(object) => {
            if let Some(whole) = object.get(name) {
                collect(whole, "", values);
                return;
            }
            let splits = name.match_indices('.').map(|(place, _)| name.split_at(place));
            for (key, rest) in splits {
                if let Some(inner) = object.get(key) {
                    collect(inner, rest.trim_start_matches('.'), values);
                }
            }
        }
        // What stands for nothing in one format or another is nothing.
        Value::Null => {}
        Value::String(text) if text.is_empty() || text == "-" => {}
        scalar if name.is_empty() => values.push(scalar),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Field;
    use serde_json::json;

    use super::{at, values};

    #[test]
    fn names_are_found_nested_and_dotted() {
        let nested = json!({"dns": {"question": {"name": "a.example"}}});
        let dotted = json!({"dns.question.name": "a.example"});
        let mixed = json!({"dns": {"question.name": "a.example"}});
        for document in [nested, dotted, mixed] {
            assert_eq!(values(&document, Field::DnsQuestionName), [&json!("a.example")]);
        }
    }

    #[test]
    fn elements_of_a_list_are_taken_in_order() {
        let document = json!({"dns": {"answers": [{"data": "a"}, {"type": "A"}, {"data": "b"}]}});
        assert_eq!(at(&document, "dns.answers.data"), [&json!("a"), &json!("b")]);
    }

    #[test]
    fn what_stands_for_nothing_is_nothing() {
        let document = json!({"user": {"name": "-"}, "source": {"user": {"name": "ann"}}, "x": []});
        assert_eq!(values(&document, Field::UserName), [&json!("ann")]);
        assert!(at(&document, "x").is_empty());
        assert!(values(&document, Field::RecordSource).is_empty());
    }
}
