//! A scenario is data: which hosts there are, what runs on them, whom it talks to and when.
//!
//! To add one, write a file beside this one that builds a [`Scenario`] and add it to [`scenarios`].

mod examples;
mod office;
mod poller;
mod script_host;

use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use coldtrail_model::Timestamp;

use crate::{Program, Timing, names};

/// An enterprise for some hours, as data.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The name it is asked for by.
    pub name: &'static str,
    /// One sentence about it.
    pub description: &'static str,
    /// When the logs begin.
    pub start: Timestamp,
    /// How long they last.
    pub duration: Duration,
    /// The computers.
    pub hosts: Vec<Arc<Host>>,
    /// What goes on.
    pub activities: Vec<Activity>,
}

/// A computer of the enterprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Its name without the domain.
    pub name: String,
    /// Its address.
    pub address: Ipv4Addr,
    /// The account of the person, or service, that works on it; without the domain.
    pub user: String,
    /// The endpoint sensor it has.
    pub sensor: Sensor,
    /// The network sensor that sees it.
    pub tap: Tap,
}

impl Host {
    /// Its name with the domain.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.name, names::DOMAIN)
    }
}

/// The endpoint sensor of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sensor {
    /// Sysmon, shipped by Winlogbeat to a collector.
    Sysmon,
    /// Sysmon, exported to XML by hand because nobody ships it.
    SysmonExport,
    /// Defender for Endpoint.
    Defender,
    /// None: only the network tells of it.
    Nothing,
}

/// The network sensor that sees a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tap {
    /// Zeek, on a copy of all traffic.
    Zeek,
    /// Suricata, likewise, at another site.
    Suricata,
    /// Squid, which intercepts connections and opens TLS, so that it knows whole addresses. It sees
    /// no DNS.
    Squid,
    /// Zeek beside the resolver: the host works elsewhere, and only its queries come home.
    Queries,
}

/// Something that goes on, on one host or many.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// A name that is unique in the scenario. Chance depends on it: renaming changes the logs.
    pub name: &'static str,
    /// What it is.
    pub intent: Intent,
    /// The names of the hosts it goes on at.
    pub hosts: Vec<String>,
    /// What runs.
    pub program: &'static Program,
    /// When it begins, counted from the beginning of the logs.
    pub begins: Duration,
    /// How long it goes on; at most until the logs end.
    pub lasts: Duration,
    /// When, in that time.
    pub timing: Timing,
    /// What it does each time: one of these, the first ones likelier.
    pub visits: Vec<Visit>,
}

/// What an activity is, for those who judge a detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Intent {
    /// The attack: a hunt should find it.
    Attack,
    /// A benign twin: it shares traits with an attack, and a hunt should not raise it, or should
    /// rank it below every attack.
    Twin,
    /// Ordinary traffic.
    Ordinary,
}

/// Requests that go out together, such as a page and what it embeds.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// The requests, in order.
    pub requests: Vec<Request>,
}

/// A connection that an activity asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The name to contact.
    pub name: &'static str,
    /// What to speak.
    pub wire: Wire,
    /// Bytes of payload to send.
    pub bytes_up: RangeInclusive<u64>,
    /// Bytes of payload to receive.
    pub bytes_down: RangeInclusive<u64>,
    /// How long the connection stays open, in microseconds.
    pub microseconds: RangeInclusive<u64>,
}

/// What is spoken on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// TLS on port 443.
    Tls,
    /// Plain HTTP on port 80: a GET of this path.
    Http {
        /// The path.
        path: &'static str,
    },
    /// Kerberos to the domain controller.
    Kerberos,
    /// SMB to a file server.
    Smb,
}

impl Wire {
    /// The path that is asked for, as far as the wire itself says it.
    pub fn path(self) -> &'static str {
        match self {
            Wire::Http { path } => path,
            Wire::Tls | Wire::Kerberos | Wire::Smb => "/",
        }
    }

    /// The port at the other end.
    pub fn port(self) -> u16 {
        match self {
            Wire::Tls => 443,
            Wire::Http { .. } => 80,
            Wire::Kerberos => 88,
            Wire::Smb => 445,
        }
    }
}

/// Every built-in scenario, in the order of their names.
pub fn scenarios() -> Vec<Scenario> {
    vec![examples::scenario(), poller::scenario(), script_host::scenario()]
}

/// The built-in scenario of that name.
pub fn scenario(name: &str) -> Option<Scenario> {
    scenarios().into_iter().find(|scenario| scenario.name == name)
}

/// The day on which every built-in scenario happens: 2026-04-13, a Monday, 09:00 UTC.
pub(crate) const MONDAY_MORNING: Timestamp = Timestamp(1_776_070_800_000_000);

/// That many minutes.
const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

/// A visit of one TLS connection with these bytes up and down, open for a second at most.
fn call(name: &'static str, up: RangeInclusive<u64>, down: RangeInclusive<u64>) -> Visit {
    let microseconds = 120_000..=900_000;
    let request = Request { name, wire: Wire::Tls, bytes_up: up, bytes_down: down, microseconds };
    Visit { requests: vec![request] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_lead_back() {
        let names: Vec<_> = scenarios().iter().map(|scenario| scenario.name).collect();
        assert!(names.is_sorted());
        for name in names {
            assert_eq!(scenario(name).map(|scenario| scenario.name), Some(name));
        }
        assert_eq!(scenario("no such scenario"), None);
    }

    #[test]
    fn activities_have_names_of_their_own_and_hosts_that_exist() {
        for scenario in scenarios() {
            let mut names: Vec<_> = scenario.activities.iter().map(|it| it.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), scenario.activities.len());
            for host in scenario.activities.iter().flat_map(|activity| &activity.hosts) {
                assert!(scenario.hosts.iter().any(|known| known.name == *host), "{host}");
            }
        }
    }

    #[test]
    fn the_day_is_the_one_that_is_written() {
        assert_eq!(MONDAY_MORNING.to_string(), "2026-04-13T09:00:00Z");
    }
}
