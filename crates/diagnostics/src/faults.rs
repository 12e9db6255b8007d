use std::collections::BTreeMap;

use crate::Anomaly;

/// One kind of anomaly in one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file, `!` before a member of an archive.
    pub source: String,
    /// What was wrong.
    pub anomaly: Anomaly,
    /// Byte offset in the decompressed file where it was first met, where that is known.
    pub offset: Option<u64>,
    /// How often it was met.
    pub count: u64,
    /// The particulars of the first time.
    pub detail: String,
}

/// Anomalies by source and kind: bounded by the number of sources, whatever the input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    by_source: BTreeMap<(String, Anomaly), Fault>,
}

/// A detail quotes input, so it is cut: a fault must not carry a record of many megabytes.
const LONGEST_DETAIL: usize = 300;

impl Faults {
    /// Counts one anomaly; of its kind in a source, the one that comes first there is kept with its
    /// place and detail, whatever order they are counted in.
    pub fn add(&mut self, source: &str, anomaly: Anomaly, offset: Option<u64>, detail: &str) {
        let fault = Fault {
            source: source.to_owned(),
            anomaly,
            offset,
            count: 1,
            detail: detail.chars().take(LONGEST_DETAIL).collect(),
        };
        self.merge(fault);
    }

    /// Takes over everything that another collection counted.
    pub fn append(&mut self, other: Faults) {
        for fault in other.by_source.into_values() {
            self.merge(fault);
        }
    }

    /// The faults, by source and then by kind.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.by_source.values()
    }

    /// Whether nothing was wrong.
    pub fn is_empty(&self) -> bool {
        self.by_source.is_empty()
    }

    fn merge(&mut self, fault: Fault) {
        let key = (fault.source.clone(), fault.anomaly);
        match self.by_source.get_mut(&key) {
            Some(known) => {
                let count = known.count + fault.count;
                if fault.offset < known.offset && fault.offset.is_some() {
                    *known = fault;
                }
                known.count = count;
            }
            None => {
                self.by_source.insert(key, fault);
            }
        }
    }
}
