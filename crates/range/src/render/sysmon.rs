//! Sysmon on the hosts that have it: process creations (1), connections (3) and DNS queries (22).
//!
//! Shipped hosts appear as Winlogbeat's JSON lines from one collector, in the order of arrival; a
//! host that nobody ships appears as the XML that Event Viewer exports. Three habits of real Sysmon
//! logs are kept:
//!
//! * `UtcTime` is when it happened. `TimeCreated`, and with it Winlogbeat's `@timestamp`, is when
//!   the record was written: network events about a second later.
//! * Event 3 has no name but what reverse DNS gave, which is mostly `-`. The name that was asked
//!   for is in event 22, joined by `ProcessGuid`, and only when it was not cached.
//! * The usual configurations leave the connections of browsers out of event 3, and so does this
//!   one; event 22 still shows what browsers ask for.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use coldtrail_model::Timestamp;
use serde::{Serialize, Serializer};

use super::{RenderError, RenderedFile, clock, hash_of};
use crate::timing::after;
use crate::{
    Account, Exchange, Host, Lookup, Random, RunningProcess, Sensor, Timeline, Wire, names,
};

pub(super) fn render(timeline: &Timeline) -> Result<Vec<RenderedFile>, RenderError> {
    let mut shipped = String::new();
    let mut exported: BTreeMap<String, String> = BTreeMap::new();
    for event in events(timeline) {
        match event.host.sensor {
            Sensor::Sysmon => {
                shipped.push_str(&winlogbeat(&event)?);
                shipped.push('\n');
            }
            Sensor::SysmonExport => {
                exported.entry(event.host.name.clone()).or_default().push_str(&xml(&event));
            }
            Sensor::Defender | Sensor::Nothing => {}
        }
    }
    let mut files = Vec::new();
    if !shipped.is_empty() {
        files.push(RenderedFile::rotated("sysmon/winlogbeat.ndjson", &shipped)?);
    }
    for (host, events) in exported {
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\r\n\
             <Events>{events}</Events>\r\n"
        );
        files.push(RenderedFile::plain(format!("sysmon/{host}.xml"), text));
    }
    Ok(files)
}

/// A record of Sysmon.
struct Event<'a> {
    host: &'a Host,
    id: u16,
    /// The version of the event's layout.
    version: u8,
    /// When the record was written.
    written: Timestamp,
    /// The number of the record in its log.
    record: u64,
    data: EventData,
}

