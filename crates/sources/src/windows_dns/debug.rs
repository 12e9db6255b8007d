//! The debug log (`dns.log`): a line for each packet, and if asked for the packet's fields on the lines
//! below it, which make no rows of their own
//! (<https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2008-R2-and-2008/cc776361(v=ws.10)>).
//!
//! Dates are written as the host's locale has it, in its zone, which the log does not name.

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{Field, Table};

use crate::filling::{Values, fill};
use crate::format::LineShape;
use crate::log_lines::LogLine;
use crate::{Collector, Stopped, time};

/// Lines of the debug log.
pub(crate) struct WindowsDnsDebug;

impl LineShape for WindowsDnsDebug {
    fn name(&self) -> &'static str {
        "windows-dns-debug"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        Entry::of(line.message).is_some() || is_detail(line.message)
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let Some(entry) = Entry::of(line.message) else { return Ok(()) };
        if entry.context != "PACKET" {
            return Ok(());
        }
        let Some(packet) = Packet::of(entry.rest) else {
            collector
                .anomaly(Anomaly::InvalidValue, "the packet's fields are not as they should be");
            return Ok(());
        };
        // What is no question asks for no name: zones are transferred and updated with the others.
        if packet.opcode != "Q" {
            return Ok(());
        }
        let written = time::numeric_date(entry.time, line.date_order);
        let Some(moment) = collector.moment(entry.time, written) else { return Ok(()) };
        let remote = if packet.is_of_client() {
            (Field::SourceIp, "remote")
        } else {
            (Field::DestinationIp, "remote")
        };
        fill(collector, Table::Dns, "windows.dns_debug", moment, &packet, |row| {
            row.address(remote.0, remote.1)
                .text(Field::DnsQuestionType, "type")
                .text(Field::EventAction, "direction");
            row.row()
                .domain(Field::DnsQuestionName, &name(packet.name))
                .lower(Field::ObserverName, line.host());
            if packet.is_response {
                row.text(Field::DnsResponseCode, "code");
            }
        })
    }

    fn numeric_date<'l>(&self, line: &LogLine<'l>) -> Option<&'l str> {
        Some(Entry::of(line.message)?.time)
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "5/14/2024 3:29:17 PM 0294 PACKET  000002DAEC36D650 UDP Rcv 10.0.0.5        d07e   Q [0001   D   NOERROR] A      (3)www(7)example(3)com(0)",
            "14.05.2024 15:29:17 0294 PACKET  000002DAEC36D650 UDP Snd 10.0.0.5        d07e R Q [8081   DR  NOERROR] AAAA   (7)example(3)com(0)",
            "2024-05-14 15:29:17 0294 PACKET  000002DAEC36D650 TCP Snd 192.0.2.53      d07e   Q [0001   D   NOERROR] TXT    .www.example.com.",
            "5/14/2024 3:29:17 PM 0294 PACKET  000002DAEC36D650 UDP Rcv 10.0.0.5 d07e   Q [0001   D   NOERROR] A      (7)example(3)com(0)\nUDP question info at 000002DAEC36D650\n  Socket = 884\n  Remote addr 10.0.0.5, port 54159\n    QUESTION SECTION:\n      Name      \"(7)example(3)com(0)\"",
        ]
    }
}

/// A line that begins with a time: `time thread context rest`.
struct Entry<'l> {
    time: &'l str,
    context: &'l str,
    rest: &'l str,
}

/// What a line may be about.
const CONTEXTS: [&str; 16] = [
    "PACKET", "EVENT", "Note:", "LOOKUP", "DSPOLL", "DSWRITE", "INIT", "TIMER", "UPDATE", "REMOTE",
    "RECURSE", "TNSLNPKT", "ZONEXFR", "AXFR", "RPC", "ACACHE",
];

