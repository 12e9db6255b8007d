//! The logs of Umbrella, and what their cells are called.

use std::borrow::Cow;

use crate::filling::address;
use crate::framing::delimited;

/// A log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Dns,
    Proxy,
    Addresses,
    Firewall,
    Intrusions,
    DataLeaks,
    /// What administrators did, which is nobody's traffic.
    Audit,
}

const DNS: [&str; 12] = [
    "time",
    "identity",
    "identities",
    "internal",
    "external",
    "action",
    "type",
    "code",
    "name",
    "categories",
    "identity type",
    "identity types",
];

const PROXY: [&str; 26] = [
    "time",
    "identity",
    "internal",
    "external",
    "destination",
    "media",
    "action",
    "url",
    "referrer",
    "agent",
    "status",
    "sent",
    "received",
    "body",
    "hash",
    "categories",
    "detections",
    "unwanted",
    "disposition",
    "malware",
    "score",
    "identity type",
    "blocked",
    "identities",
    "identity types",
    "method",
];

const ADDRESSES: [&str; 8] = [
    "time",
    "identity",
    "source",
    "source port",
    "destination",
    "destination port",
    "categories",
    "identity type",
];

const FIREWALL: [&str; 14] = [
    "time",
    "origin",
    "identity",
    "identity type",
    "direction",
    "protocol",
    "bytes",
    "source",
    "source port",
    "destination",
    "destination port",
    "centre",
    "rule",
    "action",
];

const INTRUSIONS: [&str; 17] = [
    "time",
    "identity",
    "identity type",
    "generator",
    "signature",
    "rule",
    "list",
    "severity",
    "classification",
    "vulnerabilities",
    "protocol",
    "session",
    "source",
    "source port",
    "destination",
    "destination port",
    "action",
];

const DATA_LEAKS: [&str; 11] = [
    "time",
    "kind",
    "id",
    "severity",
    "identity",
    "owner",
    "file",
    "application",
    "url",
    "action",
    "rule",
];

impl Kind {
    /// The log that a line is of, and its cells.
    pub(super) fn of(line: &str) -> Option<(Self, Vec<Cow<'_, str>>)> {
        let line = line.trim_ascii();
        if !begins_with_time(line) {
            return Some((Self::Audit, Vec::new())).filter(|_| is_audit(line));
        }
        let cells = cells(line);
        let cell = |place: usize| cells.get(place).map(Cow::as_ref).unwrap_or_default();
        let is = |place: usize, words: &[&str]| {
            words.iter().any(|word| word.eq_ignore_ascii_case(cell(place)))
        };
        let is_address = |place: usize| address(cell(place)).is_some();
        let is_port = |place: usize| cell(place).parse::<u16>().is_ok();
        let kind = match cells.len() {
            20.. if is(6, &["ALLOWED", "BLOCKED", "WARNED", "ISOLATED"]) => Self::Proxy,
            14.. if is(4, &["INBOUND", "OUTBOUND"]) && is_address(7) => Self::Firewall,
            10.. if is(5, &["Allowed", "Blocked", "Proxied"]) && is_address(4) => Self::Dns,
            17.. if is_address(12) && is_address(14) => Self::Intrusions,
            11.. if is(9, &["BLOCK", "MONITOR", "ALLOW"]) && cell(8).contains("://") => {
                Self::DataLeaks
            }
            7..=9 if is_address(2) && is_port(3) && is_address(4) && is_port(5) => Self::Addresses,
            _ => return None,
        };
        Some((kind, cells))
    }

    /// What the cells are called.
    pub(super) fn names(self) -> &'static [&'static str] {
        match self {
            Self::Dns => &DNS,
            Self::Proxy => &PROXY,
            Self::Addresses => &ADDRESSES,
            Self::Firewall => &FIREWALL,
            Self::Intrusions => &INTRUSIONS,
            Self::DataLeaks => &DATA_LEAKS,
            Self::Audit => &[],
        }
    }
}

fn begins_with_time(text: &str) -> bool {
    let time = text.strip_prefix('"').unwrap_or(text);
    time.get(..20).is_some_and(|time| {
        let digits = time.bytes().filter(u8::is_ascii_digit).count();
        digits == 14
            && time.starts_with(|first: char| first.is_ascii_digit())
            && time.ends_with(['"', ','])
    })
}

/// Whether a line is of the audit log, which begins with a number and has the time behind it.
fn is_audit(line: &str) -> bool {
    let Some((number, rest)) = line.strip_prefix('"').and_then(|line| line.split_once("\","))
    else {
        return false;
    };
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number && rest.starts_with('"') && begins_with_time(rest) && rest.split("\",").count() >= 6
}

/// The cells of a line. Some versions put a space between cells, which is no CSV.
fn cells(line: &str) -> Vec<Cow<'_, str>> {
    if !line.contains("\", \"") {
        return delimited::cells(line, ',');
    }
    let tight = line.replace("\", \"", "\",\"");
    delimited::cells(&tight, ',').into_iter().map(|cell| Cow::Owned(cell.into_owned())).collect()
}
