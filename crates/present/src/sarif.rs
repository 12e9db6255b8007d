//! Matches of rules as SARIF 2.1.0, which code hosts and editors show.
//!
//! The format is that of OASIS, <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>. A match
//! is a result, its place are the bytes of the original record.

use std::borrow::Borrow;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use coldtrail_model::{RuleCount, RuleMatch, RuleSummary, Timestamp};
use serde::{Serialize, Serializer};

use crate::Error;
use crate::json::json_page;
use crate::level::Level;
use crate::redact::redact_field;
use crate::timeline::title;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// A message names as many details.
const MOST_DETAILS: usize = 8;

/// Values in messages are cut to so many characters; the record has them whole.
const LONGEST_VALUE: usize = 300;

/// Writes matches, in the order in which they come; none is kept.
///
/// # Errors
///
/// When the writer fails.
pub fn sarif<I>(summary: &RuleSummary, matches: I, writer: &mut dyn Write) -> Result<(), Error>
where
    I: IntoIterator<Item: Borrow<RuleMatch>>,
{
    let places = summary.rules.iter().enumerate();
    let results = Results {
        rules: places.map(|(index, rule)| (rule.id.as_str(), (index, rule))).collect(),
        matches: Cell::new(Some(matches)),
    };
    let driver = Driver {
        name: "coldtrail",
        version: env!("CARGO_PKG_VERSION"),
        rules: summary.rules.iter().map(Descriptor::of).collect(),
    };
    let run = Run { tool: Tool { driver }, results };
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: [run] };
    json_page(&log, writer).map_err(Error::WriteSarif)
}

#[derive(Serialize)]
struct Log<R> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [R; 1],
}

#[derive(Serialize)]
struct Run<'s, R> {
    tool: Tool<'s>,
    results: R,
}

#[derive(Serialize)]
struct Tool<'s> {
    driver: Driver<'s>,
}

#[derive(Serialize)]
struct Driver<'s> {
    name: &'static str,
    version: &'static str,
    rules: Vec<Descriptor<'s>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor<'s> {
    id: &'s str,
    name: &'s str,
    short_description: Message<'s>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<&'s str>,
    default_configuration: Configuration,
    properties: RuleProperties<'s>,
}

#[derive(Serialize)]
struct Message<'s> {
    text: &'s str,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct RuleProperties<'s> {
    tags: BTreeSet<&'s str>,
    level: &'s str,
    author: &'s str,
    license: &'s str,
    file: &'s str,
}

impl<'s> Descriptor<'s> {
    fn of(rule: &'s RuleCount) -> Descriptor<'s> {
        let title = if rule.rule.name.is_empty() { &rule.id } else { &rule.rule.name };
        Descriptor {
            id: &rule.id,
            name: title,
            short_description: Message { text: title },
            help_uri: rule.references.iter().map(String::as_str).find(|page| is_link(page)),
            default_configuration: Configuration { level: level(Some(rule)) },
            properties: RuleProperties {
                tags: rule.tags.iter().map(String::as_str).collect(),
                level: &rule.level,
                author: &rule.rule.author,
                license: &rule.rule.license,
                file: &rule.rule.file,
            },
        }
    }
}

/// Whether a text is an address that may be offered as a link: one of the web, with nothing in it that a
/// URI may not hold.
pub(crate) fn is_link(text: &str) -> bool {
    const MARKS: &[u8] = b"-._~:/?#[]@!$&'()*+,;=%";
    let Some(rest) = text.strip_prefix("https://") else { return false };
    let has_host = rest.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    has_host && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || MARKS.contains(&byte))
}

/// What SARIF calls a level.
fn level(rule: Option<&RuleCount>) -> &'static str {
    match Level::of(rule.map_or("", |rule| &rule.level)) {
        Level::Critical | Level::High => "error",
        Level::Medium => "warning",
        Level::Low | Level::Informational => "note",
    }
}

/// Results, written as their matches come. They are written once: a second time there are none.
struct Results<'s, I> {
    rules: BTreeMap<&'s str, (usize, &'s RuleCount)>,
    matches: Cell<Option<I>>,
}

impl<I> Serialize for Results<'_, I>
where
    I: IntoIterator<Item: Borrow<RuleMatch>>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let matches = self.matches.take().into_iter().flatten();
        serializer.collect_seq(matches.map(|one| Written { one, rules: &self.rules }))
    }
}

