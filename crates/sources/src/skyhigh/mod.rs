//! Skyhigh Secure Web Gateway, formerly McAfee's: the appliance's access log, what its syslog rule sets
//! write as pairs, and the log of the cloud's gateway.
//!
//! * The access log has a time in brackets, then cells in quotes or not.
//! * Appliances send pairs by syslog, in one of two vocabularies.
//! * The cloud exports CSV with a header, and sends the same names as pairs whose values hold spaces
//!   without quotes.

mod access;
mod rows;

#[cfg(test)]
mod kit_tests;

use std::borrow::Cow;

use crate::filling::Values;
use crate::format::LineShape;
use crate::framing::columns::{Cells, Columns};
use crate::framing::key_values::KeyValues;
use crate::framing::{cef, delimited};
use crate::log_lines::LogLine;
use crate::{Collector, Stopped};

/// Logs of the gateway.
pub(crate) struct Skyhigh;

/// The ways in which a line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Cells of an access log.
    Access,
    /// Pairs with quotes, whose names are words.
    Words,
    /// Pairs with quotes, whose names are abbreviated.
    Short,
    /// Pairs without quotes.
    Cloud,
    /// Cells under a header.
    Table,
}

impl Way {
    fn of(line: &LogLine<'_>) -> Option<Self> {
        let text = line.message;
        let has = |part| text.contains(part);
        if has("http_request_first_line=\"") && has("source_ip=") {
            Some(Self::Words)
        } else if has(" srcip=\"") && has(" urlc=\"") && has("status=\"") {
            Some(Self::Short)
        } else if has(" requested_host=") && has(" request_timestamp_epoch=") {
            Some(Self::Cloud)
        } else if access::cells(text).is_some() {
            Some(Self::Access)
        } else {
            let columns = line.columns?;
            let cells = text.split(columns.delimiter).count();
            (text.starts_with('"') && cells >= columns.names.len()).then_some(Self::Table)
        }
    }
}

impl LineShape for Skyhigh {
    fn name(&self) -> &'static str {
        "skyhigh"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        Way::of(line).is_some()
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let text = line.message;
        match Way::of(line) {
            Some(Way::Access) => match access::cells(text) {
                Some(cells) => {
                    rows::row(&Cells { names: &access::NAMES, cells: &cells }, line, collector)
                }
                None => Ok(()),
            },
            Some(Way::Words | Way::Short) => rows::row(&KeyValues::of(text, ' '), line, collector),
            Some(Way::Cloud) => rows::row(&Pairs(cef::pairs(text)), line, collector),
            Some(Way::Table) => {
                let Some(columns) = line.columns else { return Ok(()) };
                let cells = delimited::cells(text, columns.delimiter);
                rows::row(&Cells { names: &columns.names, cells: &cells }, line, collector)
            }
            None => Ok(()),
        }
    }

    fn header(&self, line: &str, _before: Option<&Columns>) -> Option<Columns> {
        let names = delimited::cells(line, ',');
        let has = |wanted: &str| names.iter().any(|name| name == wanted);
        if !(has("requested_host") && has("http_action") && has("request_timestamp_epoch")) {
            return None;
        }
        Columns::new(names.iter().map(AsRef::as_ref), ',')
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "[04/May/2024:10:00:00 +0000] \"jane\" 10.0.0.5 200 \"GET http://a.example/x HTTP/1.1\" \"Business\" \"Minimal Risk\" \"text/html\" 394 \"curl/8\" \"\" \"0\"",
            "date=\"2024-05-04T10:00:00.000Z\" hostname=\"mwg\" username=\"jane\" source_ip=10.0.0.5 destination_ip=192.0.2.7 destination_host=\"a.example\" http_status_code=200 source_bytes=10 destination_bytes=20 http_request_first_line=\"GET http://a.example/x HTTP/1.1\" block_id=0 user_agent=\"curl/8\"",
            "<30>May  4 10:00:00 2024 mwg mwg: status=\"200/0\" srcip=\"10.0.0.5\" user=\"jane\" dhost=\"a.example\" urlp=\"80\" mtd=\"GET\" urlc=\"Business\" bytes=\"10/20/30/40\" ua=\"curl/8\" url=\"http://a.example/x\" destip=\"192.0.2.7\"",
            "user_id=-1 username=jane source_ip=198.51.100.7 http_action=GET server_to_client_bytes=20 client_to_server_bytes=10 requested_host=a.example requested_path=/x result=OBSERVED request_timestamp_epoch=1714816800 uri_scheme=https category=Business, Other http_status_code=200 client_ip=10.0.0.5 user_agent_comment=curl/8 process_name=curl.exe destination_ip=192.0.2.7 destination_port=443",
            "\"user_id\",\"username\",\"source_ip\",\"http_action\",\"requested_host\",\"requested_path\",\"result\",\"request_timestamp_epoch\",\"uri_scheme\",\"http_status_code\",\"client_ip\"\n\"-1\",\"jane\",\"198.51.100.7\",\"GET\",\"a.example\",\"/x\",\"OBSERVED\",\"1714816800\",\"https\",\"200\",\"10.0.0.5\"",
        ]
    }
}

/// Pairs whose values go on until the next key.
struct Pairs<'l>(Vec<(&'l str, Cow<'l, str>)>);

impl Values for Pairs<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        let (_, value) = self.0.iter().find(|(key, _)| *key == name)?;
        (!matches!(value.as_ref(), "" | "-")).then_some(Cow::Borrowed(value))
    }
}
