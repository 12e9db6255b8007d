//! Which of Microsoft's tables a record is from.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value};

use super::{OwnFields, Records, Wrapped};
use crate::defender::{Defender, table_name};
use crate::format::JsonShape;
use crate::formats;
use crate::sentinel::Sentinel;

/// The kind that holds events of Windows.
pub(crate) const WINDOWS: &str = "windows";

/// The kinds that hold logs of Zeek begin with it.
const ZEEK: &str = "zeek:";

/// Under which names a record says its table: Sentinel, the portal, and what `union withsource=` is given.
pub(super) const SAYING: [&str; 4] = ["$table", "Type", "SourceTable", "TableName"];

/// Columns that most tables have, or that exports add, so that they tell none from another.
const COMMON: [&str; 11] = [
    "$table",
    "Type",
    "SourceTable",
    "TableName",
    "TimeGenerated",
    "Timestamp",
    "TenantId",
    "SourceSystem",
    "MG",
    "_ResourceId",
    "_SubscriptionId",
];

/// How many sets of names are remembered.
const MOST_FITS: usize = 4096;

/// What the names of a record's fields say about its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fit {
    /// Whether the action tells, if it is one that a table has for itself.
    pub(crate) by_action: bool,
    /// Whether it is the wanted kind; `None` where names do not tell.
    pub(crate) by_names: Option<bool>,
}

/// Fits by sets of names, since records of one log mostly have the same.
#[derive(Default)]
pub(crate) struct Fits(HashMap<u64, Fit>);

/// A record of a table.
pub(crate) enum TableRecord<'o> {
    Plain(&'o Map<String, Value>),
    Wrapped(Wrapped<'o>),
}

impl OwnFields for TableRecord<'_> {
    fn own(&self, name: &str) -> Option<std::borrow::Cow<'_, str>> {
        match self {
            TableRecord::Plain(object) => object.own(name),
            TableRecord::Wrapped(wrapped) => wrapped.own(name),
        }
    }
}

impl Records {
    /// Whether records of one of Microsoft's tables are wanted.
    pub(crate) fn is_table(&self) -> bool {
        !self.is_of_windows() && self.zeek_path().is_none() && !self.is_format()
    }

    /// The format that has such a table, for reports.
    pub(crate) fn format_of_table(&self) -> &'static str {
        if table_name(self.kind()).is_some() { Defender.name() } else { Sentinel.name() }
    }

    /// Whether events of Windows are wanted.
    pub(crate) fn is_of_windows(&self) -> bool {
        self.kind() == WINDOWS
    }

    /// The log of Zeek that is wanted.
    pub(crate) fn zeek_path(&self) -> Option<&str> {
        self.kind().strip_prefix(ZEEK)
    }

    /// Whether records of the format or shape of that name are wanted.
    pub(crate) fn is_of_format(&self, name: &str) -> bool {
        self.kind() == name
    }

    fn is_format(&self) -> bool {
        formats().iter().any(|format| self.is_of_format(format.name))
    }

    /// Whether a stream of that format may hold a wanted record: those that hold one product's alone are
    /// not even read for others.
    pub(crate) fn may_be_in(&self, format: &str) -> bool {
        match format {
            "evtx" | "windows-xml" => self.is_of_windows() || self.is_of_format(format),
            "zeek-tsv" => self.zeek_path().is_some() || self.is_of_format(format),
            _ => true,
        }
    }

    /// The record of the wanted table that an object is.
    pub(crate) fn of_table<'o>(
        &self,
        object: &'o Map<String, Value>,
        source: &str,
        fits: &mut Fits,
    ) -> Option<TableRecord<'o>> {
        if !self.is_table() {
            return None;
        }
        if let Some((table, inner)) = streamed(object) {
            let record = TableRecord::Wrapped(Wrapped { inner, envelope: object });
            return (table == self.kind()).then_some(record);
        }
        let is_wanted = self.says_it_is(object).unwrap_or_else(|| {
            let fit = fits.of(self, object.keys().map(String::as_str));
            self.is_wanted(fit, object.get("ActionType").and_then(Value::as_str), source)
        });
        is_wanted.then_some(TableRecord::Plain(object))
    }

    /// Whether a record says that it is of the wanted table, or of another; `None` where it says neither.
    pub(crate) fn says_it_is(&self, record: &dyn OwnFields) -> Option<bool> {
        SAYING.iter().find_map(|name| self.names_it(&record.own(name)?))
    }

    /// Whether a text names the wanted table, or another.
    pub(crate) fn names_it(&self, text: &str) -> Option<bool> {
        if text == self.kind() {
            return Some(true);
        }
        (self.known.has(text) || table_name(text).is_some()).then_some(false)
    }

    /// Whether a record with such names and action, from such a source, is of the wanted table.
    pub(crate) fn is_wanted(&self, fit: Fit, action: Option<&str>, source: &str) -> bool {
        let by_action = action.filter(|_| fit.by_action).and_then(table_of_action);
        match by_action {
            Some(table) => table == self.kind(),
            None => fit.by_names.unwrap_or_else(|| is_named_after(source, self.kind())),
        }
    }

    /// What the names of fields say.
    pub(crate) fn fit(&self, names: &[&str]) -> Fit {
        let has = |name: &str| names.contains(&name);
        let silent = Fit { by_action: false, by_names: None };
        if !has("TimeGenerated") && !has("Timestamp") || !self.known.has(self.kind()) {
            return silent;
        }
        let is_telling = |name: &&str| !COMMON.contains(name);
        let telling: Vec<&str> = names.iter().copied().filter(is_telling).collect();
        let best = self.known.best_fit(&telling);
        let is_whole = best
            .as_ref()
            .is_some_and(|best| best.common == telling.len() && best.others < best.common);
        let by_names = match best {
            // A query keeps a few columns and adds others. What it keeps of a connection is its other end,
            // which tables that have more columns have as well.
            _ if !is_whole && !has("ActionType") && is_connection(names) => {
                Some(self.kind() == "DeviceNetworkEvents")
            }
            Some(best) => Some(best.kind == self.kind()),
            None => None,
        };
        Fit { by_action: !is_whole && has("ActionType"), by_names }
    }
}

