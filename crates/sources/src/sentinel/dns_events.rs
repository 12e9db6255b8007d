//! `DnsEvents`: what the agent gathers from DNS servers of Windows
//! (<https://learn.microsoft.com/azure/azure-monitor/reference/tables/dnsevents>).

use coldtrail_model::{Field, Table};

use super::{Columns, Object};
use crate::filling::{Values, fill};
use crate::{Collector, Stopped};

/// Makes a row of a query; names that were registered and changes of the server make none.
pub(super) fn rows(object: &Object, collector: &mut Collector<'_>) -> Result<(), Stopped> {
    let columns = Columns(object);
    let asks = columns.text("SubType").is_none_or(|kind| kind == "LookupQuery");
    if !asks || columns.text("Name").is_none() {
        return Ok(());
    }
    let Some(moment) = super::moment(&columns, collector) else { return Ok(()) };
    fill(collector, Table::Dns, "sentinel.dns_events", moment, &columns, |row| {
        row.address(Field::SourceIp, "ClientIP")
            .domain(Field::DnsQuestionName, "Name")
            .text(Field::DnsQuestionType, "QueryType")
            .texts(Field::DnsAnswersData, "IPAddresses")
            .lower(Field::ObserverName, "Computer");
        let code = row.value("ResultCode").unwrap_or_default();
        row.row().text(Field::DnsResponseCode, crate::windows_dns::response_code_of(&code));
    })
}
