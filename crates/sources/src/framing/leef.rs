//! QRadar's Log Event Extended Format: `LEEF:1.0|vendor|product|version|event|` and `key=value` pairs
//! between tabs; version 2.0 may name another delimiter behind one more bar, as a character or as the
//! number of one (`x5E`).
//! <https://www.ibm.com/docs/en/dsm?topic=overview-leef-event-components>

use std::borrow::Cow;

use crate::filling::Values;

/// No record has that many keys; what lies beyond is left out.
const MOST_KEYS: usize = 4096;

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leef<'l> {
    /// Who made the product.
    pub(crate) vendor: &'l str,
    /// The product.
    pub(crate) product: &'l str,
    /// The kind of event.
    pub(crate) event: &'l str,
    /// The attributes, in order.
    pub(crate) attributes: Vec<(&'l str, &'l str)>,
}

/// Whether a text begins like a record.
pub(crate) fn begins(text: &str) -> bool {
    text.starts_with("LEEF:1.0|") || text.starts_with("LEEF:2.0|")
}

impl<'l> Leef<'l> {
    /// The record that a text is; `None` if parts of its header are missing.
    pub(crate) fn of(text: &'l str) -> Option<Self> {
        let text = text.strip_prefix("LEEF:")?;
        let mut parts = text.splitn(6, '|');
        let version = parts.next()?;
        let (vendor, product, _product_version) = (parts.next()?, parts.next()?, parts.next()?);
        let (event, rest) = (parts.next()?, parts.next()?);
        let named = if version.starts_with('2') { delimiter(rest) } else { None };
        let (delimiter, attributes) = named.unwrap_or(('\t', rest));
        let pairs = attributes.split(delimiter).filter_map(|pair| pair.split_once('='));
        let attributes = pairs.map(|(key, value)| (key.trim_ascii(), value)).take(MOST_KEYS);
        Some(Self { vendor, product, event, attributes: attributes.collect() })
    }

    /// The value of a key, the first one if there are several.
    pub(crate) fn get(&self, key: &str) -> Option<&'l str> {
        let (_, value) = self.attributes.iter().find(|(known, _)| *known == key)?;
        let value = value.trim_ascii();
        (!matches!(value, "" | "-")).then_some(value)
    }
}

impl Values for Leef<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        self.get(name).map(Cow::Borrowed)
    }
}

/// The delimiter that a record of version 2.0 names, and its attributes. Some write none, and no bar.
fn delimiter(text: &str) -> Option<(char, &str)> {
    let (name, attributes) = text.split_once('|')?;
    let mut characters = name.chars();
    let delimiter = match (characters.next(), characters.next()) {
        (None, _) => '\t',
        (Some(only), None) => only,
        _ => {
            let digits = name.trim_start_matches('0').strip_prefix(['x', 'X'])?;
            char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
        }
    };
    Some((delimiter, attributes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Leef;

    #[test]
    fn every_way_to_name_the_delimiter() {
        for text in [
            "LEEF:1.0|V|P|1|E|src=10.0.0.5\tdst=192.0.2.7\turl=a|b",
            "LEEF:2.0|V|P|1|E|^|src=10.0.0.5^dst=192.0.2.7^url=a|b",
            "LEEF:2.0|V|P|1|E|x5E|src=10.0.0.5^dst=192.0.2.7^url=a|b",
            "LEEF:2.0|V|P|1|E|0x5e|src=10.0.0.5^dst=192.0.2.7^url=a|b",
            "LEEF:2.0|V|P|1|E||src=10.0.0.5\tdst=192.0.2.7\turl=a|b",
            "LEEF:2.0|V|P|1|E|src=10.0.0.5\tdst=192.0.2.7\turl=a|b",
        ] {
            let leef = Leef::of(text).expect("a record");
            assert_eq!((leef.vendor, leef.product, leef.event), ("V", "P", "E"), "{text}");
            assert_eq!(leef.get("src"), Some("10.0.0.5"), "{text}");
            assert_eq!(leef.get("dst"), Some("192.0.2.7"), "{text}");
            assert_eq!(leef.get("url"), Some("a|b"), "{text}");
        }
        assert_eq!(Leef::of("LEEF:1.0|V|P"), None);
    }

    proptest! {
        #[test]
        fn values_read_back_as_written(written in prop::collection::vec("[a-c=|é]{1,5}", 1..6)) {
            let pairs: Vec<_> = written.iter().map(|value| format!("k={value}")).collect();
            let line = format!("LEEF:2.0|v|p|1|e|x09|{}", pairs.join("\t"));
            let leef = Leef::of(&line).expect("a record");
            let values: Vec<_> = leef.attributes.iter().map(|(_, value)| *value).collect();
            prop_assert_eq!(values, written);
        }
    }
}
