//! Values for a column: of its type, and such as its name makes one expect.

use coldtrail_range::{Random, names};
use coldtrail_rules::kql::{Column, Dynamic, Schema, Type, Value as Cell};
use serde_json::{Value, json};

/// One value in so many is absent, as in life.
const ONE_ABSENT_IN: u64 = 15;

const HOSTS: [&str; 4] = ["ws-01", "ws-02", "srv-01", "dc-01"];
const USERS: [&str; 4] = ["ann", "bob", "carol", "svc-backup"];
const PROGRAMS: [&str; 8] = [
    "powershell.exe",
    "cmd.exe",
    "chrome.exe",
    "svchost.exe",
    "rundll32.exe",
    "python.exe",
    "curl.exe",
    "winword.exe",
];
const COMMANDS: [&str; 6] = [
    "powershell.exe -nop -w hidden -enc SQBFAFgA",
    "cmd.exe /c whoami /all",
    "rundll32.exe shell32.dll,Control_RunDLL",
    "curl.exe -s https://files.example.com/a.ps1",
    "\"C:\\Program Files\\Browser\\chrome.exe\" --type=renderer",
    "net.exe user guest /active:yes",
];
const SITES: [&str; 6] = [
    "www.example.com",
    "files.example.net",
    names::WORKER,
    names::AZURE_APP,
    "mail.example.org",
    names::NETLIFY_SITE,
];
const PLACES: [&str; 4] = ["DE", "US", "NL", "JP"];
const WORDS: [&str; 8] =
    ["Success", "Failure", "Allowed", "Blocked", "High", "Informational", "Unknown", "0"];

/// The day before the clock of all queries.
const DAY: &str = "2026-04-30";

/// A stream of values.
#[derive(Debug)]
pub(in crate::kql) struct Values(Random);

impl Values {
    pub(in crate::kql) fn new(random: Random) -> Self {
        Self(random)
    }