impl Fits {
    /// What the names say, thought about once.
    pub(crate) fn of<'n>(
        &mut self,
        records: &Records,
        names: impl Iterator<Item = &'n str>,
    ) -> Fit {
        let names: Vec<&str> = names.collect();
        let mut hasher = DefaultHasher::new();
        names.hash(&mut hasher);
        if self.0.len() >= MOST_FITS {
            self.0.clear();
        }
        *self.0.entry(hasher.finish()).or_insert_with(|| records.fit(&names))
    }
}

/// The table and the columns of a record of the streaming API.
fn streamed(object: &Map<String, Value>) -> Option<(&str, &Map<String, Value>)> {
    let table = object.get("category")?.as_str()?.strip_prefix("AdvancedHunting-")?;
    Some((table, object.get("properties")?.as_object()?))
}

/// Whether columns of advanced hunting say where a device connected to.
fn is_connection(names: &[&str]) -> bool {
    let has = |any: &[&str]| any.iter().any(|name| names.contains(name));
    has(&["DeviceName", "DeviceId"])
        && has(&["RemoteUrl", "RemoteIP", "RemotePort"])
        && !has(&["LogonType", "AlertId"])
}

/// The table that has an action for itself.
fn table_of_action(action: &str) -> Option<&'static str> {
    match action {
        "ProcessCreated" => Some("DeviceProcessEvents"),
        "ConnectionSuccess"
        | "ConnectionFailed"
        | "ConnectionFound"
        | "ConnectionRequest"
        | "ConnectionAcknowledged"
        | "ConnectionAttempt"
        | "InboundConnectionAccepted"
        | "InboundInternetScanInspected"
        | "ListeningConnectionCreated"
        | "NetworkSignatureInspected" => Some("DeviceNetworkEvents"),
        "FileCreated" | "FileModified" | "FileRenamed" | "FileDeleted" => Some("DeviceFileEvents"),
        "RegistryKeyCreated"
        | "RegistryKeyDeleted"
        | "RegistryKeyRenamed"
        | "RegistryValueDeleted"
        | "RegistryValueSet" => Some("DeviceRegistryEvents"),
        "ImageLoaded" => Some("DeviceImageLoadEvents"),
        "DnsQueryResponse" | "PowerShellCommand" | "ScriptContent" => Some("DeviceEvents"),
        other if other.ends_with("ConnectionInspected") => Some("DeviceNetworkEvents"),
        _ => None,
    }
}

/// Whether the name of a source, without folders and archives, is the kind or begins with it and goes on
/// with something that is no letter: `DeviceNetworkEvents-2024.csv`.
fn is_named_after(source: &str, kind: &str) -> bool {
    let name = source.rsplit(['/', '\\']).next().unwrap_or(source);
    let behind = name.strip_prefix(kind);
    behind.is_some_and(|behind| !behind.starts_with(|next: char| next.is_ascii_alphanumeric()))
}
