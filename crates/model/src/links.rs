use std::collections::HashMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// More stretches of time than this are not told apart, so that hostile logs cannot make links grow
/// without bound.
const MOST_STRETCHES: usize = 1 << 20;

const SECOND: i64 = 1_000_000;

/// Pauses that are forgotten where there are too many stretches: an hour, six, a day, any.
const PAUSES: [i64; 4] = [3600 * SECOND, 6 * 3600 * SECOND, 24 * 3600 * SECOND, i64::MAX];

/// Addresses that serverless endpoints were seen at, who was told them, and when that held.
///
/// Thousands of tenants share such an address, so it identifies nothing by itself: a connection to it
/// matters only beside the names that the same source was told for it at that time. Links are a
/// shortcut: they may touch more than they should, never less.
///
/// ```
/// use coldtrail_model::Links;
///
/// let mut links = Links::default();
/// links.add(Some("10.0.0.1"), "192.0.2.1", 100..=200);
/// assert!(links.touch(Some("10.0.0.1"), "192.0.2.1", 150));
/// assert!(!links.touch(Some("10.0.0.1"), "192.0.2.1", 201));
/// assert!(!links.touch(Some("10.0.0.2"), "192.0.2.1", 150));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    by_address: HashMap<String, Told>,
    stretches: usize,
    /// There were too many addresses to keep: everything touches.
    is_everything: bool,
}

/// When an address was told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Told {
    by_source: HashMap<String, Stretches>,
    /// To nobody in particular: any source may have been told.
    to_anyone: Stretches,
    /// To whomever, for rows that do not say who acted.
    ever: Stretches,
}

impl Links {
    /// Adds an address that held for a stretch of time, in microseconds since 1970, with the source
    /// that was told it, or for any source.
    pub fn add(&mut self, source: Option<&str>, address: &str, held: RangeInclusive<i64>) {
        if self.is_everything {
            return;
        }
        let told = self.by_address.entry(address.to_owned()).or_default();
        let (from, until) = held.into_inner();
        let stretches = match source {
            Some(source) => told.by_source.entry(source.to_owned()).or_default(),
            None => &mut told.to_anyone,
        };
        let before = stretches.0.len();
        stretches.add(from, until);
        self.stretches = self.stretches + stretches.0.len() - before;
        told.ever.add(from, until);
        if self.stretches > MOST_STRETCHES {
            self.widen(MOST_STRETCHES / 2);
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_address.is_empty() && !self.is_everything
    }

    /// Ranges of texts, no more than so many, from a first to a last address, in which all addresses
    /// lie; none where it may be any address.
    pub fn ranges(&self, most: usize) -> Vec<(&str, &str)> {
        let mut addresses: Vec<&str> = self.by_address.keys().map(String::as_str).collect();
        addresses.sort_unstable();
        let a_range = addresses.len().div_ceil(most.max(1)).max(1);
        let ends = addresses.chunks(a_range).map(|range| range.first().zip(range.last()));
        ends.flatten().map(|(first, last)| (*first, *last)).collect()
    }

    /// Whether an address is that of a link, at some time and for some source.
    pub fn know(&self, address: &str) -> bool {
        self.is_everything || self.by_address.contains_key(address)
    }

    /// Whether a source may mean one of the names by an address at a time, in microseconds since
    /// 1970.
    pub fn touch(&self, source: Option<&str>, address: &str, at: i64) -> bool {
        self.is_everything
            || self.by_address.get(address).is_some_and(|told| told.touches(source, at))
    }

    /// Links of no more than that many stretches of time, which touch all that these touch.
    pub fn widened(&self, most: usize) -> Links {
        let mut widened = self.clone();
        widened.widen(most);
        widened
    }

    /// Forgets pauses, the shortest first, then who was told, and then every second pause, until there
    /// are few enough stretches.
    fn widen(&mut self, most: usize) {
        for pause in PAUSES {
            if self.stretches > most {
                let told = self.by_address.values_mut();
                told.flat_map(|told| told.by_source.values_mut())
                    .for_each(|stretches| stretches.forget(pause));
                self.count();
            }
        }
        if self.stretches > most {
            for told in self.by_address.values_mut() {
                told.by_source.clear();
                told.to_anyone = told.ever.clone();
            }
            self.count();
        }
        while self.stretches > most.max(self.by_address.len()) {
            for told in self.by_address.values_mut() {
                told.to_anyone.widen();
                told.ever = told.to_anyone.clone();
            }
            self.count();
        }
        if self.stretches > most {
            *self = Self { is_everything: true, ..Self::default() };
        }
    }

    fn count(&mut self) {
        let of_sources = |told: &Told| told.by_source.values().map(|it| it.0.len()).sum::<usize>();
        let of_address = |told: &Told| told.to_anyone.0.len() + of_sources(told);
        self.stretches = self.by_address.values().map(of_address).sum();
    }
}

/// A line for each address and source, such as `192.0.2.1 10.0.0.1 1600666032+300`: when it held, in
/// seconds since 1970, and for how many seconds. `*` is any source, and any address.
impl fmt::Display for Links {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_everything {
            return formatter.write_str("*");
        }
        let mut all: Vec<_> = self
            .by_address
            .iter()
            .flat_map(|(address, told)| {
                let known = told.by_source.iter().map(|(source, held)| (source.as_str(), held));
                known
                    .chain([(ANY, &told.to_anyone)])
                    .map(move |(source, held)| (address.as_str(), source, held))
            })
            .filter(|(.., held)| !held.0.is_empty())
            .collect();
        all.sort_unstable_by_key(|(address, source, _)| (*address, *source));
        for (address, source, held) in all {
            write!(formatter, "{address} {source}")?;
            for (from, until) in &held.0 {
                let from = from.div_euclid(SECOND);
                write!(formatter, " {from}+{}", until.div_euclid(SECOND) - from + 1)?;
            }
            formatter.write_str("\n")?;
        }
        Ok(())
    }
}

