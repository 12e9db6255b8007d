//! What a context is asked about.

use coldtrail_model::{Actor, Conversation, Endpoint, Timestamp};

/// Somebody's use of an endpoint, as far as telemetry shows it.
#[derive(Clone, Copy, Debug)]
pub struct Contact<'a> {
    /// What was contacted.
    pub endpoint: &'a Endpoint,
    /// The path of the URL, where one was seen.
    pub path: Option<&'a str>,
    /// Who contacted it.
    pub actor: &'a Actor,
    /// When.
    pub at: Timestamp,
}

impl<'a> Contact<'a> {
    /// A conversation, as of its last event: a permission that lapsed in its course does not cover it.
    pub fn of(conversation: &'a Conversation) -> Self {
        let Conversation { endpoint, actor, last_seen, .. } = conversation;
        Self { endpoint, path: None, actor, at: *last_seen }
    }

    /// The names that led to the endpoint.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = &'a str> {
        let Endpoint { host, related_hosts, .. } = self.endpoint;
        std::iter::once(host.as_str()).chain(related_hosts.iter().map(String::as_str))
    }
}
