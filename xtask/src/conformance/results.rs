//! What came of all comparisons, by format.

use std::collections::{BTreeMap, BTreeSet};

use coldtrail_diagnostics::Faults;
use coldtrail_model::{Field, Table};
use serde_json::Value;

use super::comparison::{Outcome, compare, text};
use super::ecs;
use super::pairs::Pair;
use super::reasons::Reasons;
use super::rows::Rows;

/// The shares, in per cent, of fields that are equal or explained.
pub(super) const GOALS: Goals = Goals { overall: 98.0, each: 95.0 };

/// What is to be reached.
pub(super) struct Goals {
    overall: f64,
    each: f64,
}

impl std::fmt::Display for Goals {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Goals { overall, each } = self;
        write!(formatter, "{overall} % equal or explained over all, {each} % of each format")
    }
}

/// All results.
#[derive(Default)]
pub(super) struct Results {
    pub(super) formats: BTreeMap<String, Counts>,
    /// What is wrong, by format and column, in order of file and place.
    pub(super) wrong: BTreeMap<(String, Field), Vec<Difference>>,
    /// How much each reason explains, by its place.
    pub(super) explained_by: BTreeMap<usize, u64>,
    /// How many values only we have, by format and column.
    pub(super) extra: BTreeMap<(String, Field), u64>,
    /// How many records have no row, by format and by what the vendor says they are.
    pub(super) without_row: BTreeMap<(String, String), u64>,
    /// Files that no format recognised, with what they look like.
    pub(super) unread: Vec<(String, String)>,
    /// Files of which nobody can say which document belongs to which record.
    pub(super) unaligned: Vec<String>,
    /// What was wrong with files that were read.
    pub(super) faults: BTreeMap<String, Faults>,
}

/// What was counted for a format, or over all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Files that were read and compared.
    pub(super) files: u64,
    /// Files that no format recognised.
    pub(super) unread: u64,
    /// Records with a document.
    pub(super) records: u64,
    /// Those of which we made no row.
    pub(super) without_row: u64,
    pub(super) equal: u64,
    pub(super) explained: u64,
    pub(super) wrong: u64,
    /// Values that only we have.
    pub(super) extra: u64,
}

/// A value of ours that is not the vendor's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) format: String,
    pub(super) field: Field,
    pub(super) table: Table,
    pub(super) file: String,
    /// Where the record begins.
    pub(super) offset: u64,
    pub(super) ours: String,
    pub(super) theirs: String,
}

impl Results {
    /// Reads a stream and compares its rows with their documents.
    pub(super) fn add(&mut self, pair: &Pair, reasons: &Reasons) {
        let rows = Rows::read(&pair.file, &pair.stream);
        let counts = self.formats.entry(pair.format.clone()).or_default();
        if let Some(looks) = rows.unknown() {
            counts.unread += 1;
            self.unread.push((pair.file.clone(), looks.to_owned()));
            return;
        }
        self.faults.entry(pair.format.clone()).or_default().append(rows.faults());
        let Some(documents) = &pair.documents else {
            self.unaligned.push(pair.file.clone());
            return;
        };
        let mut with_row = BTreeSet::new();
        for row in &rows.rows {
            let Some((place, document)) = documents.of(row.offset) else { continue };
            with_row.insert(place);
            for (field, ours) in &row.columns {
                let key = || (pair.format.clone(), *field);
                match compare(*field, ours.as_ref(), document) {
                    Outcome::Absent => {}
                    Outcome::Equal => counts.equal += 1,
                    Outcome::Extra => {
                        counts.extra += 1;
                        *self.extra.entry(key()).or_default() += 1;
                    }
                    Outcome::Different { ours, theirs } => {
                        let difference = Difference {
                            format: pair.format.clone(),
                            field: *field,
                            table: row.table,
                            file: pair.file.clone(),
                            offset: row.offset,
                            ours,
                            theirs,
                        };
                        match reasons.explain(&difference) {
                            Some(reason) => {
                                counts.explained += 1;
                                *self.explained_by.entry(reason).or_default() += 1;
                            }
                            None => {
                                counts.wrong += 1;
                                self.wrong.entry(key()).or_default().push(difference);
                            }
                        }
                    }
                }
            }
        }
        counts.files += 1;
        counts.records += documents.count() as u64;
        for (_, document) in documents.iter().filter(|(place, _)| !with_row.contains(place)) {
            counts.without_row += 1;
            let key = (pair.format.clone(), kind(document));
            *self.without_row.entry(key).or_default() += 1;
        }
    }

    /// The sum over all formats.
    pub(super) fn total(&self) -> Counts {
        self.formats.values().fold(Counts::default(), |total, counts| total.plus(counts))
    }

