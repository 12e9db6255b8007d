//! Suricata's `eve.json` of the hosts that it sees: a `flow` when a connection has ended, and the
//! `dns`, `tls` or `http` transactions in it
//! (<https://docs.suricata.io/en/latest/output/eve/eve-json-format.html>).

use coldtrail_model::Timestamp;
use serde_json::{Value, json as object};

use super::{RenderError, RenderedFile, clock, json};
use crate::timing::after;
use crate::{Exchange, Random, Tap, Timeline, Wire, names};

pub(super) fn render(timeline: &Timeline) -> Result<Vec<RenderedFile>, RenderError> {
    let seen = timeline.exchanges.iter().filter(|it| it.process.host.tap == Tap::Suricata);
    let mut events = Vec::new();
    for exchange in seen {
        for (written, event) in self::events(exchange) {
            events.push((written, json::text(&event)?));
        }
    }
    if events.is_empty() {
        return Ok(Vec::new());
    }
    events.sort();
    let text: String = events.into_iter().map(|(_, event)| event + "\n").collect();
    Ok(vec![RenderedFile::rotated("suricata/eve.json", &text)?])
}

/// What is written of an exchange, each with the moment.
fn events(exchange: &Exchange) -> Vec<(Timestamp, Value)> {
    let mut events = Vec::new();
    if let Some(lookup) = &exchange.lookup {
        let mut event = event(exchange, lookup.time, "dns", &lookup.uid);
        event["src_port"] = lookup.local_port.into();
        event["dest_ip"] = names::DOMAIN_CONTROLLER_ADDRESS.to_string().into();
        event["dest_port"] = 53.into();
        event["proto"] = "UDP".into();
        event["dns"] = object!({
            "version": 2, "type": "answer", "id": lookup.transaction, "flags": "8180", "qr": true,
            "rd": true, "ra": true, "rrname": exchange.name, "rrtype": "A", "rcode": "NOERROR",
            "answers": [{"rrname": exchange.name, "rrtype": "A", "ttl": lookup.time_to_live,
                         "rdata": exchange.address.to_string()}],
        });
        events.push((lookup.time, event));
    }
    let ended = after(exchange.time, exchange.duration);
    match exchange.wire {
        Wire::Tls => {
            let mut event = event(exchange, exchange.time, "tls", &exchange.uid);
            let version = exchange.process.program.tls.version.replace("TLSv1", "TLS 1.");
            event["tls"] = object!({"sni": exchange.name, "version": version});
            events.push((exchange.time, event));
        }
        Wire::Http { path } => {
            let mut event = event(exchange, exchange.time, "http", &exchange.uid);
            event["http"] = object!({
                "hostname": exchange.name, "url": path, "http_method": "GET", "status": 200,
                "http_user_agent": exchange.process.program.user_agent, "protocol": "HTTP/1.1",
                "length": exchange.bytes_down,
            });
            events.push((exchange.time, event));
        }
        Wire::Kerberos | Wire::Smb => {}
    }
    let packets = |bytes: u64| 4 + bytes.div_ceil(1460);
    let mut event = event(exchange, ended, "flow", &exchange.uid);
    event["flow"] = object!({
        "pkts_toserver": packets(exchange.bytes_up), "pkts_toclient": packets(exchange.bytes_down),
        "bytes_toserver": exchange.bytes_up + 40 * packets(exchange.bytes_up),
        "bytes_toclient": exchange.bytes_down + 40 * packets(exchange.bytes_down),
        "start": stamp(exchange.time), "end": stamp(ended), "age": exchange.duration.as_secs(),
        "state": "closed", "reason": "timeout", "alerted": false,
    });
    events.push((ended, event));
    events
}

/// What every event has.
fn event(exchange: &Exchange, time: Timestamp, kind: &str, flow: &str) -> Value {
    let protocol = match exchange.wire {
        Wire::Tls => "tls",
        Wire::Http { .. } => "http",
        Wire::Kerberos => "krb5",
        Wire::Smb => "smb",
    };
    object!({
        "timestamp": stamp(time),
        "flow_id": Random::new(0).fork("flow").fork(flow).number() >> 12,
        "in_iface": "eth1", "event_type": kind,
        "src_ip": exchange.process.host.address.to_string(), "src_port": exchange.local_port,
        "dest_ip": exchange.address.to_string(), "dest_port": exchange.wire.port(),
        "proto": "TCP",
        "app_proto": if kind == "dns" { "dns" } else { protocol },
    })
}

fn stamp(time: Timestamp) -> String {
    clock::format(time, "%Y-%m-%dT%H:%M:%S%.6f+0000")
}
