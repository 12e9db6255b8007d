//! Others' logic on what the same sensors saw.
//!
//! Comparators are given more than they could read: RITA and the timing rules get the connections of
//! all network sensors, not only Zeek's; the query of the published example gets every endpoint sensor,
//! not only Defender's. Where a text leaves something open, what favours the comparator is taken.

use std::collections::{BTreeMap, BTreeSet};

use coldtrail_catalogue::Catalogue;
use coldtrail_range::enterprise::{Nature, Staged};
use coldtrail_range::{Exchange, Sensor, Tap, Wire};

use super::alert::Alert;
use super::rita::{self, Connection};

/// A system, and what it says of an enterprise.
pub(super) type Comparator = (&'static str, Vec<Alert>);

/// Who talks to what.
type Key<'s> = (&'s str, &'s str);

/// All comparators.
pub(super) fn alerts(staged: &Staged) -> Vec<Comparator> {
    let allowed = sanctioned(staged);
    let catalogue = Catalogue::builtin();
    let is_wanted = |alert: &Alert| {
        catalogue.lookup(&alert.name).is_some()
            && !allowed.contains(&(alert.host.as_str(), alert.name.as_str()))
    };
    let filtered = |alerts: &[Alert]| -> Vec<Alert> {
        alerts.iter().filter(|alert| is_wanted(alert)).cloned().collect()
    };
    let (beacon, last) = rita_alerts(staged);
    let (asim, fortinet) = timing_rules(staged);
    let seed = published_query(staged);
    vec![
        ("RITA v5, beacon score, raw", beacon.clone()),
        ("RITA v5, beacon score, filtered", filtered(&beacon)),
        ("RITA v5, final value, raw", last.clone()),
        ("RITA v5, final value, filtered", filtered(&last)),
        ("Sentinel ASIM beaconing, filtered", filtered(&asim)),
        ("Sentinel Fortinet beaconing, filtered", filtered(&fortinet)),
        ("published KQL query, raw", seed.clone()),
        ("published KQL query, filtered", filtered(&seed)),
    ]
}

/// Those of our own alerts that `sanctioned.csv` does not allow: what context would spare at least.
pub(super) fn not_sanctioned(staged: &Staged, alerts: &[Alert]) -> Vec<Alert> {
    let allowed = sanctioned(staged);
    let addresses: BTreeMap<String, String> =
        staged.hosts().map(|it| (it.address.to_string(), it.full_name())).collect();
    let is_allowed = |alert: &&Alert| {
        let host = addresses.get(&alert.host).unwrap_or(&alert.host);
        allowed.contains(&(host.as_str(), alert.name.as_str()))
    };
    alerts.iter().filter(|alert| !is_allowed(alert)).cloned().collect()
}

/// What `sanctioned.csv` allows, by host and name.
fn sanctioned(staged: &Staged) -> BTreeSet<(&str, &str)> {
    let instances = staged.instances.iter().filter(|it| it.nature == Nature::Sanctioned);
    instances
        .flat_map(|it| {
            it.endpoints.iter().map(|endpoint| (it.host.as_str(), endpoint.host.as_str()))
        })
        .collect()
}

/// The connections that a network sensor saw, by day, host and name.
fn connections(staged: &Staged) -> BTreeMap<i64, BTreeMap<(String, &str), Vec<Connection>>> {
    let start = staged.timeline.start.microseconds() / 1_000_000;
    let mut days: BTreeMap<i64, BTreeMap<(String, &str), Vec<Connection>>> = BTreeMap::new();
    for exchange in &staged.timeline.exchanges {
        let is_web = matches!(exchange.wire, Wire::Tls | Wire::Http { .. });
        if !is_web || exchange.process.host.tap == Tap::Queries {
            continue;
        }
        let second = exchange.time.microseconds() / 1_000_000;
        // As many bytes as our Zeek writes: 40 of headers for each packet.
        let packets = 4 + exchange.bytes_up.div_ceil(1460) + exchange.bytes_down.div_ceil(2920);
        let key = (exchange.process.host.full_name(), exchange.name);
        days.entry((second - start) / rita::DAY).or_default().entry(key).or_default().push(
            Connection {
                second,
                bytes: exchange.bytes_up + 40 * packets,
                duration: exchange.duration.as_secs_f64(),
            },
        );
    }
    days
}

/// RITA is run every night on the day; its highest value of a key counts. Beacon scores alone, and
/// final values: threat by beacon or long connection, with the modifiers for prevalence and novelty.
/// None of our logs has fingerprints or MIME types, so that those modifiers add nothing, and every
/// key has a name.
fn rita_alerts(staged: &Staged) -> (Vec<Alert>, Vec<Alert>) {
    let start = staged.timeline.start.microseconds() / 1_000_000;
    let mut scores: BTreeMap<(String, &str), (f64, f64)> = BTreeMap::new();
    let mut first_seen: BTreeMap<&str, i64> = BTreeMap::new();
    for (day, keys) in &connections(staged) {
        let active: BTreeSet<_> = keys.keys().map(|(host, _)| host).collect();
        let mut hosts: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, name) in keys.keys() {
            *hosts.entry(name).or_default() += 1;
            first_seen.entry(name).or_insert(*day);
        }
        for (key, connections) in keys {
            let beacon = rita::beacon(connections, start + day * rita::DAY);
            let score = beacon.map_or(0.0, |it| it.score());
            let long = connections.iter().map(|it| it.duration).sum();
            let base = rita::threat(score).max(rita::long_connection(long));
            let known = hosts.get(key.1).copied().unwrap_or(1) as f64;
            let age = first_seen.get(key.1).map_or(0, |first| day - first) as f64;
            let value =
                base + rita::prevalence(known / active.len().max(1) as f64) + rita::first_seen(age);
            let best = scores.entry(key.clone()).or_insert((0.0, f64::NEG_INFINITY));
            *best = (best.0.max(score), best.1.max(if base > 0.0 { value } else { 0.0 }));
        }
    }
    let alert = |(host, name): &(String, &str), rank| Alert {
        host: host.clone(),
        name: (*name).to_owned(),
        tenant: None,
        rank,
    };
    let told = |rank: fn(&(f64, f64)) -> f64| {
        let with_rank = scores.iter().filter(move |(_, it)| rank(it) > 0.0);
        with_rank.map(move |(key, it)| alert(key, rank(it))).collect()
    };
    (told(|it| it.0), told(|it| it.1))
}

