//! VPC flow logs: a row of `flow` for each connection that a network interface saw in a minute or ten.
//!
//! A line has the fields of the default format, or of one that others have agreed on, or those that the
//! header of the file names. A window in which nothing was seen or kept (`NODATA`, `SKIPDATA`) is no
//! connection, and makes no row.
//! <https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html>

use std::borrow::Cow;

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{Field, Table};
use serde_json::{Map, Value};

use super::exported;
use crate::filling::{Filling, Values, fill};
use crate::format::{JsonShape, LineShape};
use crate::framing::columns::Columns;
use crate::log_lines::LogLine;
use crate::nested::Nested;
use crate::{Collector, Stopped, time};

/// VPC flow logs as lines.
pub(crate) struct VpcFlowLines;

/// VPC flow logs as JSON or Parquet, with the fields as keys.
pub(crate) struct VpcFlowJson;

const DATASET: &str = "aws.vpcflow";

/// The default format, and what comes behind it where all fields of version 5 are logged.
const DEFAULT: [&str; 29] = [
    "version",
    "account-id",
    "interface-id",
    "srcaddr",
    "dstaddr",
    "srcport",
    "dstport",
    "protocol",
    "packets",
    "bytes",
    "start",
    "end",
    "action",
    "log-status",
    "vpc-id",
    "subnet-id",
    "instance-id",
    "tcp-flags",
    "type",
    "pkt-srcaddr",
    "pkt-dstaddr",
    "region",
    "az-id",
    "sublocation-type",
    "sublocation-id",
    "pkt-src-aws-service",
    "pkt-dst-aws-service",
    "flow-direction",
    "traffic-path",
];

/// How many fields of [`DEFAULT`] there are in the default format.
const DEFAULT_COUNT: usize = 14;

/// The format with the fields of version 3, as the documentation lists it.
const VERSION_3: [&str; 21] = [
    "version",
    "vpc-id",
    "subnet-id",
    "instance-id",
    "interface-id",
    "account-id",
    "type",
    "srcaddr",
    "dstaddr",
    "srcport",
    "dstport",
    "pkt-srcaddr",
    "pkt-dstaddr",
    "protocol",
    "bytes",
    "packets",
    "start",
    "end",
    "action",
    "tcp-flags",
    "log-status",
];

/// Fields of later versions, which headers may name besides those of [`DEFAULT`].
const LATER: [&str; 13] = [
    "ecs-cluster-arn",
    "ecs-cluster-name",
    "ecs-container-instance-arn",
    "ecs-container-instance-id",
    "ecs-container-id",
    "ecs-second-container-id",
    "ecs-service-name",
    "ecs-task-definition-arn",
    "ecs-task-arn",
    "ecs-task-id",
    "reject-reason",
    "resource-id",
    "encryption-status",
];

/// A header has at least as many fields.
const FEWEST: usize = 4;

impl LineShape for VpcFlowLines {
    fn name(&self) -> &'static str {
        "aws-vpcflow"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        Flow::of(line).is_some()
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        match Flow::of(line) {
            Some(flow) => row(&flow, collector),
            None => Ok(()),
        }
    }

    fn header(&self, line: &str, _before: Option<&Columns>) -> Option<Columns> {
        let delimiter = if line.contains(',') { ',' } else { ' ' };
        let names = || line.split(delimiter).map(|name| name.trim().trim_matches('"'));
        let is_known = |name: &str| {
            let name = name.replace('_', "-");
            DEFAULT.contains(&name.as_str()) || LATER.contains(&name.as_str())
        };
        let is_header = names().count() >= FEWEST && names().all(is_known);
        is_header.then(|| Columns::new(names(), delimiter)).flatten()
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "2 123456789012 eni-0123abcd 10.0.0.5 192.0.2.7 49200 443 6 20 4249 1714816800 1714816860 ACCEPT OK",
            "2024-05-04T10:00:00.000Z 2 123456789012 eni-0123abcd 10.0.0.5 192.0.2.7 49200 443 6 20 4249 1714816800 1714816860 REJECT OK",
            "3 vpc-01 subnet-01 i-01 eni-0123abcd 123456789012 IPv4 10.0.0.5 192.0.2.7 49200 443 10.0.0.5 192.0.2.7 6 568 8 1714816800 1714816860 ACCEPT 2 OK",
            "srcaddr dstaddr dstport start end action flow-direction\n10.0.0.5 192.0.2.7 443 1714816800 1714816860 ACCEPT egress",
        ]
    }
}

impl JsonShape for VpcFlowJson {
    fn name(&self) -> &'static str {
        "aws-vpcflow-json"
    }

    fn claims(&self, object: &Map<String, Value>) -> bool {
        let record = FlowObject(Nested(object));
        let has = |name| record.key(name).is_some();
        has("srcaddr")
            && has("dstaddr")
            && has("start")
            && (has("log-status") || has("interface-id"))
    }

    fn rows(
        &self,
        object: &Map<String, Value>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        row(&FlowObject(Nested(object)), collector)
    }
}

