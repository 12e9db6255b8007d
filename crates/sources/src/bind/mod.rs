//! BIND, the name server, and products that write its messages: a row of `dns` for each query, each
//! answer, and each query that failed, was denied or was rewritten by a response policy.
//!
//! Answers with their records are in the log of EfficientIP's SOLIDserver, which is made of BIND. What
//! else the server says is counted only. <https://bind9.readthedocs.io/en/latest/reference.html>

mod client;

#[cfg(test)]
mod kit_tests;

pub(crate) use client::ClientMessage;

use crate::format::LineShape;
use crate::framing::{cef, leef};
use crate::log_lines::LogLine;
use crate::lookup::{Lookup, MOST_RECORDS, is_class, is_code, is_type};
use crate::{Collector, Stopped};

/// BIND's logs.
pub(crate) struct Bind;

/// How messages begin that are about no client, where no header says that they are BIND's.
const NOTES: [&str; 15] = [
    "timed out resolving '",
    "success resolving '",
    "lame server resolving '",
    "network unreachable resolving '",
    "host unreachable resolving '",
    "connection refused resolving '",
    "FORMERR resolving '",
    "REFUSED unexpected RCODE resolving '",
    "SERVFAIL unexpected RCODE resolving '",
    "DNS format error from ",
    "transfer of '",
    "rpz: ",
    "dns_diff_apply: ",
    "ARMING trigger on ",
    "DISARMING trigger on ",
];

/// How those begin that have to go on with a zone or a question.
const NOTES_OF_NAMES: [&str; 2] = ["validating ", "zone "];

impl LineShape for Bind {
    fn name(&self) -> &'static str {
        "bind"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        match ClientMessage::of(line) {
            Some(message) => message.transport.is_empty(),
            None => is_note(line),
        }
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let Some(message) = ClientMessage::of(line) else { return Ok(()) };
        let Some((dataset, lookup)) = lookup(message.event) else { return Ok(()) };
        let Some(moment) = message.moment(line, collector) else { return Ok(()) };
        let lookup = Lookup { client: message.address, client_port: message.port, ..lookup };
        lookup.row(dataset, moment, line, collector)
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "04-May-2024 10:00:00.123 queries: info: client @0x7f00 10.0.0.5#49200 (a.example): query: a.example IN A +E(0)K (192.0.2.53)",
            "<30>May  4 2024 10:00:00 ns named[7]: client 10.0.0.5#49200 (a.example): view inside: query: a.example IN A + (192.0.2.53)",
            "2024-05-04T10:00:00.123Z query-errors: info: client @0x7f00 10.0.0.5#49200 (a.example): query failed (SERVFAIL) for a.example/IN/A at query.c:7841",
            "04-May-2024 10:00:00.123 client @0x7f00 10.0.0.5#49200 (a.example): rpz QNAME NXDOMAIN rewrite a.example/A/IN via a.example.rpz.example",
        ]
    }
}

/// Whether a line is the server's, but about no client.
fn is_note(line: &LogLine<'_>) -> bool {
    let message = line.message;
    if line.syslog.is_some_and(|syslog| syslog.program == "named") {
        return !(cef::begins(message) || leef::begins(message) || message.starts_with('{'));
    }
    let mut note = message;
    for mark in
        ["general: ", "xfer-in: ", "notify: ", "resolver: ", "dnssec: ", "info: ", "error: "]
    {
        note = note.strip_prefix(mark).unwrap_or(note);
    }
    if let Some((_, viewed)) = note.strip_prefix("view ").and_then(|view| view.split_once(": ")) {
        note = viewed.trim_start();
    }
    let begins = |beginning: &&str| note.starts_with(beginning);
    NOTES.iter().any(begins) || NOTES_OF_NAMES.iter().any(begins) && note.contains('/')
}

/// The dataset and the question of an event, if it has one.
fn lookup(event: &str) -> Option<(&'static str, Lookup<'_>)> {
    let (word, rest) = event.split_once(' ')?;
    match word {
        "query:" => Some(("bind.queries", query(rest)?)),
        "response:" => Some(("bind.responses", response(rest)?)),
        "answer:" => Some(("bind.responses", answer(rest)?)),
        "query" => match rest.strip_prefix("failed (") {
            Some(failed) => Some(("bind.query-errors", query_failed(failed)?)),
            None => Some(("bind.security", query_denied(rest)?)),
        },
        "rpz" => Some(("bind.rpz", rewritten(event)?)),
        _ => None,
    }
}

/// `name class type flags (server)`
fn query(text: &str) -> Option<Lookup<'_>> {
    let lookup = Lookup { action: "query", server: bracketed(text), ..question(text)? };
    // SOLIDserver names the lists that the name is on.
    let lists = text.rsplit_once('[').and_then(|(_, lists)| lists.strip_suffix(']'));
    Some(Lookup { rule: lists.unwrap_or_default(), ..lookup })
}

/// `name class type … code …`
fn response(text: &str) -> Option<Lookup<'_>> {
    let code = text.split(' ').skip(3).find(|word| is_code(word)).unwrap_or_default();
    Some(Lookup { action: "response", code, server: bracketed(text), ..question(text)? })
}

