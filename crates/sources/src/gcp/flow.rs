//! Flows of a VPC, and what its firewall decided.
//!
//! <https://cloud.google.com/vpc/docs/about-flow-logs-records>,
//! <https://cloud.google.com/firewall/docs/firewall-rules-logging>.

use coldtrail_model::{Field, Table};

use crate::filling::{Filling, fill};
use crate::nested::Nested;
use crate::{Collector, Stopped, time};

pub(super) fn row(
    entry: Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let Some(payload) = entry.object("jsonPayload") else { return Ok(()) };
    let decided = payload.has("disposition");
    let dataset = if decided { "gcp.firewall" } else { "gcp.vpcflow" };
    let at = |name| payload.str(name).and_then(time::rfc3339);
    let (start, end) = (at("start_time"), at("end_time"));
    fill(collector, Table::Flow, dataset, start.unwrap_or(moment), &payload, |record| {
        record
            .address(Field::SourceIp, "connection.src_ip")
            .number(Field::SourcePort, "connection.src_port")
            .address(Field::DestinationIp, "connection.dest_ip")
            .number(Field::DestinationPort, "connection.dest_port")
            .transport("connection.protocol");
        if decided {
            firewall(record);
        } else {
            record
                .lower(Field::HostName, "src_instance.vm_name")
                .number(Field::SourceBytes, "bytes_sent")
                .number(Field::SourcePackets, "packets_sent");
        }
        if let (Some(start), Some(end)) = (start, end)
            && end >= start
        {
            record.row().number(Field::EventDuration, (end - start).saturating_mul(1000));
        }
    })
}

/// The machine that is watched is the source of what goes out.
fn firewall(record: &mut Filling<'_, '_, '_>) {
    record.action("disposition").text(Field::RuleName, "rule_details.reference");
    let (direction, host) = match record.value("rule_details.direction").as_deref() {
        Some("INGRESS") => ("inbound", "remote_instance.vm_name"),
        Some("EGRESS") => ("outbound", "instance.vm_name"),
        _ => return,
    };
    record.lower(Field::HostName, host).row().text(Field::NetworkDirection, direction);
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use crate::gcp::GcpJson;
    use crate::kept_rows::KeptRows;

    #[test]
    fn a_flow_begins_when_its_first_packet_was_seen() {
        let rows = KeptRows::of_object(
            &GcpJson,
            r#"{"logName":"projects/p/logs/compute.googleapis.com%2Fvpc_flows",
                "timestamp":"2024-05-04T10:00:09Z","jsonPayload":{"reporter":"SRC",
                "start_time":"2024-05-04T10:00:00Z","end_time":"2024-05-04T10:00:01.5Z",
                "connection":{"src_ip":"10.0.0.5","src_port":49200,"dest_ip":"192.0.2.7",
                    "dest_port":443,"protocol":6},
                "bytes_sent":"10","packets_sent":"2","src_instance":{"vm_name":"VM-1"}}}"#,
        );
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=gcp.vpcflow host_name=vm-1 \
             source_ip=10.0.0.5 source_port=49200 destination_ip=192.0.2.7 destination_port=443 \
             network_transport=tcp event_duration=1500000000 source_bytes=10 source_packets=2"
        );
    }

    #[test]
    fn the_firewall_says_what_it_decided() {
        let rows = KeptRows::of_object(
            &GcpJson,
            r#"{"insertId":"1","timestamp":"2024-05-04T10:00:00Z","jsonPayload":{
                "connection":{"src_ip":"10.0.0.5","dest_ip":"192.0.2.7","protocol":17},
                "disposition":"DENIED","instance":{"vm_name":"vm-1"},
                "rule_details":{"direction":"EGRESS","reference":"network:default/firewall:r"}}}"#,
        );
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=gcp.firewall host_name=vm-1 \
             source_ip=10.0.0.5 destination_ip=192.0.2.7 network_transport=udp \
             network_direction=outbound event_action=DENIED event_type=denied \
             rule_name=network:default/firewall:r"
        );
    }
}
