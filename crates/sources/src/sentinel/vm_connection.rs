//! `VMConnection`: connections of virtual machines that Azure watches, summed up by the minute
//! (<https://learn.microsoft.com/azure/azure-monitor/reference/tables/vmconnection>).

use coldtrail_model::{Field, Table};

use super::{Columns, Object};
use crate::filling::{Values, fill};
use crate::{Collector, Stopped};

/// Makes a row of a minute of a connection.
pub(super) fn rows(object: &Object, collector: &mut Collector<'_>) -> Result<(), Stopped> {
    let columns = Columns(object);
    let Some(moment) = super::moment(&columns, collector) else { return Ok(()) };
    let is_inbound = columns.text("Direction").as_deref() == Some("inbound");
    let name = ["RemoteDnsQuestions", "RemoteDnsCanonicalNames"]
        .iter()
        .find_map(|name| columns.texts(name)?.into_iter().next());
    fill(collector, Table::Flow, "sentinel.vm_connection", moment, &columns, |row| {
        row.lower(Field::HostName, "Computer")
            .lower(Field::ProcessName, "ProcessName")
            .address(Field::SourceIp, "SourceIp")
            .address(Field::DestinationIp, "DestinationIp")
            .number(Field::DestinationPort, "DestinationPort")
            .transport("Protocol");
        if let Some(direction @ ("inbound" | "outbound")) = row.value("Direction").as_deref() {
            row.row().text(Field::NetworkDirection, direction);
        }
        // Sent is what the machine sent, which is at the other end when somebody came in.
        if is_inbound {
            row.number(Field::DestinationBytes, "BytesSent")
                .number(Field::SourceBytes, "BytesReceived");
        } else {
            row.number(Field::SourceBytes, "BytesSent")
                .number(Field::DestinationBytes, "BytesReceived");
            row.row().domain(Field::DestinationDomain, &name.unwrap_or_default());
        }
    })
}