/// `name class type flags (server) -> code answers`
fn answer(text: &str) -> Option<Lookup<'_>> {
    let (asked, answered) = text.split_once(" -> ")?;
    let (code, records) = answered.split_once(' ').unwrap_or((answered, ""));
    Some(Lookup {
        action: "answer",
        code,
        server: bracketed(asked),
        answers: records_of(records),
        ..question(asked)?
    })
}

/// `(reason) for name/class/type at place`, without the first bracket. The reason may be a code.
fn query_failed(text: &str) -> Option<Lookup<'_>> {
    let (reason, rest) = text.split_once(") for ")?;
    let question = rest.split(' ').next()?;
    let (rest, kind) = question.rsplit_once('/')?;
    let (name, class) = rest.rsplit_once('/')?;
    let code = if is_code(reason) { reason } else { "" };
    is_class(class).then_some(Lookup {
        action: "query failed",
        name,
        kind,
        code,
        ..Lookup::default()
    })
}

/// `(cache) 'name/type/class' denied`
fn query_denied(text: &str) -> Option<Lookup<'_>> {
    let (question, rest) = text.split_once('\'')?.1.split_once('\'')?;
    let (name, kind) = name_and_type(question)?;
    let is_denied = rest.trim_start().starts_with("denied");
    is_denied.then_some(Lookup {
        action: "denied",
        decision: "denied",
        name,
        kind,
        ..Lookup::default()
    })
}

/// `rpz trigger policy rewrite name/type/class via rule`. Before version 9.12, the name stood alone.
fn rewritten(event: &str) -> Option<Lookup<'_>> {
    let (action, rest) = event.split_once(" rewrite ")?;
    let (question, rule) = rest.split_once(" via ")?;
    let (name, kind) = name_and_type(question).unwrap_or((question, ""));
    let (rule, rest) = rule.split_once(' ').unwrap_or((rule, ""));
    if let Some((_, reason)) = rest.split_once("failed: ") {
        let code = if is_code(reason) { reason } else { "" };
        return Some(Lookup { action, rule, name, kind, code, ..Lookup::default() });
    }
    let decision = match action.rsplit(' ').next() {
        Some("PASSTHRU") => "allowed",
        // The client is told to ask again.
        Some("TCP-ONLY") => "",
        _ => "denied",
    };
    Some(Lookup { action, decision, rule, name, kind, ..Lookup::default() })
}

/// `name class type …`
pub(crate) fn question(text: &str) -> Option<Lookup<'_>> {
    let mut words = text.split(' ');
    let (name, class, kind) = (words.next()?, words.next()?, words.next()?);
    (is_class(class) && is_type(kind)).then_some(Lookup { name, kind, ..Lookup::default() })
}

/// `name/type/class`
fn name_and_type(text: &str) -> Option<(&str, &str)> {
    let (rest, class) = text.rsplit_once('/')?;
    is_class(class).then(|| rest.rsplit_once('/')).flatten()
}

/// The address in brackets behind the flags.
fn bracketed(text: &str) -> &str {
    // A flag has brackets of its own: the version of EDNS.
    let address = text.split(' ').rev().find_map(|word| word.strip_prefix('(')?.strip_suffix(')'));
    address.unwrap_or_default()
}

/// `name 60 CNAME name 5 A address`, where names of owners may be absent, and nothing but spaces
/// stands between records. A record begins with its time to live and its type.
fn records_of(text: &str) -> Vec<(&str, Option<i64>)> {
    let mut words = words(text).peekable();
    let mut records = Vec::new();
    let mut last = None;
    while let Some((place, word)) = words.next() {
        let kind = words.peek().filter(|(_, kind)| is_type(kind)).copied();
        let (Ok(seconds), Some((at, kind))) = (word.parse::<i64>(), kind) else { continue };
        words.next();
        close(text, &mut records, last, place);
        last = Some((at + kind.len(), kind, seconds));
        if records.len() == MOST_RECORDS {
            return records;
        }
    }
    close(text, &mut records, last, text.len());
    records
}

/// Adds the record whose data begins behind its type and ends before a place.
fn close<'t>(
    text: &'t str,
    records: &mut Vec<(&'t str, Option<i64>)>,
    last: Option<(usize, &str, i64)>,
    end: usize,
) {
    let Some((begin, kind, seconds)) = last else { return };
    let data = text.get(begin..end).unwrap_or_default().trim();
    // Behind data of one word stands the owner of the next record.
    let is_word = matches!(kind, "A" | "AAAA" | "CNAME" | "DNAME" | "NS" | "PTR");
    let data = if is_word { data.split(' ').next().unwrap_or_default() } else { data };
    // A signature leads nowhere.
    if !data.is_empty() && kind != "RRSIG" {
        records.push((data, Some(seconds)));
    }
}

