//! Route 53: queries that the resolver of a network answered, and those for zones that it serves.
//!
//! * <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs-format.html>
//! * <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/query-logs.html>

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{Field, Table};
use serde_json::{Map, Value};

use super::exported;
use crate::decision::decision;
use crate::filling::{Filling, Values, fill};
use crate::format::{JsonShape, LineShape};
use crate::framing::columns::Cells;
use crate::log_lines::LogLine;
use crate::nested::Nested;
use crate::{Collector, Stopped, time};

/// Queries to the resolver of a network.
pub(crate) struct Route53Resolver;

/// Queries for public zones, one on a line.
pub(crate) struct Route53Lines;

impl JsonShape for Route53Resolver {
    fn name(&self) -> &'static str {
        "aws-route53-resolver"
    }

    fn claims(&self, object: &Map<String, Value>) -> bool {
        ["query_timestamp", "query_name", "srcaddr"].iter().all(|name| object.contains_key(*name))
    }

    fn rows(
        &self,
        object: &Map<String, Value>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        let record = Nested(object);
        let answers = record.texts("answers.Rdata").unwrap_or_default();
        row("aws.route53_resolver", &record, collector, |row| {
            let names = answers.iter().map(|answer| answer.strip_suffix('.').unwrap_or(answer));
            row.row().texts(Field::DnsAnswersData, names);
            firewall(row);
        })
    }
}

impl LineShape for Route53Lines {
    fn name(&self) -> &'static str {
        "aws-route53"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        cells(line).is_some()
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let Some(cells) = cells(line) else { return Ok(()) };
        row("aws.route53", &Cells { names: &NAMES, cells: &cells }, collector, |_| {})
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "1.0 2024-05-04T10:00:00.123Z Z0123ABCD a.example A NOERROR UDP FRA6 192.0.2.7 198.51.100.0/24",
        ]
    }
}

const NAMES: [&str; 10] = [
    "version",
    "query_timestamp",
    "zone",
    "query_name",
    "query_type",
    "rcode",
    "transport",
    "edge",
    "srcaddr",
    "subnet",
];

fn cells<'l>(line: &LogLine<'l>) -> Option<Vec<&'l str>> {
    [line.text, line.message].into_iter().find_map(|text| {
        let (_, text) = exported(text.trim_end());
        let cells: Vec<&str> =
            if text.starts_with("1.") { text.split(' ').collect() } else { return None };
        let is_query = cells.len() == NAMES.len()
            && cells.get(2).is_some_and(|zone| zone.starts_with('Z'))
            && cells.get(6).is_some_and(|transport| matches!(*transport, "UDP" | "TCP"));
        is_query.then_some(cells)
    })
}

fn row(
    dataset: &str,
    record: &dyn Values,
    collector: &mut Collector<'_>,
    more: impl FnOnce(&mut Filling<'_, '_, '_>),
) -> Result<(), Stopped> {
    let written = record.text("query_timestamp").unwrap_or_default();
    let Some(moment) = time::rfc3339_assuming_utc(&written) else {
        collector.anomaly(Anomaly::InvalidTimestamp, &written);
        return Ok(());
    };
    fill(collector, Table::Dns, dataset, moment, record, |row| {
        row.address(Field::SourceIp, "srcaddr")
            .number(Field::SourcePort, "srcport")
            .domain(Field::DnsQuestionName, "query_name")
            .text(Field::DnsQuestionType, "query_type")
            .text(Field::DnsResponseCode, "rcode");
        more(row);
    })
}

/// What the resolver's firewall did. `ALERT` lets a query pass.
fn firewall(row: &mut Filling<'_, '_, '_>) {
    if let Some(action) = row.value("firewall_rule_action") {
        row.row()
            .text(Field::EventAction, &action)
            .text(Field::EventType, decision(&action).unwrap_or_default());
    }
    row.text(Field::RuleName, "firewall_rule_group_id");
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use coldtrail_model::Table;

    use super::Route53Resolver;
    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    #[test]
    fn a_query_tells_its_answers_in_order() {
        let kept = KeptRows::of_object(
            &Route53Resolver,
            r#"{"version":"1.100000","account_id":"123456789012","region":"eu-west-3","vpc_id":"vpc-01",
                "query_timestamp":"2024-05-04T10:00:00Z","query_name":"A.Example.","query_type":"A",
                "query_class":"IN","rcode":"NOERROR","answers":[
                {"Rdata":"b.azurewebsites.net.","Type":"CNAME","Class":"IN"},
                {"Rdata":"192.0.2.7","Type":"A","Class":"IN"}],
                "srcaddr":"10.0.0.5","srcport":"48701","transport":"UDP","srcids":{"instance":"i-01"},
                "firewall_rule_action":"BLOCK","firewall_rule_group_id":"rslvr-frg-01"}"#,
        );
        assert_eq!(
            kept.only(Table::Dns),
            "timestamp=1714816800000000 event_dataset=aws.route53_resolver source_ip=10.0.0.5 \
             source_port=48701 dns_question_name=a.example dns_question_type=A \
             dns_response_code=NOERROR dns_answers_data=[b.azurewebsites.net|192.0.2.7] \
             event_action=BLOCK event_type=denied rule_name=rslvr-frg-01"
        );
        assert_eq!(kept.anomalies(), []);
    }

    #[test]
    fn a_query_for_a_public_zone_is_a_line() {
        let line = "1.0 2024-05-04T10:00:00.123Z Z01 a.example A NXDOMAIN UDP FRA6 192.0.2.7 -\n";
        assert_eq!(
            KeptRows::read(&LogLines, line.as_bytes()).only(Table::Dns),
            "timestamp=1714816800123000 event_dataset=aws.route53 source_ip=192.0.2.7 \
             dns_question_name=a.example dns_question_type=A dns_response_code=NXDOMAIN"
        );
    }

    #[test]
    fn a_time_that_is_none_is_told() {
        let object = r#"{"query_timestamp":"soon","query_name":"a.example","srcaddr":"10.0.0.5"}"#;
        let kept = KeptRows::of_object(&Route53Resolver, object);
        assert_eq!(kept.anomalies(), [(Anomaly::InvalidTimestamp, 1)]);
    }
}
