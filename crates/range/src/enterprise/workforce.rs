//! The computers of an enterprise: what they are for, who works at them, what watches them.

use std::net::Ipv4Addr;
use std::sync::Arc;

use crate::{Host, Random, Sensor, Tap};

/// What a computer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// Somebody in an office works at it.
    Workstation,
    /// Somebody who writes software works at it.
    Developer,
    /// Somebody works at it elsewhere: no sensor but the resolver sees its traffic.
    Remote,
    /// It serves.
    Server,
    /// It builds software.
    Build,
    /// It watches over others, or administers them.
    Operations,
}

impl Role {
    /// As `assets.csv` calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Role::Workstation | Role::Remote => "workstation",
            Role::Developer => "developer workstation",
            Role::Server => "server",
            Role::Build => "build agent",
            Role::Operations => "management server",
        }
    }

    fn prefix(self) -> &'static str {
        match self {
            Role::Workstation => "ws",
            Role::Remote => "nb",
            Role::Developer => "dev",
            Role::Server => "srv",
            Role::Build => "build",
            Role::Operations => "ops",
        }
    }

    /// Whether people work at it.
    pub(super) fn has_people(self) -> bool {
        matches!(self, Role::Workstation | Role::Developer | Role::Remote)
    }
}

/// So many of a hundred computers are of each role; the rest are workstations.
const ROLES: [(Role, usize); 5] = [
    (Role::Server, 8),
    (Role::Operations, 2),
    (Role::Build, 2),
    (Role::Remote, 8),
    (Role::Developer, 10),
];

/// The computers, in the order of their addresses.
pub(super) fn workforce(count: usize, random: &Random) -> Vec<(Role, Arc<Host>)> {
    let count = count.clamp(20, 20_000);
    let mut roles: Vec<Role> = Vec::with_capacity(count);
    for (role, of_a_hundred) in ROLES {
        roles.extend(std::iter::repeat_n(role, (count * of_a_hundred / 100).max(1)));
    }
    roles.resize(count, Role::Workstation);
    let hosts = roles.into_iter().enumerate();
    hosts.map(|(number, role)| (role, Arc::new(host(number, role, random)))).collect()
}

fn host(number: usize, role: Role, random: &Random) -> Host {
    let mut random = random.fork(&number.to_string());
    let (network, place) = ((number / 200) as u8, (number % 200) as u8);
    let tap = match role {
        Role::Remote => Tap::Queries,
        _ => match random.fraction() {
            0.0..0.70 => Tap::Zeek,
            0.70..0.85 => Tap::Squid,
            _ => Tap::Suricata,
        },
    };
    let sensor = match random.fraction() {
        0.0..0.35 => Sensor::Sysmon,
        0.35..0.70 => Sensor::Defender,
        _ => Sensor::Nothing,
    };
    let user = match role.has_people() {
        true => format!("u{}", 10_000 + number),
        false => format!("svc-{}-{number}", role.prefix()),
    };
    let address = Ipv4Addr::new(10, 20, 1 + network, 10 + place);
    Host { name: format!("{}-{number:03}", role.prefix()), address, user, sensor, tap }
}
