//! A vendor's documents, found again by the place of the record that each was made of.

use std::collections::BTreeMap;

use serde_json::Value;

use super::ecs;

/// Documents by the first byte of their records.
pub(super) struct Documents {
    documents: Vec<Value>,
    places: BTreeMap<u64, usize>,
}

const EVTX: &[u8] = b"ElfFile\0";
const EVTX_CHUNKS_BEGIN: usize = 4096;
const EVTX_CHUNK_LENGTH: usize = 65_536;
const EVTX_RECORDS_BEGIN: usize = 512;
const EVTX_RECORD: &[u8] = b"\x2a\x2a\0\0";

impl Documents {
    /// Documents of the records of a stream, in the same order; `None` where it cannot be said which
    /// belongs to which.
    pub(super) fn align(stream: &[u8], documents: Vec<Value>) -> Option<Self> {
        let places = if stream.starts_with(EVTX) {
            of_event_log(stream, &documents)
        } else {
            in_order(stream, &documents)?
        };
        Some(Self { documents, places })
    }

    /// Documents of parts whose places are known.
    pub(super) fn at(places: impl IntoIterator<Item = (u64, Value)>) -> Self {
        let (offsets, documents): (Vec<u64>, Vec<Value>) = places.into_iter().unzip();
        Self { documents, places: offsets.into_iter().zip(0..).collect() }
    }

    /// How many records have a document.
    pub(super) fn count(&self) -> usize {
        self.iter().count()
    }

    /// The documents with the numbers of their records.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Value)> {
        self.places.values().filter_map(|place| Some((*place, self.document(*place)?)))
    }

    /// The number and the document of the record that holds a byte.
    pub(super) fn of(&self, offset: u64) -> Option<(usize, &Value)> {
        let place = *self.places.range(..=offset).next_back()?.1;
        Some((place, self.document(place)?))
    }

    /// A record that the vendor drops has null for a document.
    fn document(&self, place: usize) -> Option<&Value> {
        self.documents.get(place).filter(|document| !document.is_null())
    }
}

/// Lines, lines that are no header, or JSON values: whichever there are as many of as documents.
fn in_order(stream: &[u8], documents: &[Value]) -> Option<BTreeMap<u64, usize>> {
    if documents.len() == 1 {
        return Some(BTreeMap::from([(0, 0)]));
    }
    let lines = lines(stream);
    let offsets = |lines: &[(u64, &[u8])]| lines.iter().map(|(offset, _)| *offset).collect();
    let is_header = |line: &[u8]| line.starts_with(b"#");
    let records: Vec<_> = lines.iter().copied().filter(|(_, line)| !is_header(line)).collect();
    let candidates: [Vec<u64>; 3] = [offsets(&lines), offsets(&records), values(stream)];
    let fitting = candidates.into_iter().find(|offsets| offsets.len() == documents.len())?;
    Some(fitting.into_iter().zip(0..).collect())
}

/// Where lines begin that are not empty.
fn lines(stream: &[u8]) -> Vec<(u64, &[u8])> {
    let mut offset = 0;
    let lines = stream.split_inclusive(|byte| *byte == b'\n').map(|line| {
        let begin = offset;
        offset += line.len() as u64;
        (begin, line)
    });
    lines.filter(|(_, line)| !line.trim_ascii().is_empty()).collect()
}

/// Where JSON values begin that follow one another.
fn values(stream: &[u8]) -> Vec<u64> {
    let mut values = serde_json::Deserializer::from_slice(stream).into_iter::<Value>();
    let mut offsets = Vec::new();
    let mut offset = values.byte_offset() as u64;
    while let Some(Ok(_)) = values.next() {
        offsets.push(offset);
        offset = values.byte_offset() as u64;
    }
    offsets
}

