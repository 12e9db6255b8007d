//! CoreDNS, the name server of Kubernetes: a row of `dns` for each query that its `log` plugin writes.
//!
//! A line tells no time; that is what the container's runtime puts in front of it, or around it. Errors
//! are counted only, since what they are about has a line of its own.
//! <https://coredns.io/plugins/log/>

use crate::format::LineShape;
use crate::log_lines::LogLine;
use crate::lookup::{Lookup, is_class, is_code, is_type};
use crate::url;
use crate::{Collector, Stopped};

/// CoreDNS's log.
pub(crate) struct CoreDns;

/// The levels of messages that are no queries.
const LEVELS: [&str; 4] = ["[INFO] ", "[ERROR] ", "[WARNING] ", "[DEBUG] "];

impl LineShape for CoreDns {
    fn name(&self) -> &'static str {
        "coredns"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        let message = message(line);
        let note = LEVELS.iter().find_map(|level| message.strip_prefix(level));
        lookup(message).is_some() || note.is_some_and(|note| note.starts_with("plugin/"))
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let Some(lookup) = lookup(message(line)) else { return Ok(()) };
        let Some(moment) = line.moment(collector) else { return Ok(()) };
        lookup.row("coredns", moment, line, collector)
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "2024-05-04T10:00:00.123456789Z stdout F [INFO] 10.0.0.5:49200 - 7 \"A IN a.example. udp 40 false 512\" NOERROR qr,rd,ra 60 0.0001s",
            "<30>May  4 2024 10:00:00 ns coredns[7]: [INFO] [2001:db8::5]:49200 - 7 \"AAAA IN a.example. udp 40 true 1232\" NXDOMAIN qr 60 0.01s",
        ]
    }
}

/// What stands behind the mark of a whole line that container runtimes put in front.
fn message<'l>(line: &LogLine<'l>) -> &'l str {
    let message = line.message.strip_prefix("stdout ").unwrap_or(line.message);
    message.strip_prefix("F ").unwrap_or(message)
}

/// `address:port - id "type class name protocol size …" code flags size duration`
fn lookup(message: &str) -> Option<Lookup<'_>> {
    let message = message.strip_prefix("[INFO] ").unwrap_or(message);
    let (who, rest) = message.split_once(" - ")?;
    let (id, rest) = rest.split_once(" \"")?;
    let (question, rest) = rest.split_once("\" ")?;
    let (client, client_port) = who.rsplit_once(':')?;
    let mut words = question.split(' ');
    let (kind, class, name) = (words.next()?, words.next()?, words.next()?);
    let (protocol, code) = (words.next()?, rest.split(' ').next()?);
    let is_known = is_class(class)
        && is_type(kind)
        && matches!(protocol, "udp" | "tcp")
        && id.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ')
        && (is_code(code) || code == "-");
    let code = if code == "-" { "" } else { code };
    let client = if client.starts_with('[') { url::host(who) } else { client };
    is_known.then_some(Lookup {
        action: "query",
        client,
        client_port,
        name,
        kind,
        code,
        ..Lookup::default()
    })
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use coldtrail_model::Table;

    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    fn read(line: &str) -> KeptRows {
        KeptRows::read(&LogLines, format!("{line}\n").as_bytes())
    }

    #[test]
    fn a_query_is_a_row() {
        let rows = read(
            "2024-05-04T10:00:00.123456789Z stdout F [INFO] [2001:db8::5]:49200 - 7 \
             \"A IN A.workers.dev. udp 40 false 512\" NOERROR qr,rd,ra 60 0.0001s \"0\"",
        );
        assert_eq!(
            rows.only(Table::Dns),
            "timestamp=1714816800123456 event_dataset=coredns source_ip=2001:db8::5 \
             source_port=49200 dns_question_name=a.workers.dev dns_question_type=A \
             dns_response_code=NOERROR event_action=query"
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn a_line_alone_tells_no_time() {
        let rows = read(
            "[INFO] 10.0.0.5:49200 - 7 \"A IN a.example. udp 40 false 512\" NOERROR qr 60 0.01s",
        );
        assert_eq!((rows.count(), rows.anomalies()), (0, vec![(Anomaly::MissingTimestamp, 1)]));
    }

    #[test]
    fn errors_are_counted_only() {
        let rows = read("[ERROR] plugin/errors: 2 a.example. A: i/o timeout");
        assert_eq!((rows.records(), rows.count(), rows.anomalies()), (1, 0, vec![]));
    }
}