/// The cells of a line under their names.
struct Flow<'l> {
    names: Names<'l>,
    cells: Vec<&'l str>,
}

enum Names<'l> {
    Header(&'l Columns),
    Known(&'static [&'static str]),
}

impl<'l> Flow<'l> {
    fn of(line: &LogLine<'l>) -> Option<Self> {
        Self::of_text(line.text, line.columns).or_else(|| Self::of_text(line.message, line.columns))
    }

    fn of_text(text: &'l str, columns: Option<&'l Columns>) -> Option<Self> {
        let (_, text) = exported(text.trim_end());
        if let Some(columns) = columns {
            let cells: Vec<&str> =
                text.split(columns.delimiter).map(|cell| cell.trim_matches('"')).collect();
            let flow = Self { names: Names::Header(columns), cells };
            if flow.cells.len() == columns.names.len() && flow.makes_sense() {
                return Some(flow);
            }
        }
        // Cheap, for every line of a stream is asked.
        if !matches!(text.as_bytes(), [b'2'..=b'9', b' ', ..]) {
            return None;
        }
        let cells: Vec<&str> = text.split(' ').collect();
        let names: &'static [&'static str] = match cells.len() {
            21 => &VERSION_3,
            29 => &DEFAULT,
            count if count >= DEFAULT_COUNT => DEFAULT.get(..DEFAULT_COUNT)?,
            _ => return None,
        };
        let flow = Self { names: Names::Known(names), cells };
        (flow.has_status() && flow.makes_sense()).then_some(flow)
    }

    fn has_status(&self) -> bool {
        matches!(self.cell("log-status"), Some("OK" | "NODATA" | "SKIPDATA"))
    }

    /// Whether the times are such, and something tells of a connection or that there is none.
    fn makes_sense(&self) -> bool {
        let is_number =
            |text: &str| text.len() >= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
        let times = ["start", "end"].map(|name| self.cell(name));
        times.iter().any(Option::is_some) && times.into_iter().flatten().all(is_number)
    }

    fn cell(&self, name: &str) -> Option<&'l str> {
        let place = match &self.names {
            Names::Header(columns) => {
                let is_it = |known: &String| known == name || known.replace('_', "-") == name;
                columns.names.iter().position(is_it)?
            }
            Names::Known(names) => names.iter().position(|known| *known == name)?,
        };
        self.cells.get(place).copied()
    }
}

impl Values for Flow<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        self.cell(name).filter(|cell| !matches!(*cell, "" | "-")).map(Cow::Borrowed)
    }
}

/// An object with the fields as keys, which may have underscores.
struct FlowObject<'o>(Nested<'o>);

impl FlowObject<'_> {
    fn key(&self, name: &'static str) -> Option<Cow<'static, str>> {
        let written = |name: &str| self.0.0.contains_key(name);
        if written(name) {
            return Some(Cow::Borrowed(name));
        }
        let name = name.replace('-', "_");
        written(&name).then_some(Cow::Owned(name))
    }
}

impl Values for FlowObject<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        crate::nested::text(self.0.get(&self.key(name)?)?)
    }
}

fn row(record: &dyn Values, collector: &mut Collector<'_>) -> Result<(), Stopped> {
    if record.text("srcaddr").is_none() && record.text("dstaddr").is_none() {
        return Ok(());
    }
    let start = record.text("start").or_else(|| record.text("end")).unwrap_or_default();
    let Some(moment) = time::epoch(&start) else {
        collector.anomaly(Anomaly::InvalidTimestamp, &start);
        return Ok(());
    };
    fill(collector, Table::Flow, DATASET, moment, record, columns)
}

