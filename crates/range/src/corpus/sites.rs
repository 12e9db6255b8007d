//! The names that a corpus contacts: the same in every corpus, the most contacted ones first.
//!
//! They obey the rules of [`names`]: ordinary ones are reserved, and serverless ones are our own.
//! Most of them share addresses with others, and some ordinary ones with serverless ones.

use std::sync::LazyLock;
use std::time::Duration;

use crate::{Program, names, programs};

/// How many ordinary names there are.
const SITES: usize = 3_600;

/// Names that have nothing to do with serverless platforms.
pub(super) static ORDINARY: LazyLock<Vec<String>> =
    LazyLock::new(|| (0..SITES).map(ordinary).collect());

/// Serverless services that people and their programs use.
pub(super) static POPULAR: LazyLock<Vec<String>> = LazyLock::new(popular);

/// A program that polls a serverless endpoint from one computer: work, then sleep.
pub(super) struct Beacon {
    pub(super) name: &'static str,
    pub(super) program: &'static Program,
    pub(super) period: Duration,
    /// The largest deviation, as a share of the period, drawn evenly to both sides.
    pub(super) jitter: f64,
}

/// Every beacon of a corpus.
pub(super) static BEACONS: [Beacon; 5] = [
    beacon(names::WORKER, &programs::POWERSHELL, 60, 0.2),
    beacon(names::LAMBDA_URL, &programs::RUNDLL32, 300, 0.1),
    beacon("coldtrail-range-9.azurewebsites.net", &programs::RUNDLL32, 60, 0.5),
    beacon(names::CLOUD_RUN, &programs::BACKUP_AGENT, 300, 0.0),
    beacon("status.coldtrail-range.workers.dev", &programs::NODE, 300, 0.3),
];

const fn beacon(name: &'static str, program: &'static Program, period: u64, jitter: f64) -> Beacon {
    Beacon { name, program, period: Duration::from_secs(period), jitter }
}

/// The name of that number.
fn ordinary(number: usize) -> String {
    const ROLES: [&str; 9] =
        ["www", "static", "api", "media", "login", "images", "news", "shop", "data"];
    const FIRST: [&str; 16] = [
        "amber", "birch", "coral", "delta", "ember", "field", "grove", "harbour", "island",
        "juniper", "lake", "meadow", "north", "ocean", "prairie", "river",
    ];
    const SECOND: [&str; 25] = [
        "atlas", "bakery", "bank", "books", "city", "dance", "energy", "forum", "garden", "hotel",
        "jobs", "kitchen", "library", "market", "museum", "music", "parcel", "radio", "railway",
        "school", "sport", "studio", "theatre", "travel", "weather",
    ];
    // The lengths of the three lists have no common divisor, so that no name comes twice.
    let role = ROLES[number % ROLES.len()];
    let first = FIRST[number % FIRST.len()];
    let second = SECOND[number % SECOND.len()];
    let domain = match number % 7 {
        0 | 3 => "example.com",
        1 => "example.net",
        2 => "example.org",
        // Those who rent a delivery network share its addresses.
        4 => "delivery.example.net",
        // And this one is the network that also runs Workers.
        _ => "edge.example.net",
    };
    format!("{role}.{first}-{second}.{domain}")
}

fn popular() -> Vec<String> {
    let workers = ["docs", "shop", "forms", "search", "images", "feeds", "auth", "maps"];
    let workers = workers.map(|name| format!("{name}.coldtrail-range.workers.dev"));
    let mut popular = vec![names::NETLIFY_SITE.to_owned()];
    for (number, worker) in (1..).zip(workers) {
        popular.push(format!("coldtrail-range-{number}.vercel.app"));
        popular.push(format!("coldtrail-range-{number}.azurewebsites.net"));
        popular.push(worker);
    }
    popular
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use coldtrail_catalogue::Catalogue;

    use super::*;
    use crate::names::tests::is_ours;

    #[test]
    fn every_name_is_reserved_or_ours_and_comes_once() {
        let beacons = BEACONS.iter().map(|beacon| beacon.name);
        let all = ORDINARY.iter().chain(POPULAR.iter()).map(String::as_str).chain(beacons);
        let mut met = BTreeSet::new();
        for name in all {
            assert!(is_ours(name), "{name}");
            assert!(met.insert(name), "{name} comes twice");
        }
    }

    #[test]
    fn the_catalogue_knows_the_serverless_names_and_a_search_for_it_no_other() {
        let catalogue = Catalogue::builtin();
        let beacons = BEACONS.iter().map(|beacon| beacon.name);
        for name in POPULAR.iter().map(String::as_str).chain(beacons) {
            assert!(catalogue.lookup(name).is_some(), "{name}");
        }
        for name in ORDINARY.iter() {
            assert!(!catalogue.suffixes().any(|text| name.contains(text)), "{name}");
        }
    }

    #[test]
    fn ordinary_names_share_addresses_with_each_other_and_with_workers() {
        let addresses: BTreeSet<_> =
            ORDINARY.iter().map(|name| names::resolve(name).address).collect();
        assert!(addresses.len() < SITES / 7, "{}", addresses.len());
        assert!(addresses.contains(&names::resolve(names::WORKER).address));
    }
}
