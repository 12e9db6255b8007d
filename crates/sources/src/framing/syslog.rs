//! The header in front of a message that came by syslog, in any way that relays write it.
//!
//! RFC 5424 has a version and structured data; RFC 3164 a time without zone, and often without year;
//! files that a daemon writes lack the priority, and those that ISO times were asked for have them. A
//! relay may put its own header in front of the one it got; then the inner one counts, being nearer
//! to where the message comes from.

use std::net::IpAddr;

use crate::time::{self, Written};

/// How many headers in front of one another are taken off.
const DEEPEST: u32 = 4;

/// A message with its header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Syslog<'l> {
    /// The time as written, and what it says.
    pub(crate) time: Option<(&'l str, Written)>,
    /// The host that wrote the message; empty if none is named.
    pub(crate) host: &'l str,
    /// The program that wrote it; empty if none is named.
    pub(crate) program: &'l str,
    /// Structured data of RFC 5424 with its brackets; empty if there is none.
    pub(crate) structured: &'l str,
    /// The message.
    pub(crate) message: &'l str,
}

impl<'l> Syslog<'l> {
    /// The header that a line begins with; `None` if it begins with none.
    pub(crate) fn of(line: &'l str) -> Option<Self> {
        let mut outer = Self::outermost(line)?;
        for _ in 1..DEEPEST {
            let Some(inner) = Self::outermost(outer.message) else { break };
            outer = Self {
                time: inner.time.or(outer.time),
                host: or(inner.host, outer.host),
                program: or(inner.program, outer.program),
                structured: or(inner.structured, outer.structured),
                message: inner.message,
            };
        }
        Some(outer)
    }

    fn outermost(line: &'l str) -> Option<Self> {
        let text = line.trim_start_matches(' ');
        let text = without_count(text);
        match priority(text) {
            Some(rest) => Some(
                rest.strip_prefix("1 ")
                    .and_then(Self::rfc_5424)
                    .or_else(|| Self::rfc_3164(rest))
                    .unwrap_or(Self { message: rest, ..Self::default() }),
            ),
            None => Self::rfc_3164(text),
        }
    }

    /// What stands behind priority and version.
    fn rfc_5424(text: &'l str) -> Option<Self> {
        let mut rest = text;
        let mut word = || {
            let (word, behind) = rest.split_once(' ')?;
            rest = behind;
            Some(if word == "-" { "" } else { word })
        };
        let (written, host, program) = (word()?, word()?, word()?);
        let (_process, _kind) = (word()?, word()?);
        let (structured, message) = structured_data(rest)?;
        let message = message.strip_prefix(' ').unwrap_or(message);
        let message = message.strip_prefix('\u{feff}').unwrap_or(message);
        let time = time::iso(written).map(|time| (written, time));
        (written.is_empty() || time.is_some()).then_some(Self {
            time,
            host,
            program,
            structured,
            message,
        })
    }

    /// A time, a host, a tag, of which only the time has to be there.
    fn rfc_3164(text: &'l str) -> Option<Self> {
        let (time, rest) = time::stamp(text)?;
        let written = text.get(..text.len() - rest.len())?;
        let time = Some((written, time));
        let rest = rest.trim_start_matches([' ', ':']);
        if let Some((program, message)) = tag(rest) {
            return Some(Self { time, program, message, ..Self::default() });
        }
        let (host, rest) = rest.split_once(' ').filter(|(host, _)| is_host(host)).unzip();
        let (host, rest) = (host.unwrap_or_default(), rest.unwrap_or(text_behind(text, written)));
        let rest = rest.trim_start_matches([' ', ':']);
        let tagged = tag(rest).or_else(|| tag(without_address(rest)?));
        let (program, message) = tagged.unwrap_or(("", rest));
        Some(Self { time, host, program, structured: "", message })
    }
}

/// What stands behind the address that some relays put behind the host's name.
fn without_address(text: &str) -> Option<&str> {
    let (address, rest) = text.split_once(' ')?;
    address.parse::<IpAddr>().ok().map(|_| rest)
}

/// What stands behind the time.
fn text_behind<'l>(text: &'l str, written: &str) -> &'l str {
    text.get(written.len()..).unwrap_or_default()
}

fn or<'l>(first: &'l str, second: &'l str) -> &'l str {
    if first.is_empty() { second } else { first }
}

/// What stands behind the length that RFC 6587 puts in front of a message.
fn without_count(text: &str) -> &str {
    match text.split_once(" <") {
        Some((count, _)) if !count.is_empty() && count.len() < 8 && is_number(count) => {
            text.get(count.len() + 1..).unwrap_or(text)
        }
        _ => text,
    }
}