/// Sentinel's rules as far as they are stated: more than 80 % of the intervals equal to the second,
/// with more than 15 events in an hour; and a standard deviation under a fifth of the mean with a
/// period of ten minutes or more. Intervals are taken for each name, which favours them.
fn timing_rules(staged: &Staged) -> (Vec<Alert>, Vec<Alert>) {
    let mut asim = BTreeMap::new();
    let mut fortinet = BTreeMap::new();
    for keys in connections(staged).values() {
        for ((host, name), connections) in keys {
            let mut seconds: Vec<i64> = connections.iter().map(|it| it.second).collect();
            seconds.sort_unstable();
            let key = (host.clone(), *name);
            let most = hourly(&seconds).map(equal_share).fold(0.0, f64::max);
            if most > 0.8 {
                let best = asim.entry(key.clone()).or_insert(most);
                *best = most.max(*best);
            }
            if let Some(steadiness) = steadiness(&seconds) {
                let best = fortinet.entry(key).or_insert(steadiness);
                *best = steadiness.max(*best);
            }
        }
    }
    let told = |ranks: BTreeMap<(String, &str), f64>| {
        ranks
            .into_iter()
            .map(|((host, name), rank)| Alert { host, name: name.to_owned(), tenant: None, rank })
            .collect()
    };
    (told(asim), told(fortinet))
}

/// The seconds of each hour that has more than 15 events.
fn hourly(seconds: &[i64]) -> impl Iterator<Item = &[i64]> {
    seconds.chunk_by(|one, other| one / 3_600 == other / 3_600).filter(|hour| hour.len() > 15)
}

/// The share of the interval that is met most.
fn equal_share(seconds: &[i64]) -> f64 {
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    for pair in seconds.windows(2) {
        if let [one, other] = pair {
            *counts.entry(other - one).or_default() += 1;
        }
    }
    let most = counts.values().copied().max().unwrap_or_default();
    most as f64 / seconds.len().saturating_sub(1).max(1) as f64
}

/// How far below a fifth the variation is, for periods from ten minutes on.
fn steadiness(seconds: &[i64]) -> Option<f64> {
    let intervals: Vec<f64> = seconds
        .windows(2)
        .filter_map(|pair| match pair {
            [one, other] => Some((other - one) as f64),
            _ => None,
        })
        .collect();
    if intervals.len() < 3 {
        return None;
    }
    let count = intervals.len() as f64;
    let mean = intervals.iter().sum::<f64>() / count;
    let variance = intervals.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / count;
    let variation = variance.sqrt() / mean;
    (mean >= 600.0 && variation < 0.2).then_some(1.0 - variation)
}

/// The example query that is published with the technique: a process that is no browser on a host
/// whose name has one of these words; some processes are called suspicious.
fn published_query(staged: &Staged) -> Vec<Alert> {
    const WORDS: [&str; 10] = [
        "workers.dev",
        "pages.dev",
        "cloudfunctions.net",
        "lambda-url",
        "execute-api",
        "azurewebsites.net",
        "azurecontainerapps.io",
        "netlify.app",
        "vercel.app",
        "script.google.com",
    ];
    const SUSPICIOUS: [&str; 7] = [
        "powershell.exe",
        "wscript.exe",
        "mshta.exe",
        "rundll32.exe",
        "python.exe",
        "node.exe",
        "curl.exe",
    ];
    let mut ranks: BTreeMap<Key<'_>, f64> = BTreeMap::new();
    let mut names: BTreeMap<&str, String> = BTreeMap::new();
    for Exchange { process, name, .. } in &staged.timeline.exchanges {
        let is_seen = process.host.sensor != Sensor::Nothing;
        if !is_seen || process.program.browser || !WORDS.iter().any(|word| name.contains(word)) {
            continue;
        }
        let is_suspicious = SUSPICIOUS.contains(&process.program.file_name());
        let rank = ranks.entry((&process.host.name, name)).or_default();
        *rank = rank.max(if is_suspicious { 2.0 } else { 1.0 });
        names.entry(&process.host.name).or_insert_with(|| process.host.full_name());
    }
    let told = ranks.into_iter().map(|((host, name), rank)| Alert {
        host: names.get(host).cloned().unwrap_or_default(),
        name: name.to_owned(),
        tenant: None,
        rank,
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_intervals_and_steady_periods_are_told_apart_from_others() {
        let even: Vec<i64> = (0..20).map(|it| it * 60).collect();
        assert_eq!(hourly(&even).map(equal_share).fold(0.0, f64::max), 1.0);
        assert_eq!(hourly(&even[..10]).count(), 0);
        assert_eq!(steadiness(&even), None);
        let slow: Vec<i64> = (0..8).map(|it| it * 900).collect();
        assert_eq!(steadiness(&slow), Some(1.0));
        assert_eq!(steadiness(&[0, 900, 4_000, 4_100]), None);
    }
}
