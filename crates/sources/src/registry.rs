//! Every format that is read. A new one is a module and a line here.

use crate::aws::{
    CloudTrail, LambdaJson, LambdaLines, LoadBalancer, Route53Lines, Route53Resolver, VpcFlowJson,
    VpcFlowLines, Waf,
};
use crate::azure::AzureJson;
use crate::bind::Bind;
use crate::check_point::CheckPoint;
use crate::cisco_asa::CiscoAsa;
use crate::cisco_wsa::CiscoWsa;
use crate::cloudflare::CloudflareJson;
use crate::common_event::{CefLines, LeefLines};
use crate::coredns::CoreDns;
use crate::csv::Csv;
use crate::defender::{Defender, DefenderSensor};
use crate::dnsmasq::Dnsmasq;
use crate::ecs::EcsJson;
use crate::format::{Format, JsonShape, LineShape};
use crate::fortigate::FortiGate;
use crate::gcp::GcpJson;
use crate::google_workspace::GoogleWorkspaceJson;
use crate::infoblox::Infoblox;
use crate::iptables::Iptables;
use crate::json::Json;
use crate::log_lines::LogLines;
use crate::microsoft_365::Microsoft365Json;
use crate::netskope::NetskopeJson;
use crate::ocsf::Ocsf;
use crate::palo_alto::csv::PanOs;
use crate::palo_alto::json::PaloAltoJson;
use crate::parquet::Parquet;
use crate::passive_dns::PassiveDnsJson;
use crate::pfsense::Filterlog;
use crate::sentinel::Sentinel;
use crate::sentinel::tables::QueryTables;
use crate::skyhigh::Skyhigh;
use crate::squid::Squid;
use crate::suricata::Suricata;
use crate::umbrella::Umbrella;
use crate::unbound::Unbound;
use crate::w3c::{W3c, W3cJson, W3cPairs};
use crate::windows::evtx::Evtx;
use crate::windows::json::WindowsJson;
use crate::windows::xml::WindowsXml;
use crate::windows_dns::WindowsDnsDebug;
use crate::windows_firewall::WindowsFirewall;
use crate::zeek::json::ZeekJson;
use crate::zeek::tsv::ZeekTsv;
use crate::zscaler::{ZscalerJson, ZscalerPairs};

/// The formats, in the order in which they are asked whether they recognise a stream: those first
/// that go by its first bytes, then those that content further on may speak for.
pub(crate) static FORMATS: [&dyn Format; 8] =
    [&Evtx, &Parquet, &WindowsXml, &QueryTables, &Json, &ZeekTsv, &Csv, &LogLines];

/// The shapes of JSON records, in the order in which they are asked whether a record is theirs:
/// those whose keys nobody else uses first.
pub(crate) static SHAPES: [&dyn JsonShape; 23] = [
    &Defender,
    &DefenderSensor,
    &WindowsJson,
    &ZeekJson,
    &Ocsf,
    &CloudTrail,
    &LambdaJson,
    &VpcFlowJson,
    &Route53Resolver,
    &Waf,
    &AzureJson,
    &CloudflareJson,
    &GcpJson,
    &GoogleWorkspaceJson,
    &Microsoft365Json,
    &PassiveDnsJson,
    &Suricata,
    &PaloAltoJson,
    &NetskopeJson,
    &W3cJson,
    &ZscalerJson,
    &Sentinel,
    &EcsJson,
];

/// The shapes of lines. No two claim one line, so their order makes no difference.
pub(crate) static LINE_SHAPES: [&dyn LineShape; 26] = [
    &Bind,
    &CefLines,
    &CheckPoint,
    &CiscoAsa,
    &CiscoWsa,
    &CoreDns,
    &Dnsmasq,
    &Filterlog,
    &FortiGate,
    &Infoblox,
    &Iptables,
    &LambdaLines,
    &LeefLines,
    &LoadBalancer,
    &PanOs,
    &Route53Lines,
    &Skyhigh,
    &Squid,
    &Umbrella,
    &Unbound,
    &VpcFlowLines,
    &W3c,
    &W3cPairs,
    &WindowsDnsDebug,
    &WindowsFirewall,
    &ZscalerPairs,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{FORMATS, LINE_SHAPES, SHAPES};

    #[test]
    fn formats_have_names_of_their_own() {
        let streams = FORMATS.iter().map(|format| format.name());
        let objects = SHAPES.iter().map(|shape| shape.name());
        let lines = LINE_SHAPES.iter().map(|shape| shape.name());
        let names: Vec<&str> = streams.chain(objects).chain(lines).collect();
        let distinct: BTreeSet<&&str> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
    }
}
