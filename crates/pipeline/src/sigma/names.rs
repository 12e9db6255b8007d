//! Which names processes were told, so that connections get the name that they were made for.
//!
//! Sysmon names the other end of a connection (event 3) by looking its address up in reverse, which gives the
//! hosting company's name for whatever lies behind a shared edge. The same process asked for the name before
//! (event 22), and was told addresses. What it was told last before it connected is the name that it meant.

use std::collections::BTreeMap;
use std::net::IpAddr;

/// So many addresses are remembered; of more, the last ones in order are forgotten.
const MOST: usize = 1_000_000;

/// Who was told that an address belongs to a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    host: String,
    process: String,
    address: IpAddr,
}

/// Which names processes were told for addresses.
#[derive(Debug, Default)]
pub(crate) struct ToldNames {
    told: BTreeMap<Key, BTreeMap<i64, String>>,
    forgotten: u64,
}

impl ToldNames {
    /// Takes note of an answer: `results` as Sysmon writes them, such as
    /// `type:  5 edge.example;::ffff:192.0.2.1;`.
    pub(crate) fn note(
        &mut self,
        host: &str,
        process: &str,
        moment: i64,
        name: &str,
        results: &str,
    ) {
        for address in results.split(';').filter_map(address) {
            let key = Key { host: host.to_lowercase(), process: process.to_owned(), address };
            self.told.entry(key).or_default().insert(moment, name.to_lowercase());
            self.forget();
        }
    }

    /// Which end of the order is forgotten makes no difference to what is found of the rest, whatever the order
    /// in which answers come.
    fn forget(&mut self) {
        if self.told.len() > MOST {
            self.told.pop_last();
            self.forgotten += 1;
        }
    }

    /// Takes over what another thread noted.
    pub(crate) fn merge(&mut self, other: ToldNames) {
        self.forgotten += other.forgotten;
        for (key, names) in other.told {
            self.told.entry(key).or_default().extend(names);
            self.forget();
        }
    }

    /// How many answers were forgotten.
    pub(crate) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// The name that a process was told for an address at or before a moment, the last one.
    pub(crate) fn name(&self, host: &str, process: &str, moment: i64, to: &str) -> Option<&str> {
        let address = address(to)?;
        let key = Key { host: host.to_lowercase(), process: process.to_owned(), address };
        let (_, name) = self.told.get(&key)?.range(..=moment).next_back()?;
        Some(name)
    }
}

/// An address as Windows writes it: one of version 4 may come in the clothes of version 6.
fn address(text: &str) -> Option<IpAddr> {
    Some(text.trim().parse::<IpAddr>().ok()?.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::ToldNames;

    fn told() -> ToldNames {
        let mut names = ToldNames::default();
        names.note("WS1", "{a}", 10, "One.workers.dev", "type:  5 edge.example;::ffff:192.0.2.1;");
        names.note("ws1", "{a}", 20, "two.workers.dev", "192.0.2.1;2001:db8::1;");
        names
    }

    #[test]
    fn the_last_name_before_the_connection_counts() {
        let names = told();
        assert_eq!(names.name("ws1", "{a}", 9, "192.0.2.1"), None);
        assert_eq!(names.name("ws1", "{a}", 10, "192.0.2.1"), Some("one.workers.dev"));
        assert_eq!(names.name("WS1", "{a}", 25, "::ffff:192.0.2.1"), Some("two.workers.dev"));
        assert_eq!(names.name("ws1", "{a}", 25, "2001:db8::1"), Some("two.workers.dev"));
    }

    #[test]
    fn what_others_were_told_does_not_count() {
        let names = told();
        assert_eq!(names.name("ws2", "{a}", 25, "192.0.2.1"), None);
        assert_eq!(names.name("ws1", "{b}", 25, "192.0.2.1"), None);
        assert_eq!(names.name("ws1", "{a}", 25, "192.0.2.2"), None);
        assert_eq!(names.name("ws1", "{a}", 25, "type:  5 edge.example"), None);
    }

    #[test]
    fn order_makes_no_difference() {
        let mut later = ToldNames::default();
        later.note("ws1", "{a}", 20, "two.workers.dev", "192.0.2.1;");
        let mut earlier = ToldNames::default();
        earlier.note("ws1", "{a}", 10, "one.workers.dev", "192.0.2.1;");
        later.merge(earlier);
        assert_eq!(later.name("ws1", "{a}", 15, "192.0.2.1"), Some("one.workers.dev"));
        assert_eq!(later.name("ws1", "{a}", 30, "192.0.2.1"), Some("two.workers.dev"));
    }
}
