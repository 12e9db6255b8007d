//! Records that were passed on as they are, kept so that tests can look at them.

use arrow_array::RecordBatch;
use coldtrail_diagnostics::Anomaly;
use coldtrail_model::Table;
use serde_json::{Map, Value};

use crate::{
    Receiver, Selection, SourceTally, Stopped, WholeRecord, WindowsEvent, formats, read_stream_of,
};

/// A record that outlives its source.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct KeptRecord {
    pub(crate) format: &'static str,
    pub(crate) offset: u64,
    pub(crate) length: u64,
    pub(crate) moment: Option<i64>,
    pub(crate) windows: Option<WindowsEvent<'static>>,
    pub(crate) pairs: Vec<(String, String)>,
    pub(crate) object: Option<Map<String, Value>>,
}

impl KeptRecord {
    /// The values of a name.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let pairs = self.pairs.iter().filter(|(known, _)| known == name);
        pairs.map(|(_, value)| value.as_str()).collect()
    }
}

/// Keeps all records, and how many rows there were.
#[derive(Default)]
pub(crate) struct KeptWhole {
    pub(crate) records: Vec<KeptRecord>,
    pub(crate) rows: usize,
}

impl Receiver for KeptWhole {
    fn receive(&mut self, _: Table, batch: RecordBatch) -> Result<(), Stopped> {
        self.rows += batch.num_rows();
        Ok(())
    }

    fn receive_whole(&mut self, record: WholeRecord<'_>) -> Result<(), Stopped> {
        let owned = |text: &str| text.to_owned();
        let windows = record.windows.as_ref().map(|event| WindowsEvent {
            channel: owned(&event.channel).into(),
            provider: owned(&event.provider).into(),
            event_id: event.event_id,
            computer: owned(&event.computer).into(),
        });
        let pairs = record.pairs.iter().map(|(name, value)| (owned(name), owned(value)));
        self.records.push(KeptRecord {
            format: record.format,
            offset: record.offset,
            length: record.length,
            moment: record.moment,
            windows,
            pairs: pairs.collect(),
            object: record.object.cloned(),
        });
        Ok(())
    }
}

/// Wants every format as it is.
pub(crate) fn all_whole() -> Selection {
    let names: Vec<&str> = formats().iter().map(|format| format.name).collect();
    Selection::everything().whole(&names)
}

/// Reads a log, each record as it is where that can be.
pub(crate) fn read_whole(mut bytes: &[u8]) -> (KeptWhole, SourceTally) {
    let mut kept = KeptWhole::default();
    let mut tallies = read_stream_of("log", &mut bytes, all_whole(), &mut kept);
    (kept, tallies.remove(0))
}

/// The anomalies of a source, each with its count.
pub(crate) fn anomalies(tally: &SourceTally) -> Vec<(Anomaly, u64)> {
    tally.tally.faults.iter().map(|fault| (fault.anomaly, fault.count)).collect()
}
