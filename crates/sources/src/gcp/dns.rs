//! Queries that machines of a VPC sent to Cloud DNS: <https://cloud.google.com/dns/docs/monitoring>.

use coldtrail_model::{Field, Table};
use serde_json::Value;

use crate::filling::{Filling, fill};
use crate::nested::Nested;
use crate::{Collector, Stopped};

pub(super) fn row(
    entry: Nested<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let Some(payload) = entry.object("jsonPayload") else { return Ok(()) };
    fill(collector, Table::Dns, "gcp.dns", moment, &payload, |record| {
        record
            .address(Field::SourceIp, "sourceIP")
            .address(Field::DestinationIp, "destinationIP")
            .domain(Field::DnsQuestionName, "queryName")
            .text(Field::DnsQuestionType, "queryType")
            .text(Field::DnsResponseCode, "responseCode");
        if let Some(machine) = record.value("vmInstanceName") {
            // The project's number stands in front.
            let name = machine.split_once('.').map_or(machine.as_ref(), |(_, name)| name);
            record.row().lower(Field::HostName, name);
        }
        answers(record, payload);
    })
}

/// Answers are lines of a zone file, or for zones that all the world may ask, objects.
fn answers(record: &mut Filling<'_, '_, '_>, payload: Nested<'_>) {
    let lines = payload.str("rdata").unwrap_or_default();
    let objects = payload.elements("structuredRdata").iter().filter_map(structured);
    let answers: Vec<_> = lines.lines().filter_map(answer).chain(objects).collect();
    if answers.is_empty() {
        return;
    }
    let row = record.row();
    row.texts(Field::DnsAnswersData, answers.iter().map(|(_, data)| *data));
    row.numbers(Field::DnsAnswersTtl, answers.iter().map(|(ttl, _)| *ttl));
}

/// `{"rvalue":"192.0.2.7","ttl":"300",…}`
fn structured(answer: &Value) -> Option<(Option<i64>, &str)> {
    let ttl = answer.get("ttl").and_then(|ttl| ttl.as_i64().or_else(|| ttl.as_str()?.parse().ok()));
    let data = answer.get("rvalue")?.as_str()?;
    Some((ttl, data.strip_suffix('.').unwrap_or(data)))
}

/// Name, seconds to live, class, type, and data.
fn answer(line: &str) -> Option<(Option<i64>, &str)> {
    let mut cells = line.splitn(5, '\t');
    let ttl = cells.nth(1)?.parse().ok();
    let data = cells.nth(2)?.trim_ascii();
    Some((ttl, data.strip_suffix('.').unwrap_or(data)))
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use crate::gcp::GcpJson;
    use crate::kept_rows::KeptRows;

    #[test]
    fn answers_may_be_objects() {
        let rows = KeptRows::of_object(
            &GcpJson,
            r#"{"insertId":"1","timestamp":"2024-05-04T10:00:00Z","jsonPayload":{
                "queryName":"a.example.","queryType":"NS","structuredRdata":[
                {"rvalue":"ns1.example.","ttl":"300"},{"rvalue":"ns2.example.","ttl":60}]}}"#,
        );
        let row = rows.only(Table::Dns);
        assert!(
            row.ends_with("dns_answers_data=[ns1.example|ns2.example] dns_answers_ttl=[300|60]"),
            "{row}"
        );
    }

    #[test]
    fn answers_are_lines() {
        let rows = KeptRows::of_object(
            &GcpJson,
            r#"{"logName":"projects/p/logs/dns.googleapis.com%2Fdns_queries",
                "timestamp":"2024-05-04T10:00:00Z","jsonPayload":{"sourceIP":"10.0.0.5",
                "queryName":"A.workers.dev.","queryType":"A","responseCode":"NOERROR",
                "vmInstanceName":"1.vm-1","rdata":
                "a.workers.dev.\t300\tIN\tcname\tb.example.\nb.example.\t60\tIN\ta\t192.0.2.7"}}"#,
        );
        assert_eq!(
            rows.only(Table::Dns),
            "timestamp=1714816800000000 event_dataset=gcp.dns host_name=vm-1 source_ip=10.0.0.5 \
             dns_question_name=a.workers.dev dns_question_type=A dns_response_code=NOERROR \
             dns_answers_data=[b.example|192.0.2.7] dns_answers_ttl=[300|60]"
        );
    }
}