/// The words of a text, and where they begin.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut place = 0;
    text.split(' ').filter_map(move |word| {
        let begin = place;
        place += word.len() + 1;
        (!word.is_empty()).then_some((begin, word))
    })
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use coldtrail_model::Table;

    use super::records_of;
    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    fn read(line: &str) -> KeptRows {
        KeptRows::read(&LogLines, format!("{line}\n").as_bytes())
    }

    /// The row of an event, without what all have in common.
    fn row(event: &str) -> String {
        let rows = read(&format!(
            "<30>1 2024-05-04T10:00:00Z NS named 7 - - client @0x7f00 10.0.0.5#49200 (A.example): {event}"
        ));
        assert_eq!(rows.anomalies(), []);
        let row = rows.only(Table::Dns);
        let begin = "timestamp=1714816800000000 event_dataset=bind.";
        row.strip_prefix(begin).unwrap_or_else(|| panic!("{row}")).to_owned()
    }

    const WHO: &str = "source_ip=10.0.0.5 source_port=49200";

    #[test]
    fn a_query_is_a_row() {
        assert_eq!(
            row("query: A.example IN TYPE65 +E(0)K (192.0.2.53)"),
            format!(
                "queries {WHO} destination_ip=192.0.2.53 dns_question_name=a.example \
                 dns_question_type=TYPE65 event_action=query observer_name=ns"
            )
        );
        assert!(row("view inside: query: a.example IN A -").starts_with("queries"));
    }

    #[test]
    fn what_came_of_a_query() {
        assert_eq!(
            row("query failed (SERVFAIL) for a.example/IN/A at query.c:7841"),
            format!(
                "query-errors {WHO} dns_question_name=a.example dns_question_type=A \
                 dns_response_code=SERVFAIL event_action=query failed observer_name=ns"
            )
        );
        assert_eq!(
            row("query (cache) 'a.example/A/IN' denied (allow-query-cache did not match)"),
            format!(
                "security {WHO} dns_question_name=a.example dns_question_type=A \
                 event_action=denied event_type=denied observer_name=ns"
            )
        );
        assert_eq!(
            row("rpz QNAME NXDOMAIN rewrite a.example/A/IN via a.example.rpz.example"),
            format!(
                "rpz {WHO} dns_question_name=a.example dns_question_type=A \
                 event_action=rpz QNAME NXDOMAIN event_type=denied \
                 rule_name=a.example.rpz.example observer_name=ns"
            )
        );
        assert!(row("response: a.example IN A NXDOMAIN + (192.0.2.53)").contains("code=NXDOMAIN"));
    }

    #[test]
    fn an_answer_has_its_records_in_order() {
        assert_eq!(
            row(
                "answer: a.example IN A (192.0.2.53) -> NOERROR 60 CNAME b.azurewebsites.net. 5 A 192.0.2.7"
            ),
            format!(
                "responses {WHO} destination_ip=192.0.2.53 dns_question_name=a.example \
                 dns_question_type=A dns_response_code=NOERROR \
                 dns_answers_data=[b.azurewebsites.net|192.0.2.7] dns_answers_ttl=[60|5] \
                 event_action=answer observer_name=ns"
            )
        );
    }

    #[test]
    fn records_may_name_their_owners() {
        let records =
            "a.example. 60 CNAME b.example. b.example. 5 A 192.0.2.7 a. 7 MX 10 m.example.";
        let expected =
            [("b.example.", Some(60)), ("192.0.2.7", Some(5)), ("10 m.example.", Some(7))];
        assert_eq!(records_of(records), expected);
        let signed =
            records_of("60 A 192.0.2.7 60 RRSIG A 13 2 60 20240504000000 20240503000000 7 a. b=");
        assert_eq!(signed, [("192.0.2.7", Some(60))]);
        assert_eq!(records_of(""), []);
        assert_eq!(records_of("60 A"), []);
    }

    #[test]
    fn a_server_without_a_clock_is_told() {
        let rows = read("client 10.0.0.5#49200 (a.example): query: a.example IN A + (192.0.2.53)");
        assert_eq!((rows.count(), rows.anomalies()), (0, vec![(Anomaly::MissingTimestamp, 1)]));
        let rows = read("04-May-2024 10:00:00.123 client 10.0.0.5#49200: query: a.example IN A +");
        assert_eq!((rows.count(), rows.anomalies()), (1, vec![(Anomaly::AssumedZone, 1)]));
    }

    #[test]
    fn what_else_the_server_says_is_counted_only() {
        for line in [
            "<30>May  4 2024 10:00:00 ns named[7]: zone a.example/IN: loaded serial 1",
            "<30>May  4 2024 10:00:00 ns named[7]: running",
            "<30>May  4 2024 10:00:00 ns named[7]: client 10.0.0.5#49200 (a.example): zone transfer 'a.example/AXFR/IN' denied",
            "general: info: zone a.example/IN: Transfer started.",
            "rpz: rpz.example: reload done: success",
            "timed out resolving 'a.example/A/IN': 192.0.2.7#53",
            "view inside:   validating a.example/SOA: no valid signature found",
        ] {
            let rows = read(line);
            assert_eq!((rows.records(), rows.count(), rows.anomalies()), (1, 0, vec![]), "{line}");
        }
    }
}
