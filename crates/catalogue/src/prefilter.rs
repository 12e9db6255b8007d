//! Literal texts by which raw bytes can be searched for hosts of the catalogue.
//!
//! A filter made of them may only ever let too much through, never too little.

use std::collections::BTreeSet;

use crate::entry::{Entry, Role};

/// Domains under which so much else lives that a search for them would find nearly every line of
/// some logs. Their patterns are searched by the label that tells them apart.
const BROAD: [&str; 4] = [".amazonaws.com", ".amazonaws.com.cn", ".on.aws", ".api.aws"];

/// One text for each pattern, without those that contain another, sorted.
pub(crate) fn literals<'e>(entries: impl Iterator<Item = &'e Entry>) -> Vec<String> {
    let searched = |entry: &&Entry| matches!(entry.role, Role::Endpoint(_) | Role::ControlPlane);
    let all: BTreeSet<&str> =
        entries.filter(searched).flat_map(|entry| &entry.hosts).map(|host| literal(host)).collect();
    let redundant = |text: &str| all.iter().any(|other| text != *other && text.contains(other));
    all.iter().filter(|text| !redundant(text)).map(|text| text.to_ascii_lowercase()).collect()
}

/// The fixed text at the end of a pattern, or the longest within it if the end is too broad.
fn literal(pattern: &str) -> &str {
    let end = pattern.rsplit('}').next().unwrap_or(pattern);
    if !BROAD.contains(&end) {
        return end;
    }
    fixed_texts(pattern).filter(|text| *text != end).max_by_key(|text| text.len()).unwrap_or(end)
}

/// What stands between the placeholders.
fn fixed_texts(pattern: &str) -> impl Iterator<Item = &str> {
    pattern.split('}').filter_map(|text| text.split('{').next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_the_end_or_what_tells_apart() {
        assert_eq!(literal("{tenant}.pages.dev"), ".pages.dev");
        assert_eq!(literal("script.google.com"), "script.google.com");
        assert_eq!(literal("{t}.lambda-url.{region:aws-region}.on.aws"), ".lambda-url.");
        assert_eq!(literal("lambda.{region:aws-region}.amazonaws.com"), "lambda.");
    }
}
