//! What somebody's rule says, as a signal beside those of our own detections.

use coldtrail_catalogue::{Catalogue, Identification, split_url};
use coldtrail_model::{
    Actor, Axis, Conversation, Endpoint, Kind, Reach, RecordReference, RuleSource, Severity,
    Signal, Timestamp, Via,
};

/// What a rule says about who did what to whom. Texts that nobody knows are empty.
pub(crate) struct RuleSignal {
    /// What the rule is known by.
    pub(crate) id: String,
    /// The rule.
    pub(crate) source: RuleSource,
    /// ATT&CK techniques.
    pub(crate) techniques: Vec<String>,
    /// What it says, in a sentence.
    pub(crate) summary: String,
    pub(crate) host: String,
    pub(crate) ip: Option<String>,
    pub(crate) user: Option<String>,
    /// The program's file name in lower case.
    pub(crate) process: Option<String>,
    /// The file name of the program that started it, in lower case.
    pub(crate) parent: Option<String>,
    pub(crate) executable: Option<String>,
    pub(crate) command_line: Option<String>,
    /// A URL, a name or an address.
    pub(crate) remote: String,
    pub(crate) first_seen: Timestamp,
    pub(crate) last_seen: Timestamp,
    pub(crate) events: u64,
    pub(crate) records: Vec<RecordReference>,
}

impl RuleSignal {
    /// The signal.
    pub(crate) fn signal(self) -> Signal {
        let endpoint = endpoint_of(&self.remote)
            .unwrap_or_else(|| no_endpoint(&self.remote, &self.source.name));
        Signal {
            detection: self.id,
            attack: self.techniques,
            strength: 1.0,
            summary: self.summary,
            records: self.records,
            axis: Axis::Context,
            weight: match self.source.severity {
                Some(Severity::High | Severity::Critical) => 30,
                Some(Severity::Medium) => 20,
                Some(Severity::Low) | None => 10,
            },
            conversation: Conversation {
                actor: Actor {
                    host: self.host,
                    ip: self.ip,
                    user: self.user,
                    process: self.process,
                    parent_process: self.parent,
                },
                executable: self.executable,
                command_line: self.command_line,
                endpoint,
                first_seen: self.first_seen,
                last_seen: self.last_seen,
                events: self.events,
                bytes: None,
                longest_nanoseconds: None,
                channels: Vec::new(),
                datasets: Vec::new(),
                user_agents: Vec::new(),
                fingerprints: Vec::new(),
                fronts: Vec::new(),
                endpoint_telemetry: false,
                tenant_hosts: 1,
                active_hosts: 0,
                tenant_first_seen: self.first_seen,
                tenant_pollers: 0,
                tenant_processes: Vec::new(),
                process_hosts: 0,
                sensor_hosts: 0,
                counted: None,
            },
            rhythm: None,
            rule: Some(self.source),
        }
    }
}

/// The serverless endpoint that a URL or a host name is of.
pub(crate) fn endpoint_of(remote: &str) -> Option<Endpoint> {
    match Catalogue::builtin().identify_url(remote) {
        Identification::Endpoint(known) => Some(known),
        _ => None,
    }
}

/// What stands for what is no endpoint of a known platform.
fn no_endpoint(remote: &str, rule: &str) -> Endpoint {
    let host = split_url(remote).map_or(remote, |location| location.host).to_lowercase();
    Endpoint {
        host,
        provider: String::new(),
        product: rule.to_owned(),
        kind: Kind::Other,
        tenant: None,
        group: None,
        function: None,
        reach: Reach::PlatformOnly,
        via: Via::Host,
        related_hosts: Vec::new(),
    }
}
