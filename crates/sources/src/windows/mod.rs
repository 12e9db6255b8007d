//! Windows event logs: Sysmon, PowerShell, Security, the DNS client.
//!
//! The same event comes in three framings: the binary log ([`evtx`]), its XML form ([`xml`]) and the
//! JSON that half a dozen collectors make of it ([`json`]). Each framing only fills an [`Event`];
//! what the event means is written once, in the module of its provider, so that a connection has
//! the same row whichever way it was collected.

mod data;
mod dns_client;
mod dns_query;
mod event_message;
pub(crate) mod evtx;
mod flattened;
pub(crate) mod json;
mod own_fields;
mod pass_on;
mod powershell;
mod rendered;
mod security;
mod sysmon;
pub(crate) mod xml;

#[cfg(test)]
mod kit_tests;
#[cfg(test)]
mod rows_for_tests;
#[cfg(test)]
mod whole_tests;

use std::borrow::Cow;

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{Field, Table};

pub(crate) use self::data::Data;
pub(crate) use self::dns_client::question_type;
pub(crate) use self::own_fields::System;
use crate::filling::{Filling, fill};
use crate::format::Stopped;
use crate::{Collector, time, windows_dns};

/// What all Windows events have, whatever wrote them
/// (<https://learn.microsoft.com/windows/win32/wes/eventschema-systempropertiestype-complextype>).
///
/// A text that the record lacks is empty.
#[derive(Default)]
pub(crate) struct Event<'e> {
    /// Who wrote it, such as `Microsoft-Windows-Sysmon`.
    pub(crate) provider: Cow<'e, str>,
    /// The log it was written to, such as `Microsoft-Windows-Sysmon/Operational`.
    pub(crate) channel: Cow<'e, str>,
    /// What happened; the number has a meaning only together with the provider.
    pub(crate) event_id: u32,
    /// The host.
    pub(crate) computer: Cow<'e, str>,
    /// When it was written.
    pub(crate) created: Created<'e>,
    /// The process that wrote it; for Sysmon that is Sysmon.
    pub(crate) process_id: Cow<'e, str>,
    /// Whose thread wrote it: a name where the collector looked it up, otherwise a SID.
    pub(crate) user: Cow<'e, str>,
    /// The values of its own.
    pub(crate) data: Data<'e>,
    /// What happened in words, in the language of the host, if the record has that.
    pub(crate) message: Cow<'e, str>,
    /// Whether its own values came as `UserData`.
    pub(crate) has_user_data: bool,
    /// What else the system says of it, for those who want all of it.
    pub(crate) system: System<'e>,
}

/// When an event was written, as the record says.
#[derive(Default)]
pub(crate) enum Created<'e> {
    /// The record does not say.
    #[default]
    Unknown,
    /// A time that is UTC where it names no zone, as `SystemTime` is.
    Utc(Cow<'e, str>),
    /// A time of the host's own clock, as nxlog's `EventTime` is unless it names a zone.
    Local(Cow<'e, str>),
}

impl Event<'_> {
    /// Makes the rows of the event, if it is one that a table has a place for.
    pub(crate) fn rows(&self, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        if collector.records().is_some() {
            return collector.take(self);
        }
        match self.author().as_str() {
            "microsoft-windows-sysmon" => sysmon::rows(self, "windows.sysmon", collector),
            "linux-sysmon" => sysmon::rows(self, "linux.sysmon", collector),
            "microsoft-windows-powershell" | "powershellcore" => powershell::rows(self, collector),
            "microsoft-windows-security-auditing" | "security" => security::rows(self, collector),
            "microsoft-windows-dns-client" => dns_client::rows(self, collector),
            "microsoft-windows-dnsserver" | "microsoft-windows-dns-server-service" => {
                windows_dns::server::rows(self, collector)
            }
            _ => Ok(()),
        }
    }

    /// The provider in lower case. Collectors that leave it out keep the channel, whose name begins
    /// with the provider's.
    fn author(&self) -> String {
        let channel = || self.channel.split('/').next().unwrap_or_default();
        let name = if self.provider.is_empty() { channel() } else { &self.provider };
        name.to_ascii_lowercase()
    }

    /// When the event was written; `None`, counted, where that cannot be known.
    pub(crate) fn created(&self, collector: &mut Collector<'_>) -> Option<i64> {
        self.created.moment(collector)
    }

    /// Makes a row at that moment: the columns that every event fills, and those given.
    pub(crate) fn row(
        &self,
        table: Table,
        dataset: &str,
        moment: i64,
        collector: &mut Collector<'_>,
        columns: impl FnOnce(&mut Filling<'_, '_, '_>),
    ) -> Result<(), Stopped> {
        fill(collector, table, dataset, moment, &self.data, |filling| {
            filling.row().lower(Field::HostName, &self.computer);
            columns(filling);
        })
    }

    /// The number of the process that wrote the event.
    fn process(&self, collector: &mut Collector<'_>) -> Option<i64> {
        number(&self.process_id, "ProcessID", collector)
    }
}

impl Created<'_> {
    /// The moment; `None`, counted, where it cannot be known.
    fn moment(&self, collector: &mut Collector<'_>) -> Option<i64> {
        let (text, moment) = match self {
            Created::Unknown => {
                collector.anomaly(Anomaly::MissingTimestamp, "the event has no time");
                return None;
            }
            // Tables that were exported have the times of the portal.
            Created::Utc(text) => (text, time::portal(text)),
            Created::Local(text) => (text, local_time(text, collector)),
        };
        if moment.is_none() {
            collector.anomaly(Anomaly::InvalidTimestamp, &format!("`{text}` is no time"));
        }
        moment
    }
}

/// The time of a clock whose zone the record does not name is taken for UTC, and counted.
fn local_time(text: &str, collector: &mut Collector<'_>) -> Option<i64> {
    let moment = time::rfc3339(text);
    if moment.is_some() {
        return moment;
    }
    let moment = time::rfc3339_assuming_utc(text);
    if moment.is_some() {
        collector.anomaly(Anomaly::AssumedZone, &format!("`{text}` names no zone"));
    }
    moment
}

/// A number that is decimal, or hexadecimal as the Security log writes those of processes.
fn number(text: &str, name: &str, collector: &mut Collector<'_>) -> Option<i64> {
    let value = match text.strip_prefix("0x") {
        _ if matches!(text, "" | "-") => return None,
        Some(digits) => i64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    if value.is_err() {
        collector.anomaly(Anomaly::InvalidValue, &format!("{name}: {text}"));
    }
    value.ok()
}

/// Sets the column of a process's number, if there is one.
fn set_process(filling: &mut Filling<'_, '_, '_>, process: Option<i64>) {
    if let Some(process) = process {
        filling.row().number(Field::ProcessPid, process);
    }
}

/// Sets the path of an image, and its file name.
fn image(filling: &mut Filling<'_, '_, '_>, path: Field, name: Field, value: &'static str) {
    if let Some(image) = filling.value(value) {
        filling.row().image(path, name, &image);
    }
}

/// `DOMAIN\name`, or the name where there is no domain; empty where there is no name.
fn account(domain: &str, name: &str) -> String {
    match (domain, name) {
        (_, "" | "-") => String::new(),
        ("" | "-", name) => name.to_owned(),
        (domain, name) => format!("{domain}\\{name}"),
    }
}
