//! Rows in the order of a file, cut by day.
//!
//! The rest of a table is ordered by the address that was contacted: whoever looks for few addresses
//! then finds them on few pages. Queries all go to a few resolvers, so they are left as their logs have
//! them, which is nearly by time. Contacts are read whole, in order of time. The order is total, so
//! that a file does not depend on which thread read what first.

use std::collections::{BTreeMap, HashMap};

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, BooleanArray, RecordBatch, StringArray};
use coldtrail_model::{Field, Table, Timestamp};

use crate::kind::Kind;
use crate::split::texts;

const DAY: i64 = 86_400 * 1_000_000;

/// More days than this in one write are put together until a file has [`FEWEST_ROWS`]: a file costs
/// more than a row, and a hostile log can name another day in each of its rows.
const MOST_DAYS: usize = 64;

/// How few rows a file may have where there are very many days.
const FEWEST_ROWS: usize = 8192;

/// A batch, and which of its rows count: all, or those that are not marked.
pub(crate) struct Piece {
    pub(crate) batch: RecordBatch,
    pub(crate) without: Option<BooleanArray>,
}

/// A row's place: the piece, and the row in it.
pub(crate) type Place = (usize, usize);

/// The rows of one file.
pub(crate) struct Day {
    /// The day of its first row.
    pub(crate) date: String,
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// The rows, in order.
    pub(crate) places: Vec<Place>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    day: i32,
    address: u32,
    /// The time, where rows are in its order.
    moment: i64,
    source: u32,
    offset: i64,
    timestamp: i64,
    piece: u32,
    row: u32,
}

/// Orders the rows of all pieces, and cuts them by day.
pub(crate) fn days(kind: Kind, pieces: &[Piece]) -> Vec<Day> {
    let mut keys = keys(kind, pieces);
    keys.sort_unstable();
    let days: Vec<&[Key]> = keys.chunk_by(|one, other| one.day == other.day).collect();
    if days.len() <= MOST_DAYS {
        return days.into_iter().filter_map(day).collect();
    }
    let mut together = Vec::new();
    let mut open: Vec<Key> = Vec::new();
    for keys in days {
        open.extend_from_slice(keys);
        if open.len() >= FEWEST_ROWS {
            together.extend(several_days(std::mem::take(&mut open)));
        }
    }
    together.extend(several_days(open));
    together
}

fn several_days(mut keys: Vec<Key>) -> Option<Day> {
    keys.sort_unstable_by_key(|key| Key { day: 0, ..*key });
    day(&keys)
}

fn day(keys: &[Key]) -> Option<Day> {
    let first = keys.iter().map(|key| key.timestamp).min()?;
    let last = keys.iter().map(|key| key.timestamp).max()?;
    let places = keys.iter().map(|key| (key.piece as usize, key.row as usize)).collect();
    Some(Day { date: Timestamp(first).date(), first, last, places })
}

fn keys(kind: Kind, pieces: &[Piece]) -> Vec<Key> {
    let mut addresses = Addresses::default();
    let sources = sources(pieces);
    let is_as_read = kind == Kind::Rest(Table::Dns);
    let rows = pieces.iter().map(|piece| piece.batch.num_rows()).sum();
    let mut keys = Vec::with_capacity(rows);
    for (number, piece) in (0..).zip(pieces) {
        let Some(timestamps) = piece
            .batch
            .column_by_name(Field::Timestamp.name())
            .and_then(|column| column.as_primitive_opt::<TimestampMicrosecondType>())
        else {
            continue;
        };
        let destinations =
            texts(&piece.batch, Field::DestinationIp).filter(|_| matches!(kind, Kind::Rest(_)));
        let destinations = destinations.filter(|_| !is_as_read);
        let names = dictionary(&piece.batch);
        let rank = |name: Option<&str>| name.and_then(|name| sources.get(name)).copied();
        let ranks: Vec<u32> = names.map_or_else(Vec::new, |(_, names)| {
            names.iter().map(|name| rank(name).unwrap_or_default()).collect()
        });
        let offsets = piece
            .batch
            .column_by_name(Field::RecordOffset.name())
            .and_then(|column| column.as_primitive_opt::<Int64Type>());
        for (row, timestamp) in (0..).zip(timestamps.values().iter().copied()) {
            let place = row as usize;
            if piece.without.as_ref().is_some_and(|without| without.value(place)) {
                continue;
            }
            let address = destinations.filter(|column| column.is_valid(place));
            let source = names
                .and_then(|(keys, _)| ranks.get(usize::try_from(*keys.get(place)?).ok()?).copied());
            keys.push(Key {
                day: i32::try_from(timestamp.div_euclid(DAY)).unwrap_or(i32::MAX),
                address: address.map_or(0, |column| addresses.number(column.value(place))),
                moment: if is_as_read { 0 } else { timestamp },
                source: source.unwrap_or_default(),
                offset: offsets.map_or(0, |offsets| offsets.value(place)),
                timestamp,
                piece: number,
                row,
            });
        }
    }
    let ranks = addresses.ranks();
    for key in &mut keys {
        key.address = ranks.get(key.address as usize).copied().unwrap_or_default();
    }
    keys
}

/// The addresses that were contacted, numbered from 1 as they are met.
#[derive(Default)]
struct Addresses<'p>(HashMap<&'p str, u32>);

impl<'p> Addresses<'p> {
    fn number(&mut self, address: &'p str) -> u32 {
        let next = u32::try_from(self.0.len() + 1).unwrap_or(u32::MAX);
        *self.0.entry(address).or_insert(next)
    }

    /// For each number, its place in the order of addresses.
    fn ranks(self) -> Vec<u32> {
        let mut addresses: Vec<(&str, u32)> = self.0.into_iter().collect();
        addresses.sort_unstable();
        let mut ranks = vec![0; addresses.len() + 1];
        for (rank, (_, number)) in (1..).zip(addresses) {
            if let Some(slot) = ranks.get_mut(number as usize) {
                *slot = rank;
            }
        }
        ranks
    }
}

/// The rank of each source.
fn sources(pieces: &[Piece]) -> BTreeMap<&str, u32> {
    let names = pieces.iter().filter_map(|piece| dictionary(&piece.batch));
    let mut ranks: BTreeMap<&str, u32> =
        names.flat_map(|(_, names)| names.iter().flatten()).map(|name| (name, 0)).collect();
    for (rank, slot) in (0..).zip(ranks.values_mut()) {
        *slot = rank;
    }
    ranks
}

/// The keys and names of the sources of rows.
fn dictionary(batch: &RecordBatch) -> Option<(&[i32], &StringArray)> {
    let column = batch.column_by_name(Field::RecordSource.name())?;
    let column = column.as_dictionary_opt::<Int32Type>()?;
    Some((column.keys().values(), column.values().as_string_opt::<i32>()?))
}
