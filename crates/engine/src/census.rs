//! Who was active, and which addresses belong to which names.

use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch, StringArray};
use coldtrail_model::{Field, Table};
use coldtrail_sources::Sighting;

/// The hosts that were met while logs were read.
///
/// Prevalence needs to know how many hosts were active, and a network sensor's address must be
/// recognised as the host that an endpoint sensor names. Memory grows with the number of hosts in
/// the logs, and stops growing at [`Census::MOST_HOSTS`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    hosts: HashSet<String>,
    /// The names that an address was seen with, or `None` once there was more than one.
    names: BTreeMap<String, Option<String>>,
    process_rows: u64,
    name_rows: u64,
    latest: Latest,
}

/// Who was noted last. It is asked and told for nearly every row, so its texts keep their memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Latest {
    host_name: String,
    address: String,
}

impl Latest {
    /// No name and no address is empty, so an empty text stands for none.
    fn is(&self, host_name: Option<&str>, address: Option<&str>) -> bool {
        self.address == address.unwrap_or_default()
            && self.host_name == host_name.unwrap_or_default()
    }

    fn set(&mut self, host_name: Option<&str>, address: Option<&str>) {
        for (known, new) in [(&mut self.host_name, host_name), (&mut self.address, address)] {
            known.clear();
            known.push_str(new.unwrap_or_default());
        }
    }
}

/// The columns that a census is taken from.
pub(crate) const CENSUS_FIELDS: [Field; 8] = [
    Field::HostName,
    Field::SourceIp,
    Field::NetworkDirection,
    Field::ProcessName,
    Field::DestinationDomain,
    Field::DnsQuestionName,
    Field::UrlDomain,
    Field::TlsClientServerName,
];

impl Census {
    /// More hosts than this are not told apart: hostile logs can invent any number of them.
    pub const MOST_HOSTS: usize = 1_000_000;

    /// Takes note of the rows of a batch.
    pub fn note(&mut self, table: Table, batch: &RecordBatch) {
        self.note_hosts(batch);
        self.process_rows += filled(batch, Field::ProcessName);
        let name_field = match table {
            Table::Flow => Field::DestinationDomain,
            Table::Dns => Field::DnsQuestionName,
            Table::Web => Field::UrlDomain,
            Table::Tls => Field::TlsClientServerName,
            Table::Process | Table::File | Table::Script => return,
        };
        self.name_rows += filled(batch, name_field);
    }

    /// Takes note of the hosts of a batch whose rows were counted before.
    pub fn note_hosts(&mut self, batch: &RecordBatch) {
        let host_names = text_column(batch, Field::HostName);
        let addresses = text_column(batch, Field::SourceIp);
        let directions = text_column(batch, Field::NetworkDirection);
        for row in 0..batch.num_rows() {
            let host_name = value(host_names, row);
            // The source of an inbound connection is the other side's address.
            let address =
                value(addresses, row).filter(|_| value(directions, row) != Some("inbound"));
            self.note_host(host_name, address);
        }
    }

    /// Takes note of a row that was not decoded.
    pub fn sight(&mut self, sighting: &Sighting<'_>) {
        let Sighting { host_name, address, names_process, names_target, .. } = *sighting;
        self.note_activity(host_name, address, names_process.into(), names_target.into());
    }

    /// Takes note of a host's rows: how many name a process, and what was contacted. The address is
    /// none where the connection came in.
    pub fn note_activity(
        &mut self,
        host_name: Option<&str>,
        address: Option<&str>,
        process_rows: u64,
        name_rows: u64,
    ) {
        self.note_host(host_name, address);
        self.process_rows += process_rows;
        self.name_rows += name_rows;
    }

    /// Takes over what another census noted.
    pub fn merge(&mut self, other: Census) {
        for host in other.hosts {
            insert_bounded(&mut self.hosts, &host);
        }
        for (address, name) in other.names {
            match name {
                Some(name) => self.note_name(&address, &name),
                None => {
                    self.names.insert(address, None);
                }
            }
        }
        self.process_rows += other.process_rows;
        self.name_rows += other.name_rows;
    }

