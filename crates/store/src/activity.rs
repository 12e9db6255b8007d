//! The summary of activity: who was active in which hour, and how much.
//!
//! It is what baselines are made of, and grows by addition: each commit adds rows, readers sum them
//! up. Whose activity a row is, is told as [a census] tells it: the source of an inbound connection
//! is the other side's address, and no host of ours.
//!
//! [a census]: <https://docs.rs/coldtrail-engine>

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow_array::builder::{Int64Builder, StringBuilder, TimestampMicrosecondBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use coldtrail_model::{Field, Table};

use crate::kind::activity_schema;
use crate::split::texts;

const HOUR: i64 = 3600 * 1_000_000;

/// Sums by hour, table, host and address.
///
/// Rows come by table and more or less in order of time, so nearly all of them are looked up in few
/// groups, which stay in the cache.
pub(crate) struct Activity {
    groups: BTreeMap<HourAndTable, Group>,
    /// How many sums there are over all groups.
    sums: usize,
    key: Vec<u8>,
    most: usize,
}

/// The beginning of an hour, and a table.
type HourAndTable = (i64, Table);

/// Sums of an hour and table. The keys are made of text, so that a row is looked up without
/// allocating.
type Group = HashMap<Box<[u8]>, Sums>;

#[derive(Clone, Copy, Default)]
struct Sums {
    events: i64,
    process_rows: i64,
    name_rows: i64,
    sent_bytes: i64,
    received_bytes: i64,
    first: i64,
    last: i64,
}

impl Activity {
    /// So many keys are kept in memory over all threads: about 16 MiB. Whoever has more writes them.
    const MOST: usize = 100_000;

    /// Sums of one of so many threads.
    pub(crate) fn of_thread(threads: usize) -> Self {
        let most = Self::MOST / threads.max(1);
        Self { groups: BTreeMap::new(), sums: 0, key: Vec::new(), most }
    }

    /// Adds up the rows of a batch.
    pub(crate) fn note(&mut self, table: Table, batch: &RecordBatch) {
        let timestamps = batch
            .column_by_name(Field::Timestamp.name())
            .and_then(|column| column.as_primitive_opt::<TimestampMicrosecondType>());
        let Some(timestamps) = timestamps else { return };
        let hosts = texts(batch, Field::HostName);
        let addresses = texts(batch, Field::SourceIp);
        let directions = texts(batch, Field::NetworkDirection);
        let processes = texts(batch, Field::ProcessName);
        let names = name_field(table).and_then(|field| texts(batch, field));
        let [sent, received] = byte_fields(table).map(|ways| ways.map(|way| numbers(batch, way)));
        for (row, timestamp) in timestamps.values().iter().copied().enumerate() {
            let address =
                value(addresses, row).filter(|_| value(directions, row) != Some("inbound"));
            let hour = timestamp - timestamp.rem_euclid(HOUR);
            let key = Key { host: value(hosts, row), address };
            let sums = Sums {
                events: 1,
                process_rows: i64::from(value(processes, row).is_some()),
                name_rows: i64::from(value(names, row).is_some()),
                sent_bytes: first_number(sent, row),
                received_bytes: first_number(received, row),
                first: timestamp,
                last: timestamp,
            };
            self.add((hour, table), &key, sums);
        }
    }

    /// Adds up sums that were written before.
    pub(crate) fn note_sums(&mut self, batch: &RecordBatch) {
        let time =
            |name: &str| batch.column_by_name(name)?.as_primitive_opt::<TimestampMicrosecondType>();
        let column = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Int64Type>();
        let text = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
        let (Some(timestamps), Some(first), Some(last)) =
            (time("timestamp"), time("first"), time("last"))
        else {
            return;
        };
        let (tables, hosts, addresses) = (text("table"), text("host_name"), text("source_ip"));
        for row in 0..batch.num_rows() {
            // A store of this version names no other tables.
            let Some(table) = value(tables, row).and_then(Table::from_name) else { continue };
            let key = Key { host: value(hosts, row), address: value(addresses, row) };
            let sums = Sums {
                events: number(column("events"), row),
                process_rows: number(column("process_rows"), row),
                name_rows: number(column("name_rows"), row),
                sent_bytes: number(column("sent_bytes"), row),
                received_bytes: number(column("received_bytes"), row),
                first: first.value(row),
                last: last.value(row),
            };
            self.add((timestamps.value(row), table), &key, sums);
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.sums >= self.most
    }

    /// The sums as rows, in order, and begins anew.
    pub(crate) fn take(&mut self) -> Option<RecordBatch> {
        self.sums = 0;
        let mut all: Vec<(HourAndTable, Box<[u8]>, Sums)> = Vec::new();
        for (group, sums) in std::mem::take(&mut self.groups) {
            all.extend(sums.into_iter().map(|(key, sums)| (group, key, sums)));
        }
        if all.is_empty() {
            return None;
        }
        all.sort_unstable_by(|(one, key, _), (other, other_key, _)| {
            (one, key).cmp(&(other, other_key))
        });
        let mut hours = TimestampMicrosecondBuilder::new().with_timezone("UTC");
        let (mut tables, mut hosts) = (StringBuilder::new(), StringBuilder::new());
        let mut addresses = StringBuilder::new();
        for ((hour, table), key, _) in &all {
            let key = Key::read(key)?;
            hours.append_value(*hour);
            tables.append_value(table.name());
            hosts.append_option(key.host);
            addresses.append_option(key.address);
        }
        let number = |value: fn(&Sums) -> i64| -> ArrayRef {
            let mut column = Int64Builder::with_capacity(all.len());
            all.iter().for_each(|(_, _, sums)| column.append_value(value(sums)));
            Arc::new(column.finish())
        };
        let time = |value: fn(&Sums) -> i64| -> ArrayRef {
            let mut column =
                TimestampMicrosecondBuilder::with_capacity(all.len()).with_timezone("UTC");
            all.iter().for_each(|(_, _, sums)| column.append_value(value(sums)));
            Arc::new(column.finish())
        };
        let columns: Vec<ArrayRef> = vec![
            Arc::new(hours.finish()),
            Arc::new(tables.finish()),
            Arc::new(hosts.finish()),
            Arc::new(addresses.finish()),
            number(|sums| sums.events),
            number(|sums| sums.process_rows),
            number(|sums| sums.name_rows),
            number(|sums| sums.sent_bytes),
            number(|sums| sums.received_bytes),
            time(|sums| sums.first),
            time(|sums| sums.last),
        ];
        RecordBatch::try_new(activity_schema(), columns).ok()
    }

    fn add<'k>(&'k mut self, group: HourAndTable, key: &Key<'k>, sums: Sums) {
        let key = key.bytes(&mut self.key);
        let group = self.groups.entry(group).or_default();
        match group.get_mut(key) {
            Some(known) => known.add(&sums),
            None => {
                group.insert(key.into(), sums);
                self.sums += 1;
            }
        }
    }
}

impl Sums {
    fn add(&mut self, other: &Sums) {
        self.events = self.events.saturating_add(other.events);
        self.process_rows = self.process_rows.saturating_add(other.process_rows);
        self.name_rows = self.name_rows.saturating_add(other.name_rows);
        self.sent_bytes = self.sent_bytes.saturating_add(other.sent_bytes);
        self.received_bytes = self.received_bytes.saturating_add(other.received_bytes);
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}

/// What sums of a group are kept by, as bytes: an address alone is what it is, as most are. Otherwise
/// texts end with a byte that no UTF-8 has, and another such byte stands for one that is absent.
struct Key<'k> {
    host: Option<&'k str>,
    address: Option<&'k str>,
}

const END: u8 = 0xff;
const ABSENT: u8 = 0xfe;

impl<'k> Key<'k> {
    /// The key as bytes, which are written only if they do not lie there yet.
    fn bytes(&self, room: &'k mut Vec<u8>) -> &'k [u8] {
        if let (None, Some(address)) = (self.host, self.address) {
            return address.as_bytes();
        }
        room.clear();
        for text in [self.host, self.address] {
            match text {
                Some(text) => room.extend_from_slice(text.as_bytes()),
                None => room.push(ABSENT),
            }
            room.push(END);
        }
        room
    }

    fn read(key: &'k [u8]) -> Option<Self> {
        if !key.ends_with(&[END]) {
            return Some(Self { host: None, address: Some(std::str::from_utf8(key).ok()?) });
        }
        let (host, rest) = text(key)?;
        let (address, _) = text(rest)?;
        Some(Self { host, address })
    }
}

/// The text at the beginning, if it is there, and what follows it.
fn text(key: &[u8]) -> Option<(Option<&str>, &[u8])> {
    let end = key.iter().position(|byte| *byte == END)?;
    let (text, rest) = (key.get(..end)?, key.get(end + 1..)?);
    match text {
        [ABSENT] => Some((None, rest)),
        text => Some((Some(std::str::from_utf8(text).ok()?), rest)),
    }
}

fn name_field(table: Table) -> Option<Field> {
    match table {
        Table::Flow => Some(Field::DestinationDomain),
        Table::Dns => Some(Field::DnsQuestionName),
        Table::Web => Some(Field::UrlDomain),
        Table::Tls => Some(Field::TlsClientServerName),
        Table::Process | Table::File | Table::Script | Table::Cloud => None,
    }
}

fn numbers(batch: &RecordBatch, field: Field) -> Option<&Int64Array> {
    batch.column_by_name(field.name())?.as_primitive_opt::<Int64Type>()
}

fn value(column: Option<&StringArray>, row: usize) -> Option<&str> {
    column.filter(|column| column.is_valid(row)).map(|column| column.value(row))
}

/// Where the bytes are that were sent, and those that were received: in the first field, or the
/// second where that is not known. Proxies count whole messages, sensors their bodies.
fn byte_fields(table: Table) -> [[Field; 2]; 2] {
    match table {
        Table::Flow => [[Field::SourceBytes; 2], [Field::DestinationBytes; 2]],
        _ => [
            [Field::HttpRequestBodyBytes, Field::HttpRequestBytes],
            [Field::HttpResponseBodyBytes, Field::HttpResponseBytes],
        ],
    }
}

fn first_number(ways: [Option<&Int64Array>; 2], row: usize) -> i64 {
    let known = ways.into_iter().flatten().find(|column| column.is_valid(row));
    known.map_or(0, |column| column.value(row))
}

fn number(column: Option<&Int64Array>, row: usize) -> i64 {
    column.filter(|column| column.is_valid(row)).map_or(0, |column| column.value(row))
}
