use schemars::JsonSchema;
use serde::Serialize;

use crate::{Endpoint, Timestamp};

/// Everything one actor said to one tenant in the time looked at: what detections judge.
///
/// It is keyed on host, process and tenant, never on destination addresses: thousands of tenants
/// share those.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversation {
    /// Who acted.
    pub actor: Actor,
    /// The actor's image with its path, where a record names it.
    pub executable: Option<String>,
    /// One of its command lines.
    pub command_line: Option<String>,
    /// What was contacted.
    pub endpoint: Endpoint,
    /// The first event.
    pub first_seen: Timestamp,
    /// The last event.
    pub last_seen: Timestamp,
    /// How many events, over all views of the same traffic.
    pub events: u64,
    /// Bytes sent and received, where a record counts them.
    pub bytes: Option<(u64, u64)>,
    /// How long the longest connection lasted, where a record tells.
    pub longest_nanoseconds: Option<u64>,
    /// The kinds of telemetry that saw it, such as `dns`, `tls`, in order.
    pub channels: Vec<String>,
    /// The formats that saw it, such as `zeek.ssl`, in order.
    pub datasets: Vec<String>,
    /// The programs that requests said they came from: a sample of their User-Agent headers, in order.
    pub user_agents: Vec<String>,
    /// How the client's TLS handshakes looked: a sample of JA4, or JA3, fingerprints, in order.
    pub fingerprints: Vec<String>,
    /// Names that its sessions were opened with although they are other tenants': a sample, in order.
    pub fronts: Vec<String>,
    /// Whether a sensor that knows processes saw it.
    pub endpoint_telemetry: bool,
    /// How many hosts talked to this tenant.
    pub tenant_hosts: u64,
    /// How many hosts were active in all.
    pub active_hosts: u64,
    /// When any host first talked to this tenant.
    pub tenant_first_seen: Timestamp,
    /// How many hosts talk to this tenant by a timer.
    pub tenant_pollers: u64,
    /// Processes that talk to this tenant on any host; a sample.
    pub tenant_processes: Vec<String>,
    /// On how many hosts the process talks to any serverless endpoint; 0 without a process.
    pub process_hosts: u64,
    /// On how many hosts a sensor sees processes talk to serverless endpoints.
    pub sensor_hosts: u64,
    /// What the detection counted, for its sentence; each says what that is.
    pub counted: Option<u64>,
}

/// Who acted: a process on a host, as far as the telemetry tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
pub struct Actor {
    /// The host's name, or its own address where nothing names it.
    pub host: String,
    /// The host's own address.
    pub ip: Option<String>,
    /// The user the process ran as.
    pub user: Option<String>,
    /// The process's file name, lower case, such as `powershell.exe`.
    pub process: Option<String>,
    /// Its parent's file name.
    pub parent_process: Option<String>,
}