const ANY: &str = "*";

impl FromStr for Links {
    type Err = NotLinks;

    fn from_str(text: &str) -> Result<Self, NotLinks> {
        if text == ANY {
            return Ok(Self { is_everything: true, ..Self::default() });
        }
        let mut links = Self::default();
        for line in text.lines() {
            let mut words = line.split(' ');
            let (address, source) = words.next().zip(words.next()).ok_or(NotLinks)?;
            let source = (source != ANY).then_some(source);
            for held in words {
                let (from, seconds) = held.split_once('+').ok_or(NotLinks)?;
                let from: i64 = from.parse().map_err(|_error| NotLinks)?;
                let seconds: i64 = seconds.parse().map_err(|_error| NotLinks)?;
                let until = from.saturating_add(seconds).saturating_mul(SECOND);
                links.add(source, address, from.saturating_mul(SECOND)..=until);
            }
        }
        Ok(links)
    }
}

/// The text does not say what links are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotLinks;

impl fmt::Display for NotLinks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the text is no list of links")
    }
}

impl std::error::Error for NotLinks {}

impl Told {
    fn touches(&self, source: Option<&str>, at: i64) -> bool {
        let Some(source) = source else { return self.ever.contain(at) };
        self.to_anyone.contain(at)
            || self.by_source.get(source).is_some_and(|stretches| stretches.contain(at))
    }
}

/// Stretches of time from a first to a last moment, in order; none touches another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Stretches(Vec<(i64, i64)>);

impl Stretches {
    fn add(&mut self, from: i64, until: i64) {
        // Those that end before it stay as they are, and so do those that begin behind it.
        let first = self.0.partition_point(|(_, end)| *end < from);
        let behind = self.0.partition_point(|(begin, _)| *begin <= until);
        if first >= behind {
            self.0.insert(first, (from, until));
            return;
        }
        let met = self.0.get(first..behind).unwrap_or_default();
        let from = met.first().map_or(from, |(begin, _)| from.min(*begin));
        let until = met.last().map_or(until, |(_, end)| until.max(*end));
        self.0.splice(first..behind, [(from, until)]);
    }

    fn contain(&self, at: i64) -> bool {
        let next = self.0.partition_point(|(from, _)| *from <= at);
        let last = next.checked_sub(1).and_then(|last| self.0.get(last));
        last.is_some_and(|(_, until)| at <= *until)
    }

    /// Makes one of those with no more than a pause between them.
    fn forget(&mut self, pause: i64) {
        let mut kept: Vec<(i64, i64)> = Vec::new();
        for (from, until) in self.0.drain(..) {
            match kept.last_mut() {
                Some((_, end)) if from.saturating_sub(*end) <= pause => *end = until,
                _ => kept.push((from, until)),
            }
        }
        self.0 = kept;
    }

    /// Makes one of each two.
    fn widen(&mut self) {
        let pairs = self.0.chunks(2).filter_map(|pair| match pair {
            [(from, _), (_, until)] => Some((*from, *until)),
            [only] => Some(*only),
            _ => None,
        });
        self.0 = pairs.collect();
    }
}

#[cfg(test)]
mod tests {
    use super::{Links, MOST_STRETCHES, SECOND, Stretches};

