//! Connections: through the gateway, through Spectrum, and packets at the edge.

use coldtrail_model::{Field, Table};

use crate::filling::{Filling, fill};
use crate::nested::Nested;
use crate::{Collector, Stopped, time};

/// A session of a device, as the gateway judged it.
pub(super) fn gateway(
    record: Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    fill(collector, Table::Flow, "cloudflare.gateway_network", moment, &record, |filling| {
        device(filling);
        filling
            .address(Field::DestinationIp, "DestinationIP")
            .number(Field::DestinationPort, "DestinationPort")
            .domain(Field::DestinationDomain, "SNI")
            .transport("Transport")
            .action("Action")
            .text(Field::RuleName, "PolicyName");
    })
}

/// A session of a device, with what went through it.
pub(super) fn session(
    record: Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let end = record.str("SessionEndTime").and_then(time::rfc3339);
    fill(collector, Table::Flow, "cloudflare.network_session", moment, &record, |filling| {
        device(filling);
        filling
            .address(Field::DestinationIp, "OriginIP")
            .number(Field::DestinationPort, "OriginPort")
            .transport("Protocol")
            .number(Field::SourceBytes, "BytesSent")
            .number(Field::DestinationBytes, "BytesReceived")
            .text(Field::EventAction, "ConnectionCloseReason");
        if let Some(duration) = end.and_then(|end| end.checked_sub(moment)).filter(|it| *it >= 0) {
            filling.row().number(Field::EventDuration, duration.saturating_mul(1000));
        }
    })
}

fn device(filling: &mut Filling<'_, '_, '_>) {
    filling
        .lower(Field::HostName, "DeviceName")
        .text(Field::UserName, "Email")
        .address(Field::SourceIp, "SourceIP")
        .number(Field::SourcePort, "SourcePort")
        .text(Field::NetworkSessionId, "SessionID");
}

/// A connection to an application behind Spectrum.
pub(super) fn spectrum(
    record: Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    fill(collector, Table::Flow, "cloudflare.spectrum", moment, &record, |filling| {
        filling
            .address(Field::SourceIp, "ClientIP")
            .number(Field::SourcePort, "ClientPort")
            .address(Field::DestinationIp, "OriginIP")
            .number(Field::DestinationPort, "OriginPort")
            .transport("ClientProto")
            .number(Field::SourceBytes, "ClientBytes")
            .number(Field::DestinationBytes, "OriginBytes")
            .text(Field::EventAction, "Event");
    })
}

/// A sampled packet.
pub(super) fn packets(
    record: Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    fill(collector, Table::Flow, "cloudflare.network_analytics", moment, &record, |filling| {
        filling
            .address(Field::SourceIp, "IPSourceAddress")
            .number(Field::SourcePort, "SourcePort")
            .address(Field::DestinationIp, "IPDestinationAddress")
            .number(Field::DestinationPort, "DestinationPort")
            .transport("IPProtocolName")
            .number(Field::NetworkBytes, "IPTotalLength")
            .action("Outcome");
        let direction = match filling.value("Direction").as_deref() {
            Some("ingress") => "inbound",
            Some("egress") => "outbound",
            _ => return,
        };
        filling.row().text(Field::NetworkDirection, direction);
    })
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use crate::cloudflare::CloudflareJson;
    use crate::kept_rows::KeptRows;

    #[test]
    fn a_session_through_the_gateway() {
        let gateway = KeptRows::of_object(
            &CloudflareJson,
            r#"{"Datetime":1714816800000000000,"DeviceName":"WS01","Email":"jane@example.com",
            "SourceIP":"10.0.0.5","SourcePort":49200,"DestinationIP":"192.0.2.7","DestinationPort":443,
            "SNI":"A.workers.dev","Transport":"tcp","Action":"allowedOnNoRuleMatch","SessionID":"s",
            "PolicyName":""}"#,
        );
        assert_eq!(
            gateway.only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=cloudflare.gateway_network host_name=ws01 \
             user_name=jane@example.com source_ip=10.0.0.5 source_port=49200 \
             destination_ip=192.0.2.7 destination_port=443 network_session_id=s \
             destination_domain=a.workers.dev network_transport=tcp \
             event_action=allowedOnNoRuleMatch event_type=allowed"
        );
        let session = KeptRows::of_object(
            &CloudflareJson,
            r#"{"SessionStartTime":"2024-05-04T10:00:00Z","SessionEndTime":"2024-05-04T10:00:02Z",
            "SourceIP":"10.0.0.5","OriginIP":"192.0.2.7","OriginPort":443,"Protocol":"TCP",
            "BytesSent":10,"BytesReceived":20}"#,
        );
        assert_eq!(
            session.only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=cloudflare.network_session \
             source_ip=10.0.0.5 destination_ip=192.0.2.7 destination_port=443 \
             network_transport=tcp event_duration=2000000000 source_bytes=10 destination_bytes=20"
        );
    }
}