    /// A value as an export writes it; null where there is none.
    pub(super) fn of(&mut self, column: &str, r#type: Type) -> Value {
        let is_time = ["Timestamp", "TimeGenerated"].contains(&column);
        if !is_time && self.below(ONE_ABSENT_IN) == 0 {
            return Value::Null;
        }
        match r#type {
            Type::Bool => (self.below(2) == 0).into(),
            Type::Int | Type::Long => self.number(column).into(),
            Type::Real | Type::Decimal => (self.below(100_000) as f64 / 100.0).into(),
            Type::String => self.text(column).into(),
            Type::DateTime => self.moment().into(),
            Type::TimeSpan => self.length().into(),
            Type::Guid => self.identifier().into(),
            Type::Dynamic => self.bag(column),
        }
    }

    /// A row of a table as it is once it was read.
    pub(in crate::kql) fn row(&mut self, schema: &Schema) -> Vec<Cell> {
        let cell = |column: &Column| {
            let r#type = column.r#type;
            match self.of(&column.name, r#type) {
                Value::Null => Cell::nothing(r#type),
                Value::String(text) => Cell::String(text).convert(r#type),
                document if r#type == Type::Dynamic => Cell::of_dynamic(
                    Dynamic::of_json(&document.to_string()).unwrap_or(Dynamic::Null),
                ),
                other => Cell::String(other.to_string()).convert(r#type),
            }
        };
        schema.iter().map(cell).collect()
    }

    fn below(&mut self, end: u64) -> u64 {
        self.0.between(&(0..=end.saturating_sub(1)))
    }

    fn one(&mut self, of: &[&str]) -> String {
        let at = self.below(of.len() as u64) as usize;
        of.get(at).copied().unwrap_or_default().to_owned()
    }

    fn number(&mut self, column: &str) -> i64 {
        const PORTS: [i64; 6] = [443, 80, 53, 3389, 8443, 50_001];
        const EVENTS: [i64; 8] = [4624, 4625, 4688, 4720, 1, 3, 22, 5156];
        let column = column.to_lowercase();
        if column.contains("port") {
            PORTS.get(self.below(6) as usize).copied().unwrap_or_default()
        } else if column.contains("eventid") {
            EVENTS.get(self.below(8) as usize).copied().unwrap_or_default()
        } else {
            self.below(5000) as i64
        }
    }

    fn moment(&mut self) -> String {
        let second = self.below(86_400);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        format!("{DAY}T{hour:02}:{minute:02}:{second:02}.{:07}Z", self.below(10_000_000))
    }

    fn length(&mut self) -> String {
        let second = self.below(7200);
        format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
    }

    fn identifier(&mut self) -> String {
        let number = self.0.number();
        format!("{:08x}-0000-4000-8000-{:012x}", self.below(64), number & 0xFFF)
    }

    fn address(&mut self) -> String {
        let last = 1 + self.below(20);
        match self.below(5) {
            0 => format!("192.0.2.{last}"),
            1 => format!("198.51.100.{last}"),
            2 => format!("203.0.113.{last}"),
            3 => format!("2001:db8::{last:x}"),
            _ => format!("10.20.1.{last}"),
        }
    }

    fn hash(&mut self, digits: usize) -> String {
        let digit = self.below(16);
        format!("{digit:x}").repeat(digits)
    }

    /// What a name makes one expect: the first hint that it holds.
    fn text(&mut self, column: &str) -> String {
        let column = column.to_lowercase();
        let has = |hints: &[&str]| hints.iter().any(|hint| column.contains(hint));
        if has(&["url", "uri"]) {
            format!("https://{}/{}", self.one(&SITES), self.one(&["", "a.html", "exec?id=1"]))
        } else if has(&["commandline", "cmdline"]) {
            self.one(&COMMANDS)
        } else if has(&[
            "ipaddress",
            "address",
            "srcip",
            "dstip",
            "remoteip",
            "localip",
            "clientip",
        ]) || column.ends_with("ip")
            || column.ends_with("ipaddr")
        {
            self.address()
        } else if has(&["sha256"]) {
            self.hash(64)
        } else if has(&["sha1"]) {
            self.hash(40)
        } else if has(&["md5", "hash"]) {
            self.hash(32)
        } else if has(&["folderpath", "filepath", "processpath", "directory"]) {
            format!("C:\\Windows\\Temp\\{}", self.one(&PROGRAMS))
        } else if has(&["filename", "processname", "image", "process"]) {
            self.one(&PROGRAMS)
        } else if has(&["email", "upn", "userprincipalname", "sender", "recipient"]) {
            format!("{}@example.com", self.one(&USERS))
        } else if has(&["computer", "device", "hostname", "host", "machine"]) {
            format!("{}.{}", self.one(&HOSTS), names::DOMAIN)
        } else if has(&["user", "account", "caller", "identity", "actor"]) {
            self.one(&USERS)
        } else if has(&["dns", "query", "domain", "fqdn", "sni"]) {
            self.one(&SITES)
        } else if has(&["country", "location", "region"]) {
            self.one(&PLACES)
        } else if column.ends_with("id") || column.ends_with("guid") {
            self.identifier()
        } else if has(&["port"]) {
            self.number(&column).to_string()
        } else if has(&["fields", "properties", "details", "data", "context"]) {
            self.bag(&column).to_string()
        } else {
            self.one(&WORDS)
        }
    }

    /// A property bag, or a list of bags where the name speaks of several.
    fn bag(&mut self, column: &str) -> Value {
        let bag = json!({
            "displayName": self.one(&WORDS),
            "userPrincipalName": format!("{}@example.com", self.one(&USERS)),
            "ipAddress": self.address(),
            "value": self.below(100),
            "enabled": self.below(2) == 0,
            "details": {"name": self.one(&PROGRAMS), "items": [self.one(&SITES), self.below(9)]},
        });
        if column.ends_with('s') && self.below(2) == 0 { json!([bag]) } else { bag }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_of_their_type() {
        let mut values = Values::new(Random::new(7));
        for _ in 0..200 {
            for r#type in Type::ALL {
                let value = values.of("Columns", r#type);
                let fits = match r#type {
                    Type::Bool => value.is_boolean(),
                    Type::Int => value.as_i64().is_some_and(|it| i32::try_from(it).is_ok()),
                    Type::Long => value.is_i64() || value.is_u64(),
                    Type::Real | Type::Decimal => value.is_number(),
                    Type::Dynamic => value.is_object() || value.is_array(),
                    _ => value.is_string(),
                };
                assert!(fits || value.is_null(), "{value} is no {type}", type = r#type);
            }
        }
        assert!((0..200).all(|_| !values.of("Timestamp", Type::DateTime).is_null()));
    }
}