/// The named values of a record, in the order of Sysmon's manifest.
struct EventData(Vec<(&'static str, String)>);

impl Serialize for EventData {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// What Sysmon writes for a field without a value.
const UNSET: &str = "-";

/// The records of all hosts that have Sysmon, in the order in which they were written.
fn events(timeline: &Timeline) -> Vec<Event<'_>> {
    let mut events = Vec::new();
    for process in timeline.processes.iter().filter(|process| has_sysmon(&process.host)) {
        if process.started >= timeline.start {
            events.push(process_creation(process));
        }
    }
    for exchange in timeline.exchanges.iter().filter(|exchange| has_sysmon(&exchange.process.host))
    {
        // The kernel has a service resolve names for it, so its queries bear no process of its own.
        if !exchange.process.program.is_kernel() {
            events.extend(exchange.lookup.as_ref().map(|lookup| query(lookup, exchange)));
        }
        if !exchange.process.program.browser {
            events.push(connection(exchange));
        }
    }
    // The sort is stable, so that one host's records keep their order.
    events.sort_by_key(|event| event.written);
    let mut records: BTreeMap<&str, u64> = BTreeMap::new();
    for event in &mut events {
        let first = || Random::new(0).fork(&event.host.name).between(&(10_000..=900_000));
        let record = records.entry(&event.host.name).or_insert_with(first);
        *record += 1;
        event.record = *record;
    }
    events
}

fn has_sysmon(host: &Host) -> bool {
    matches!(host.sensor, Sensor::Sysmon | Sensor::SysmonExport)
}

fn process_creation(process: &RunningProcess) -> Event<'_> {
    let program = process.program;
    let parent = process.parent.as_deref();
    let (logon, session, integrity) = match program.account {
        Account::System => (0x3E7, "0", "System"),
        Account::User => (logon_of(&process.host), "1", "Medium"),
    };
    let or_unset = |text: &str| if text.is_empty() { UNSET.to_owned() } else { text.to_owned() };
    let image = process.image();
    let directory = match program.account {
        Account::System => r"C:\Windows\system32\".to_owned(),
        Account::User => format!(r"C:\Users\{}\", process.host.user),
    };
    let data = vec![
        ("RuleName", UNSET.to_owned()),
        ("UtcTime", utc(process.started)),
        ("ProcessGuid", guid(process)),
        ("ProcessId", process.pid.to_string()),
        ("Image", image),
        ("FileVersion", or_unset(program.version)),
        ("Description", or_unset(program.description)),
        ("Product", or_unset(program.product)),
        ("Company", or_unset(program.company)),
        ("OriginalFileName", program.file_name().to_owned()),
        ("CommandLine", process.command_line()),
        ("CurrentDirectory", directory),
        ("User", account(process)),
        ("LogonGuid", format!("{{{}-0000-0000-0000-{logon:012x}}}", machine(&process.host))),
        ("LogonId", format!("{logon:#x}")),
        ("TerminalSessionId", session.to_owned()),
        ("IntegrityLevel", integrity.to_owned()),
        ("Hashes", format!("SHA256={}", hash_of(program.image, 64).to_uppercase())),
        ("ParentProcessGuid", parent.map_or_else(|| UNSET.to_owned(), guid)),
        ("ParentProcessId", parent.map_or_else(|| "0".to_owned(), |it| it.pid.to_string())),
        ("ParentImage", parent.map_or_else(|| UNSET.to_owned(), RunningProcess::image)),
        (
            "ParentCommandLine",
            parent.map_or_else(|| UNSET.to_owned(), RunningProcess::command_line),
        ),
        ("ParentUser", parent.map_or_else(|| UNSET.to_owned(), account)),
    ];
    let written = late(process.started, &guid(process), 2_000..=30_000);
    Event { host: &process.host, id: 1, version: 5, written, record: 0, data: EventData(data) }
}

fn connection(exchange: &Exchange) -> Event<'_> {
    let process = &exchange.process;
    let port_name = match exchange.wire {
        Wire::Tls => "https",
        Wire::Http { .. } => "http",
        Wire::Kerberos => "kerberos",
        Wire::Smb => "microsoft-ds",
    };
    let data = vec![
        ("RuleName", UNSET.to_owned()),
        ("UtcTime", utc(exchange.time)),
        ("ProcessGuid", guid(process)),
        ("ProcessId", process.pid.to_string()),
        ("Image", process.image()),
        ("User", account(process)),
        ("Protocol", "tcp".to_owned()),
        ("Initiated", "true".to_owned()),
        ("SourceIsIpv6", "false".to_owned()),
        ("SourceIp", process.host.address.to_string()),
        ("SourceHostname", process.host.full_name()),
        ("SourcePort", exchange.local_port.to_string()),
        ("SourcePortName", UNSET.to_owned()),
        ("DestinationIsIpv6", "false".to_owned()),
        ("DestinationIp", exchange.address.to_string()),
        (
            "DestinationHostname",
            names::reverse(exchange.address).unwrap_or_else(|| UNSET.to_owned()),
        ),
        ("DestinationPort", exchange.wire.port().to_string()),
        ("DestinationPortName", port_name.to_owned()),
    ];
    let written = late(exchange.time, &exchange.uid, 700_000..=1_900_000);
    Event { host: &process.host, id: 3, version: 5, written, record: 0, data: EventData(data) }
}

fn query<'a>(lookup: &Lookup, exchange: &'a Exchange) -> Event<'a> {
    let process = &exchange.process;
    let answered = after(lookup.time, lookup.round_trip);
    let data = vec![
        ("RuleName", UNSET.to_owned()),
        ("UtcTime", utc(answered)),
        ("ProcessGuid", guid(process)),
        ("ProcessId", process.pid.to_string()),
        ("QueryName", exchange.name.to_owned()),
        ("QueryStatus", "0".to_owned()),
        ("QueryResults", format!("::ffff:{};", exchange.address)),
        ("Image", process.image()),
        ("User", account(process)),
    ];
    let written = late(answered, &lookup.uid, 20_000..=300_000);
    Event { host: &process.host, id: 22, version: 5, written, record: 0, data: EventData(data) }
}

