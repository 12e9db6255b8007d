//! Advanced hunting tables of Microsoft Defender XDR, as its portal, its APIs and Sentinel export
//! them.
//!
//! A record comes as JSON ([`json`]), or as a row of comma-separated values ([`crate::csv`]) with the same
//! columns. Which of Microsoft's tables it is from is said by the record, or else shows in its
//! `ActionType` and in the columns that are set: exports of a query often keep a few columns only.
//! Tables and columns: <https://learn.microsoft.com/defender-xdr/advanced-hunting-schema-tables>.

mod actor;
mod additional;
mod created_process;
mod dns;
mod file;
mod json;
mod network;
mod process;
mod script;

#[cfg(test)]
mod kit_tests;

pub(crate) use self::created_process::DefenderSensor;
pub(crate) use self::json::Defender;

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::Table;

use self::additional::Additional;
use crate::filling::{Filling, Values, fill};
use crate::{Collector, Stopped, time};

/// What a record is made into: the table and the dataset of the row, and what sets its columns.
struct Made {
    table: Table,
    dataset: &'static str,
    columns: fn(&mut Filling<'_, '_, '_>, &Additional),
}

const NETWORK: &str = "defender.network";
const PROCESS: &str = "defender.process";
const FILE: &str = "defender.file";
const EVENTS: &str = "defender.events";
const CLOUD: &str = "defender.cloud_process";
const IDENTITY: &str = "defender.identity_query";

/// Makes a row of a record, if one of our tables has a place for it. `table` is Microsoft's name of
/// the record's table, empty if nothing said it.
fn row(table: &str, record: &dyn Values, collector: &mut Collector<'_>) -> Result<(), Stopped> {
    let additional = Additional::of(record);
    let Some(made) = made(table, record, &additional) else { return Ok(()) };
    let written = ["Timestamp", "TimeGenerated", "time"].iter().find_map(|name| record.text(name));
    let Some(written) = written else {
        collector.anomaly(Anomaly::MissingTimestamp, made.dataset);
        return Ok(());
    };
    let Some(timestamp) = time::portal(&written) else {
        collector.anomaly(Anomaly::InvalidTimestamp, &written);
        return Ok(());
    };
    fill(collector, made.table, made.dataset, timestamp, record, |record| {
        (made.columns)(record, &additional);
    })
}

fn made(table: &str, record: &dyn Values, additional: &Additional) -> Option<Made> {
    let action = record.text("ActionType").unwrap_or_default();
    match (table, action.as_ref()) {
        ("DeviceNetworkEvents", action) => network::made(action, record, additional, NETWORK),
        ("DeviceProcessEvents" | "", "ProcessCreated") | ("DeviceProcessEvents", "") => {
            Some(Made { table: Table::Process, dataset: PROCESS, columns: process::columns })
        }
        ("CloudProcessEvents", "ProcessCreated" | "") => {
            Some(Made { table: Table::Process, dataset: CLOUD, columns: process::cloud_columns })
        }
        ("IdentityQueryEvents", "DNS query") if record.text("QueryTarget").is_some() => {
            Some(Made { table: Table::Dns, dataset: IDENTITY, columns: dns::identity_columns })
        }
        ("DeviceFileEvents" | "", "FileCreated" | "FileModified" | "FileRenamed")
        | ("DeviceFileEvents", "") => {
            Some(Made { table: Table::File, dataset: FILE, columns: file::columns })
        }
        ("DeviceEvents" | "", "DnsQueryResponse") if dns::asks(additional) => {
            Some(Made { table: Table::Dns, dataset: EVENTS, columns: dns::columns })
        }
        ("DeviceEvents" | "", "ScriptContent" | "PowerShellCommand")
            if script::says(additional) =>
        {
            Some(Made { table: Table::Script, dataset: EVENTS, columns: script::columns })
        }
        ("DeviceEvents", action) => network::made(action, record, additional, EVENTS),
        ("", action) => shown_by_columns(action, record, additional),
        _ => None,
    }
}

/// A record of which neither table nor action tells what it is.
fn shown_by_columns(action: &str, record: &dyn Values, additional: &Additional) -> Option<Made> {
    // Evidence of an alert repeats what other tables have. The remote address of a logon is where
    // somebody came from.
    if record.text("AlertId").is_some() || action.starts_with("Logon") {
        return None;
    }
    network::made(action, record, additional, NETWORK).or_else(|| {
        let started = action.is_empty() && record.text("ProcessCommandLine").is_some();
        started.then_some(Made {
            table: Table::Process,
            dataset: PROCESS,
            columns: process::columns,
        })
    })
}

/// The name of one of Microsoft's tables, if the text is one; other products also have columns
/// called `Type`.
pub(crate) fn table_name(text: &str) -> Option<&str> {
    const FAMILIES: [&str; 6] = ["Device", "Alert", "Email", "Identity", "Cloud", "UrlClick"];
    FAMILIES.iter().any(|family| text.starts_with(family)).then_some(text)
}

/// The table that a record says it is from: `Type` in Sentinel, `$table` in the portal, or the
/// column that a `union withsource=` is given.
fn said_table(record: &dyn Values) -> String {
    let places = ["$table", "Type", "SourceTable", "TableName"];
    let said = places.iter().filter_map(|name| record.text(name));
    said.filter_map(|text| table_name(&text).map(str::to_owned)).next().unwrap_or_default()
}

/// Whether those are columns of advanced hunting: a time, a device, and something that happened.
fn are_columns<'n>(names: impl Iterator<Item = &'n str>) -> bool {
    let (mut time, mut device, mut event) = (false, false, false);
    for name in names {
        match name {
            "Timestamp" | "TimeGenerated" => time = true,
            "DeviceName" | "DeviceId" | "Computer" => device = true,
            "ActionType" | "RemoteUrl" | "RemoteIP" | "ProcessCommandLine" => event = true,
            name => event |= name.starts_with("InitiatingProcess"),
        }
    }
    time && device && event
}
