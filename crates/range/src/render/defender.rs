//! Defender for Endpoint on the hosts that have it: `DeviceNetworkEvents` as the advanced hunting
//! page of the portal exports it, a CSV with the columns of the published schema
//! (<https://learn.microsoft.com/defender-xdr/advanced-hunting-devicenetworkevents-table>).
//!
//! Defender names the destination, the process and its parent in one row, but counts no bytes and
//! keeps no duration. Every connection is recorded here; the product leaves some repetitions out.

use std::collections::BTreeMap;

use super::{RenderError, RenderedFile, clock, hash_of};
use crate::{Account, Exchange, Host, Random, Sensor, Timeline};

pub(super) fn render(timeline: &Timeline) -> Result<Vec<RenderedFile>, RenderError> {
    let mut reports: BTreeMap<&str, u64> = BTreeMap::new();
    let mut table = String::new();
    for exchange in &timeline.exchanges {
        let host = &exchange.process.host;
        if host.sensor != Sensor::Defender {
            continue;
        }
        if table.is_empty() {
            table = header()?;
        }
        let report = reports.entry(&host.name).or_insert(0);
        *report += 1;
        table.push_str(&record(exchange, *report)?);
    }
    if table.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vec![RenderedFile::rotated("defender/DeviceNetworkEvents.csv", &table)?])
}

/// The line with the names of the columns.
pub(crate) fn header() -> Result<String, RenderError> {
    line(&COLUMNS)
}

/// The line about an exchange; `report` numbers the records of its device.
pub(crate) fn record(exchange: &Exchange, report: u64) -> Result<String, RenderError> {
    line(&connection(exchange, report))
}

fn line(fields: &[impl AsRef<[u8]>]) -> Result<String, RenderError> {
    let mut table = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .buffer_capacity(LONG_LINE)
        .from_writer(Vec::with_capacity(LONG_LINE));
    table.write_record(fields).map_err(RenderError::Csv)?;
    let bytes = table.into_inner().map_err(|error| RenderError::Csv(error.into_error().into()))?;
    String::from_utf8(bytes).map_err(RenderError::Text)
}

/// Few lines have more bytes.
const LONG_LINE: usize = 1200;

const COLUMNS: [&str; 43] = [
    "Timestamp",
    "DeviceId",
    "DeviceName",
    "ActionType",
    "RemoteIP",
    "RemotePort",
    "RemoteUrl",
    "LocalIP",
    "LocalPort",
    "Protocol",
    "LocalIPType",
    "RemoteIPType",
    "InitiatingProcessSHA1",
    "InitiatingProcessSHA256",
    "InitiatingProcessMD5",
    "InitiatingProcessFileName",
    "InitiatingProcessFileSize",
    "InitiatingProcessVersionInfoCompanyName",
    "InitiatingProcessVersionInfoProductName",
    "InitiatingProcessVersionInfoProductVersion",
    "InitiatingProcessVersionInfoInternalFileName",
    "InitiatingProcessVersionInfoOriginalFileName",
    "InitiatingProcessVersionInfoFileDescription",
    "InitiatingProcessId",
    "InitiatingProcessCommandLine",
    "InitiatingProcessCreationTime",
    "InitiatingProcessFolderPath",
    "InitiatingProcessParentFileName",
    "InitiatingProcessParentId",
    "InitiatingProcessParentCreationTime",
    "InitiatingProcessAccountDomain",
    "InitiatingProcessAccountName",
    "InitiatingProcessAccountSid",
    "InitiatingProcessAccountUpn",
    "InitiatingProcessAccountObjectId",
    "InitiatingProcessIntegrityLevel",
    "InitiatingProcessTokenElevation",
    "ReportId",
    "AppGuardContainerId",
    "AdditionalFields",
    "InitiatingProcessSessionId",
    "IsInitiatingProcessRemoteSession",
    "InitiatingProcessRemoteSessionIP",
];

fn connection(exchange: &Exchange, report: u64) -> [String; COLUMNS.len()] {
    let process = &exchange.process;
    let (host, program) = (&process.host, process.program);
    let inside = exchange.address.is_private();
    let user = &host.user;
    let (sid, upn, integrity, elevation, session) = match program.account {
        Account::System => {
            ("S-1-5-18".to_owned(), String::new(), "System", "TokenElevationTypeDefault", "0")
        }
        Account::User => {
            let upn = format!("{user}@{}", crate::names::DOMAIN);
            (sid(host), upn, "Medium", "TokenElevationTypeLimited", "1")
        }
    };
    let parent = process.parent.as_deref();
    let none = String::new;
    [
        precise(exchange.time, &exchange.uid),
        Random::new(0).fork("device").fork(&host.name).hexadecimal(40),
        host.full_name(),
        "ConnectionSuccess".to_owned(),
        exchange.address.to_string(),
        exchange.wire.port().to_string(),
        exchange.name.to_owned(),
        host.address.to_string(),
        exchange.local_port.to_string(),
        "Tcp".to_owned(),
        "Private".to_owned(),
        if inside { "Private" } else { "Public" }.to_owned(),
        hash_of(program.image, 40),
        hash_of(program.image, 64),
        hash_of(program.image, 32),
        program.file_name().to_owned(),
        Random::new(0).fork(program.image).between(&(60_000..=9_000_000)).to_string(),
        program.company.to_owned(),
        program.product.to_owned(),
        program.version.to_owned(),
        program.file_name().to_owned(),
        program.file_name().to_owned(),
        program.description.to_owned(),
        process.pid.to_string(),
        process.command_line(),
        precise(process.started, &host.name),
        process.image().to_lowercase(),
        parent.map_or_else(none, |parent| parent.program.file_name().to_owned()),
        parent.map_or_else(|| "0".to_owned(), |parent| parent.pid.to_string()),
        parent.map_or_else(none, |parent| precise(parent.started, &host.name)),
        process.account_domain().to_lowercase(),
        process.account_name().to_lowercase(),
        sid,
        upn,
        none(),
        integrity.to_owned(),
        elevation.to_owned(),
        report.to_string(),
        none(),
        none(),
        session.to_owned(),
        "False".to_owned(),
        none(),
    ]
}

/// A moment with seven decimals; the seventh is finer than the simulation, so the label picks it.
fn precise(time: coldtrail_model::Timestamp, label: &str) -> String {
    let digit = Random::new(0).fork(label).between(&(0..=9));
    format!("{}{digit}Z", clock::format(time, "%Y-%m-%dT%H:%M:%S%.6f"))
}

/// The security identifier of the host's user.
fn sid(host: &Host) -> String {
    let user = Random::new(0).fork(&host.user).between(&(1_100..=9_999));
    format!("S-1-5-21-1000000001-2000000002-3000000003-{user}")
}
