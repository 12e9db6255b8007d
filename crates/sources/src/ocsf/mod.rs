//! The Open Cybersecurity Schema Framework: records of any product in one vocabulary, as JSON or, where
//! Security Lake keeps them, in Parquet.
//!
//! Its classes go to our tables: network activities to `flow`, or to `tls` where the record says
//! more of the handshake than of the connection; HTTP to `web`, DNS to `dns`; processes that start, files that
//! are written and scripts to `process`, `file` and `script`; whatever called an interface of a cloud to
//! `cloud`. Findings, logins to hosts, and inventories have no table. <https://schema.ocsf.io>

mod cloud;
mod network;
mod system;

#[cfg(test)]
mod kit_tests;

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::Field;
use serde_json::{Map, Value};

use crate::filling::{Filling, Values};
use crate::format::JsonShape;
use crate::nested::Nested;
use crate::{Collector, Stopped, time};

/// Records of the framework, version 1.
pub(crate) struct Ocsf;

impl JsonShape for Ocsf {
    fn name(&self) -> &'static str {
        "ocsf"
    }

    fn claims(&self, object: &Map<String, Value>) -> bool {
        let has = |name| object.contains_key(name);
        class(object).is_some() && (has("metadata") || has("category_uid") || has("type_uid"))
    }

    fn rows(
        &self,
        object: &Map<String, Value>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        let record = Nested(object);
        let Some(kind) = Kind::of(&record) else { return Ok(()) };
        let Some(moment) = moment(&record, collector) else { return Ok(()) };
        match kind {
            Kind::Network => network::connection(&record, moment, collector),
            Kind::Tls => network::handshake(&record, moment, collector),
            Kind::Http => network::request(&record, moment, collector),
            Kind::Dns => network::query(&record, moment, collector),
            Kind::Process => system::process(&record, moment, collector),
            Kind::File => system::file(&record, moment, collector),
            Kind::Script => system::script(&record, moment, collector),
            Kind::Api => cloud::call(&record, moment, collector),
        }
    }
}

fn class(object: &Map<String, Value>) -> Option<i64> {
    object.get("class_uid")?.as_i64()
}

/// What a record is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Network,
    Tls,
    Http,
    Dns,
    Process,
    File,
    Script,
    Api,
}

impl Kind {
    /// `None` for what has no table.
    fn of(record: &Nested<'_>) -> Option<Self> {
        let activity = record.get("activity_id").and_then(Value::as_i64).unwrap_or_default();
        match class(record.0)? {
            // Network, RDP, SMB, SSH, FTP, and tunnel activity.
            4001 | 4005 | 4006 | 4007 | 4008 | 4014 => network::kind(record),
            4002 => Some(Self::Http),
            4003 => Some(Self::Dns),
            // A process that starts, and a file that is created, written, renamed or not further described.
            1007 => matches!(activity, 0 | 1 | 99).then_some(Self::Process),
            1001 => matches!(activity, 0 | 1 | 3 | 5 | 99).then_some(Self::File),
            4010 => record.get("file").map(|_| Self::File),
            1009 => Some(Self::Script),
            // Whatever the class of a call: Security Lake has those that change accounts, log in or
            // reach data in classes of their own.
            3001..=3999 | 6001..=6999 => record.get("api.operation").map(|_| Self::Api),
            _ => None,
        }
    }
}

/// When it happened: milliseconds since 1970, or a date as writers before version 1 have it.
fn moment(record: &Nested<'_>, collector: &mut Collector<'_>) -> Option<i64> {
    let times = ["time", "time_dt", "start_time", "start_time_dt", "metadata.original_time"];
    let mut written =
        times.iter().filter_map(|name| record.get(name)).filter_map(crate::nested::text);
    let Some(first) = written.next() else {
        collector.anomaly(Anomaly::MissingTimestamp, "the record has no `time`");
        return None;
    };
    let moment = read(&first).or_else(|| written.find_map(|text| read(&text)));
    if moment.is_none() {
        collector.anomaly(Anomaly::InvalidTimestamp, &first);
    }
    moment
}

fn read(text: &str) -> Option<i64> {
    let has_slashes = text.get(4..5) == Some("/");
    let text = if has_slashes { text.replacen('/', "-", 2) } else { text.to_owned() };
    time::epoch(&text).or_else(|| time::rfc3339_assuming_utc(&text))
}

/// The host and the user that acted.
fn actor(record: &Nested<'_>, row: &mut Filling<'_, '_, '_>) {
    row.domain(Field::HostName, "device.hostname")
        .domain(Field::HostName, "device.name")
        .domain(Field::HostName, "src_endpoint.hostname");
    let name = record.str("actor.user.name").unwrap_or_default();
    match record.str("actor.user.domain") {
        Some(domain) if !name.is_empty() => {
            row.row().text(Field::UserName, &format!("{domain}\\{name}"));
        }
        _ => {
            row.row().text(Field::UserName, name);
        }
    }
}

/// The process that acted.
fn acting_process(record: &Nested<'_>, row: &mut Filling<'_, '_, '_>) {
    process(record, "actor.process", row);
}

/// The columns of a process that lies under that name.
fn process(record: &Nested<'_>, place: &str, row: &mut Filling<'_, '_, '_>) {
    let text = |name: &str| {
        record.get(&format!("{place}.{name}")).and_then(crate::nested::text).unwrap_or_default()
    };
    let row = row.row();
    row.image(Field::ProcessExecutable, Field::ProcessName, &text("file.path"))
        .lower(Field::ProcessName, &text("file.name"))
        .lower(Field::ProcessName, &text("name"))
        .text(Field::ProcessCommandLine, &text("cmd_line"))
        .text(Field::ProcessEntityId, &text("uid"))
        .text(Field::ProcessHashSha256, &sha256(record, &format!("{place}.file.hashes")))
        .image(
            Field::ProcessParentExecutable,
            Field::ProcessParentName,
            &text("parent_process.file.path"),
        )
        .lower(Field::ProcessParentName, &text("parent_process.file.name"))
        .lower(Field::ProcessParentName, &text("parent_process.name"))
        .text(Field::ProcessParentCommandLine, &text("parent_process.cmd_line"));
    if let Ok(number) = text("pid").parse() {
        row.number(Field::ProcessPid, number);
    }
}

/// The SHA-256 among fingerprints, of which each says its algorithm: 3 is SHA-256.
fn sha256(record: &Nested<'_>, place: &str) -> String {
    let hashes = record.get(place).and_then(Value::as_array).map(Vec::as_slice);
    let is_sha256 = |hash: &&Value| {
        let algorithm = hash.get("algorithm").and_then(Value::as_str);
        hash.get("algorithm_id").and_then(Value::as_i64) == Some(3)
            || matches!(algorithm, Some("SHA-256" | "SHA256" | "sha256"))
    };
    let hash = hashes.unwrap_or_default().iter().find(is_sha256);
    let value = hash.and_then(|hash| hash.get("value")).and_then(Value::as_str);
    value.unwrap_or_default().to_lowercase()
}

/// A text of the record in lower case, for words that writers spell in many ways.
fn word(record: &dyn Values, name: &'static str) -> String {
    record.text(name).map(|text| text.to_lowercase()).unwrap_or_default()
}
