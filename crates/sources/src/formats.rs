//! What is read: every format, for people who ask before they bring their logs.

use Table::{Cloud, Dns, File, Flow, Process, Script, Tls, Web};
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

static FORMATS: [KnownFormat; 52] = [
    of("aws-alb", "AWS application load balancer access log", &[Web]),
    of("aws-cloudtrail", "AWS CloudTrail files, Lake, EventBridge", &[Cloud]),
    of("aws-lambda", "AWS Lambda platform log, lines", &[Cloud]),
    of("aws-lambda-json", "AWS Lambda platform log, JSON and CloudWatch exports", &[Cloud]),
    of("aws-route53", "AWS Route 53 public zones", &[Dns]),
    of("aws-route53-resolver", "AWS Route 53 Resolver queries", &[Dns]),
    of("aws-vpcflow", "AWS VPC flow logs, any version and order of fields", &[Flow]),
    of("aws-vpcflow-json", "AWS VPC flow logs as JSON", &[Flow]),
    of("aws-waf", "AWS WAF", &[Web]),
    of(
        "azure",
        "Azure Activity, App Service, Functions, Front Door, Firewall",
        &[Flow, Dns, Web, Cloud],
    ),
    of("bind", "BIND queries, responses, errors, response policies; SOLIDserver", &[Dns]),
    of("cef", "Common Event Format of any product", &[Flow, Dns, Web, Tls]),
    of("check-point", "Check Point Log Exporter", &[Flow, Dns, Web, Tls]),
    of("cisco-asa", "Cisco ASA and Firepower Threat Defense", &[Flow, Dns, Web, Tls]),
    of("cisco-wsa", "Cisco Secure Web Appliance access log", &[Flow, Web]),
    of(
        "cloudflare",
        "Cloudflare Audit v1 and v2, Logpush HTTP, DNS, gateway, Workers",
        &[Flow, Dns, Web, Cloud],
    ),
    of("coredns", "CoreDNS log plugin", &[Dns]),
    of(
        "defender",
        "Microsoft Defender advanced hunting and streaming, CSV and JSON",
        &[Flow, Dns, Process, File, Script],
    ),
    of("defender-sensor", "Microsoft Defender sensor, process events", &[Process]),
    of("dnsmasq", "dnsmasq and Pi-hole queries and replies", &[Dns]),
    of(
        "ecs",
        "Elastic Common Schema documents",
        &[Flow, Dns, Web, Tls, Process, File, Script, Cloud],
    ),
    of("evtx", "Windows event logs as they lie on disk", &[Flow, Dns, Process, File, Script]),
    of("filterlog", "pfSense and OPNsense packet filter", &[Flow]),
    of("fortigate", "FortiGate traffic and UTM", &[Flow, Dns, Web, Tls]),
    of("gcp", "Google Cloud audit, VPC flow, firewall, DNS, requests", &[Flow, Dns, Web, Cloud]),
    of("google-workspace", "Google Workspace admin, token, drive and other events", &[Cloud]),
    of("infoblox", "Infoblox NIOS queries and responses", &[Dns]),
    of("iptables", "Linux netfilter: iptables, ufw, Ubiquiti", &[Flow]),
    of("leef", "Log Event Extended Format of any product", &[Flow, Dns, Web, Tls]),
    of("microsoft-365", "Microsoft 365 unified audit, API and portal", &[Cloud]),
    of("netskope-json", "Netskope page, application, network events and alerts", &[Flow, Web]),
    of(
        "ocsf",
        "Open Cybersecurity Schema Framework, JSON and Parquet",
        &[Flow, Dns, Web, Tls, Process, File, Script, Cloud],
    ),
    of("palo-alto-json", "Palo Alto logging service", &[Flow, Dns, Web, Tls]),
    of("pan-os", "Palo Alto PAN-OS traffic, threat, URL, decryption", &[Flow, Dns, Web, Tls]),
    of("passive-dns", "Passive DNS, common output format", &[Dns]),
    of("sentinel", "Microsoft Sentinel tables, CSV and JSON", &[Flow, Dns, Web, Tls]),
    of("skyhigh", "Skyhigh and McAfee web gateways", &[Flow, Web]),
    of("squid", "Squid, native and common log format", &[Flow, Web]),
    of("suricata", "Suricata EVE flow, dns, http, tls, quic, alert", &[Flow, Dns, Web, Tls]),
    of("umbrella", "Cisco Umbrella DNS, proxy, IP, firewall, intrusions", &[Flow, Dns, Web]),
    of("unbound", "unbound queries, replies and local actions", &[Dns]),
    of("w3c", "W3C extended: ProxySG, IIS, Netskope transactions", &[Flow, Web, Tls]),
    of("w3c-json", "W3C extended in JSON: Symantec cloud proxy", &[Flow, Web, Tls]),
    of("w3c-pairs", "W3C extended in pairs: ProxySG by syslog", &[Flow, Web, Tls]),
    of("windows-dns-debug", "Windows DNS server debug log", &[Dns]),
    of("windows-firewall", "Windows firewall log (pfirewall.log)", &[Flow]),
    of(
        "windows-json",
        "Windows events of evtx_dump, winlogbeat, nxlog, Azure Monitor",
        &[Flow, Dns, Process, File, Script],
    ),
    of("windows-xml", "Windows events as XML", &[Flow, Dns, Process, File, Script]),
    of("zeek-json", "Zeek conn, dns, http, ssl as JSON", &[Flow, Dns, Web, Tls]),
    of("zeek-tsv", "Zeek conn, dns, http, ssl, tab-separated", &[Flow, Dns, Web, Tls]),
    of("zscaler-json", "Zscaler NSS web, firewall, DNS, tunnel as JSON", &[Flow, Dns, Web]),
    of("zscaler-pairs", "Zscaler NSS web, firewall, DNS in pairs", &[Flow, Dns, Web]),
];

const fn of(name: &'static str, logs: &'static str, tables: &'static [Table]) -> KnownFormat {
    KnownFormat { name, logs, tables }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::formats;
    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;
    use crate::registry::{FORMATS, LINE_SHAPES, SHAPES};

    /// Framings, whose records have formats of their own.
    const FRAMINGS: [&str; 5] = ["csv", "json", "log-lines", "parquet", "query-tables"];

    #[test]
    fn every_format_is_told() {
        let streams = FORMATS.iter().map(|format| format.name());
        let shapes = SHAPES.iter().map(|shape| shape.name());
        let lines = LINE_SHAPES.iter().map(|shape| shape.name());
        let mut read: BTreeSet<&str> = streams.chain(shapes).chain(lines).collect();
        for framing in FRAMINGS {
            assert!(read.remove(framing), "{framing}");
        }
        let told: Vec<&str> = formats().iter().map(|format| format.name).collect();
        assert_eq!(told, read.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn examples_fill_the_tables_that_are_told() {
        for shape in LINE_SHAPES {
            let told = formats().iter().find(|format| format.name == shape.name());
            let told = told.expect("every format is told");
            for example in shape.examples() {
                let rows = KeptRows::read(&LogLines, format!("{example}\n").as_bytes());
                for table in coldtrail_model::Table::ALL {
                    let is_filled = !rows.all(table).is_empty();
                    assert!(!is_filled || told.tables.contains(&table), "{table:?}: {example}");
                }
            }
        }
    }
}