/// When a record of something is written.
fn late(time: Timestamp, label: &str, microseconds: RangeInclusive<u64>) -> Timestamp {
    let delay = Random::new(0).fork("sysmon").fork(label).between(&microseconds);
    after(time, Duration::from_micros(delay))
}

fn utc(time: Timestamp) -> String {
    clock::format(time, "%Y-%m-%d %H:%M:%S%.3f")
}

fn account(process: &RunningProcess) -> String {
    format!("{}\\{}", process.account_domain(), process.account_name())
}

/// A process's identifier: the machine, the second of its start with its halves swapped, and a
/// number. It outlives the reuse of the process number.
fn guid(process: &RunningProcess) -> String {
    let second = process.started.microseconds() / 1_000_000;
    let (high, low) = ((second >> 16) & 0xFFFF, second & 0xFFFF);
    let number = process.pid & 0xFFFF;
    format!("{{{}-{low:04x}-{high:04x}-{number:04x}-000000001400}}", machine(&process.host))
}

/// The beginning of the machine's own identifier.
fn machine(host: &Host) -> String {
    Random::new(0).fork("machine").fork(&host.name).hexadecimal(8)
}

/// The number of the user's logon session.
fn logon_of(host: &Host) -> u64 {
    Random::new(0).fork("logon").fork(&host.name).between(&(0x3_0000..=0xF_FFFF))
}

#[derive(Serialize)]
struct WinlogbeatRecord<'a> {
    #[serde(rename = "@timestamp")]
    timestamp: String,
    event: WinlogbeatEvent,
    host: WinlogbeatHost<'a>,
    winlog: Winlog<'a>,
}

#[derive(Serialize)]
struct WinlogbeatEvent {
    code: String,
    kind: &'static str,
    provider: &'static str,
}

#[derive(Serialize)]
struct WinlogbeatHost<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Winlog<'a> {
    channel: &'static str,
    computer_name: &'a str,
    event_data: &'a EventData,
    event_id: String,
    provider_name: &'static str,
    record_id: u64,
    version: u8,
}

const CHANNEL: &str = "Microsoft-Windows-Sysmon/Operational";
const PROVIDER: &str = "Microsoft-Windows-Sysmon";

/// The record as Winlogbeat ships it when neither its Sysmon module nor the rendered message is
/// asked for.
fn winlogbeat(event: &Event<'_>) -> Result<String, RenderError> {
    let host = event.host.full_name();
    let record = WinlogbeatRecord {
        timestamp: clock::format(event.written, "%Y-%m-%dT%H:%M:%S%.3fZ"),
        event: WinlogbeatEvent { code: event.id.to_string(), kind: "event", provider: PROVIDER },
        host: WinlogbeatHost { name: &host },
        winlog: Winlog {
            channel: CHANNEL,
            computer_name: &host,
            event_data: &event.data,
            event_id: event.id.to_string(),
            provider_name: PROVIDER,
            record_id: event.record,
            version: event.version,
        },
    };
    serde_json::to_string(&record).map_err(RenderError::Json)
}

/// The record as Event Viewer exports it.
fn xml(event: &Event<'_>) -> String {
    let mut text = format!(
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
         <Provider Name='{PROVIDER}' Guid='{{5770385f-c22a-43e0-bf4c-06f5698ffbd9}}'/>\
         <EventID>{id}</EventID><Version>{version}</Version><Level>4</Level><Task>{id}</Task>\
         <Opcode>0</Opcode><Keywords>0x8000000000000000</Keywords>\
         <TimeCreated SystemTime='{time}'/><EventRecordID>{record}</EventRecordID><Correlation/>\
         <Execution ProcessID='3216' ThreadID='4412'/><Channel>{CHANNEL}</Channel>\
         <Computer>{host}</Computer><Security UserID='S-1-5-18'/></System><EventData>",
        id = event.id,
        version = event.version,
        time = clock::format(event.written, "%Y-%m-%dT%H:%M:%S%.7fZ"),
        record = event.record,
        host = event.host.full_name(),
    );
    for (name, value) in &event.data.0 {
        let value = quick_xml::escape::escape(value.as_str());
        text.push_str(&format!("<Data Name='{name}'>{value}</Data>"));
    }
    text.push_str("</EventData></Event>");
    text
}
