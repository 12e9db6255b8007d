//! Legitimate first-party services that live on serverless platforms.
//!
//! The list is small and names exact hosts, or hosts that carry a project's own hash or number; it
//! never names a whole suffix. To be on it is context for a score and exempts nothing.

use serde::Deserialize;

use crate::template::TemplateError;
use crate::trie::HostPattern;

/// A service and who runs it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownService {
    /// Host patterns.
    pub hosts: Vec<String>,
    /// Who runs it.
    pub owner: String,
    /// What it is for.
    pub purpose: String,
    /// Where this is established.
    pub sources: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    pub(crate) service: Vec<KnownService>,
}

impl KnownService {
    /// Its patterns, which fit whole hosts only.
    pub(crate) fn host_patterns(&self) -> Result<Vec<HostPattern>, TemplateError> {
        self.hosts.iter().map(|text| HostPattern::parse(text, false)).collect()
    }
}
