//! Cisco's firewalls, ASA and Firepower Threat Defense: a row of `flow` for each message about a
//! connection, of `web` for each URL, and of what connection events of FTD tell besides, `dns` and `tls`.
//!
//! Every message has a number behind the product's mark, such as `%ASA-6-302013`. ASA writes sentences
//! ([`message`]), FTD also lists of fields ([`event`]). Messages about anything else, such as translations
//! of addresses and logins to the VPN, are counted only.
//! <https://www.cisco.com/c/en/us/td/docs/security/asa/syslog/asa-syslog.html>,
//! <https://www.cisco.com/c/en/us/td/docs/security/firepower/Syslogs/b_fptd_syslog_guide.html>

mod endpoint;
mod event;
mod message;

#[cfg(test)]
mod kit_tests;

use crate::format::LineShape;
use crate::log_lines::LogLine;
use crate::{Collector, Stopped};

/// Messages of ASA and FTD.
pub(crate) struct CiscoAsa;

/// What stands before the severity, and the dataset. PIX and the firewall module came before ASA.
const MARKS: [(&str, &str); 4] = [
    ("%ASA-", "cisco_asa"),
    ("%FTD-", "cisco_ftd"),
    ("%PIX-", "cisco_asa"),
    ("%FWSM-", "cisco_asa"),
];

impl LineShape for CiscoAsa {
    fn name(&self) -> &'static str {
        "cisco-asa"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        Marked::of(line.text).is_some()
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let Some(marked) = Marked::of(line.text) else { return Ok(()) };
        if event::NUMBERS.contains(&marked.number) {
            return event::row(&marked, line, collector);
        }
        message::row(&marked, line, collector)
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "<166>May 04 2024 10:00:00 fw : %ASA-6-302013: Built outbound TCP connection 7 for outside:192.0.2.7/443 (192.0.2.7/443) to inside:10.0.0.5/49200 (192.0.2.1/49200)",
            "May 04 2024 10:00:00: %ASA-session-5-106100: access-list in permitted tcp inside/10.0.0.5(49200) -> outside/192.0.2.7(443) hit-cnt 1 first hit [0x1, 0x0]",
            "<113>2024-05-04T10:00:00Z fw %FTD-1-430003: AccessControlRuleAction: Allow, SrcIP: 10.0.0.5, DstIP: 192.0.2.7, SrcPort: 49200, DstPort: 443, Protocol: tcp, URL: https://a.workers.dev/x",
        ]
    }
}

/// A message behind its mark.
struct Marked<'l> {
    dataset: &'static str,
    /// What kind of message it is.
    number: &'l str,
    text: &'l str,
}

impl<'l> Marked<'l> {
    /// The message in a line, if it has the mark.
    fn of(line: &'l str) -> Option<Self> {
        let marked = MARKS.iter().find_map(|(mark, dataset)| {
            let (_, behind) = line.split_once(mark)?;
            Some((behind, *dataset))
        });
        let (behind, dataset) = marked?;
        let (numbers, text) = behind.split_once(' ').unwrap_or((behind, ""));
        let number = numbers.trim_end_matches(':').rsplit('-').next()?;
        let is_number = number.len() == 6 && number.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then_some(Self { dataset, number, text: text.trim_ascii() })
    }
}