fn columns(row: &mut Filling<'_, '_, '_>) {
    row.address(Field::SourceIp, "srcaddr")
        .address(Field::DestinationIp, "dstaddr")
        .number(Field::SourcePort, "srcport")
        .number(Field::DestinationPort, "dstport")
        .transport("protocol")
        // What a row counts went one way; the way back is a row of its own.
        .number(Field::SourcePackets, "packets")
        .number(Field::SourceBytes, "bytes")
        .text(Field::NetworkApplication, "pkt-dst-aws-service")
        .lower(Field::ObserverName, "interface-id")
        .action("action");
    let direction = match row.value("flow-direction").as_deref() {
        Some("ingress") => "inbound",
        Some("egress") => "outbound",
        _ => "",
    };
    row.row().text(Field::NetworkDirection, direction);
    let seconds = |name| row.value(name).and_then(|text| text.parse::<i64>().ok());
    if let (Some(start), Some(end)) = (seconds("start"), seconds("end"))
        && let Some(duration) = end.checked_sub(start).and_then(|it| it.checked_mul(1_000_000_000))
        && duration >= 0
    {
        row.row().number(Field::EventDuration, duration);
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use super::VpcFlowJson;
    use crate::format::Format;
    use crate::json::Json;
    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    fn read(log: &str) -> KeptRows {
        assert!(LogLines.recognises(log.as_bytes()), "{log}");
        KeptRows::read(&LogLines, format!("{log}\n").as_bytes())
    }

    const LINE: &str = "2 123456789012 eni-0123abcd 10.0.0.5 192.0.2.7 49200 443 6 20 4249 \
                        1714816800 1714816860 ACCEPT OK";

    const ROW: &str = "timestamp=1714816800000000 event_dataset=aws.vpcflow source_ip=10.0.0.5 \
                       source_port=49200 destination_ip=192.0.2.7 destination_port=443 \
                       network_transport=tcp event_duration=60000000000 event_action=ACCEPT \
                       source_bytes=4249 source_packets=20 event_type=allowed \
                       observer_name=eni-0123abcd";

    #[test]
    fn the_default_format_needs_no_header() {
        for log in [
            LINE.to_owned(),
            format!("2024-05-04T10:00:00.000Z {LINE}"),
            format!("{LINE} c arn - - s t - - - -").replacen('2', "7", 1),
            format!(
                "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n{LINE}"
            ),
        ] {
            let kept = read(&log);
            assert_eq!(kept.only(Table::Flow), ROW, "{log}");
            assert_eq!(kept.anomalies(), []);
        }
    }

    #[test]
    fn a_header_names_the_fields_in_any_order() {
        let kept = read(
            "srcaddr dstaddr start end action flow-direction bytes\n\
             10.0.0.5 192.0.2.7 1714816800 1714816860 REJECT egress 40\n\
             - - 1714816800 1714816860 - - -\n\
             srcaddr dstaddr start end action flow-direction bytes\n\
             2001:db8::5 2001:db8::7 1714816800 1714816860 ACCEPT ingress 41",
        );
        assert_eq!(
            kept.all(Table::Flow),
            [
                "timestamp=1714816800000000 event_dataset=aws.vpcflow source_ip=10.0.0.5 \
                 destination_ip=192.0.2.7 network_direction=outbound event_duration=60000000000 \
                 event_action=REJECT source_bytes=40 event_type=denied",
                "timestamp=1714816800000000 event_dataset=aws.vpcflow source_ip=2001:db8::5 \
                 destination_ip=2001:db8::7 network_direction=inbound event_duration=60000000000 \
                 event_action=ACCEPT source_bytes=41 event_type=allowed",
            ]
        );
        assert_eq!(kept.anomalies(), []);
        let csv =
            "account_id,srcaddr,dstaddr,start,end\n1,10.0.0.5,192.0.2.7,1714816800,1714816860";
        assert!(read(csv).only(Table::Flow).contains("destination_ip=192.0.2.7"));
    }

    #[test]
    fn version_5_tells_the_direction() {
        let rest =
            "vpc-1 subnet-1 - 2 IPv4 10.0.0.5 192.0.2.7 eu-west-1 euw1-az2 - - - S3 egress 8";
        let row = read(&format!("{LINE} {rest}").replacen('2', "5", 1)).only(Table::Flow);
        assert!(row.contains("network_direction=outbound"), "{row}");
        assert!(row.contains("network_application=S3"), "{row}");
    }

    #[test]
    fn windows_without_data_are_no_connections() {
        for status in ["NODATA", "SKIPDATA"] {
            let kept = read(&format!(
                "2 123456789012 eni-01 - - - - - - - 1714816800 1714816860 - {status}"
            ));
            assert_eq!((kept.records(), kept.count(), kept.anomalies()), (1, 0, vec![]));
        }
    }

    #[test]
    fn an_object_has_the_same_fields() {
        let object = r#"{"version":2,"account_id":"1","interface_id":"eni-0123abcd","srcaddr":"10.0.0.5",
            "dstaddr":"192.0.2.7","srcport":49200.0,"dstport":443,"protocol":6.0,"packets":20,"bytes":4249,
            "start":1714816800,"end":1714816860,"action":"ACCEPT","log_status":"OK"}"#;
        assert_eq!(KeptRows::of_object(&VpcFlowJson, object).only(Table::Flow), ROW);
    }

    #[test]
    fn a_line_is_read_out_of_cloudwatch() {
        let event = format!(r#"{{"timestamp":1714816800000,"message":"{LINE}","id":"1"}}"#);
        for log in [
            event.clone(),
            format!(r#"{{"messageType":"DATA_MESSAGE","logGroup":"flows","logEvents":[{event}]}}"#),
        ] {
            assert_eq!(KeptRows::read(&Json, log.as_bytes()).only(Table::Flow), ROW, "{log}");
        }
    }
}