impl<'l> Entry<'l> {
    fn of(line: &'l str) -> Option<Self> {
        if !line.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        let (place, context) = CONTEXTS.iter().find_map(|context| {
            let place = line.find(context)?;
            let is_word = line.get(..place)?.ends_with(' ')
                && line.get(place + context.len()..)?.starts_with([' ', '\t']);
            is_word.then_some((place, context))
        })?;
        let (time, thread) = line.get(..place)?.trim_ascii_end().rsplit_once(' ')?;
        let is_thread = thread.len() >= 3 && thread.bytes().all(|byte| byte.is_ascii_hexdigit());
        let time = time.trim_ascii_end();
        (is_thread && time::numeric_date(time, None).is_some()).then_some(Self {
            time,
            context,
            rest: line.get(place + context.len()..)?.trim_ascii(),
        })
    }
}

/// The fields of a packet: `id UDP Rcv remote xid [R] opcode [flags code] type name`.
struct Packet<'l> {
    /// `Rcv` or `Snd`.
    direction: &'l str,
    remote: &'l str,
    is_response: bool,
    opcode: &'l str,
    code: &'l str,
    kind: &'l str,
    name: &'l str,
}

impl<'l> Packet<'l> {
    fn of(text: &'l str) -> Option<Self> {
        let (before, behind) = text.split_once('[')?;
        let (flags, question) = behind.split_once(']')?;
        let mut words = before.split_ascii_whitespace().skip_while(|word| !is_transport(word));
        let _transport = words.next()?;
        let (direction, remote, _xid) = (words.next()?, words.next()?, words.next()?);
        let (first, second) = (words.next()?, words.next());
        let (kind, name) = question.trim_ascii().split_once([' ', '\t'])?;
        Some(Self {
            direction,
            remote,
            is_response: first == "R",
            opcode: second.unwrap_or(first),
            code: flags.split_ascii_whitespace().last()?,
            kind,
            name: name.trim_ascii(),
        })
    }

    /// Whether the other end is who asked.
    fn is_of_client(&self) -> bool {
        (self.direction == "Snd") == self.is_response
    }
}

impl Values for Packet<'_> {
    fn text(&self, name: &'static str) -> Option<std::borrow::Cow<'_, str>> {
        let value = match name {
            "remote" => self.remote,
            "type" => self.kind,
            "direction" => self.direction,
            "code" => self.code,
            _ => return None,
        };
        Some(value.into())
    }
}

fn is_transport(word: &str) -> bool {
    matches!(word, "UDP" | "TCP")
}

/// `www.example.com` for `(3)www(7)example(3)com(0)`; older versions write `.www.example.com.`.
fn name(written: &str) -> String {
    if !written.starts_with('(') {
        return written.trim_matches('.').to_owned();
    }
    let labels = written.split('(').filter_map(|part| part.split_once(')'));
    let labels: Vec<&str> =
        labels.filter(|(length, _)| *length != "0").map(|(_, label)| label).collect();
    labels.join(".")
}

/// What other lines of the log begin with: those below a packet, and those in front of the log.
const DETAILS: [&str; 12] = [
    "DNS Server log file creation at",
    "Log file wrap at",
    "Message logging key (for packets",
    "    Field #  Information",
    "    -------  -----------",
    "UDP question info at",
    "UDP response info at",
    "TCP question info at",
    "TCP response info at",
    "UDP update info at",
    "TCP update info at",
    "The following IP addresses will be logged",
];

/// Words that lines below a packet begin with, behind at least two spaces.
const FIELDS: [&str; 34] = [
    "Socket =",
    "Remote addr ",
    "Time Query=",
    "Buf length =",
    "Msg length =",
    "Message:",
    "XID ",
    "Flags ",
    "QR ",
    "OPCODE ",
    "AA ",
    "TC ",
    "RD ",
    "RA ",
    "Z ",
    "CD ",
    "AD ",
    "RCODE ",
    "QCOUNT ",
    "ACOUNT ",
    "NSCOUNT ",
    "ARCOUNT ",
    "QUESTION SECTION:",
    "ANSWER SECTION:",
    "AUTHORITY SECTION:",
    "ADDITIONAL SECTION:",
    "Offset =",
    "Name ",
    "QTYPE ",
    "QCLASS ",
    "TYPE ",
    "CLASS ",
    "DLEN ",
    "DATA ",
];

