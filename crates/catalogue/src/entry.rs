//! One product of one provider, as the data files describe it.

use std::net::IpAddr;

use coldtrail_model::{Kind, Reach};
use serde::Deserialize;

/// A product: where its hosts are, and how to tell one customer from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Who runs it, such as `Cloudflare`.
    pub provider: String,
    /// What it is called, such as `Workers`.
    pub product: String,
    /// What a host of it is.
    pub role: Role,
    /// Host patterns, such as `{worker}.{account}.workers.dev`.
    pub hosts: Vec<String>,
    /// Addresses that serve only this product, whatever the name.
    pub addresses: Vec<IpAddr>,
    /// How to write the tenant from the placeholders; the first that is complete is used.
    pub tenant: Vec<String>,
    /// How to write the account, project or environment.
    pub group: String,
    /// How to write the function.
    pub function: String,
    /// The placeholders that the customer fills as they like; the platform draws the others.
    pub chosen: Vec<String>,
    /// Beginnings of paths. Those with placeholders add to the identity, the others are hints.
    pub paths: Vec<String>,
    /// Whether the host is an ordinary site unless one of the paths fits.
    pub path_required: bool,
    /// How far the host alone identifies.
    pub reach: Reach,
    /// How well the entry is established.
    pub evidence: Evidence,
    /// Where it is established: names of lists and documents.
    pub sources: Vec<String>,
    /// What an analyst should know; empty if there is nothing to say.
    pub note: String,
}

impl Entry {
    /// Whether one of these placeholders tells a customer, or an account of one.
    pub(crate) fn is_told_by(&self, placeholders: &[&str]) -> bool {
        placeholders.iter().any(|name| {
            let written = format!("{{{name}}}");
            self.group.contains(&written) || self.tenant.iter().any(|text| text.contains(&written))
        })
    }
}

/// What a host is to its customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It runs or fronts code of a customer.
    Endpoint(Kind),
    /// Customers deploy and configure from here; it is no endpoint of theirs.
    ControlPlane,
    /// A neighbour under the same domain, of another trade.
    Excluded,
    /// The platform's own domain without a customer.
    Bare,
}

/// How well an entry is established.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// Hosts of this form were seen, or the vendor documents it.
    Confirmed,
    /// Hosts were seen; details are not confirmed.
    ExamplesSeen,
    /// The suffix is confirmed, the labels in front of it are not.
    SuffixConfirmed,
    /// Only the domain was seen.
    DomainSeen,
    /// Nothing confirms it yet.
    Unconfirmed,
}

/// A data file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct File {
    #[serde(default)]
    endpoint: Vec<Row>,
    #[serde(default)]
    control_plane: Vec<Row>,
    #[serde(default)]
    excluded: Vec<Row>,
    #[serde(default)]
    bare: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Row {
    provider: String,
    product: String,
    kind: Option<Kind>,
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default)]
    addresses: Vec<IpAddr>,
    tenant: Option<Choices>,
    group: Option<String>,
    function: Option<String>,
    #[serde(default)]
    chosen: Vec<String>,
    #[serde(default)]
    paths: Vec<String>,
    #[serde(default)]
    path_required: bool,
    reach: Option<Reach>,
    evidence: Evidence,
    #[serde(default)]
    sources: Vec<String>,
    #[serde(default)]
    note: String,
}

/// One text, or several in order of preference.
#[derive(Deserialize)]
#[serde(untagged)]
enum Choices {
    One(String),
    Many(Vec<String>),
}

impl File {
    /// The entries, or the product of the first endpoint that has no kind.
    pub(crate) fn into_entries(self) -> Result<Vec<Entry>, String> {
        let mut entries = Vec::new();
        for row in self.endpoint {
            let Some(kind) = row.kind else { return Err(row.product) };
            entries.push(row.into_entry(Role::Endpoint(kind)));
        }
        let others = [
            (self.control_plane, Role::ControlPlane),
            (self.excluded, Role::Excluded),
            (self.bare, Role::Bare),
        ];
        for (rows, role) in others {
            entries.extend(rows.into_iter().map(|row| row.into_entry(role)));
        }
        Ok(entries)
    }
}

impl Row {
    fn into_entry(self, role: Role) -> Entry {
        let tenant = match self.tenant {
            None => vec!["{tenant}".to_owned()],
            Some(Choices::One(text)) => vec![text],
            Some(Choices::Many(texts)) => texts,
        };
        Entry {
            provider: self.provider,
            product: self.product,
            role,
            hosts: self.hosts,
            addresses: self.addresses,
            tenant,
            group: self.group.unwrap_or_else(|| "{group}".to_owned()),
            function: self.function.unwrap_or_else(|| "{function}".to_owned()),
            chosen: self.chosen,
            paths: self.paths,
            path_required: self.path_required,
            reach: self.reach.unwrap_or(Reach::Tenant),
            evidence: self.evidence,
            sources: self.sources,
            note: self.note,
        }
    }
}
