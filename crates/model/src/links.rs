use std::collections::{HashMap, HashSet};

/// Addresses that serverless endpoints were seen at, and who was told them.
///
/// Thousands of tenants share such an address, so it identifies nothing by itself: a connection to it
/// matters only beside the names that the same source was told for it.
#[derive(Clone, Debug, Default)]
pub struct Links {
    /// The sources that asked, or `None` where it may have been any.
    by_address: HashMap<String, Option<HashSet<String>>>,
}

impl Links {
    /// Adds an address, with a source that was told it, or for any source.
    pub fn add(&mut self, source: Option<&str>, address: &str) {
        let sources =
            self.by_address.entry(address.to_owned()).or_insert_with(|| Some(HashSet::new()));
        match (source, &mut *sources) {
            (Some(source), Some(sources)) => {
                sources.insert(source.to_owned());
            }
            _ => *sources = None,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_address.is_empty()
    }

    /// The addresses, in no order.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        self.by_address.keys().map(String::as_str)
    }

    /// Whether a source may mean one of the names by an address.
    pub fn touch(&self, source: Option<&str>, address: &str) -> bool {
        match (self.by_address.get(address), source) {
            (Some(Some(sources)), Some(source)) => sources.contains(source),
            (Some(_), _) => true,
            (None, _) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Links;

    #[test]
    fn a_source_that_is_not_known_may_be_any() {
        let mut links = Links::default();
        links.add(Some("10.0.0.1"), "192.0.2.1");
        links.add(Some("10.0.0.1"), "192.0.2.2");
        links.add(None, "192.0.2.2");
        assert!(links.touch(Some("10.0.0.1"), "192.0.2.1"));
        assert!(!links.touch(Some("10.0.0.2"), "192.0.2.1"));
        assert!(links.touch(None, "192.0.2.1"));
        assert!(links.touch(Some("10.0.0.2"), "192.0.2.2"));
        assert!(!links.touch(None, "192.0.2.3"));
    }
}