    /// How many hosts were active; an address that a name is known for is not counted again.
    ///
    /// A sensor at the edge also sees the rest of the world knock at the door, so public addresses
    /// count only where the logs hold no other hosts.
    pub fn active_hosts(&self) -> u64 {
        let hosts = || self.hosts.iter().filter(|host| self.name_of(host).is_none());
        let inside = hosts().filter(|host| !is_public_address(host)).count();
        (if inside > 0 { inside } else { hosts().count() }) as u64
    }

    /// The one name that an address was seen with.
    pub fn name_of(&self, address: &str) -> Option<&str> {
        self.names.get(address)?.as_deref()
    }

    /// Addresses with the one name each was seen with, in order.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.names.iter().filter_map(|(address, name)| Some((address.as_str(), name.as_deref()?)))
    }

    /// How many rows named the process that acted.
    pub fn process_rows(&self) -> u64 {
        self.process_rows
    }

    /// How many network rows named what was contacted.
    pub fn name_rows(&self) -> u64 {
        self.name_rows
    }

    fn note_host(&mut self, host_name: Option<&str>, address: Option<&str>) {
        // Rows of one host come in rows.
        if self.latest.is(host_name, address) {
            return;
        }
        self.latest.set(host_name, address);
        if let Some(host) = host_name.or(address) {
            insert_bounded(&mut self.hosts, host);
        }
        if let (Some(name), Some(address)) = (host_name, address)
            && !is_local_only(address)
        {
            self.note_name(address, name);
        }
    }

    fn note_name(&mut self, address: &str, name: &str) {
        let has_room = self.names.len() < Census::MOST_HOSTS;
        match self.names.get_mut(address) {
            Some(known) if known.as_deref() == Some(name) => {}
            Some(known) => *known = None,
            None if has_room => {
                self.names.insert(address.to_owned(), Some(name.to_owned()));
            }
            None => {}
        }
    }
}

/// Every host has these addresses, so they name none.
fn is_local_only(address: &str) -> bool {
    address.starts_with("127.")
        || address.starts_with("169.254.")
        || address.starts_with("fe80:")
        || matches!(address, "::1" | "0.0.0.0" | "::" | "0:0:0:0:0:0:0:1")
}

fn is_public_address(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => {
            !(address.is_private() || address.is_link_local() || address.is_loopback())
        }
        Ok(IpAddr::V6(address)) => {
            !(address.is_unique_local() || address.is_unicast_link_local() || address.is_loopback())
        }
        Err(_not_an_address) => false,
    }
}

fn insert_bounded(hosts: &mut HashSet<String>, host: &str) {
    if hosts.len() < Census::MOST_HOSTS && !hosts.contains(host) {
        hosts.insert(host.to_owned());
    }
}

fn text_column(batch: &RecordBatch, field: Field) -> Option<&StringArray> {
    batch.column_by_name(field.name())?.as_string_opt::<i32>()
}

fn value(column: Option<&StringArray>, row: usize) -> Option<&str> {
    column.filter(|column| column.is_valid(row)).map(|column| column.value(row))
}

fn filled(batch: &RecordBatch, field: Field) -> u64 {
    batch
        .column_by_name(field.name())
        .map_or(0, |column| (column.len() - column.null_count()) as u64)
}

#[cfg(test)]
mod tests {
    use super::Census;

    #[test]
    fn an_address_has_one_name_or_none() {
        let mut census = Census::default();
        census.note_host(Some("ws-01"), Some("192.0.2.1"));
        census.note_host(None, Some("192.0.2.1"));
        census.note_host(Some("ws-02"), Some("192.0.2.2"));
        census.note_host(Some("ws-03"), Some("192.0.2.2"));
        assert_eq!(census.name_of("192.0.2.1"), Some("ws-01"));
        assert_eq!(census.name_of("192.0.2.2"), None);
    }

    #[test]
    fn the_rest_of_the_world_counts_only_where_nobody_else_is() {
        let mut census = Census::default();
        census.note_host(None, Some("203.0.113.1"));
        census.note_host(None, Some("203.0.113.2"));
        assert_eq!(census.active_hosts(), 2);
        census.note_host(Some("ws-01"), Some("10.0.0.1"));
        census.note_host(None, Some("10.0.0.1"));
        census.note_host(None, Some("10.0.0.2"));
        assert_eq!(census.active_hosts(), 2, "one name, and one address without a name");
    }
}
