//! unbound, the resolver: a row of `dns` for each query (`log-queries`), reply (`log-replies`) and
//! query that a local zone or a response policy answered (`log-local-actions`).
//!
//! A line has `[process:thread] level: ` in front of it, behind a syslog header, or behind seconds or
//! a date in unbound's own file. What else it says is counted only.
//! <https://unbound.docs.nlnetlabs.nl/en/latest/manpages/unbound.conf.html>

use crate::decision::decision;
use crate::filling::address;
use crate::format::LineShape;
use crate::log_lines::LogLine;
use crate::lookup::{Lookup, is_class, is_type};
use crate::{Collector, Stopped, time};

/// unbound's log.
pub(crate) struct Unbound;

/// How a message is marked: by its level, or by `log-tag-queryreply`.
const LEVELS: [&str; 9] = [
    "info",
    "query",
    "reply",
    "error",
    "notice",
    "warning",
    "debug",
    "fatal error",
    "internal error",
];

/// How far into a line its mark may be.
const FARTHEST: usize = 400;

impl LineShape for Unbound {
    fn name(&self) -> &'static str {
        "unbound"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        Message::of(line.text).is_some()
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let Some(message) = Message::of(line.text) else { return Ok(()) };
        let Some(lookup) = lookup(message.text) else { return Ok(()) };
        let moment = match time::epoch_seconds(message.seconds) {
            Some(moment) => moment,
            None => match line.moment(collector) {
                Some(moment) => moment,
                None => return Ok(()),
            },
        };
        lookup.row("unbound", moment, line, collector)
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "[1714816800] unbound[7:0] info: 10.0.0.5 a.example. A IN",
            "<30>May  4 2024 10:00:00 ns unbound[7]: [7:1f] reply: 10.0.0.5 a.example. A IN NOERROR 0.017445 0 51",
            "May 04 2024 10:00:00 unbound[7:0] query: 10.0.0.5 a.example. A IN",
            "2024-05-04T10:00:00+02:00 ns unbound[7]: [7:0] info: a.example. refuse 10.0.0.5@49200 b.a.example. A IN",
        ]
    }
}

/// A message of one of its threads.
struct Message<'l> {
    /// The time in seconds, as its own file has it; empty if it has none.
    seconds: &'l str,
    text: &'l str,
}

impl<'l> Message<'l> {
    /// The message of a line, by the mark in front of it.
    fn of(line: &'l str) -> Option<Self> {
        let head = line.get(..FARTHEST).unwrap_or(line);
        let (place, _) = head.match_indices("] ").find(|(place, _)| is_mark(line, *place))?;
        let (head, behind) = line.split_at_checked(place)?;
        let (_, text) = behind.split_once(": ")?;
        let seconds = head.strip_prefix('[').and_then(|head| head.split_once("] unbound["));
        Some(Self { seconds: seconds.map_or("", |(seconds, _)| seconds), text })
    }
}

/// Whether the bracket at a place closes `[process:thread]`, with a level behind it.
fn is_mark(line: &str, place: usize) -> bool {
    let Some((head, behind)) = line.split_at_checked(place) else { return false };
    let Some((before, numbers)) = head.rsplit_once('[') else { return false };
    let Some((process, thread)) = numbers.split_once(':') else { return false };
    let is_number = |text: &str, is_digit: fn(&u8) -> bool| {
        matches!(text.len(), 1..=10) && text.as_bytes().iter().all(is_digit)
    };
    let level = behind.strip_prefix("] ").and_then(|behind| behind.split_once(": "));
    is_number(process, u8::is_ascii_digit)
        && is_number(thread, u8::is_ascii_hexdigit)
        && level.is_some_and(|(level, _)| LEVELS.contains(&level))
        && (before.is_empty() || before.ends_with([' ']) || before.ends_with("unbound"))
}