    /// The reasons that explain nothing.
    pub(super) fn stale(&self, reasons: &Reasons) -> Vec<String> {
        let stale = reasons.iter().filter(|(place, _)| !self.explained_by.contains_key(place));
        stale.map(|(_, reason)| reason.line()).collect()
    }

    /// Whether the shares are as high as they have to be. A format without a comparison has none.
    pub(super) fn meets_goals(&self) -> bool {
        let is_met =
            |counts: &Counts, goal: f64| counts.share_in_order().is_none_or(|share| share >= goal);
        is_met(&self.total(), GOALS.overall)
            && self.formats.values().all(|counts| is_met(counts, GOALS.each))
    }
}

impl Counts {
    /// How many columns were compared: those for which the vendor has a value.
    pub(super) fn compared(&self) -> u64 {
        self.equal + self.explained + self.wrong
    }

    /// How many of hundred are equal.
    pub(super) fn share_equal(&self) -> Option<f64> {
        share(self.equal, self.compared())
    }

    /// How many of hundred are equal or explained.
    pub(super) fn share_in_order(&self) -> Option<f64> {
        share(self.equal + self.explained, self.compared())
    }

    fn plus(&self, other: &Counts) -> Counts {
        Counts {
            files: self.files + other.files,
            unread: self.unread + other.unread,
            records: self.records + other.records,
            without_row: self.without_row + other.without_row,
            equal: self.equal + other.equal,
            explained: self.explained + other.explained,
            wrong: self.wrong + other.wrong,
            extra: self.extra + other.extra,
        }
    }
}

/// What a vendor says a record is: its dataset, its code and what happened, as far as they are there.
fn kind(document: &Value) -> String {
    let names = ["event.dataset", "event.provider", "event.code", "event.action", "action.type"];
    let parts = names.map(|name| ecs::at(document, name).first().map(|value| text(value)));
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 * 100.0 / whole as f64)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Counts, Results};
    use crate::conformance::documents::Documents;
    use crate::conformance::pairs::Pair;
    use crate::conformance::reasons::Reasons;

    fn pair(stream: &str, documents: Vec<Value>) -> Pair {
        Pair {
            format: "zeek/zeek".into(),
            file: "zeek/dns.log".into(),
            stream: stream.into(),
            documents: Documents::align(stream.as_bytes(), documents),
        }
    }

    fn two_queries() -> Pair {
        let stream = "{\"_path\":\"dns\",\"ts\":1,\"uid\":\"C1\",\"query\":\"a.example\"}\n\
                      {\"_path\":\"weird\",\"ts\":2,\"uid\":\"C2\",\"name\":\"x\"}\n";
        let document = json!({
            "@timestamp": "1970-01-01T00:00:01Z", "dns": {"question": {"name": "b.example"}},
            "host": {"name": "ws01"},
        });
        pair(stream, vec![document, json!({"event": {"code": 7}})])
    }

    #[test]
    fn every_column_of_every_row_is_counted_once() {
        let mut results = Results::default();
        results.add(&two_queries(), &Reasons::default());
        let expected = Counts {
            files: 1,
            records: 2,
            without_row: 1,
            equal: 1,
            wrong: 2,
            extra: 1,
            ..Counts::default()
        };
        assert_eq!(results.total(), expected);
        assert_eq!(results.wrong.len(), 2);
        assert_eq!(results.without_row, [(("zeek/zeek".into(), "7".into()), 1)].into());
        assert!(!results.meets_goals());
    }

    #[test]
    fn what_is_explained_is_not_wrong() {
        let reason = "[[reason]]\nformat='zeek/*'\nfield='host_name'\nbecause='it is the sensor'\n";
        let unused = "[[reason]]\nformat='dns/*'\nfield='host_name'\nbecause='nothing is'\n";
        let reasons = Reasons::parse(&[unused, reason].concat()).unwrap();
        let mut results = Results::default();
        results.add(&two_queries(), &reasons);
        assert_eq!((results.total().explained, results.total().wrong), (1, 1));
        assert_eq!(results.stale(&reasons), ["dns/* host_name: nothing is"]);
    }

    #[test]
    fn what_cannot_be_compared_is_told() {
        let mut results = Results::default();
        results.add(&pair("Dear reader,\n", vec![json!({})]), &Reasons::default());
        results.add(&pair("{\"_path\":\"weird\",\"ts\":2}\n", vec![]), &Reasons::default());
        assert_eq!(results.unread.len(), 1);
        assert_eq!(results.unaligned, ["zeek/dns.log"]);
        assert!(results.meets_goals(), "nothing was compared");
    }
}
