//! Where addresses are, by databases that a person gives.
//!
//! The service has a database of its own. Here there is none until [`use_database`] is told of a file in the MaxMind
//! format, which several vendors publish; without one the answer is null, and binding warns of it. A second file may
//! tell whose network an address is in, which the service does not: its answers are further properties of the bag.
//!
//! <https://learn.microsoft.com/kusto/query/geo-info-from-ip-address-function>
//! <https://maxmind.github.io/MaxMind-DB/>

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::path::Path;
use std::sync::OnceLock;

use indexmap::IndexMap;
use maxminddb::Reader;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::arguments::{Arguments, bag, text};
use super::super::{Accepts, Function, Type, Value};
use crate::kql::Dynamic;

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] =
    &[Function::define(NAME, &[Accepts::Only(Type::String)], Type::Dynamic, |arguments| {
        described(arguments.text(0), PLACES.get(), NETWORKS.get())
    })];

/// What the function is called.
pub(crate) const NAME: &str = "geo_info_from_ip_address";

/// A database in memory.
type Database = Reader<Vec<u8>>;

static PLACES: OnceLock<Database> = OnceLock::new();
static NETWORKS: OnceLock<Database> = OnceLock::new();

/// Takes the file as the database of places, for as long as the process runs.
///
/// # Errors
///
/// The file cannot be read or is no such database, or one was given before.
pub fn use_database(path: &Path) -> Result<(), String> {
    give(&PLACES, path)
}

/// Takes the file as the database of networks and their owners (autonomous systems), for as long as the process runs.
///
/// # Errors
///
/// The file cannot be read or is no such database, or one was given before.
pub fn use_networks(path: &Path) -> Result<(), String> {
    give(&NETWORKS, path)
}

/// Whether any database was given.
pub fn has_database() -> bool {
    PLACES.get().is_some() || NETWORKS.get().is_some()
}

fn give(place: &OnceLock<Database>, path: &Path) -> Result<(), String> {
    let database = Reader::open_readfile(path)
        .map_err(|error| format!("{} is no database of addresses: {error}", path.display()))?;
    place.set(database).map_err(|_| format!("{} is a second database", path.display()))
}

/// What a database of places has about a network.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Place {
    country: Named,
    subdivisions: Vec<Named>,
    city: Named,
    location: Location,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Named {
    /// By language.
    names: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Location {
    /// In degrees.
    latitude: Option<f64>,
    /// In degrees.
    longitude: Option<f64>,
}

/// What a database of networks has about one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Owner {
    autonomous_system_number: Option<u32>,
    autonomous_system_organization: Option<String>,
}

impl Named {
    fn english(&self) -> Option<Dynamic> {
        self.names.get("en").map(text)
    }
}

/// What the databases have about an address; null if they have nothing.
fn described(address: &str, places: Option<&Database>, networks: Option<&Database>) -> Value {
    let Some(address) = parsed(address) else { return Value::Null };
    let place: Place = found(places, address);
    let owner: Owner = found(networks, address);
    let known = [
        ("country", place.country.english()),
        ("state", place.subdivisions.first().and_then(Named::english)),
        ("city", place.city.english()),
        ("latitude", place.location.latitude.map(Dynamic::Real)),
        ("longitude", place.location.longitude.map(Dynamic::Real)),
        ("asn", owner.autonomous_system_number.map(|number| Dynamic::Long(number.into()))),
        ("organization", owner.autonomous_system_organization.map(text)),
    ];
    let known = known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let known: IndexMap<String, Dynamic> = known.collect();
    if known.is_empty() { Value::Null } else { bag(known) }
}

/// An address; one of version 4 that is written as one of version 6 is that of version 4.
fn parsed(address: &str) -> Option<IpAddr> {
    let address: IpAddr = address.trim().parse().ok()?;
    Some(match address {
        IpAddr::V6(six) => six.to_ipv4_mapped().map_or(IpAddr::V6(six), IpAddr::V4),
        four @ IpAddr::V4(_) => four,
    })
}