/// `address name type class`, behind which a reply has `code seconds cached size`; in front of which
/// a local zone has its name and its kind, and an at sign and a port behind the address.
fn lookup(text: &str) -> Option<Lookup<'_>> {
    let words: Vec<&str> = text.split(' ').take(20).collect();
    let place =
        (0..words.len()).find(|place| is_question(words.get(*place..).unwrap_or_default()))?;
    let (before, question) = words.split_at_checked(place)?;
    let [who, name, kind, _class, rest @ ..] = question else { return None };
    let (client, client_port) = who.split_once('@').unwrap_or((who, ""));
    let code = rest.first().copied().unwrap_or_default();
    let policy = before.last().copied().unwrap_or_default();
    let action = match (policy, code) {
        ("", "") => "query",
        ("", _) => "reply",
        (policy, _) => policy,
    };
    let rule = before.split_last().and_then(|(_, names)| names.last()).copied();
    // `log-destaddr` adds protocol, address and port of the server.
    let server = rest.iter().skip(4).copied().find(|word| address(word).is_some());
    Some(Lookup {
        action,
        decision: decision(policy).unwrap_or_default(),
        rule: rule.unwrap_or_default(),
        client,
        client_port,
        server: server.unwrap_or_default(),
        name,
        kind,
        code,
        ..Lookup::default()
    })
}

fn is_question(words: &[&str]) -> bool {
    let [who, _name, kind, class, ..] = words else { return false };
    let who = who.split_once('@').map_or(*who, |(address, _)| address);
    is_class(class) && is_type(kind) && address(who).is_some()
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use crate::format::Format;
    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    fn read(line: &str) -> KeptRows {
        KeptRows::read(&LogLines, format!("{line}\n").as_bytes())
    }

    const TIME: &str = "timestamp=1714816800000000 event_dataset=unbound source_ip=10.0.0.5";

    #[test]
    fn a_query_is_a_row_in_every_file() {
        for (begin, end) in [
            ("[1714816800] unbound[7:0] info:", ""),
            ("May 04 2024 10:00:00 UTC unbound[7:0] query:", ""),
            ("2024-05-04T10:00:00Z unbound[7:0] info:", ""),
            ("<30>1 2024-05-04T10:00:00Z NS unbound 7 - - [7:1f] info:", " observer_name=ns"),
            ("2024-05-04T12:00:00+02:00 NS unbound[7]: [7:1f] query:", " observer_name=ns"),
        ] {
            let rows = read(&format!("{begin} 10.0.0.5 A.workers.dev. AAAA IN"));
            assert_eq!(
                rows.only(Table::Dns),
                format!(
                    "{TIME} dns_question_name=a.workers.dev dns_question_type=AAAA \
                     event_action=query{end}"
                ),
                "{begin}"
            );
        }
    }

    #[test]
    fn a_reply_has_its_code() {
        let rows = read(
            "[1714816800] unbound[7:0] reply: 10.0.0.5 a.example. A IN NXDOMAIN 0.01 0 51 udp 192.0.2.53 53",
        );
        assert_eq!(
            rows.only(Table::Dns),
            format!(
                "{TIME} destination_ip=192.0.2.53 dns_question_name=a.example dns_question_type=A \
                 dns_response_code=NXDOMAIN event_action=reply"
            )
        );
    }

    #[test]
    fn a_local_zone_decides() {
        let rows = read(
            "[1714816800] unbound[7:0] info: a.example. refuse 10.0.0.5@49200 b.a.example. A IN",
        );
        assert_eq!(
            rows.only(Table::Dns),
            format!(
                "{TIME} source_port=49200 dns_question_name=b.a.example dns_question_type=A \
                 event_action=refuse event_type=denied rule_name=a.example."
            )
        );
    }

    #[test]
    fn what_else_it_says_is_counted_only() {
        for line in [
            "[1714816800] unbound[7:0] info: start of service (unbound 1.19.0).",
            "<30>May  4 2024 10:00:00 ns unbound[7]: [7:0] info: generate keytag query _ta-4f66. NULL IN",
            "[7:1] error: failed to find an open port, drop msg",
        ] {
            let rows = read(line);
            assert_eq!((rows.records(), rows.count(), rows.anomalies()), (1, 0, vec![]), "{line}");
        }
        assert!(!LogLines.recognises(b"[1:2] hello: you\n"));
    }
}
