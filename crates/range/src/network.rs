//! What happens on the wire for a request: a name is resolved or still cached, a port is taken, a
//! connection gets its identifier.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use coldtrail_model::Timestamp;

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
    pub(crate) bytes_up: u64,
    pub(crate) bytes_down: u64,
    pub(crate) activity: (&'static str, Intent),
}

/// The state of the network: caches and counters. Intentions must come in the order of time.
pub(crate) struct Network {
    random: Random,
    hosts: BTreeMap<String, HostState>,
    resolver: BTreeMap<&'static str, Timestamp>,
}

/// What one host remembers.
struct HostState {
    random: Random,
    cached_until: BTreeMap<&'static str, Timestamp>,
    port: u16,
}

/// The ephemeral ports of Windows begin here.
const FIRST_EPHEMERAL_PORT: u16 = 49_152;

impl Network {
    pub(crate) fn new(random: Random) -> Network {
        Network { random, hosts: BTreeMap::new(), resolver: BTreeMap::new() }
    }

    /// Makes the request, in the name of the process.
    pub(crate) fn carry(&mut self, intention: Intention, process: Arc<RunningProcess>) -> Exchange {
        let Intention { time, duration, name, wire, bytes_up, bytes_down, activity, .. } =
            intention;
        let address = names::resolve(name).address;
        let host = process.host.name.clone();
        let lookup = self.look_up(&host, name, time);
        let state = self.host(&host);
        let (local_port, uid) = (state.next_port(), state.uid());
        Exchange {
            time,
            duration,
            process,
            name,
            address,
            wire,
            local_port,
            uid,
            bytes_up,
            bytes_down,
            lookup,
            activity,
        }
    }

    /// Asks the resolver, unless the host still knows. The answer arrives a little before `needed`.
    fn look_up(&mut self, host: &str, name: &'static str, needed: Timestamp) -> Option<Lookup> {
        if self.host(host).cached_until.get(name).is_some_and(|until| needed < *until) {
            return None;
        }
        let resolution = names::resolve(name);
        let fresh = Duration::from_secs(resolution.time_to_live);
        let expiry = match self.resolver.get(name) {
            Some(expiry) if needed < *expiry && !resolution.authoritative => *expiry,
            _ => after(needed, fresh),
        };
        let was_cached = self.resolver.insert(name, expiry) == Some(expiry);
        let left = expiry.microseconds().saturating_sub(needed.microseconds()) / 1_000_000;
        let time_to_live = u64::try_from(left).unwrap_or_default().max(1);

        let state = self.host(host);
        let known_for = Duration::from_secs(time_to_live);
        state.cached_until.insert(name, after(needed, known_for));
        let round_trip = Duration::from_micros(match was_cached || resolution.authoritative {
            true => state.random.between(&(250..=1_500)),
            false => state.random.between(&(8_000..=45_000)),
        });
        let pause = Duration::from_micros(state.random.between(&(1_200..=4_000)));
        Some(Lookup {
            time: before(needed, round_trip + pause),
            round_trip,
            local_port: state.next_port(),
            transaction: state.random.between(&(1..=65_535)) as u16,
            uid: state.uid(),
            time_to_live,
            authoritative: resolution.authoritative,
        })
    }

    fn host(&mut self, name: &str) -> &mut HostState {
        let random = &self.random;
        self.hosts.entry(name.to_owned()).or_insert_with(|| {
            let mut random = random.fork(name);
            let port = FIRST_EPHEMERAL_PORT + random.between(&(0..=9_999)) as u16;
            HostState { random, cached_until: BTreeMap::new(), port }
        })
    }
}

impl HostState {
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
