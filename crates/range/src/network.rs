//! What happens on the wire for a request: a name is resolved or still cached, a port is taken, a
//! connection gets its identifier.

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use coldtrail_model::Timestamp;

use crate::names::Resolution;
use crate::timing::{after, before};
use crate::{Host, Intent, Program, Random, RunningProcess, Wire, names};

/// One connection, as the world saw it: sensors record parts of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// The first packet.
    pub time: Timestamp,
    /// From the first to the last packet.
    pub duration: Duration,
    /// Who made the connection.
    pub process: Arc<RunningProcess>,
    /// The name that was contacted.
    pub name: &'static str,
    /// The address it resolved to.
    pub address: Ipv4Addr,
    /// What was spoken.
    pub wire: Wire,
    /// The path that was asked for, which only those see who open TLS.
    pub path: &'static str,
    /// The local port.
    pub local_port: u16,
    /// Zeek's identifier of the connection.
    pub uid: String,
    /// Bytes of payload sent.
    pub bytes_up: u64,
    /// Bytes of payload received.
    pub bytes_down: u64,
    /// The query that preceded it; none when the answer was still cached on the host.
    pub lookup: Option<Lookup>,
    /// Which activity it belongs to, and what that activity is.
    pub activity: (&'static str, Intent),
}

/// A DNS query for an address, and its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Lookup {
    /// When the query was sent.
    pub time: Timestamp,
    /// How long the answer took.
    pub round_trip: Duration,
    /// The local port.
    pub local_port: u16,
    /// The number of the transaction.
    pub transaction: u16,
    /// Zeek's identifier of the UDP exchange.
    pub uid: String,
    /// How long the answer may be kept, in seconds: what is left of it in the resolver's cache.
    pub time_to_live: u64,
    /// Whether the resolver is the authority.
    pub authoritative: bool,
}

/// A request that is about to be made.
pub(crate) struct Intention {
    pub(crate) time: Timestamp,
    pub(crate) duration: Duration,
    pub(crate) host: Arc<Host>,
    pub(crate) program: &'static Program,
    pub(crate) name: &'static str,
    pub(crate) wire: Wire,
    pub(crate) path: &'static str,
    pub(crate) bytes_up: u64,
    pub(crate) bytes_down: u64,
    pub(crate) activity: (&'static str, Intent),
}

/// The state of the network: caches and counters. Intentions must come in the order of time.
pub(crate) struct Network {
    random: Random,
    hosts: BTreeMap<Ipv4Addr, HostState>,
    resolver: HashMap<&'static str, Timestamp>,
}

/// What one host remembers.
struct HostState {
    random: Random,
    cached_until: HashMap<&'static str, Timestamp>,
    port: u16,
}

/// The ephemeral ports of Windows begin here.
const FIRST_EPHEMERAL_PORT: u16 = 49_152;

impl Network {
    pub(crate) fn new(random: Random) -> Network {
        Network { random, hosts: BTreeMap::new(), resolver: HashMap::new() }
    }

    /// Makes the request, in the name of the process.
    pub(crate) fn carry(&mut self, intention: Intention, process: Arc<RunningProcess>) -> Exchange {
        let Intention { time, duration, name, wire, path, bytes_up, bytes_down, activity, .. } =
            intention;
        let resolution = names::resolve(name);
        let random = &self.random;
        let host = self
            .hosts
            .entry(process.host.address)
            .or_insert_with(|| HostState::new(random.fork(&process.host.name)));
        let lookup = host.look_up(name, resolution, time, &mut self.resolver);
        let (local_port, uid) = (host.next_port(), host.uid());
        let address = resolution.address;
        Exchange {
            time,
            duration,
            process,
            name,
            address,
            wire,
            path,
            local_port,
            uid,
            bytes_up,
            bytes_down,
            lookup,
            activity,
        }
    }

    /// Drops the answers that were valid until then. Nobody would have asked for them again; they
    /// only take memory.
    pub(crate) fn forget_expired(&mut self, now: Timestamp) {
        self.resolver.retain(|_, expiry| *expiry > now);
        for host in self.hosts.values_mut() {
            host.cached_until.retain(|_, until| *until > now);
        }
    }
}

impl HostState {
    fn new(mut random: Random) -> HostState {
        let port = FIRST_EPHEMERAL_PORT + random.between(&(0..=9_999)) as u16;
        HostState { random, cached_until: HashMap::new(), port }
    }

    /// Asks the resolver, unless the host still knows. The answer arrives a little before `needed`.
    fn look_up(
        &mut self,
        name: &'static str,
        resolution: Resolution,
        needed: Timestamp,
        resolver: &mut HashMap<&'static str, Timestamp>,
    ) -> Option<Lookup> {
        if self.cached_until.get(name).is_some_and(|until| needed < *until) {
            return None;
        }
        let fresh = Duration::from_secs(resolution.time_to_live);
        let expiry = match resolver.get(name) {
            Some(expiry) if needed < *expiry && !resolution.authoritative => *expiry,
            _ => after(needed, fresh),
        };
        let was_cached = resolver.insert(name, expiry) == Some(expiry);
        let left = expiry.microseconds().saturating_sub(needed.microseconds()) / 1_000_000;
        let time_to_live = u64::try_from(left).unwrap_or_default().max(1);

        let known_for = Duration::from_secs(time_to_live);
        self.cached_until.insert(name, after(needed, known_for));
        let round_trip = Duration::from_micros(match was_cached || resolution.authoritative {
            true => self.random.between(&(250..=1_500)),
            false => self.random.between(&(8_000..=45_000)),
        });
        let pause = Duration::from_micros(self.random.between(&(1_200..=4_000)));
        Some(Lookup {
            time: before(needed, round_trip + pause),
            round_trip,
            local_port: self.next_port(),
            transaction: self.random.between(&(1..=65_535)) as u16,
            uid: self.uid(),
            time_to_live,
            authoritative: resolution.authoritative,
        })
    }

    /// The next ephemeral port. Some are skipped: the host also talks where no sensor listens.
    fn next_port(&mut self) -> u16 {
        let step = self.random.between(&(1..=3)) as u16;
        self.port = self.port.checked_add(step).unwrap_or(FIRST_EPHEMERAL_PORT);
        self.port
    }

    /// An identifier as Zeek makes them: `C` and seventeen characters of base 62.
    fn uid(&mut self) -> String {
        const BASE_62: &[u8; 62] =
            b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        format!("C{}", self.random.text(17, BASE_62))
    }
}
