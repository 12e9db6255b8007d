//! What is so, told apart from the logs: which instance ran where, and what it talked to.

use std::net::Ipv4Addr;

use coldtrail_model::Timestamp;
use serde::Serialize;

use super::families::Nature;
use super::tenants::Tenant;
use crate::{Host, Sensor, Tap};

/// An instance of a family on one host.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Instance {
    /// The number of the instance; hosts that take part in the same one share it.
    pub number: usize,
    /// The family's name.
    pub family: &'static str,
    /// What it is.
    pub nature: Nature,
    /// The host's whole name, or the principal's where the actor is one in a cloud.
    pub host: String,
    /// The host's address.
    pub address: Option<Ipv4Addr>,
    /// The user of the host.
    pub user: String,
    /// The file name of the image.
    pub process: &'static str,
    /// What it talked to: more than one where it rotates.
    pub endpoints: Vec<Named>,
    /// The first connection, in microseconds since 1970.
    pub first: i64,
    /// The last connection.
    pub last: i64,
    /// How many connections there were.
    pub exchanges: usize,
    /// The network sensor that sees the host.
    pub network: &'static str,
    /// The endpoint sensor of the host, if it has one.
    pub endpoint_sensor: Option<&'static str>,
}

/// An endpoint and what it should be called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    /// The host name.
    pub host: String,
    /// The path, where it names the tenant.
    pub path: Option<&'static str>,
    /// The provider; none for a name that is no endpoint.
    pub provider: Option<&'static str>,
    /// The platform.
    pub platform: Option<&'static str>,
    /// The tenant, as far as the host's sensors could see it.
    pub tenant: Option<String>,
}

impl Instance {
    /// Whether the endpoint's telemetry shows it, beside the network's.
    pub fn is_endpoint_visible(&self) -> bool {
        self.endpoint_sensor.is_some()
    }

    /// When it began.
    pub fn first(&self) -> Timestamp {
        Timestamp(self.first)
    }
}

impl Named {
    pub(super) fn of(tenant: &Tenant, tap: Tap) -> Named {
        let is_endpoint = !tenant.provider.is_empty();
        let is_script = tenant.host == crate::names::APPS_SCRIPT_HOST;
        // Only who opens TLS sees a path.
        let is_named = is_endpoint && (!is_script || tap == Tap::Squid);
        Named {
            host: tenant.host.clone(),
            path: is_script.then_some(tenant.path),
            provider: is_endpoint.then_some(tenant.provider),
            platform: is_endpoint.then_some(tenant.platform),
            tenant: is_named.then(|| tenant.name.clone()),
        }
    }
}

/// What truth and `assets.csv` call the network sensor of a host.
pub(super) fn network(host: &Host) -> &'static str {
    match host.tap {
        Tap::Zeek => "zeek",
        Tap::Suricata => "suricata",
        Tap::Squid => "squid",
        Tap::Queries => "queries",
    }
}

/// What truth calls the endpoint sensor of a host.
pub(super) fn endpoint_sensor(host: &Host) -> Option<&'static str> {
    match host.sensor {
        Sensor::Sysmon | Sensor::SysmonExport => Some("sysmon"),
        Sensor::Defender => Some("defender"),
        Sensor::Nothing => None,
    }
}