/// Windows event logs: in order where there are as many records as documents, since an exported log
/// numbers its records anew; otherwise by the number that the document names.
fn of_event_log(log: &[u8], documents: &[Value]) -> BTreeMap<u64, usize> {
    let chunks = (EVTX_CHUNKS_BEGIN..log.len()).step_by(EVTX_CHUNK_LENGTH);
    let records: Vec<_> = chunks.flat_map(|chunk| evtx_records(log, chunk)).collect();
    if records.len() == documents.len() {
        return records.into_iter().map(|(offset, _)| offset).zip(0..).collect();
    }
    let by_number: BTreeMap<u64, usize> = documents
        .iter()
        .enumerate()
        .filter_map(|(place, document)| Some((record_number(document)?, place)))
        .collect();
    // A record without a document ends the stretch of the one before.
    let place = |number| by_number.get(&number).copied().unwrap_or(documents.len());
    records.into_iter().map(|(offset, number)| (offset, place(number))).collect()
}

fn record_number(document: &Value) -> Option<u64> {
    let number = ecs::at(document, "winlog.record_id").first().copied()?;
    number.as_u64().or_else(|| number.as_str()?.parse().ok())
}

/// The places and numbers of a chunk's records: a mark, 32 bits of length, 64 bits of number.
fn evtx_records(log: &[u8], chunk: usize) -> Vec<(u64, u64)> {
    let mut records = Vec::new();
    let mut offset = chunk + EVTX_RECORDS_BEGIN;
    while let Some(record) = log.get(offset..)
        && record.starts_with(EVTX_RECORD)
        && let Some((_, rest)) = record.split_first_chunk::<4>()
        && let Some((length, rest)) = rest.split_first_chunk()
        && let Some((number, _)) = rest.split_first_chunk()
    {
        records.push((offset as u64, u64::from_le_bytes(*number)));
        offset += (u32::from_le_bytes(*length) as usize).max(EVTX_RECORD.len());
    }
    records
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Documents, EVTX};

    fn numbers(count: u64) -> Vec<Value> {
        (0..count).map(|number| json!(number)).collect()
    }

    #[test]
    fn the_only_document_is_of_everything() {
        let documents = Documents::align(b"{\n\"a\":1}\n", numbers(1)).unwrap();
        assert_eq!(documents.of(7), Some((0, &json!(0))));
    }

    #[test]
    fn lines_and_values_have_their_own() {
        let lines = Documents::align(b"a\n\nbb\r\nc", numbers(3)).unwrap();
        assert_eq!(lines.of(3), Some((1, &json!(1))));
        assert_eq!(lines.of(7), Some((2, &json!(2))));
        let with_header = Documents::align(b"#fields\na\nb\n", numbers(2)).unwrap();
        assert_eq!((with_header.of(0), with_header.of(10)), (None, Some((1, &json!(1)))));
        let values = Documents::align(b"{\n\"a\":1}\n{\n\"b\":2}\n", numbers(2)).unwrap();
        assert_eq!(values.of(9).map(|(place, _)| place), Some(1));
        assert!(Documents::align(b"a\nb\n", numbers(5)).is_none());
    }

    #[test]
    fn what_the_vendor_drops_has_no_document() {
        let documents = Documents::align(b"a\nb\n", vec![Value::Null, json!(1)]).unwrap();
        assert_eq!((documents.count(), documents.of(0)), (1, None));
    }

    /// An event log of two records, numbers 7 and 8.
    fn event_log() -> Vec<u8> {
        let mut log = [EVTX, &[0; 4096 + 512 - 8]].concat();
        for number in [7_u64, 8] {
            log.extend(b"\x2a\x2a\0\0\x18\0\0\0");
            log.extend(number.to_le_bytes());
            log.extend([0; 8]);
        }
        log
    }

    #[test]
    fn records_of_event_logs_are_found_in_order() {
        let documents = Documents::align(&event_log(), numbers(2)).unwrap();
        assert_eq!(documents.of(4096 + 512 + 24), Some((1, &json!(1))));
    }

    #[test]
    fn records_of_event_logs_without_some_documents_are_found_by_their_number() {
        let log = event_log();
        let documents = vec![json!({"winlog": {"record_id": "8"}})];
        let documents = Documents::align(&log, documents).unwrap();
        assert_eq!(documents.of(4096 + 512), None);
        assert_eq!(documents.of(4096 + 512 + 24).map(|(place, _)| place), Some(0));
    }
}