/// What stands behind `<134>`.
fn priority(text: &str) -> Option<&str> {
    let (number, rest) = text.strip_prefix('<')?.split_once('>')?;
    (matches!(number.len(), 1..=3) && is_number(number)).then_some(rest)
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A word that may be a host: a name or an address, and nothing that a message begins with.
fn is_host(word: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:%/[]".contains(&byte);
    // Cisco begins messages with a percent sign.
    let begins =
        word.starts_with(|first: char| first.is_ascii_alphanumeric() || "[:".contains(first));
    begins && word.len() <= 255 && word.bytes().all(is_part)
}

/// The tag that a message begins with, as `program[123]: ` or `program: `, and what stands behind.
fn tag(text: &str) -> Option<(&str, &str)> {
    let (tag, message) = text.split_once(": ")?;
    let (program, process) = match tag.split_once('[') {
        Some((program, process)) => (program, process.strip_suffix(']')?),
        None => (tag, ""),
    };
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/()".contains(&byte);
    let is_mark = matches!(program, "CEF" | "LEEF");
    let fits =
        !is_mark && !program.is_empty() && program.len() <= 48 && program.bytes().all(is_part);
    (fits && process.bytes().all(is_part)).then_some((program, message.trim_start_matches(' ')))
}

/// The structured data that a text begins with, `-` if there is none, and what stands behind.
fn structured_data(text: &str) -> Option<(&str, &str)> {
    if let Some(rest) = text.strip_prefix('-') {
        return Some(("", rest));
    }
    let (mut is_quoted, mut is_escaped, mut is_open) = (false, false, false);
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            b'"' if !is_escaped => is_quoted = !is_quoted,
            b'[' if !is_quoted => is_open = true,
            b']' if !is_quoted => is_open = false,
            _ if !is_open => return Some(text.split_at_checked(place)?).filter(|_| place > 0),
            _ => {}
        }
        is_escaped = byte == b'\\' && !is_escaped;
    }
    (!is_open && !text.is_empty()).then_some((text, ""))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Syslog;

    /// Host, program, message.
    fn parts(line: &str) -> Option<(&str, &str, &str)> {
        Syslog::of(line).map(|syslog| (syslog.host, syslog.program, syslog.message))
    }

    #[test]
    fn headers_in_every_writing() {
        for line in [
            "<134>May  4 10:00:00 fw squid[12]: text a",
            "<134>May  4 10:00:00 fw squid: text a",
            "May 4 2024 10:00:00 fw squid: text a",
            "May  4 10:00:00.123 fw squid[12]: text a",
            "2024-05-04T10:00:00.123456+02:00 fw squid[12]: text a",
            "<134>2024-05-04T10:00:00Z fw squid[12]: text a",
            "<134>1 2024-05-04T10:00:00Z fw squid 12 - - text a",
            "<134>1 2024-05-04T10:00:00Z fw squid 12 ID [a@1 b=\"c ]\\\" d\"][e@2] \u{feff}text a",
            "62 <134>1 2024-05-04T10:00:00Z fw squid 12 - - text a",
            "<134>May  4 10:00:00  fw 192.0.2.9 squid[12]: text a",
            "<134>May  4 10:00:01 relay May  4 10:00:00 fw squid[12]: text a",
            "<13>1 2024-05-04T10:00:02Z relay - - - - <134>May  4 10:00:00 fw squid: text a",
        ] {
            assert_eq!(parts(line), Some(("fw", "squid", "text a")), "{line}");
            assert!(Syslog::of(line).is_some_and(|syslog| syslog.time.is_some()), "{line}");
        }
    }

    #[test]
    fn less_than_a_header_is_enough() {
        assert_eq!(parts("<189>date=2024-05-04 x"), Some(("", "", "date=2024-05-04 x")));
        assert_eq!(parts("May  4 10:00:00 dnsmasq[7]: query"), Some(("", "dnsmasq", "query")));
        assert_eq!(
            parts("<166>May 04 2024 10:00:00: %ASA-6-302013: Built"),
            Some(("", "", "%ASA-6-302013: Built"))
        );
        assert_eq!(
            parts("May 04 2024 10:00:00 fw : %ASA-6-302013: Built"),
            Some(("fw", "", "%ASA-6-302013: Built"))
        );
        assert_eq!(parts("May  4 10:00:00 fw CEF:0|a|b"), Some(("fw", "", "CEF:0|a|b")));
    }

    #[test]
    fn what_has_no_header_is_left_alone() {
        for line in ["", "CEF:0|a", "1157689312.049 5006 10.0.0.5 TCP_MISS/200", "<x>y", "May day"]
        {
            assert_eq!(Syslog::of(line), None, "{line}");
        }
    }

    #[test]
    fn structured_data_is_kept_as_it_is() {
        let line = "<1>1 - - - - - [a@1 b=\"c\" d=\"e \\\" f\"][g h=\"i\"] text";
        let syslog = Syslog::of(line).expect("a header");
        assert_eq!(syslog.structured, "[a@1 b=\"c\" d=\"e \\\" f\"][g h=\"i\"]");
        assert_eq!(syslog.message, "text");
    }

    proptest! {
        #[test]
        fn a_message_comes_out_as_it_went_in(message in "[a-z=|\"\\]é]{1,20}( [a-z:=]{1,9}){0,3}x") {
            for header in ["<134>May  4 10:00:00 fw app[1]: ", "<13>1 2024-05-04T10:00:00Z fw app - - - "] {
                let line = format!("{header}{message}");
                prop_assert_eq!(parts(&line), Some(("fw", "app", message.as_str())));
            }
        }

        #[test]
        fn no_text_makes_it_fall_over(text in "(<134>)?(1 )?(May  4 10:00:00 )?[a\\[\\]\"\\\\=: é-]{0,40}") {
            if let Some(syslog) = Syslog::of(&text) {
                prop_assert!(text.ends_with(syslog.message));
            }
        }
    }
}
