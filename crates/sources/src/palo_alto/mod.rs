//! Palo Alto Networks firewalls: a row of `flow` for each end of a session (TRAFFIC) or threat in it, of
//! `web` for each URL, of `dns` for each query that a signature found, of `tls` for each handshake
//! that was decrypted.
//!
//! PAN-OS writes lines of comma-separated values, in which each version adds columns at the end
//! ([`csv`]); its logging service in the cloud writes JSON objects under names of their own
//! ([`json`]). Both become one record, whose names are those of the service ([`rows`]). CEF and LEEF
//! are read as such. Other kinds of records, such as SYSTEM or USERID, are counted only.
//! <https://docs.paloaltonetworks.com/pan-os/11-0/pan-os-admin/monitoring/use-syslog-for-monitoring/syslog-field-descriptions>

pub(crate) mod csv;
pub(crate) mod json;
mod rows;

#[cfg(test)]
mod kit_tests;
