//! dnsmasq, the forwarder of small networks, and Pi-hole, which is made of it: a row of `dns` for each
//! query, and one for each name of each answer.
//!
//! A query and its answer are lines of their own, and only `log-queries=extra` writes who asked into
//! both. A line is read without its neighbours, so an answer's row has the client where its line has;
//! every name of a chain has a row, the last one with its address. Lines about what was forwarded
//! repeat the query, and are counted only.
//! <https://thekelleys.org.uk/dnsmasq/docs/dnsmasq-man.html>

#[cfg(test)]
mod kit_tests;

use crate::decision::decision;
use crate::format::LineShape;
use crate::log_lines::LogLine;
use crate::lookup::{Lookup, is_code, is_type};
use crate::{Collector, Stopped};

/// dnsmasq's log.
pub(crate) struct Dnsmasq;

impl LineShape for Dnsmasq {
    fn name(&self) -> &'static str {
        "dnsmasq"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        let program = line.syslog.map_or("", |syslog| syslog.program);
        let is_own = program == "dnsmasq" || program.starts_with("dnsmasq-");
        is_own || query(extra(line.message).1).is_some()
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let ((client, client_port), message) = extra(line.message);
        let Some(lookup) = query(message).or_else(|| answer(message)) else { return Ok(()) };
        let Some(moment) = line.moment(collector) else { return Ok(()) };
        let client = if client.is_empty() { lookup.client } else { client };
        Lookup { client, client_port, ..lookup }.row("dnsmasq", moment, line, collector)
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "May  4 2024 10:00:00 dnsmasq[7]: query[A] a.example from 10.0.0.5",
            "<30>May  4 2024 10:00:00 ns dnsmasq[7]: 12 10.0.0.5/49200 reply a.example is 192.0.2.7",
        ]
    }
}

/// The client's address and port that `log-queries=extra` puts in front, behind a number; and the
/// message.
fn extra(message: &str) -> ((&str, &str), &str) {
    let parsed = || {
        let (number, rest) = message.split_once(' ')?;
        let (client, rest) = rest.split_once(' ')?;
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then_some((client.rsplit_once('/')?, rest))
    };
    parsed().unwrap_or((("", ""), message))
}

/// `query[type] name from address`
fn query(message: &str) -> Option<Lookup<'_>> {
    let (kind, rest) = message.strip_prefix("query[")?.split_once("] ")?;
    let (name, client) = rest.split_once(" from ")?;
    // Types without a name are numbers.
    let is_kind = is_type(kind) || kind.starts_with("type=");
    let client = client.split(' ').next().unwrap_or(client);
    is_kind.then_some(Lookup { action: "query", client, name, kind, ..Lookup::default() })
}

/// `reply name is data`; for `reply` stands whatever the answer came from, such as `cached`, `config`,
/// the file of names, or Pi-hole's list.
fn answer(message: &str) -> Option<Lookup<'_>> {
    let (named, data) = message.split_once(" is ")?;
    let (action, name) = named.rsplit_once(' ')?;
    if action == "validation" || action == "reply" && name == "error" {
        return None;
    }
    let is_list = action.ends_with("gravity.list") || action.ends_with("black.list");
    let is_blocked = is_list || action.contains("block") || action.contains("blacklisted");
    let decision = if is_blocked { Some("denied") } else { decision(action) };
    let lookup =
        Lookup { action, name, decision: decision.unwrap_or_default(), ..Lookup::default() };
    let data = data.trim();
    let is_nothing = data.is_empty() || data.starts_with('<') || data.starts_with("NODATA");
    Some(if is_code(data) {
        Lookup { code: data, ..lookup }
    } else if is_nothing {
        lookup
    } else {
        Lookup { answers: vec![(data, None)], ..lookup }
    })
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use coldtrail_model::Table;

    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    fn read(message: &str) -> KeptRows {
        let line = format!("<30>1 2024-05-04T10:00:00Z NS dnsmasq 7 - - {message}\n");
        KeptRows::read(&LogLines, line.as_bytes())
    }

    fn row(message: &str) -> String {
        let row = read(message).only(Table::Dns);
        let begin = "timestamp=1714816800000000 event_dataset=dnsmasq ";
        let row = row.strip_prefix(begin).and_then(|row| row.strip_suffix(" observer_name=ns"));
        row.expect("a row of this server").to_owned()
    }

    #[test]
    fn a_query_is_a_row() {
        let asked = "dns_question_name=a.workers.dev dns_question_type=A event_action=query";
        assert_eq!(
            row("query[A] A.workers.dev from 10.0.0.5"),
            format!("source_ip=10.0.0.5 {asked}")
        );
        assert_eq!(
            row("12 10.0.0.5/49200 query[A] a.workers.dev from 10.0.0.5"),
            format!("source_ip=10.0.0.5 source_port=49200 {asked}")
        );
    }

    #[test]
    fn every_name_of_an_answer_is_a_row() {
        assert_eq!(
            row("reply a.example is <CNAME>"),
            "dns_question_name=a.example event_action=reply"
        );
        assert_eq!(
            row("12 10.0.0.5/49200 cached b.azurewebsites.net is 192.0.2.7"),
            "source_ip=10.0.0.5 source_port=49200 dns_question_name=b.azurewebsites.net \
             dns_answers_data=[192.0.2.7] event_action=cached"
        );
        assert_eq!(
            row("reply a.example is NXDOMAIN"),
            "dns_question_name=a.example dns_response_code=NXDOMAIN event_action=reply"
        );
        assert_eq!(
            row("reply a.example is NODATA-IPv6"),
            "dns_question_name=a.example event_action=reply"
        );
    }

    #[test]
    fn what_a_list_blocked_was_denied() {
        for action in ["gravity blocked", "/etc/pihole/gravity.list", "regex blacklisted"] {
            assert_eq!(
                row(&format!("{action} a.example is 0.0.0.0")),
                format!(
                    "dns_question_name=a.example dns_answers_data=[0.0.0.0] \
                     event_action={action} event_type=denied"
                )
            );
        }
    }

    #[test]
    fn what_else_it_says_is_counted_only() {
        for message in [
            "forwarded a.example to 192.0.2.53",
            "dnssec-query[DS] example to 192.0.2.53",
            "validation result is INSECURE",
            "reply error is SERVFAIL",
            "started, version 2.90",
        ] {
            let rows = read(message);
            assert_eq!(
                (rows.records(), rows.count(), rows.anomalies()),
                (1, 0, vec![]),
                "{message}"
            );
        }
    }

    #[test]
    fn its_own_file_names_no_year() {
        let rows = KeptRows::read(
            &LogLines,
            b"May  4 10:00:00 dnsmasq[7]: query[A] a.example from 10.0.0.5\n",
        );
        assert_eq!((rows.count(), rows.anomalies()), (0, vec![(Anomaly::MissingYear, 1)]));
    }
}
