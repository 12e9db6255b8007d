//! The values of an event, by paths with dots, and who talked to whom.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::filling::Values;

/// An event.
#[derive(Clone, Copy)]
pub(super) struct Event<'o>(pub(super) &'o Map<String, Value>);

impl<'o> Event<'o> {
    /// The value under that path, if it is set.
    pub(super) fn get(&self, path: &str) -> Option<&'o Value> {
        let mut names = path.split('.');
        let outermost = self.0.get(names.next()?)?;
        let value = names.try_fold(outermost, |value, name| value.get(name))?;
        (!value.is_null()).then_some(value)
    }

    /// The text under that path.
    pub(super) fn str(&self, path: &str) -> Option<&'o str> {
        self.get(path)?.as_str()
    }

    /// What kind of event it is. Collectors that name alerts in another place take the kind away.
    pub(super) fn kind(&self) -> &'o str {
        let kind = if self.get("alert").is_some() { "alert" } else { "" };
        self.str("event_type").unwrap_or(kind)
    }

    /// Whose packet it was that the event tells of.
    pub(super) fn ends(&self) -> Ends {
        if self.get("flow.src_ip").is_some() {
            Ends::Flow
        } else if self.is_reversed() {
            Ends::Reversed
        } else {
            Ends::Packet
        }
    }

    /// Whether the packet came from the server. Events of transactions mostly name the client first,
    /// but an alert and, in most versions, an answer name the sender of the packet.
    fn is_reversed(&self) -> bool {
        if let Some(direction) = self.str("direction") {
            return direction == "to_client";
        }
        let is_answer = matches!(self.str("dns.type"), Some("answer" | "response"));
        let is_part_of_alert = self.kind() == "alert" && super::transaction(*self).is_some();
        let port = |path| self.get(path).and_then(Value::as_u64).unwrap_or_default();
        let (from, to) = (port("src_port"), port("dest_port"));
        (is_answer || is_part_of_alert) && (1..1024).contains(&from) && to >= 1024
    }
}

/// Where an event has the client and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// The sender of the packet is the client.
    Packet,
    /// The sender of the packet is the server.
    Reversed,
    /// The flow says who is the client.
    Flow,
}

impl Ends {
    /// The paths of the client's address and port, then of the server's.
    pub(super) fn paths(self) -> [&'static str; 4] {
        match self {
            Ends::Packet => ["src_ip", "src_port", "dest_ip", "dest_port"],
            Ends::Reversed => ["dest_ip", "dest_port", "src_ip", "src_port"],
            Ends::Flow => ["flow.src_ip", "flow.src_port", "flow.dest_ip", "flow.dest_port"],
        }
    }
}

impl Values for Event<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        scalar(self.get(name)?)
    }

    fn texts(&self, name: &'static str) -> Option<Vec<Cow<'_, str>>> {
        match self.get(name)? {
            Value::Array(values) => Some(values.iter().filter_map(scalar).collect()),
            value => Some(vec![scalar(value)?]),
        }
    }
}

/// A value that is no list and no object, as text.
pub(super) fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(truth) => Some(Cow::Borrowed(if *truth { "true" } else { "false" })),
        Value::Array(_) | Value::Object(_) | Value::Null => None,
    }
}
