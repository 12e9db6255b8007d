//! RITA v5's scoring, reproduced from its published formulas: the peer that ours is held against.
//!
//! What is checked: on the peer's own test logs the final scores come out within .005 of those that
//! its tests expect. The window is a day, counted back from the last full hour of the data; what is
//! later falls into the last of its 24 hours.

use std::collections::BTreeMap;

/// A connection as the peer sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Connection {
    /// Seconds since 1970, whole.
    pub(super) second: i64,
    /// Bytes sent, headers included (`orig_ip_bytes`).
    pub(super) bytes: u64,
    /// Seconds.
    pub(super) duration: f64,
}

/// The terms of a score, each from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Beacon {
    pub(super) timing: f64,
    pub(super) sizes: f64,
    pub(super) persistence: f64,
    pub(super) histogram: f64,
}

impl Beacon {
    /// The score, from 0 to 1.
    pub(super) fn score(&self) -> f64 {
        (self.timing + self.sizes + self.persistence + self.histogram) / 4.0
    }
}

/// The length of the window.
pub(super) const DAY: i64 = 86_400;

/// More connections than seconds in a day are called a strobe, and not scored.
const STROBE: usize = 86_400;

/// The beacon score of the connections between two hosts within a window that begins then; `None` for
/// too few.
pub(super) fn beacon(connections: &[Connection], begins: i64) -> Option<Beacon> {
    let mut seconds: Vec<i64> = connections.iter().map(|it| it.second).collect();
    seconds.sort_unstable();
    let all = seconds.clone();
    seconds.dedup();
    if seconds.len() < 4 || all.len() >= STROBE {
        return None;
    }
    let intervals = seconds.windows(2).filter_map(|pair| match pair {
        [one, other] => Some((other - one) as f64),
        _ => None,
    });
    let sizes = connections.iter().map(|it| it.bytes as f64).collect();
    let hours = hours(&all, begins);
    let span = (seconds.last()? - seconds.first()?) as f64;
    Some(Beacon {
        timing: evenness(intervals.collect(), 1.0),
        sizes: evenness(sizes, 0.0),
        persistence: persistence(&hours, span),
        histogram: histogram(&hours),
    })
}

/// How even values are: little skew, little spread.
fn evenness(mut values: Vec<f64>, default: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    let lower = median(values.get(..half).unwrap_or_default());
    let upper = median(values.get(values.len() - half..).unwrap_or_default());
    let middle = median(&values);
    let is_skewed = upper - lower >= 10.0 && middle != lower && middle != upper;
    let skew = if is_skewed { (lower + upper - 2.0 * middle) / (upper - lower) } else { 0.0 };
    let mut deviations: Vec<f64> = values.iter().map(|value| (value - middle).abs()).collect();
    deviations.sort_by(f64::total_cmp);
    let spread = match middle >= 1.0 {
        true => ((middle - median(&deviations)) / middle).max(0.0),
        false => default,
    };
    ((1.0 - skew.abs() + spread) / 2.0 * 1000.0).round() / 1000.0
}

/// The median of sorted values.
fn median(values: &[f64]) -> f64 {
    let half = values.len() / 2;
    let at = |index: usize| values.get(index).copied().unwrap_or_default();
    if values.len().is_multiple_of(2) { (at(half.max(1) - 1) + at(half)) / 2.0 } else { at(half) }
}

/// How many connections each of 24 hours has.
fn hours(seconds: &[i64], begins: i64) -> [f64; 24] {
    let mut hours = [0.0; 24];
    for second in seconds {
        let hour = ((second - begins) / 3_600).clamp(0, 23) as usize;
        hours[hour] += 1.0;
    }
    hours
}

fn histogram(hours: &[f64; 24]) -> f64 {
    let mean = hours.iter().sum::<f64>() / 24.0;
    let variance = hours.iter().map(|hour| (hour - mean).powi(2)).sum::<f64>() / 24.0;
    let variation = variance.sqrt() / mean;
    let even = if variation > 1.0 { 0.0 } else { 1.0 - variation };
    even.max(bimodal(hours))
}

/// Whether nearly all hours have one of two heights.
fn bimodal(hours: &[f64; 24]) -> f64 {
    let bars = hours.iter().filter(|hour| **hour > 0.0).count();
    if bars < 11 {
        return 0.0;
    }
    let highest = hours.iter().copied().fold(0.0, f64::max);
    let width = (0.05 * highest).ceil().max(1.0);
    let mut heights: BTreeMap<u64, usize> = BTreeMap::new();
    for hour in hours.iter().filter(|hour| **hour > 0.0) {
        *heights.entry((hour / width) as u64).or_default() += 1;
    }
    let mut counts: Vec<usize> = heights.into_values().collect();
    counts.sort_unstable_by(|one, other| other.cmp(one));
    let two: usize = counts.iter().take(2).sum();
    (two as f64 / (bars - 1).max(1) as f64).min(1.0)
}

fn persistence(hours: &[f64; 24], span: f64) -> f64 {
    if hours.iter().filter(|hour| **hour > 0.0).count() < 6 {
        return 0.0;
    }
    let (mut longest, mut run) = (0_u32, 0_u32);
    // Twice around, so that a run may go over midnight.
    for hour in hours.iter().chain(hours) {
        run = if *hour > 0.0 { run + 1 } else { 0 };
        longest = longest.max(run.min(24));
    }
    (span / DAY as f64).min(1.0).max((f64::from(longest) / 12.0).min(1.0))
}

/// The threat value of a beacon score.
pub(super) fn threat(score: f64) -> f64 {
    stairs(100.0 * score, [50.0, 70.0, 90.0, 100.0])
}

