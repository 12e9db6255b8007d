//! Infoblox's grid members: a row of `dns` for each response, with its records.
//!
//! Their name server is BIND, so that queries are what [`crate::bind`] reads; responses are a message
//! of their own. What DHCP and the web console write is counted only.
//! <https://docs.infoblox.com/>

use crate::bind::{ClientMessage, question};
use crate::format::LineShape;
use crate::log_lines::LogLine;
use crate::lookup::{Lookup, MOST_RECORDS};
use crate::{Collector, Stopped};

/// Infoblox's syslog.
pub(crate) struct Infoblox;

/// How DHCP's messages begin, where no header says whose they are.
const NOTES: [&str; 10] = [
    "DHCPDISCOVER from ",
    "DHCPOFFER on ",
    "DHCPREQUEST for ",
    "DHCPACK on ",
    "DHCPACK to ",
    "DHCPNAK on ",
    "DHCPINFORM from ",
    "DHCPRELEASE of ",
    "Option 82: received ",
    "r-l-e:",
];

impl LineShape for Infoblox {
    fn name(&self) -> &'static str {
        "infoblox"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        match ClientMessage::of(line) {
            Some(message) => !message.transport.is_empty(),
            None => is_note(line),
        }
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let Some(message) = ClientMessage::of(line) else { return Ok(()) };
        let Some(lookup) = response(message.event) else { return Ok(()) };
        let Some(moment) = message.moment(line, collector) else { return Ok(()) };
        let lookup = Lookup { client: message.address, client_port: message.port, ..lookup };
        lookup.row("infoblox.dns", moment, line, collector)
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "<30>May  4 2024 10:00:00 ns named[7]: 04-May-2024 10:00:00.123 client 10.0.0.5#49200: UDP: query: a.example IN A response: NOERROR + a.example. 60 IN CNAME b.azurewebsites.net.; b.azurewebsites.net. 5 IN A 192.0.2.7;",
        ]
    }
}

/// Whether a line is that of a service without a place in our tables.
fn is_note(line: &LogLine<'_>) -> bool {
    let begins = |beginning: &&str| line.message.starts_with(beginning);
    match line.syslog.map(|syslog| syslog.program) {
        Some("dhcpd" | "dhcpdv6") => true,
        // `time [user]: action`
        Some("httpd") => line.message.starts_with("20") && line.message.contains("Z ["),
        _ => NOTES.iter().any(begins),
    }
}

/// `query: name class type response: code flags records`, where records are
/// `name seconds class type data` with semicolons behind them.
fn response(event: &str) -> Option<Lookup<'_>> {
    let (asked, answered) = event.strip_prefix("query: ")?.split_once(" response: ")?;
    let mut words = answered.splitn(3, ' ');
    let (code, _flags, records) = (words.next()?, words.next(), words.next().unwrap_or_default());
    // Texts may hold semicolons.
    let mut is_quoted = false;
    let records = records.split(|character| {
        is_quoted ^= character == '"';
        character == ';' && !is_quoted
    });
    let answers = records.filter_map(record).take(MOST_RECORDS).collect();
    Some(Lookup { action: "response", code, answers, ..question(asked)? })
}

/// The data and the time to live of a record, whose owner may be any text.
fn record(text: &str) -> Option<(&str, Option<i64>)> {
    let (owner, record) = text.trim().split_once(" IN ")?;
    let (_kind, data) = record.split_once(' ')?;
    Some((data, Some(owner.rsplit(' ').next()?.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    fn read(line: &str) -> KeptRows {
        KeptRows::read(&LogLines, format!("{line}\n").as_bytes())
    }

    #[test]
    fn a_response_is_a_row_with_its_records() {
        for begin in [
            "client 10.0.0.5#49200: UDP: query:",
            "client 10.0.0.5#49200 UDP: query:",
            "infoblox-responses: client 10.0.0.5#49200: view 12: UDP: query:",
        ] {
            let rows = read(&format!(
                "<30>1 2024-05-04T10:00:00Z NS named 7 - - {begin} A.example IN A response: NOERROR \
                 +A a.example. 60 IN CNAME b.azurewebsites.net.; b.azurewebsites.net. 5 IN A 192.0.2.7;"
            ));
            assert_eq!(
                rows.only(Table::Dns),
                "timestamp=1714816800000000 event_dataset=infoblox.dns source_ip=10.0.0.5 \
                 source_port=49200 dns_question_name=a.example dns_question_type=A \
                 dns_response_code=NOERROR dns_answers_data=[b.azurewebsites.net|192.0.2.7] \
                 dns_answers_ttl=[60|5] event_action=response observer_name=ns"
            );
        }
    }

    #[test]
    fn a_text_may_hold_what_ends_a_record() {
        let rows = read(
            "<30>1 2024-05-04T10:00:00Z ns named 7 - - client 10.0.0.5#49200: UDP: query: a.example IN TXT response: NOERROR + a.example. 60 IN TXT \"v=1; a\" \"b\"; a.example. 60 IN TXT \"c\";",
        );
        let row = rows.only(Table::Dns);
        assert!(row.contains("dns_answers_data=[\"v=1; a\" \"b\"|\"c\"]"), "{row}");
    }

    #[test]
    fn a_response_may_have_no_records() {
        let rows = read(
            "<30>1 2024-05-04T10:00:00Z ns named 7 - - client 10.0.0.5#49200: TCP: query: a.example IN A response: REFUSED -",
        );
        assert!(rows.only(Table::Dns).contains("dns_response_code=REFUSED event_action=response"));
    }

    #[test]
    fn other_services_are_counted_only() {
        for line in [
            "<30>May  4 2024 10:00:00 ns dhcpd[7]: DHCPACK on 10.0.0.5 to 00:53:00:00:00:01 via eth0",
            "<29>May  4 2024 10:00:00 ns httpd: 2024-05-04 10:00:00.123Z [admin]: Login_Allowed - - to=GUI",
            "DHCPDISCOVER from 00:53:00:00:00:01 via eth0",
        ] {
            let rows = read(line);
            assert_eq!((rows.records(), rows.count(), rows.anomalies()), (1, 0, vec![]), "{line}");
        }
    }
}
