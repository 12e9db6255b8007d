//! Application load balancers: a row of `web` for each request.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html>

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{Field, Table};

use crate::filling::{Filling, Values, address, fill};
use crate::format::LineShape;
use crate::framing::columns::Cells;
use crate::framing::delimited;
use crate::log_lines::LogLine;
use crate::{Collector, Stopped, time};

/// Access logs of application load balancers.
pub(crate) struct LoadBalancer;

const NAMES: [&str; 25] = [
    "type",
    "time",
    "elb",
    "client",
    "target",
    "request_time",
    "target_time",
    "response_time",
    "status",
    "target_status",
    "received",
    "sent",
    "request",
    "agent",
    "cipher",
    "tls",
    "group",
    "trace",
    "domain",
    "certificate",
    "rule",
    "created",
    "actions",
    "redirect",
    "error",
];

/// What is spoken with the client.
const TYPES: [&str; 6] = ["http ", "https ", "h2 ", "grpcs ", "ws ", "wss "];

impl LineShape for LoadBalancer {
    fn name(&self) -> &'static str {
        "aws-alb"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        cells(line).is_some()
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let Some(cells) = cells(line) else { return Ok(()) };
        let record = Cells { names: &NAMES, cells: &cells };
        let written = record.text("time").unwrap_or_default();
        let Some(moment) = time::rfc3339(&written) else {
            collector.anomaly(Anomaly::InvalidTimestamp, &written);
            return Ok(());
        };
        fill(collector, Table::Web, "aws.elb", moment, &record, columns)
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "https 2024-05-04T10:00:00.123456Z app/front/50dc6c495c0c9188 192.0.2.7:2817 10.0.0.1:80 0.001 0.002 0.000 200 200 34 366 \"GET https://a.example:443/x?y=1 HTTP/1.1\" \"curl/8\" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:eu-west-3:123456789012:targetgroup/t/73e2d6bc24d8a067 \"Root=1-58337262-36d228ad5d99923122bbe354\" \"a.example\" \"-\" 0 2024-05-04T10:00:00.120000Z \"forward\" \"-\" \"-\" \"10.0.0.1:80\" \"200\" \"-\" \"-\"",
        ]
    }
}

fn cells<'l>(line: &LogLine<'l>) -> Option<Vec<&'l str>> {
    [line.text, line.message].into_iter().find_map(|text| {
        let is_type = TYPES.iter().any(|kind| text.starts_with(kind));
        if !is_type || !text.contains(" app/") {
            return None;
        }
        let cells: Vec<&str> = delimited::spans(text.trim_end(), ' ').take(40).collect();
        let is_balancer = cells.get(2).is_some_and(|name| name.starts_with("app/"));
        (is_balancer && cells.len() > 17).then_some(cells)
    })
}

fn columns(row: &mut Filling<'_, '_, '_>) {
    if let Some((client, port)) = row.value("client").as_deref().and_then(|it| it.rsplit_once(':'))
    {
        let client = client.trim_matches(['[', ']']);
        row.row().text(Field::SourceIp, &address(client).unwrap_or_default());
        if let Ok(port) = port.parse() {
            row.row().number(Field::SourcePort, port);
        }
    }
    if let Some(request) = row.value("request") {
        let (method, rest) = request.split_once(' ').unwrap_or(("", &request));
        // The URL of a careless client has spaces.
        let url =
            rest.rsplit_once(" HTTP/").map_or(rest, |(url, _)| url).trim_end_matches([' ', '-']);
        row.row().text(Field::HttpRequestMethod, method);
        crate::url::Url::parse(url).fill(row.row(), url);
    }
    row.number(Field::HttpResponseStatusCode, "status")
        .number(Field::HttpRequestBytes, "received")
        .number(Field::HttpResponseBytes, "sent")
        .text(Field::UserAgentOriginal, "agent")
        .lower(Field::ObserverName, "elb")
        .text(Field::EventAction, "actions");
    let seconds = |name| row.value(name).and_then(|text| text.parse::<f64>().ok());
    let parts = ["request_time", "target_time", "response_time"].map(seconds);
    // A part that never ended is -1.
    if let [Some(request), Some(target), Some(response)] = parts
        && [request, target, response].iter().all(|part| (0.0..1e9).contains(part))
    {
        let nanoseconds = ((request + target + response) * 1e9).round();
        row.row().number(Field::EventDuration, nanoseconds as i64);
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use super::LoadBalancer;
    use crate::format::LineShape;
    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    #[test]
    fn a_request_is_a_row_of_web() {
        let line = LoadBalancer.examples()[0];
        assert_eq!(
            KeptRows::read(&LogLines, line.as_bytes()).only(Table::Web),
            "timestamp=1714816800123456 event_dataset=aws.elb source_ip=192.0.2.7 source_port=2817 \
             http_request_method=GET http_response_status_code=200 \
             url_full=https://a.example:443/x?y=1 url_domain=a.example url_path=/x url_query=y=1 \
             user_agent_original=curl/8 http_request_bytes=34 http_response_bytes=366 \
             event_duration=3000000 event_action=forward \
             observer_name=app/front/50dc6c495c0c9188"
        );
    }

    #[test]
    fn a_request_that_nobody_took_has_no_duration() {
        let line = LoadBalancer.examples()[0].replace("0.001 0.002 0.000", "-1 -1 -1");
        let row = KeptRows::read(&LogLines, line.as_bytes()).only(Table::Web);
        assert!(!row.contains("event_duration"), "{row}");
    }
}
