//! Vendors' documents in the Open Cybersecurity Schema Framework, as ECS
//! (<https://schema.ocsf.io>).

use serde_json::{Map, Value};

use super::ecs;

/// The class of records that are about a process itself; in all others, it is the actor.
const PROCESS_ACTIVITY: u64 = 1007;

/// Names of OCSF and those of ECS with the same meaning, in every class.
const NAMES: [(&str, &str); 35] = [
    ("time", "@timestamp"),
    ("device.hostname", "host.name"),
    ("src_endpoint.ip", "source.ip"),
    ("src_endpoint.port", "source.port"),
    ("dst_endpoint.ip", "destination.ip"),
    ("dst_endpoint.port", "destination.port"),
    ("dst_endpoint.hostname", "destination.domain"),
    ("connection_info.protocol_name", "network.transport"),
    ("connection_info.uid", "zeek.session_id"),
    ("app_protocol_name", "network.protocol"),
    ("traffic.bytes_out", "source.bytes"),
    ("traffic.bytes_in", "destination.bytes"),
    ("query.hostname", "dns.question.name"),
    ("query.type", "dns.question.type"),
    ("answers.rdata", "dns.answers.data"),
    ("answers.ttl", "dns.answers.ttl"),
    ("http_response.code", "http.response.status_code"),
    ("http_request.url.url_string", "url.full"),
    ("http_request.url.hostname", "url.domain"),
    ("http_request.url.path", "url.path"),
    ("http_request.url.query_string", "url.query"),
    ("http_request.user_agent", "user_agent.original"),
    ("http_request.referrer", "http.request.referrer"),
    ("http_request.body_length", "http.request.body.bytes"),
    ("http_response.body_length", "http.response.body.bytes"),
    ("tls.sni", "tls.client.server_name"),
    ("tls.version", "tls.version"),
    ("tls.ja3_hash.value", "tls.client.ja3"),
    ("tls.certificate.subject", "tls.server.subject"),
    ("tls.certificate.issuer", "tls.server.issuer"),
    ("file.path", "file.path"),
    ("script.script_content.value", "powershell.file.script_block_text"),
    ("script.uid", "powershell.file.script_block_id"),
    ("actor.user.name", "user.name"),
    ("actor.user.domain", "user.domain"),
];

/// Names below the process.
const PROCESS_NAMES: [(&str, &str); 9] = [
    ("name", "process.name"),
    ("file.name", "process.name"),
    ("file.path", "process.executable"),
    ("pid", "process.pid"),
    ("uid", "process.entity_id"),
    ("cmd_line", "process.command_line"),
    ("parent_process.file.name", "process.parent.name"),
    ("parent_process.file.path", "process.parent.executable"),
    ("parent_process.cmd_line", "process.parent.command_line"),
];

/// The same record in ECS; null where it says nothing that ECS has a name for.
pub(super) fn as_ecs(record: &Value) -> Value {
    let mut document = Map::new();
    for (ocsf, name) in NAMES {
        set(&mut document, name, ecs::at(record, ocsf));
    }
    let class = record["class_uid"].as_u64();
    let process = if class == Some(PROCESS_ACTIVITY) { "process" } else { "actor.process" };
    for (ocsf, name) in PROCESS_NAMES {
        set(&mut document, name, ecs::at(record, &format!("{process}.{ocsf}")));
    }
    let first = |name: &str| ecs::at(record, name).into_iter().next();
    let text = |name: &str| first(name).and_then(Value::as_str);
    if let Some(method) = text("http_request.http_method") {
        document.insert("http.request.method".into(), method.to_uppercase().into());
    }
    if let Some(code) = text("rcode") {
        document.insert("dns.response_code".into(), code.to_uppercase().into());
    }
    if let Some(direction @ ("Inbound" | "Outbound")) = text("connection_info.direction") {
        document.insert("network.direction".into(), direction.into());
    }
    if let Some(milliseconds) = first("duration").and_then(Value::as_u64) {
        document.insert("event.duration".into(), (milliseconds * 1_000_000).into());
    }
    if document.is_empty() { Value::Null } else { Value::Object(document) }
}

fn set(document: &mut Map<String, Value>, name: &str, values: Vec<&Value>) {
    let value = match values.as_slice() {
        [] => return,
        [only] => (*only).clone(),
        values => values.iter().map(|value| (*value).clone()).collect(),
    };
    document.entry(name).or_insert(value);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::as_ecs;

    #[test]
    fn a_connection_has_an_actor() {
        let record = json!({
            "class_uid": 4001, "time": "2025-03-22T10:16:05Z", "duration": 65_338,
            "actor": {"process": {"file": {"path": "C:\\a.exe"}}, "user": {"name": "ann"}},
            "connection_info": {"direction": "Outbound", "protocol_name": "tcp"},
            "answers": [{"rdata": "a.example"}, {"rdata": "192.0.2.7"}], "rcode": "NoError",
        });
        let expected = json!({
            "@timestamp": "2025-03-22T10:16:05Z", "event.duration": 65_338_000_000_u64,
            "process.executable": "C:\\a.exe", "user.name": "ann", "network.direction": "Outbound",
            "network.transport": "tcp", "dns.answers.data": ["a.example", "192.0.2.7"],
            "dns.response_code": "NOERROR",
        });
        assert_eq!(as_ecs(&record), expected);
    }

    #[test]
    fn a_process_that_starts_is_not_its_actor() {
        let record = json!({
            "class_uid": 1007, "process": {"name": "a.exe", "file": {"name": "b.exe"}},
            "actor": {"process": {"name": "c.exe"}},
        });
        assert_eq!(as_ecs(&record), json!({"process.name": "a.exe"}));
        assert_eq!(as_ecs(&json!({"x": 42})), Value::Null);
    }
}
