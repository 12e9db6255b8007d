//! The binary log of Windows (EVTX): a file header, then chunks of 64 KiB with records in them
//! (<https://github.com/libyal/libevtx/blob/main/documentation/Windows%20XML%20Event%20Log%20(EVTX).asciidoc>).
//!
//! A chunk stands on its own, so each thread has one at a time in memory, and damage to it ends with it.

use std::io::Read;
use std::ops::Range;
use std::sync::Arc;

use coldtrail_diagnostics::Anomaly;
use evtx::err::EvtxError;
use evtx::{EvtxChunk, EvtxChunkData, EvtxRecord, ParserSettings};
use memchr::memmem;

use super::{rendered, xml};
use crate::Collector;
use crate::format::{Format, Stopped};
use crate::line_format::{Crew, Part, ReadPart, share};

/// Binary logs of Windows.
pub(crate) struct Evtx;

const FILE_MAGIC: &[u8] = b"ElfFile\0";
const CHUNK_MAGIC: &[u8] = b"ElfChnk\0";
const RECORD_MAGIC: &[u8] = b"**\0\0";

const FILE_HEADER_LENGTH: usize = 4096;
const CHUNK_LENGTH: usize = 64 << 10;
const RECORD_HEADER_LENGTH: u64 = 24;
/// A record ends with a copy of its length.
const LENGTH_COPY_LENGTH: u64 = 4;

/// Where a chunk's header has the table of names: 64 places of four bytes.
const NAME_TABLE: Range<usize> = 128..384;

impl Format for Evtx {
    fn name(&self) -> &'static str {
        "evtx"
    }

    fn recognises(&self, head: &[u8]) -> bool {
        head.starts_with(FILE_MAGIC)
    }

    fn read(&self, stream: &mut dyn Read, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        self.read_with(stream, collector, None)
    }

    fn read_with(
        &self,
        stream: &mut dyn Read,
        collector: &mut Collector<'_>,
        crew: Option<&Crew>,
    ) -> Result<(), Stopped> {
        let header = read_up_to(stream, FILE_HEADER_LENGTH);
        if header.len() < FILE_HEADER_LENGTH {
            collector.anomaly_at(Anomaly::TruncatedStream, Some(0), "the file header is cut");
            return Ok(());
        }
        let chunks_in_use = header.get(42..44).and_then(|bytes| bytes.try_into().ok());
        let mut log = Log {
            settings: Arc::new(ParserSettings::default().indent(false)),
            end_of_use: chunk_offset(chunks_in_use.map_or(0, u16::from_le_bytes)),
            unreadable: None,
        };
        let mut offset = FILE_HEADER_LENGTH as u64;
        let mut is_over = false;
        let mut next = |collector: &mut Collector<'_>| {
            while !is_over {
                let bytes = read_up_to(stream, CHUNK_LENGTH);
                let (begin, length) = (offset, bytes.len());
                offset += length as u64;
                is_over = length < CHUNK_LENGTH;
                if length == 0 {
                    log.end(begin, collector);
                } else if let Some(read) = log.chunk(begin, bytes, collector) {
                    return Some(Part { read, is_led: false });
                }
            }
            None
        };
        share(&mut next, collector, crew)
    }
}

/// What is known of a log while its chunks are read.
struct Log {
    settings: Arc<ParserSettings>,
    /// Where the chunks end that the file header counts. A log that was copied while it was in use
    /// may have more of them.
    end_of_use: u64,
    /// Where the place of a chunk is that could not be read, since the last good one. Behind the
    /// last chunk of a log lies whatever the disk held before, which is no damage.
    unreadable: Option<u64>,
}