/// A record of a database. One that cannot be read is none.
fn found<T: DeserializeOwned + Default>(database: Option<&Database>, address: IpAddr) -> T {
    let Some(database) = database else { return T::default() };
    let is_too_new = address.is_ipv6() && database.metadata().ip_version == 4;
    if is_too_new || address == IpAddr::V6(Ipv6Addr::UNSPECIFIED) {
        return T::default();
    }
    let found = database.lookup(address).and_then(|found| found.decode::<T>());
    found.ok().flatten().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text as the format writes it; a map, and a number, beside it.
    fn written(value: &str) -> Vec<u8> {
        assert!(value.len() < 285);
        let mut bytes = match u8::try_from(value.len()).unwrap() {
            short @ ..29 => vec![0x40 | short],
            long => vec![0x40 | 29, long - 29],
        };
        bytes.extend(value.as_bytes());
        bytes
    }

    fn map(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut bytes = vec![0xE0 | u8::try_from(entries.len()).unwrap()];
        for (name, value) in entries {
            bytes.extend(written(name));
            bytes.extend(value);
        }
        bytes
    }

    fn double(value: f64) -> Vec<u8> {
        [&[0x68][..], &value.to_be_bytes()].concat()
    }

    fn unsigned(value: u32) -> Vec<u8> {
        [&[0xC4][..], &value.to_be_bytes()].concat()
    }

    fn short(value: u16) -> Vec<u8> {
        [&[0xA2][..], &value.to_be_bytes()].concat()
    }

    /// A database in which 192.0.2.0/24 has that record: a node for each bit, of which one side leads nowhere.
    fn database(record: &[u8]) -> Database {
        const NODES: u32 = 24;
        let mut bytes = Vec::new();
        for bit in 0..NODES {
            let next = if bit + 1 < NODES { bit + 1 } else { NODES + 16 };
            let is_right = u32::from_be_bytes([192, 0, 2, 0]) >> (31 - bit) & 1 == 1;
            let sides = if is_right { [NODES, next] } else { [next, NODES] };
            sides.iter().for_each(|side| bytes.extend(&side.to_be_bytes()[1..]));
        }
        bytes.extend([0; 16]);
        bytes.extend(record);
        bytes.extend(b"\xAB\xCD\xEFMaxMind.com");
        bytes.extend(map(&[
            ("binary_format_major_version", short(2)),
            ("binary_format_minor_version", short(0)),
            ("build_epoch", vec![0x01, 0x02, 0x01]),
            ("database_type", written("Test")),
            ("description", map(&[])),
            ("ip_version", short(4)),
            ("languages", vec![0x00, 0x04]),
            ("node_count", unsigned(NODES)),
            ("record_size", short(24)),
        ]));
        Reader::from_source(bytes).unwrap()
    }

    fn named(name: &str) -> Vec<u8> {
        map(&[("names", map(&[("en", written(name))]))])
    }

    #[test]
    fn an_address_has_the_place_and_the_owner_of_its_network() {
        let subdivisions = [vec![0x01, 0x04], named("Nordland")].concat();
        let places = database(&map(&[
            ("country", named("Atlantis")),
            ("subdivisions", subdivisions),
            ("city", named("Sandhafen")),
            ("location", map(&[("latitude", double(1.5)), ("longitude", double(-2.25))])),
        ]));
        let networks = database(&map(&[
            ("autonomous_system_number", unsigned(64_496)),
            ("autonomous_system_organization", written("Example")),
        ]));
        let place = r#"{"country":"Atlantis","state":"Nordland","city":"Sandhafen","latitude":1.5,"longitude":-2.25"#;
        let of = |address: &str| described(address, Some(&places), None).text();
        assert_eq!(of("192.0.2.77"), format!("{place}}}"));
        assert_eq!(of("::ffff:192.0.2.77"), format!("{place}}}"));
        assert_eq!((of("192.0.3.1"), of("2001:db8::1"), of("x")), Default::default());
        let both = described("192.0.2.1", Some(&places), Some(&networks)).text();
        assert_eq!(both, format!(r#"{place},"asn":64496,"organization":"Example"}}"#));
        assert_eq!(described("192.0.2.1", None, None), Value::Null);
    }

    #[test]
    fn a_file_that_is_no_database_is_refused() {
        let error = use_database(Path::new("Cargo.toml")).unwrap_err();
        assert!(error.contains("Cargo.toml is no database"), "{error}");
    }
}
