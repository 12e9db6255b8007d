//! Bytes in, rows of event tables out.
//!
//! [`discover()`] finds inputs, and [`read()`] reads one: it takes off compression and archives,
//! recognises each member by its content, and has the format's parser make rows, which go to a
//! [`Receiver`] in Arrow batches of bounded size. [`fetch()`] gets the original bytes of records
//! again, by the reference that every row carries. [`compare()`] tells what was read another time.
//!
//! Besides rows, which have what all products have in common, a receiver can have records with all that
//! their product wrote: in batches of named fields, as [`Records`], or one by one as they are read, as
//! [`WholeRecord`]s ([`Selection::whole`]).
//!
//! Input is hostile here. A file name decides nothing; no record, however long or broken, takes more
//! memory than a few times 16 MiB or harms its neighbours; and nothing fails: whatever is wrong with
//! a source is a named and counted [`Anomaly`](coldtrail_diagnostics::Anomaly) in its [`Tally`].
//!
//! ```
//! use arrow_array::RecordBatch;
//! use coldtrail_model::Table;
//! use coldtrail_sources::{Receiver, Stopped, read_stream};
//!
//! struct Count(usize);
//!
//! impl Receiver for Count {
//!     fn receive(&mut self, _: Table, batch: RecordBatch) -> Result<(), Stopped> {
//!         self.0 += batch.num_rows();
//!         Ok(())
//!     }
//! }
//!
//! let log = "#separator \\x09\n#path\tdns\n#fields\tts\tuid\tquery\n#types\ttime\tstring\tstring\n\
//!            1600666032.123456\tC1\texample.azurewebsites.net\n";
//! let mut count = Count(0);
//! let tallies = read_stream("dns.log", &mut log.as_bytes(), &mut count);
//! assert_eq!(tallies[0].format, Some("zeek-tsv"));
//! assert_eq!(count.0, 1);
//! ```

mod aws;
mod azure;
mod bind;
mod check_point;
mod cisco_asa;
mod cisco_wsa;
mod cloudflare;
mod collector;
mod common_event;
mod container;
mod content;
mod coredns;
mod csv;
mod decision;
mod defender;
mod discover;
mod dnsmasq;
mod ecs;
mod explain;
mod fetch;
mod filling;
mod format;
mod formats;
mod fortigate;
mod framing;
mod gcp;
mod google_workspace;
mod infoblox;
mod iptables;
mod json;
#[cfg(test)]
mod kept_rows;
#[cfg(test)]
mod kept_whole;
mod keyword_builder;
mod line_format;
mod log_lines;
mod lookup;
mod mapped;
mod microsoft_365;
mod moment;
mod nested;
mod netskope;
mod ocsf;
mod palo_alto;
mod parquet;
mod passive_dns;
mod pfsense;
mod read;
mod read_all;
mod records;
mod registry;
mod selection;
mod sentinel;
mod set_values;
mod skyhigh;
mod sniff;
mod squid;
mod suricata;
mod table_builder;
mod time;
mod umbrella;
mod unbound;
mod url;
mod w3c;
mod whole;
mod windows;
mod windows_dns;
mod windows_firewall;
mod zeek;
mod zscaler;

pub(crate) use collector::{Collector, Row};
pub use collector::{Receiver, Sighting, Tally};
pub use content::{Compared, Content, Known, Member, compare};
pub use discover::{Input, Origin, discover};
pub use explain::{ExplainedColumn, Explanation, explain};
pub use fetch::fetch;
pub use format::Stopped;
pub use formats::{KnownFormat, formats};
pub use mapped::{Mapping, MappingError};
pub use read::{SourceTally, read, read_stream, read_stream_of};
pub use read_all::{ReadAll, ReaderDied, read_all};
pub use records::{KnownKinds, RECORD_LENGTH, RECORD_OFFSET, RECORD_SOURCE, Records, is_export_of};
pub use selection::{Ending, Filter, Needles, Pass, Selection};
pub use whole::{WholeRecord, WindowsEvent};
