//! Records as they are, passed on one by one while they are read.
//!
//! A rule that was written for one product asks for that product's fields, whichever they are. Where a
//! format would make rows of a record, [`Collector::pass_on`](crate::Collector::pass_on) hands over the
//! record itself, if [that is wanted](crate::Selection::whole).

use std::borrow::Cow;

use serde_json::{Map, Value};

/// The most names and values of one record; no product writes as many. Those beyond are left out, and
/// the record is counted as one with too many fields.
const MOST_PAIRS: usize = 4096;

/// A record with all that is in it.
#[derive(Clone, Debug)]
pub struct WholeRecord<'r> {
    /// The name of its format, as in [`formats()`](crate::formats).
    pub format: &'static str,
    /// The name of its source.
    pub source: &'r str,
    /// The offset of its first byte in the unpacked source.
    pub offset: u64,
    /// How many bytes it has.
    pub length: u64,
    /// When it took place, in microseconds since 1970, UTC, where that can be told.
    pub moment: Option<i64>,
    /// What only events of Windows have.
    pub windows: Option<WindowsEvent<'r>>,
    /// Names and values, in the order of the record, of a record that is flat. A name may occur more than once.
    ///
    /// Events of Windows have here the elements below `System` by their names, attributes of an element as
    /// `<element>_<attribute>` (`Provider_Name`, `TimeCreated_SystemTime`, `Execution_ProcessID`), and everything
    /// below `EventData` and `UserData` by its own name without spaces, whatever framing they came in; what
    /// happened in words is `Message`. Records of Zeek in tabs have their fields by the names of the header,
    /// without those that are unset; all records of Zeek have the path of their log as `_path`.
    ///
    /// There are 4096 pairs at most; the rest of a record is left out, which is an
    /// [anomaly](coldtrail_diagnostics::Anomaly::TooManyFields).
    pub pairs: Vec<(Cow<'r, str>, Cow<'r, str>)>,
    /// The record, where it is an object of JSON.
    pub object: Option<&'r Map<String, Value>>,
}

/// What tells events of Windows from one another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WindowsEvent<'r> {
    /// The log that it was written to; empty where the record does not say.
    pub channel: Cow<'r, str>,
    /// Who wrote it; empty where the record does not say.
    pub provider: Cow<'r, str>,
    /// What happened.
    pub event_id: u32,
    /// The host, as it is written.
    pub computer: Cow<'r, str>,
}

/// What is in a record, before it is said where it lies.
#[derive(Default)]
pub(crate) struct Contents<'r> {
    pub(crate) moment: Option<i64>,
    pub(crate) windows: Option<WindowsEvent<'r>>,
    pub(crate) pairs: Pairs<'r>,
    pub(crate) object: Option<&'r Map<String, Value>>,
}

/// Names and values, up to as many as one record may have.
#[derive(Debug, Default)]
pub(crate) struct Pairs<'r> {
    kept: Vec<(Cow<'r, str>, Cow<'r, str>)>,
    left_out: usize,
}