/// The threat value of connections that last so many seconds in all.
pub(super) fn long_connection(seconds: f64) -> f64 {
    stairs(seconds, [3_600.0, 14_400.0, 28_800.0, 43_200.0])
}

/// From .2 at the first step to .8 at the last one.
fn stairs(value: f64, [low, medium, high, most]: [f64; 4]) -> f64 {
    let part = |from: f64, to: f64| 0.2 * (value - from) / (to - from);
    match value {
        _ if value < low => 0.0,
        _ if value < medium => 0.2 + part(low, medium),
        _ if value < high => 0.4 + part(medium, high),
        _ => (0.6 + part(high, most)).min(0.8),
    }
}

/// What prevalence adds to a threat value or takes from it.
pub(super) fn prevalence(share: f64) -> f64 {
    match share {
        0.0..=0.02 => 0.15,
        0.5.. => -0.15,
        _ => 0.0,
    }
}

/// What the days since a name was first seen add to a threat value or take from it.
pub(super) fn first_seen(days: f64) -> f64 {
    match days {
        ..=7.0 => 0.15,
        30.0.. => -0.15,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// The rows of a Zeek log as values by field.
    fn rows(path: &std::path::Path) -> Vec<BTreeMap<String, String>> {
        let text = fs::read_to_string(path).expect("the log can be read");
        let fields: Vec<&str> = text
            .lines()
            .find_map(|line| line.strip_prefix("#fields\t"))
            .map(|fields| fields.split('\t').collect())
            .expect("it has a header");
        let rows = text.lines().filter(|line| !line.starts_with('#'));
        let named = rows.map(|row| fields.iter().copied().zip(row.split('\t')));
        named.map(|row| row.map(|(one, it)| (one.to_owned(), it.to_owned())).collect()).collect()
    }

    /// The peer's tests expect these scores of these names in its own logs.
    #[test]
    fn it_gives_the_scores_that_the_peer_expects_of_its_own_logs() {
        let folder = crate::root().expect("the workspace").join("../shared/data/zeek/rita/proxy");
        if !folder.is_dir() {
            println!("skipped: ../shared is absent");
            return;
        }
        let number = |text: &str| text.parse::<f64>().unwrap_or_default();
        let connections: BTreeMap<String, Connection> = rows(&folder.join("conn.log"))
            .iter()
            .map(|row| {
                let connection = Connection {
                    second: number(&row["ts"]) as i64,
                    bytes: number(&row["orig_ip_bytes"]) as u64,
                    duration: number(&row["duration"]),
                };
                (row["uid"].clone(), connection)
            })
            .collect();
        let last = connections.values().map(|it| it.second).max().expect("there are some");
        let begins = last / 3_600 * 3_600 - DAY;
        let handshakes = rows(&folder.join("ssl.log"));
        let of = |name: &str| -> Vec<Connection> {
            let named = handshakes.iter().filter(|row| row["server_name"] == name);
            let joined = named.filter_map(|row| connections.get(&row["uid"]).copied());
            joined.filter(|it| it.second >= begins).collect()
        };
        let near = |one: f64, other: f64| (one - other).abs() < 0.005;

        let even = of("www.honestimnotevil.com");
        let score = beacon(&even, begins).expect("there are enough");
        assert_eq!(even.len(), 357);
        assert!(near(score.timing, 0.921) && near(score.score(), 0.979), "{score:?}");
        assert!(near(score.persistence, 1.0) && near(score.histogram, 1.0), "{score:?}");

        let few = of("www.google.com");
        let score = beacon(&few, begins).expect("there are enough");
        assert_eq!(few.len(), 6);
        assert!(near(score.timing, 0.48) && near(score.sizes, 0.865), "{score:?}");
        assert!(near(score.persistence, 1.0) && near(score.histogram, 0.0), "{score:?}");
        assert!(near(score.score(), 0.586), "{score:?}");
    }

    #[test]
    fn terms_are_those_of_the_formulas() {
        // Quartiles 10, 30 and 60 of seven values; MAD 20.
        let values = vec![10.0, 10.0, 20.0, 30.0, 50.0, 60.0, 90.0];
        assert_eq!(evenness(values, 1.0), 0.567);
        assert_eq!(evenness(vec![60.0; 9], 1.0), 1.0);
        assert_eq!(evenness(vec![0.0; 4], 0.0), 0.5);
        let hourly: Vec<Connection> = (0..24)
            .map(|hour| Connection { second: hour * 3_600, bytes: 900, duration: 0.2 })
            .collect();
        assert_eq!(beacon(&hourly, 0).map(|it| it.score()), Some(1.0));
        assert_eq!(beacon(&hourly[..3], 0), None);
        // Five hours are too few for persistence, and their variation too large for the histogram.
        let short = beacon(&hourly[..5], 0).expect("there are enough");
        assert_eq!((short.persistence, short.histogram, short.score()), (0.0, 0.0, 0.5));
    }

    #[test]
    fn threat_values_rise_by_steps() {
        let values = [0.49, 0.5, 0.6, 0.7, 0.9, 1.0].map(threat);
        let expected = [0.0, 0.2, 0.3, 0.4, 0.6, 0.8];
        assert!(values.iter().zip(expected).all(|(one, it)| (one - it).abs() < 1e-9), "{values:?}");
        assert!((long_connection(14_400.0) - 0.4).abs() < 1e-9);
        assert_eq!((prevalence(0.01), prevalence(0.1), prevalence(0.6)), (0.15, 0.0, -0.15));
        assert_eq!((first_seen(1.0), first_seen(14.0), first_seen(31.0)), (0.15, 0.0, -0.15));
    }
}