/// A match on its way out.
struct Written<'s, M> {
    one: M,
    rules: &'s BTreeMap<&'s str, (usize, &'s RuleCount)>,
}

impl<M: Borrow<RuleMatch>> Serialize for Written<'_, M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let one = self.one.borrow();
        let known = self.rules.get(one.rule.as_str());
        let rule = known.map(|(_, rule)| *rule);
        let record = &one.record;
        let place = (!record.source.is_empty()).then(|| Location {
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation { uri: uri(&record.source) },
                region: Region { byte_offset: record.offset, byte_length: record.length },
            },
        });
        let fingerprint = match &record.sha256 {
            Some(sha256) => sha256.clone(),
            None => format!("{}:{}:{}", record.source, record.offset, record.length),
        };
        let outcome = Outcome {
            rule_id: &one.rule,
            rule_index: known.map(|(index, _)| *index),
            level: level(rule),
            message: Message { text: &message(one, rule) },
            locations: place.into_iter().collect(),
            partial_fingerprints: BTreeMap::from([("record/v1", fingerprint)]),
            properties: Properties {
                timestamp: one.timestamp,
                host: &one.host,
                channel: &one.channel,
                event_id: &one.event_id,
                events: one.events,
            },
        };
        outcome.serialize(serializer)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'m> {
    rule_id: &'m str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Message<'m>,
    locations: Vec<Location>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    properties: Properties<'m>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    byte_offset: u64,
    byte_length: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Properties<'m> {
    timestamp: Timestamp,
    host: &'m str,
    channel: &'m str,
    event_id: &'m str,
    events: u64,
}

/// `Title on ws-042 at 2026-04-13T08:00:00Z. Image: C:\a.exe, User: alice`.
fn message(one: &RuleMatch, rule: Option<&RuleCount>) -> String {
    let mut message = title(one, rule).to_owned();
    if !one.host.is_empty() {
        message.push_str(&format!(" on {}", one.host));
    }
    message.push_str(&format!(" at {}", one.timestamp));
    for (index, (name, value)) in one.details.iter().take(MOST_DETAILS).enumerate() {
        // A colon, since behind `Signature=` a secret would be seen where there is none.
        let separator = if index == 0 { ". " } else { ", " };
        let value: String = redact_field(name, value).chars().take(LONGEST_VALUE).collect();
        message.push_str(&format!("{separator}{name}: {value}"));
    }
    message
}

/// A file as a URI: an absolute path with the scheme `file`, any other as a relative reference.
fn uri(source: &str) -> String {
    let path = source.replace('\\', "/");
    let has_drive =
        matches!(path.as_bytes(), [drive, b':', b'/', ..] if drive.is_ascii_alphabetic());
    match path.split_at_checked(2) {
        Some((drive, rest)) if has_drive => format!("file:///{drive}{}", encoded(rest)),
        _ if path.starts_with('/') => format!("file://{}", encoded(&path)),
        _ => encoded(&path),
    }
}

/// A path in which everything but slashes and what URIs do not reserve is percent-encoded. A colon is, too:
/// before it, a relative reference would have a scheme.
fn encoded(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || b"/-._~!".contains(&byte);
        match is_plain {
            true => encoded.push(char::from(byte)),
            false => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::{is_link, uri};

    #[test]
    fn files_are_uris() {
        for (source, shown) in [
            ("logs.zip!/dns.log", "logs.zip!/dns.log"),
            ("C:\\logs\\Größe 1.evtx", "file:///C:/logs/Gr%C3%B6%C3%9Fe%201.evtx"),
            ("/var/log/a#b?c", "file:///var/log/a%23b%3Fc"),
            ("javascript:alert(1)", "javascript%3Aalert%281%29"),
            ("logs\\a.evtx", "logs/a.evtx"),
        ] {
            assert_eq!(uri(source), shown);
        }
    }

    #[test]
    fn only_addresses_of_the_web_are_links() {
        assert!(is_link("https://attack.mitre.org/techniques/T1059/001/?a=b#c"));
        for other in [
            "javascript:alert(1)",
            "http://a.example",
            "https://",
            "https:///a",
            " https://a.example",
            "https://a.example/\"onclick=",
            "https://a.example/<b>",
            "https://a.example/ b",
            "https://ä.example",
        ] {
            assert!(!is_link(other), "{other}");
        }
    }
}