impl<'r> Pairs<'r> {
    /// None yet, with room for so many.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { kept: Vec::with_capacity(capacity), left_out: 0 }
    }

    /// Adds a pair, or counts it where there are too many.
    pub(crate) fn push(&mut self, name: impl Into<Cow<'r, str>>, value: impl Into<Cow<'r, str>>) {
        if self.kept.len() < MOST_PAIRS {
            self.kept.push((name.into(), value.into()));
        } else {
            self.left_out += 1;
        }
    }

    /// How many were left out.
    pub(crate) fn left_out(&self) -> usize {
        self.left_out
    }

    /// The pairs themselves.
    pub(crate) fn into_kept(self) -> Vec<(Cow<'r, str>, Cow<'r, str>)> {
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;

    use coldtrail_model::{Timestamp, Window};

    use crate::kept_rows::kit;
    use crate::kept_whole::{KeptWhole, all_whole, anomalies, read_whole};
    use crate::{Ending, Input, Origin, Selection, SourceTally, read, read_stream_of};

    const TRAIL: &str = r#"{"Records":[
        {"eventVersion":"1.08","eventTime":"2024-05-01T10:00:01Z","eventSource":"sts.amazonaws.com","eventName":"GetCallerIdentity","awsRegion":"eu-west-1","userIdentity":{"type":"IAMUser"}},
        {"eventVersion":"1.08","eventTime":"2024-05-01T11:00:01Z","eventSource":"lambda.amazonaws.com","eventName":"CreateFunctionUrlConfig","awsRegion":"eu-west-1","userIdentity":{"type":"IAMUser"}}]}"#;

    const CONN: &str = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n\
        #path\tnotice\n#fields\tts\tuid\tnote\tmsg\tactions\tsuppress\n\
        #types\ttime\tstring\tenum\tstring\tset[enum]\tbool\n\
        1714557601.5\tC1\tScan::Port\ta\\x09b\tNotice::ACTION_LOG\tT\n\
        1714557602.5\t-\tScan::Port\t(empty)\t(empty)\tF\n";

    fn kept(selection: Selection, mut bytes: &[u8]) -> (KeptWhole, SourceTally) {
        let mut kept = KeptWhole::default();
        let mut tallies = read_stream_of("log", &mut bytes, selection, &mut kept);
        (kept, tallies.remove(0))
    }

    #[test]
    fn records_in_an_envelope_are_passed_on_one_by_one() {
        let (kept, tally) = read_whole(TRAIL.as_bytes());
        assert_eq!((kept.records.len(), kept.rows, tally.tally.records), (2, 0, 2));
        assert_eq!(tally.format, Some("aws-cloudtrail"));
        let last = &kept.records[1];
        assert_eq!(last.format, "aws-cloudtrail");
        assert_eq!(
            last.object.as_ref().expect("an object")["eventName"],
            "CreateFunctionUrlConfig"
        );
        let place = TRAIL.rfind("{\"eventVersion").expect("the record") as u64;
        assert_eq!((last.offset, last.length), (place, TRAIL.len() as u64 - place - 2));
        assert_eq!(tally.tally.span, Some((1_714_557_601_000_000, 1_714_561_201_000_000)));
        assert!(tally.tally.rows.is_empty());
    }

    #[test]
    fn other_formats_make_rows_as_before() {
        let selection = Selection::everything().whole(&["evtx", "zeek-tsv"]);
        let (kept, tally) = kept(selection, TRAIL.as_bytes());
        assert_eq!((kept.records.len(), kept.rows, tally.tally.records), (0, 2, 2));
    }

    #[test]
    fn only_what_lies_in_the_window_is_passed_on_and_all_is_counted() {
        let from = Some(Timestamp(1_714_557_602_000_000));
        let (kept, tally) =
            kept(all_whole().within(Window { since: from, ..Window::default() }), TRAIL.as_bytes());
        assert_eq!((kept.records.len(), tally.tally.records), (1, 2));
        assert_eq!(tally.tally.span, Some((1_714_557_601_000_000, 1_714_561_201_000_000)));
    }

    #[test]
    fn a_record_without_a_time_is_passed_on_nevertheless() {
        let undated = TRAIL.replacen("2024-05-01T10:00:01Z", "early", 1);
        let from = Some(Timestamp(1_714_557_602_000_000));
        let (kept, tally) = kept(
            all_whole().within(Window { since: from, ..Window::default() }),
            undated.as_bytes(),
        );
        assert_eq!((kept.records.len(), kept.records[0].moment), (2, None));
        assert_eq!(anomalies(&tally), [(Anomaly::InvalidTimestamp, 1)]);
    }

    #[test]
    fn a_line_that_has_not_ended_is_left_out() {
        let cut = CONN.strip_suffix('\n').expect("a line end");
        let (records, _) = kept(all_whole().resumable(Ending::Taken), cut.as_bytes());
        assert_eq!(records.records.len(), 2);
        let place = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(place.path(), cut).expect("it can be written");
        let input = Input { name: "log".to_owned(), origin: Origin::File(place.path().to_owned()) };
        let mut left = KeptWhole::default();
        let tallies = read(&input, all_whole().resumable(Ending::LeftOut), &mut left, &|_| {});
        assert_eq!((left.records.len(), tallies[0].tally.records), (1, 1));
        assert_eq!(tallies[0].tally.span, Some((1_714_557_601_500_000, 1_714_557_601_500_000)));
    }

    #[test]
    fn a_record_of_zeek_in_tabs_is_its_fields_and_the_path() {
        let (kept, tally) = read_whole(CONN.as_bytes());
        assert_eq!((kept.records.len(), anomalies(&tally)), (2, vec![]));
        assert_eq!(kept.records[0].moment, Some(1_714_557_601_500_000));
        let pairs = |record: usize| -> Vec<(&str, &str)> {
            let pairs = kept.records[record].pairs.iter();
            pairs.map(|(name, value)| (name.as_str(), value.as_str())).collect()
        };
        let expected = [
            ("_path", "notice"),
            ("ts", "1714557601.5"),
            ("uid", "C1"),
            ("note", "Scan::Port"),
            ("msg", "a\tb"),
            ("actions", "[\"Notice::ACTION_LOG\"]"),
            ("suppress", "true"),
        ];
        assert_eq!(pairs(0), expected);
        assert_eq!(
            pairs(1)[2..],
            [("note", "Scan::Port"), ("msg", ""), ("actions", "[]"), ("suppress", "false")]
        );
    }

    #[test]
    fn a_record_of_zeek_in_json_has_the_path_however_it_is_told() {
        for text in [
            r#"{"_path":"dns","ts":1714557601.5,"uid":"C1","query":"a.example"}"#,
            r#"{"dns":{"ts":1714557601.5,"uid":"C1","query":"a.example"}}"#,
            r#"{"message":"{\"_path\":\"dns\",\"ts\":1714557601.5,\"uid\":\"C1\",\"query\":\"a.example\"}"}"#,
        ] {
            let (kept, tally) = read_whole(text.as_bytes());
            assert_eq!(anomalies(&tally), [], "{text}");
            let record = &kept.records[0];
            assert_eq!((record.format, record.all("_path")), ("zeek-json", vec!["dns"]), "{text}");
            assert_eq!(record.object.as_ref().expect("an object")["query"], "a.example");
            assert_eq!(record.moment, Some(1_714_557_601_500_000));
        }
    }

    #[test]
    fn a_row_of_an_export_is_the_object_of_its_columns() {
        let csv = "TimeGenerated,Operation,Workload,UserId,RecordType\n\
            2024-05-01T10:00:01Z,New-InboxRule,Exchange,ann@example.org,1\n";
        let (kept, _) = read_whole(csv.as_bytes());
        assert_eq!((kept.records[0].format, kept.rows), ("microsoft-365", 0));
        assert_eq!(
            kept.records[0].object.as_ref().expect("an object")["Operation"],
            "New-InboxRule"
        );
    }

    #[test]
    fn real_logs_are_counted_as_they_are_for_rows() {
        let folders =
            ["aws_cloudtrail", "azure_activity", "cloudflare", "gcp_audit", "ocsf", "suricata"];
        let (mut records, mut undated) = (0, 0);
        for folder in folders {
            let Some(folder) = kit(folder) else { return };
            for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
                let path = entry.expect("the folder can be read").into_path();
                let read = |selection| {
                    let origin = Origin::File(path.clone());
                    let input = Input { name: "log".to_owned(), origin };
                    let mut kept = KeptWhole::default();
                    let tallies = read(&input, selection, &mut kept, &|_| {});
                    let counted =
                        |it: SourceTally| (it.source, it.format, it.tally.records, it.bytes);
                    (kept, tallies.into_iter().map(counted).collect::<Vec<_>>())
                };
                let (whole, tallies) = read(all_whole());
                let (_, as_rows) = read(Selection::everything());
                assert_eq!(tallies, as_rows, "{path:?}");
                records += whole.records.len();
                undated += whole.records.iter().filter(|record| record.moment.is_none()).count();
            }
        }
        assert!(records > 3000 && undated * 100 < records, "{undated} of {records} without a time");
    }
}