/// Whether a line says more about the packet above it, or about the log.
fn is_detail(line: &str) -> bool {
    if DETAILS.iter().any(|detail| line.starts_with(detail)) {
        return true;
    }
    let inside = line.trim_start_matches(' ');
    let depth = line.len() - inside.len();
    depth >= 2 && (FIELDS.iter().any(|field| inside.starts_with(field)) || is_key(inside, depth))
}

/// The numbered lines of the key in front of a log, and its words on lines of their own.
fn is_key(inside: &str, depth: usize) -> bool {
    let numbered = inside.split_once("  ").is_some_and(|(number, text)| {
        number.len() <= 2
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && [
                "Date",
                "Time",
                "Thread ID",
                "Context",
                "Internal packet",
                "UDP/TCP",
                "Send/Receive",
                "Remote IP",
                "Xid",
                "Query/Response",
                "Opcode",
                "[ Flags",
                "Flags",
                "ResponseCode",
                "Question",
            ]
            .iter()
            .any(|name| text.trim_ascii_start().starts_with(name))
    });
    let is_code = inside
        .split_once(" = ")
        .is_some_and(|(code, _)| matches!(code, "blank" | "R" | "N" | "U" | "?" | "A" | "T" | "D"));
    numbered || depth > 16 && is_code
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use coldtrail_model::Table;

    use super::name;
    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    fn read(log: &str) -> KeptRows {
        KeptRows::read(&LogLines, log.as_bytes())
    }

    #[test]
    fn the_source_is_who_asked() {
        let rows = read(
            "14/05/2024 15:29:17 0294 PACKET  02DAEC36D650 UDP Rcv 10.0.0.5        d07e   Q [0001   D   NOERROR] A      (1)a(7)Workers(3)dev(0)\n\
             14/05/2024 15:29:17 0294 PACKET  02DAEC36D650 UDP Snd 192.0.2.53      1111   Q [0001   D   NOERROR] A      (1)a(7)workers(3)dev(0)\n\
             14/05/2024 15:29:18 0294 PACKET  02DAEC36D650 UDP Rcv 192.0.2.53      1111 R Q [8081   DR NXDOMAIN] A      (1)a(7)workers(3)dev(0)\n\
             14/05/2024 15:29:18 0294 PACKET  02DAEC36D650 UDP Snd ::ffff:10.0.0.5 d07e R Q [8385 A DR NXDOMAIN] A      (1)a(7)workers(3)dev(0)\n\
             14/05/2024 15:29:18 0294 PACKET  02DAEC36D650 UDP Rcv 10.0.0.5        d07e   U [0028       NOERROR] SOA    (7)example(3)com(0)\n\
             14/05/2024 15:29:18 0294 EVENT   The DNS server has started.\n",
        );
        let start = |time: &str| format!("timestamp={time} event_dataset=windows.dns_debug");
        let asked = "dns_question_name=a.workers.dev dns_question_type=A";
        let (first, second) = (start("1715700557000000"), start("1715700558000000"));
        let gone = "dns_response_code=NXDOMAIN";
        assert_eq!(
            rows.all(Table::Dns),
            [
                format!("{first} source_ip=10.0.0.5 {asked} event_action=Rcv"),
                format!("{first} destination_ip=192.0.2.53 {asked} event_action=Snd"),
                format!("{second} destination_ip=192.0.2.53 {asked} {gone} event_action=Rcv"),
                format!("{second} source_ip=10.0.0.5 {asked} {gone} event_action=Snd"),
            ]
        );
        assert_eq!(rows.anomalies(), [(Anomaly::AssumedZone, 4)]);
    }

    #[test]
    fn names_come_in_both_spellings() {
        assert_eq!(name("(3)www(7)example(3)com(0)"), "www.example.com");
        assert_eq!(name(".www.example.com."), "www.example.com");
        assert_eq!(name("(0)"), "");
    }
}
