//! Events in the formats that products write for SIEMs: ArcSight's CEF and QRadar's LEEF.
//!
//! Whoever wrote an event, what it is shows in its keys: a query that was asked, a URL that was
//! requested, or else two addresses. An event with none of these is counted only. Where products give
//! their own names to what the formats have no key for, those stand beside the others in [`rows`].

pub(crate) mod rows;

#[cfg(test)]
mod kit_tests;

use coldtrail_diagnostics::Anomaly;

use self::rows::Dialect;
use crate::format::LineShape;
use crate::framing::cef::{self, Cef};
use crate::framing::leef::{self, Leef};
use crate::log_lines::LogLine;
use crate::{Collector, Stopped};

/// Vendors who write `in` and `out` as their client sees it.
const SEND_OUT: [&str; 2] = ["Fortinet", "Forcepoint"];

/// Events in the Common Event Format.
pub(crate) struct CefLines;

/// Events in the Log Event Extended Format.
pub(crate) struct LeefLines;

impl LineShape for CefLines {
    fn name(&self) -> &'static str {
        "cef"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        cef::begins(line.message)
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let Some(event) = Cef::of(line.message) else {
            collector.anomaly(Anomaly::InvalidHeader, "parts of the CEF header are missing");
            return Ok(());
        };
        if is_of_firewall_itself(&event) {
            return Ok(());
        }
        // By the format, `out` is what the source got; for these, it is what the source sent.
        let sends_out = SEND_OUT.iter().any(|vendor| event.vendor.eq_ignore_ascii_case(vendor));
        let labelled = |label| event.labelled(label).unwrap_or_default();
        let dialect = Dialect {
            dataset: "cef",
            sends_out,
            rule: labelled("Rule"),
            seconds: labelled("SessionDuration"),
            packets: labelled("PacketsTotal"),
        };
        rows::row(&event, &dialect, line, collector)
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "CEF:0|V|P|1|1|n|3|rt=1714816800000 src=10.0.0.5 spt=49200 dst=192.0.2.7 dpt=443 proto=TCP act=allow",
            "<134>May  4 2024 10:00:00 fw CEF:0|V|P|1|1|n|3|rt=1714816800000 src=10.0.0.5 request=https://a.example/x",
        ]
    }
}

/// Whether an event is about a firewall itself and those who log in to it, though it may name addresses.
fn is_of_firewall_itself(event: &Cef<'_>) -> bool {
    match event.vendor.as_ref() {
        "Fortinet" => event.get("cat").is_some_and(|kind| kind.starts_with("event")),
        "Palo Alto Networks" => matches!(
            event.signature.as_ref(),
            "AUTH" | "CONFIG" | "GLOBALPROTECT" | "HIPMATCH" | "IPTAG" | "SYSTEM" | "USERID"
        ),
        _ => false,
    }
}

impl LineShape for LeefLines {
    fn name(&self) -> &'static str {
        "leef"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        leef::begins(line.message)
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let Some(event) = Leef::of(line.message) else {
            collector.anomaly(Anomaly::InvalidHeader, "parts of the LEEF header are missing");
            return Ok(());
        };
        let dialect =
            Dialect { dataset: "leef", sends_out: false, rule: "", seconds: "", packets: "" };
        rows::row(&event, &dialect, line, collector)
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "LEEF:2.0|V|P|1|E|^|devTime=1714816800000^src=10.0.0.5^dst=192.0.2.7^dstPort=443^action=drop",
        ]
    }
}