impl Log {
    /// What reads a chunk, if it begins as one.
    fn chunk(
        &mut self,
        offset: u64,
        bytes: Vec<u8>,
        collector: &mut Collector<'_>,
    ) -> Option<ReadPart> {
        if !bytes.starts_with(CHUNK_MAGIC) {
            self.no_chunk(offset, collector);
            return None;
        }
        self.tell_unreadable(offset, collector);
        let (chunk, settings) = (Chunk::new(offset, bytes), Arc::clone(&self.settings));
        Some(Box::new(move |collector: &mut Collector<'_>| chunk.read(&settings, collector)))
    }

    fn end(&self, offset: u64, collector: &mut Collector<'_>) {
        if offset < self.end_of_use {
            let detail = "the file header counts more chunks";
            collector.anomaly_at(Anomaly::TruncatedStream, Some(offset), detail);
        }
    }

    fn no_chunk(&mut self, offset: u64, collector: &mut Collector<'_>) {
        if offset < self.end_of_use {
            corrupt_chunk(offset, "it does not begin as a chunk does", collector);
        } else {
            self.unreadable.get_or_insert(offset);
        }
    }

    /// A good chunk shows that those before it were in use.
    fn tell_unreadable(&mut self, until: u64, collector: &mut Collector<'_>) {
        for offset in (self.unreadable.take().unwrap_or(until)..until).step_by(CHUNK_LENGTH) {
            corrupt_chunk(offset, "it does not begin as a chunk does", collector);
        }
    }
}

/// A chunk, or what there is of it.
struct Chunk {
    /// Where it begins in the file.
    offset: u64,
    /// How many bytes of it there are.
    present: usize,
    /// As many bytes as a chunk has; those that are not there are zero.
    bytes: Vec<u8>,
}

impl Chunk {
    fn new(offset: u64, mut bytes: Vec<u8>) -> Self {
        let present = bytes.len();
        bytes.resize(CHUNK_LENGTH, 0);
        Self { offset, present, bytes }
    }

    fn read(
        self,
        settings: &Arc<ParserSettings>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        let Chunk { offset, present, bytes } = self;
        let Ok(mut data) = EvtxChunkData::new(bytes, false) else {
            corrupt_chunk(offset, "its header cannot be read", collector);
            return Ok(());
        };
        if present < CHUNK_LENGTH {
            let detail = format!("{present} of the {CHUNK_LENGTH} bytes of a chunk are there");
            collector.anomaly_at(Anomaly::TruncatedStream, Some(offset), &detail);
        } else if !data.validate_checksum() {
            // The records are read nevertheless: those that make sense are worth having.
            corrupt_chunk(offset, "its checksum does not fit", collector);
        }
        let records = Records { chunk: offset, present: present as u64, next: 0 };
        if let Ok(mut chunk) = data.parse(Arc::clone(settings)) {
            return records.read(&mut chunk, collector);
        }
        corrupt_chunk(offset, "its table of names cannot be read", collector);
        let Some(mut data) = without_name_table(data.data) else { return Ok(()) };
        match data.parse(Arc::clone(settings)) {
            Ok(mut chunk) => records.read(&mut chunk, collector),
            Err(_) => Ok(()),
        }
    }
}

/// The chunk with an empty table of names. The table only saves time: names are also found where
/// the records refer to them.
fn without_name_table(mut bytes: Vec<u8>) -> Option<EvtxChunkData> {
    bytes.get_mut(NAME_TABLE)?.fill(0);
    EvtxChunkData::new(bytes, false).ok()
}

/// Goes through the records of a chunk.
struct Records {
    /// Where the chunk begins in the file.
    chunk: u64,
    /// How many bytes of the chunk there are.
    present: u64,
    /// Where the next record is due in the chunk.
    next: u64,
}

/// Where a record lies in its chunk.
#[derive(Clone, Copy)]
struct Place {
    offset: u64,
    length: u64,
}

impl Records {
    fn read(
        mut self,
        chunk: &mut EvtxChunk<'_>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        let bytes = chunk.data;
        for record in chunk.iter() {
            match record {
                Ok(record) => self.record(record, collector)?,
                Err(error) => {
                    let place = self.place_of_damage(&error, bytes);
                    self.damaged(place, &error, collector);
                }
            }
        }
        Ok(())
    }

    fn record(
        &mut self,
        record: EvtxRecord<'_>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        let place = Place {
            offset: record.binxml_offset.saturating_sub(RECORD_HEADER_LENGTH),
            length: RECORD_HEADER_LENGTH + u64::from(record.binxml_size) + LENGTH_COPY_LENGTH,
        };
        if !self.announce(place, collector) || !is_wanted(collector) {
            return Ok(());
        }
        let xml = match record.into_xml() {
            Ok(xml) => xml.data,
            Err(error) => {
                collector.anomaly(Anomaly::CorruptRecord, &innermost(&error));
                return Ok(());
            }
        };
        if collector.wants_whole(Evtx.name()) {
            let event = rendered::flattened(&xml).map_or_else(|| xml::flattened(&xml), Ok);
            return match event {
                Ok(event) => event.pass_on(Evtx.name(), collector),
                Err(fault) => {
                    collector.anomaly(Anomaly::CorruptRecord, &fault.to_string());
                    Ok(())
                }
            };
        }
        match xml::event(&xml, xml::is_whole(collector)) {
            Ok(event) => event.rows(collector),
            Err(fault) => {
                collector.anomaly(Anomaly::CorruptRecord, &fault.to_string());
                Ok(())
            }
        }
    }

    fn damaged(&mut self, place: Place, error: &EvtxError, collector: &mut Collector<'_>) {
        if self.announce(place, collector) {
            collector.anomaly(Anomaly::CorruptRecord, &innermost(error));
        }
    }

    /// Tells the collector where the record is; `false`, counted, if its end is missing.
    fn announce(&mut self, place: Place, collector: &mut Collector<'_>) -> bool {
        let end = place.offset + place.length;
        self.next = end;
        collector.record(self.chunk + place.offset, place.length);
        if end > self.present {
            collector.anomaly(Anomaly::TruncatedRecord, "the file ends within the record");
        }
        end <= self.present
    }

    /// Where the record is that could not be read.
    ///
    /// Damage to the header is reported with its place, damage to the content only with the
    /// record's number. Records lie one behind the other, so it is searched for where the last one
    /// ended.
    fn place_of_damage(&self, error: &EvtxError, bytes: &[u8]) -> Place {
        let from = usize::try_from(self.next).unwrap_or(usize::MAX);
        let place = match error {
            EvtxError::FailedToReadRecordAt { offset, .. } => {
                Some(Place { offset: *offset, length: RECORD_HEADER_LENGTH })
            }
            EvtxError::FailedToParseRecord { record_id, .. } => {
                find_record(bytes, from, *record_id)
            }
            _ => None,
        };
        place.unwrap_or(Place { offset: self.next, length: RECORD_HEADER_LENGTH })
    }
}

/// Whether anything is to be made of events.
fn is_wanted(collector: &Collector<'_>) -> bool {
    collector.wants_whole(Evtx.name()) || !collector.selection().excepts(Evtx.name())
}

/// The first record with that number at or behind a place.
fn find_record(bytes: &[u8], from: usize, number: u64) -> Option<Place> {
    let bytes_behind = bytes.get(from..)?;
    memmem::find_iter(bytes_behind, RECORD_MAGIC).find_map(|place| {
        let header = bytes_behind.get(place..)?;
        let length = u32::from_le_bytes(header.get(4..8)?.try_into().ok()?);
        let id = u64::from_le_bytes(header.get(8..16)?.try_into().ok()?);
        (id == number).then_some(Place { offset: (from + place) as u64, length: length.into() })
    })
}

/// Where a chunk of that number would begin.
fn chunk_offset(number: u16) -> u64 {
    FILE_HEADER_LENGTH as u64 + u64::from(number) * CHUNK_LENGTH as u64
}

fn corrupt_chunk(offset: u64, detail: &str, collector: &mut Collector<'_>) {
    collector.anomaly_at(Anomaly::CorruptChunk, Some(offset), detail);
}

/// What went wrong at the bottom of a chain of errors, whose upper links only name the record.
fn innermost(error: &EvtxError) -> String {
    let mut error: &dyn std::error::Error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// Reads that many bytes, or fewer at the end of the stream. A stream that fails has ended: the
/// container layer keeps the error.
fn read_up_to(stream: &mut dyn Read, length: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(length);
    // What was read before an error stays in the buffer.
    let _ended = stream.take(length as u64).read_to_end(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use proptest::prelude::*;

    use super::super::rows_for_tests::{Outcome, Row, kit, place, read};
    use super::{CHUNK_LENGTH, CHUNK_MAGIC, Evtx, FILE_HEADER_LENGTH, FILE_MAGIC};

    /// A log of three chunks, with queries that Sysmon saw, and unused space behind them.
    /// Nobody can write such a file by hand, so these tests need the real logs.
    fn log() -> Option<Vec<u8>> {
        let path = kit("windows_evtx/winlogbeat")?.join("sysmon-10.2-dns.evtx");
        Some(std::fs::read(path).expect("the log can be read"))
    }

    fn rows(bytes: &[u8]) -> Vec<Row> {
        read(&Evtx, bytes).rows
    }

    fn start_of_chunk(number: usize) -> usize {
        FILE_HEADER_LENGTH + number * CHUNK_LENGTH
    }

    /// Whether the row was made of a record in that chunk.
    fn in_chunk(row: &Row, number: usize) -> bool {
        let offset = place(row);
        (start_of_chunk(number)..start_of_chunk(number + 1)).contains(&offset)
    }

    #[test]
    fn the_place_of_a_row_is_the_record() {
        let Some(log) = log() else { return };
        let outcome = read(&Evtx, &log);
        assert_eq!(outcome.anomalies(), []);
        assert!(!outcome.rows.is_empty());
        for row in &outcome.rows {
            let offset = place(row);
            let length: usize = row["record_length"].parse().expect("a number");
            let record = &log[offset..offset + length];
            assert!(record.starts_with(b"**\0\0"));
            assert_eq!(record[4..8], (length as u32).to_le_bytes());
            assert_eq!(record[length - 4..], (length as u32).to_le_bytes());
        }
    }

    #[test]
    fn a_broken_chunk_leaves_the_others() {
        let Some(log) = log() else { return };
        let expected: Vec<_> = rows(&log).into_iter().filter(|row| !in_chunk(row, 1)).collect();
        let place = start_of_chunk(1);

        let mut zeroed = log.clone();
        zeroed[place..place + CHUNK_LENGTH].fill(0);
        let mut unnamed = log.clone();
        unnamed[place] = b'X';
        for damaged in [zeroed, unnamed] {
            let outcome = read(&Evtx, &damaged);
            assert_eq!(outcome.rows, expected);
            assert_eq!(outcome.anomalies(), [(Anomaly::CorruptChunk, 1, Some(place as u64))]);
        }
    }

    #[test]
    fn a_broken_table_of_names_costs_nothing_but_a_word() {
        let Some(log) = log() else { return };
        let mut damaged = log.clone();
        let table = start_of_chunk(0) + 128;
        damaged[table..table + 256].fill(0xff);
        let outcome = read(&Evtx, &damaged);
        assert_eq!(outcome.rows, rows(&log));
        let place = start_of_chunk(0) as u64;
        // Once for the table, once for the checksum.
        assert_eq!(outcome.anomalies(), [(Anomaly::CorruptChunk, 2, Some(place))]);
    }

    #[test]
    fn a_broken_record_leaves_its_neighbours() {
        let Some(log) = log() else { return };
        let intact = rows(&log);
        let offset = place(&intact[10]);
        // The magic of the record, its length, and the first byte of its content.
        for place in [0, 6, 24] {
            let mut damaged = log.clone();
            damaged[offset + place] ^= 0x55;
            let outcome = read(&Evtx, &damaged);
            let mut expected = intact.clone();
            expected.remove(10);
            assert_eq!(outcome.rows, expected, "{place}");
            let chunk = start_of_chunk(0) as u64;
            let anomalies = [
                (Anomaly::CorruptChunk, 1, Some(chunk)),
                (Anomaly::CorruptRecord, 1, Some(offset as u64)),
            ];
            assert_eq!(outcome.anomalies(), anomalies, "{place}");
        }
    }

    #[test]
    fn a_cut_log_is_read_up_to_the_cut() {
        let Some(log) = log() else { return };
        let intact = rows(&log);
        let offset = place(&intact[70]);
        let chunk = if in_chunk(&intact[70], 0) { 0 } else { 1 };
        let place = start_of_chunk(chunk) as u64;

        let within = read(&Evtx, &log[..offset + 40]);
        assert_eq!(within.rows, intact[..70]);
        let anomalies = [
            (Anomaly::TruncatedStream, 1, Some(place)),
            (Anomaly::TruncatedRecord, 1, Some(offset as u64)),
        ];
        assert_eq!(within.anomalies(), anomalies);

        let between = read(&Evtx, &log[..offset]);
        assert_eq!(between.rows, intact[..70]);
        assert_eq!(between.anomalies(), [(Anomaly::TruncatedStream, 1, Some(place))]);

        let place = start_of_chunk(1);
        let between_chunks = read(&Evtx, &log[..place]);
        let anomalies = [(Anomaly::TruncatedStream, 1, Some(place as u64))];
        assert_eq!(between_chunks.anomalies(), anomalies);

        let header = read(&Evtx, &log[..100]);
        assert_eq!(header.anomalies(), [(Anomaly::TruncatedStream, 1, Some(0))]);
    }

    #[test]
    fn what_lies_behind_the_last_chunk_is_no_damage() {
        let mut log = [FILE_MAGIC, &[0; FILE_HEADER_LENGTH - 8]].concat();
        log.resize(start_of_chunk(3), 0x77);
        assert_eq!(read(&Evtx, &log).anomalies(), []);

        // A chunk behind it shows that the count in the header is too small.
        log.extend_from_slice(CHUNK_MAGIC);
        log.resize(start_of_chunk(4), 0);
        let anomalies = read(&Evtx, &log).anomalies();
        assert_eq!(anomalies, [(Anomaly::CorruptChunk, 4, Some(start_of_chunk(0) as u64))]);
    }

    fn damaged(log: &[u8], damage: &[(usize, u8)]) -> Outcome {
        let mut log = log[..start_of_chunk(2)].to_vec();
        for (place, byte) in damage {
            let place = start_of_chunk(0) + place % CHUNK_LENGTH;
            log[place] = *byte;
        }
        read(&Evtx, &log)
    }

    #[test]
    fn damage_to_one_chunk_never_harms_the_next() {
        let Some(log) = log() else { return };
        let expected: Vec<_> = rows(&log).into_iter().filter(|row| in_chunk(row, 1)).collect();
        let places = prop_oneof![0usize..512, 0usize..4096, 0usize..CHUNK_LENGTH];
        let damage = prop::collection::vec((places, any::<u8>()), 1..20);
        proptest!(ProptestConfig::with_cases(64), |(damage in damage)| {
            let outcome = damaged(&log, &damage);
            let next: Vec<_> =
                outcome.rows.into_iter().filter(|row| in_chunk(row, 1)).collect();
            prop_assert_eq!(&next, &expected);
        });
    }
}
