//! The beginning that BIND's messages about a client have in common, also in products made of BIND:
//! `time category: severity: client @0x… address#port (name): view name: `, where nearly every part
//! may be absent, in files, behind syslog headers, or behind both.

use crate::Collector;
use crate::log_lines::LogLine;
use crate::time;

/// How many words with a colon may stand in front: category and severity.
const MOST_WORDS: usize = 3;

/// A message about a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClientMessage<'l> {
    /// The server's own time; empty if it was told not to print it.
    time: &'l str,
    /// The client's address.
    pub(crate) address: &'l str,
    /// Its port.
    pub(crate) port: &'l str,
    /// What happened.
    pub(crate) event: &'l str,
    /// `UDP` or `TCP`, where it is told, as Infoblox does.
    pub(crate) transport: &'l str,
}

impl<'l> ClientMessage<'l> {
    /// The message of a line, if it is about a client. A time in ISO 8601 that is the server's own
    /// looks like a syslog header, so that the whole line is looked at first.
    pub(crate) fn of(line: &LogLine<'l>) -> Option<Self> {
        Self::parse(line.text).or_else(|| Self::parse(line.message))
    }

    fn parse(text: &'l str) -> Option<Self> {
        let (time, rest) = body(text)?;
        let rest = match rest.strip_prefix("List Matched ") {
            Some(matched) => matched,
            None => rest.strip_prefix("client ")?,
        };
        let rest = match rest.strip_prefix("@0x") {
            Some(object) => object.split_once(' ')?.1,
            None => rest,
        };
        let (address, rest) = rest.split_once('#')?;
        let end = rest.find(|character: char| !character.is_ascii_digit())?;
        let (port, rest) = rest.split_at(end);
        let is_address = !address.is_empty()
            && address.bytes().all(|byte| byte.is_ascii_hexdigit() || b".:%".contains(&byte));
        if !is_address || port.is_empty() {
            return None;
        }
        let rest = rest.trim_start_matches(' ');
        let rest = match rest.strip_prefix('(') {
            // A name may hold brackets of its own.
            Some(named) => named.split_once("):").or_else(|| named.split_once(") "))?.1,
            None => rest,
        };
        let rest = rest.trim_start_matches([':', ' ']);
        let rest = match rest.strip_prefix("view ") {
            Some(view) => view.split_once(": ")?.1,
            None => rest,
        };
        let (transport, event) = match rest.split_once(": ") {
            Some((transport @ ("UDP" | "TCP"), event)) => (transport, event),
            _ => ("", rest),
        };
        Some(Self { time, address, port, event, transport })
    }

    /// The server's own time, or else that of the line's header.
    pub(crate) fn moment(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Option<i64> {
        if self.time.is_empty() {
            return line.moment(collector);
        }
        let written = time::named_month(self.time).or_else(|| time::iso(self.time));
        collector.moment(self.time, written)
    }
}

/// The server's own time and what it says, if the line is one of a name server's about a client.
fn body(text: &str) -> Option<(&str, &str)> {
    let (mut time, mut rest) = ("", text);
    for _ in 0..=MOST_WORDS {
        if rest.starts_with("client ") || rest.starts_with("List Matched ") {
            return Some((time, rest));
        }
        if let Some((written, behind)) = own_time(rest).filter(|_| time.is_empty()) {
            (time, rest) = (written, behind);
            continue;
        }
        // A number of the message may stand in front, without a space behind it.
        let (word, behind) = rest.split_once(':')?;
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if word.is_empty() || word.len() > 32 || !word.bytes().all(is_word) {
            return None;
        }
        rest = behind.trim_start_matches(' ');
    }
    None
}

/// `04-May-2024 10:00:00.123` or ISO 8601, and what stands behind it.
fn own_time(text: &str) -> Option<(&str, &str)> {
    let first = text.split(' ').next()?;
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 4 && first.contains('T') {
        return Some((first, text.get(first.len() + 1..)?));
    }
    let is_date = matches!(digits, 1 | 2) && text.as_bytes().get(digits) == Some(&b'-');
    let time = text.get(first.len() + 1..).filter(|_| is_date)?;
    let (time, rest) = time.split_once(' ')?;
    Some((text.get(..first.len() + 1 + time.len())?, rest))
}

#[cfg(test)]
mod tests {
    use super::ClientMessage;
    use crate::log_lines::LogLine;

    #[test]
    fn what_may_stand_in_front() {
        let message = "client 10.0.0.5#49200 (a.example): query: x";
        for line in [
            "client @0x7f00 10.0.0.5#49200 (a.example): query: x",
            "client 10.0.0.5#49200: query: x",
            "client @0x7f00 10.0.0.5#49200 (a.example): view inside: query: x",
            "queries: info: client 10.0.0.5#49200 (a.example): query: x",
            "04-May-2024 10:00:00.123 queries: info: client 10.0.0.5#49200 (a.example): query: x",
            "2024-05-04T10:00:00.123Z client @0x7f00 10.0.0.5#49200 (a.example): query: x",
            "2024-05-04T10:00:00.123Z queries: info: client 10.0.0.5#49200 (a.example): query: x",
            "<30>May  4 10:00:00 ns named[7]: client 10.0.0.5#49200 (a.example): query: x",
            "<30>May  4 10:00:00 ns named[7]: queries: 04-May-2024 10:00:00.123 client 10.0.0.5#49200: query: x",
            "26914:client 10.0.0.5#49200 (a.example): query: x",
            "List Matched 10.0.0.5#49200: query: x",
            message,
        ] {
            let parsed = ClientMessage::of(&LogLine::of(line)).expect(line);
            assert_eq!(
                (parsed.address, parsed.port, parsed.event),
                ("10.0.0.5", "49200", "query: x")
            );
        }
    }

    #[test]
    fn what_is_no_client() {
        for line in
            ["client of ours#1: x", "client 10.0.0.5#", "a: b: c: d: client 10.0.0.5#1: x", "é"]
        {
            assert_eq!(ClientMessage::of(&LogLine::of(line)), None, "{line}");
        }
    }
}