    #[test]
    fn a_source_that_is_not_known_may_be_any() {
        let mut links = Links::default();
        links.add(Some("10.0.0.1"), "192.0.2.1", 0..=9);
        links.add(Some("10.0.0.1"), "192.0.2.2", 0..=9);
        links.add(None, "192.0.2.2", 20..=29);
        assert!(links.touch(Some("10.0.0.1"), "192.0.2.1", 5));
        assert!(!links.touch(Some("10.0.0.2"), "192.0.2.1", 5));
        assert!(links.touch(None, "192.0.2.1", 5));
        assert!(!links.touch(None, "192.0.2.1", 10));
        assert!(links.touch(Some("10.0.0.2"), "192.0.2.2", 25));
        assert!(!links.touch(Some("10.0.0.2"), "192.0.2.2", 5));
        assert!(!links.touch(None, "192.0.2.3", 5));
    }

    #[test]
    fn ranges_hold_all_addresses() {
        let links = links();
        let all = [("192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:db8::1")];
        assert_eq!(links.ranges(2), all);
        assert_eq!(links.ranges(1), [("192.0.2.1", "2001:db8::1")]);
        assert!(links.widened(0).ranges(2).is_empty());
    }

    #[test]
    fn stretches_that_meet_are_one() {
        let mut stretches = Stretches::default();
        for (from, until) in [(50, 60), (10, 20), (30, 40), (0, 5), (100, 110)] {
            stretches.add(from, until);
        }
        stretches.add(15, 30);
        assert_eq!(stretches.0, [(0, 5), (10, 40), (50, 60), (100, 110)]);
        stretches.add(0, 200);
        assert_eq!(stretches.0, [(0, 200)]);
    }

    #[test]
    fn stretches_hold_what_was_added_and_nothing_else() {
        // A plain list of all that was added is the slow twin.
        let mut random = 1_u64;
        let mut next = |below: u64| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            ((random >> 33) % below) as i64
        };
        for _ in 0..200 {
            let mut stretches = Stretches::default();
            let mut plain = Vec::new();
            for _ in 0..20 {
                let from = next(200);
                let until = from + next(12);
                stretches.add(from, until);
                plain.push((from, until));
            }
            for at in -1..220 {
                let is_in = plain.iter().any(|(from, until)| (*from..=*until).contains(&at));
                assert_eq!(stretches.contain(at), is_in, "{at} in {plain:?}");
            }
        }
    }

    fn links() -> Links {
        let mut links = Links::default();
        for second in 0..100 {
            let at = second * 10 * SECOND;
            links.add(Some("10.0.0.1"), "192.0.2.1", at..=at + 2 * SECOND);
            links.add(Some("10.0.0.2"), "192.0.2.1", at + 5 * SECOND..=at + 6 * SECOND);
            links.add(None, "2001:db8::1", at..=at);
        }
        links
    }

    #[test]
    fn widening_loses_nothing() {
        let links = links();
        for most in [150, 10, 2, 1, 0] {
            let few = links.widened(most);
            assert!(few.stretches <= most, "{most}: {}", few.stretches);
            assert!(few.touch(Some("10.0.0.1"), "192.0.2.1", 0));
            assert!(few.touch(Some("10.0.0.2"), "192.0.2.1", 995 * SECOND));
            assert!(few.touch(None, "2001:db8::1", 500 * SECOND));
        }
        assert_eq!(links.widened(1_000), links);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let links = links();
        let read: Links = links.to_string().parse().expect("links");
        assert!(read.touch(Some("10.0.0.2"), "192.0.2.1", 995 * SECOND));
        assert!(!read.touch(Some("10.0.0.2"), "192.0.2.1", 998 * SECOND));
        assert!(read.touch(Some("10.0.0.9"), "2001:db8::1", 500 * SECOND));
        let again: Links = read.to_string().parse().expect("links");
        assert!(again.touch(Some("10.0.0.1"), "192.0.2.1", 0));
        let everything: Links = links.widened(0).to_string().parse().expect("links");
        assert!(everything.touch(None, "198.51.100.1", 0));
        assert!("192.0.2.1".parse::<Links>().is_err());
        assert!("192.0.2.1 * 5".parse::<Links>().is_err());
    }

    #[test]
    fn links_do_not_grow_without_bound() {
        let mut links = Links::default();
        for number in 0..MOST_STRETCHES as i64 + 2 {
            links.add(Some(&(number % 7).to_string()), "192.0.2.1", number * 10..=number * 10 + 1);
        }
        assert!(links.stretches <= MOST_STRETCHES);
        assert!(links.touch(Some("0"), "192.0.2.1", 0));
    }
}
