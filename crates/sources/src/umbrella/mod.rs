//! Cisco Umbrella's logs as it puts them into buckets: lines of quoted cells without a header, whose
//! number has grown with every version, new cells behind the old ones. Which log a line is of shows in
//! its cells: DNS, the proxy, addresses, the firewall, intrusions, or data leaks.
//! <https://docs.umbrella.com/deployment-umbrella/docs/log-formats-and-versioning>

mod kinds;
mod rows;

#[cfg(test)]
mod kit_tests;

use self::kinds::Kind;
use crate::format::LineShape;
use crate::framing::columns::Cells;
use crate::log_lines::LogLine;
use crate::{Collector, Stopped};

/// Logs of Umbrella.
pub(crate) struct Umbrella;

impl LineShape for Umbrella {
    fn name(&self) -> &'static str {
        "umbrella"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        Kind::of(line.message).is_some()
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        match Kind::of(line.message) {
            Some((kind, cells)) => {
                rows::row(kind, &Cells { names: kind.names(), cells: &cells }, collector)
            }
            None => Ok(()),
        }
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "\"2024-05-04 10:00:00\",\"PC1\",\"PC1,Site\",\"10.0.0.5\",\"192.0.2.1\",\"Allowed\",\"1 (A)\",\"NOERROR\",\"a.example.\",\"Other\",\"Roaming Computers\",\"Roaming Computers,Sites\",\"\"",
            "\"2024-05-04 10:00:00\",\"PC1\",\"10.0.0.5\",\"192.0.2.1\",\"192.0.2.7\",\"text/html\",\"BLOCKED\",\"https://a.example/x\",\"\",\"curl/8\",\"200\",\"10\",\"20\",\"15\",\"\",\"Other\",\"\",\"\",\"\",\"\",\"\",\"Roaming Computers\",\"\"",
            "\"2024-05-04 10:00:00\",\"PC1\",\"10.0.0.5\",\"49200\",\"192.0.2.7\",\"443\",\"Other\",\"Roaming Computers\"",
            "\"2024-05-04 10:00:00\",\"[1]\",\"Site\",\"CDFW Tunnel Device\",\"OUTBOUND\",\"6\",\"84\",\"10.0.0.5\",\"49200\",\"192.0.2.7\",\"443\",\"dc\",\"12\",\"ALLOW\"",
        ]
    }
}
