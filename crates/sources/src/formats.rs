//! What is read: every format, for people who ask before they bring their logs.

use Table::{Dns, File, Flow, Process, Script, Tls, Web};
use coldtrail_model::Table;

/// A format, as people know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownFormat {
    /// The name in reports.
    pub name: &'static str,
    /// The product, and which of its logs.
    pub logs: &'static str,
    /// The tables that it has rows for.
    pub tables: &'static [Table],
}

/// Every format, in order of name.
pub fn formats() -> &'static [KnownFormat] {
    &FORMATS
}

static FORMATS: [KnownFormat; 18] = [
    of("cef", "Common Event Format of any product", &[Flow, Dns, Web, Tls]),
    of("cisco-wsa", "Cisco Secure Web Appliance access log", &[Flow, Web]),
    of(
        "defender-csv",
        "Microsoft Defender advanced hunting, CSV",
        &[Flow, Dns, Process, File, Script],
    ),
    of(
        "defender-json",
        "Microsoft Defender advanced hunting, JSON",
        &[Flow, Dns, Process, File, Script],
    ),
    of("evtx", "Windows event logs as they lie on disk", &[Flow, Dns, Process, File, Script]),
    of("leef", "Log Event Extended Format of any product", &[Flow, Dns, Web, Tls]),
    of("netskope-json", "Netskope page, application, network events and alerts", &[Flow, Web]),
    of("skyhigh", "Skyhigh and McAfee web gateways", &[Flow, Web]),
    of("squid", "Squid, native and common log format", &[Flow, Web]),
    of("umbrella", "Cisco Umbrella DNS, proxy, IP, firewall, intrusions", &[Flow, Dns, Web]),
    of("w3c", "W3C extended: ProxySG, IIS, Netskope transactions", &[Flow, Web, Tls]),
    of("w3c-json", "W3C extended in JSON: Symantec cloud proxy", &[Flow, Web, Tls]),
    of("w3c-pairs", "W3C extended in pairs: ProxySG by syslog", &[Flow, Web, Tls]),
    of(
        "windows-json",
        "Windows events of evtx_dump, winlogbeat, nxlog",
        &[Flow, Dns, Process, File, Script],
    ),
    of("windows-xml", "Windows events as XML", &[Flow, Dns, Process, File, Script]),
    of("zeek-json", "Zeek conn, dns, http, ssl as JSON", &[Flow, Dns, Web, Tls]),
    of("zscaler-json", "Zscaler NSS web, firewall, DNS, tunnel as JSON", &[Flow, Dns, Web]),
    of("zscaler-pairs", "Zscaler NSS web, firewall, DNS in pairs", &[Flow, Dns, Web]),
];

const fn of(name: &'static str, logs: &'static str, tables: &'static [Table]) -> KnownFormat {
    KnownFormat { name, logs, tables }
}
