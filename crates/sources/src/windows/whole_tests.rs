//! Events as they are: every framing against the others, against records as they were exported, and on
//! one thread against several.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use coldtrail_diagnostics::Anomaly;
use coldtrail_model::Table;
use evtx::{EvtxChunkData, ParserSettings};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::flattened::Flattened;
use super::{rendered, xml};
use crate::kept_whole::{KeptRecord, KeptWhole, all_whole, anomalies, read_whole};
use crate::windows::rows_for_tests::kit;
use crate::{
    Input, Origin, Receiver, Records, Selection, SourceTally, Stopped, read, read_all, time,
};

/// Every binary log below a folder.
fn logs(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name();
    let paths = entries.into_iter().map(|entry| entry.expect("it can be read").into_path());
    paths.filter(|path| path.extension().is_some_and(|it| it == "evtx")).collect()
}

fn input(path: &Path) -> Input {
    Input { name: path.display().to_string(), origin: Origin::File(path.to_owned()) }
}

fn whole(path: &Path) -> (Vec<KeptRecord>, SourceTally) {
    let mut kept = KeptWhole::default();
    let mut tallies = read(&input(path), all_whole(), &mut kept, &|_| {});
    assert_eq!(kept.rows, 0, "{path:?}");
    (kept.records, tallies.remove(0))
}

/// A pair in a spelling that says nothing of who wrote it: the JSON that lies beside the logs has no
/// braces around identifiers and no white space at the end, and less of a second.
fn plain((name, value): &(String, String)) -> (String, String) {
    let value = match time::rfc3339(value) {
        Some(moment) => moment.to_string(),
        None => value.trim_end().trim_matches(['{', '}']).to_ascii_lowercase(),
    };
    (name.clone(), value)
}

#[test]
fn the_binary_log_and_its_json_have_the_same_names_and_values() {
    let Some(folder) = kit("windows_evtx/sigma_regression") else { return };
    let mut pairs = 0;
    for log in logs(&folder) {
        let (binary, _) = whole(&log);
        let (objects, _) = whole(&log.with_extension("json"));
        assert_eq!((binary.len(), objects.len()), (1, 1), "{log:?}");
        assert_eq!((binary[0].format, objects[0].format), ("evtx", "windows-json"));
        assert_eq!(binary[0].windows, objects[0].windows, "{log:?}");
        assert_eq!(binary[0].moment, objects[0].moment, "{log:?}");
        let mut ours: Vec<_> = binary[0].pairs.iter().map(plain).collect();
        let mut theirs: Vec<_> = objects[0].pairs.iter().map(plain).collect();
        ours.sort();
        theirs.sort();
        assert_eq!(ours, theirs, "{log:?}");
        pairs += ours.len();
    }
    assert!(pairs > 21 * 20, "{pairs}");
}

/// Fields of records as they were exported, a row each.
#[derive(Default)]
struct Exported(Vec<Vec<Option<String>>>);

const EXPORTED: [&str; 5] = ["record_offset", "TimeCreated", "Computer", "Channel", "EventID"];

impl Receiver for Exported {
    fn receive(&mut self, _: Table, _: RecordBatch) -> Result<(), Stopped> {
        Ok(())
    }

    fn receive_records(&mut self, batch: RecordBatch) -> Result<(), Stopped> {
        for row in 0..batch.num_rows() {
            let cell = |name: &&str| {
                let column = batch.column_by_name(name).expect("a column").as_string::<i32>();
                column.is_valid(row).then(|| column.value(row).to_owned())
            };
            self.0.push(EXPORTED.iter().map(cell).collect());
        }
        Ok(())
    }
}

#[test]
fn events_are_those_that_are_exported_and_that_make_rows() {
    let Some(folder) = kit("windows_evtx") else { return };
    let mut events = 0;
    for log in logs(&folder) {
        let (records, tally) = whole(&log);
        let names = EXPORTED.map(str::to_owned);
        let selection = Selection::of_records(Arc::new(Records::new("windows", &names)));
        let mut exported = Exported::default();
        let tallies = read(&input(&log), selection, &mut exported, &|_| {});
        assert_eq!(tally.tally.records, tallies[0].tally.records, "{log:?}");
        assert_eq!(records.len(), exported.0.len(), "{log:?}");
        for (record, fields) in records.iter().zip(&exported.0) {
            let event = record.windows.as_ref().expect("an event");
            let [offset, created, computer, channel, event_id] = fields.as_slice() else {
                panic!("{fields:?}")
            };
            let moment = created.as_deref().and_then(time::rfc3339);
            assert!(moment.is_some(), "{log:?}");
            assert_eq!(Some(record.offset.to_string()), *offset, "{log:?}");
            assert_eq!(record.moment, moment, "{log:?}");
            assert_eq!(event.computer, computer.as_deref().unwrap_or_default(), "{log:?}");
            assert_eq!(event.channel, channel.as_deref().unwrap_or_default(), "{log:?}");
            assert_eq!(Some(event.event_id.to_string()), *event_id, "{log:?}");
        }
        let mut rows = KeptWhole::default();
        let tallies = read(&input(&log), Selection::everything(), &mut rows, &|_| {});
        assert!(rows.rows <= records.len(), "{log:?}");
        assert_eq!(tally.tally.records, tallies[0].tally.records, "{log:?}");
        assert_eq!(tally.tally.faults, tallies[0].tally.faults, "{log:?}");
        let moments = records.iter().filter_map(|record| record.moment);
        let span = Some((moments.clone().min().expect("events"), moments.max().expect("events")));
        assert_eq!(tally.tally.span, span, "{log:?}");
        events += records.len();
    }
    assert!(events > 3000, "{events}");
}

fn assert_same(ours: Flattened<'_>, theirs: Flattened<'_>) {
    assert_eq!(ours.event, theirs.event);
    assert_eq!(ours.created, theirs.created);
    assert_eq!(ours.pairs.into_kept(), theirs.pairs.into_kept());
}

#[test]
fn both_readers_of_xml_say_the_same_of_every_event() {
    let Some(folder) = kit("windows_evtx") else { return };
    let settings = Arc::new(ParserSettings::default().indent(false));
    let (mut all, mut quick) = (0, 0);
    for log in logs(&folder) {
        let bytes = std::fs::read(&log).expect("the log can be read");
        for chunk in bytes[4096..].chunks_exact(64 << 10) {
            let Ok(mut data) = EvtxChunkData::new(chunk.to_vec(), false) else { continue };
            let Ok(mut chunk) = data.parse(Arc::clone(&settings)) else { continue };
            for record in chunk.iter().flatten() {
                let Ok(xml) = record.into_xml() else { continue };
                let Ok(theirs) = xml::flattened(&xml.data) else { continue };
                all += 1;
                if let Some(ours) = rendered::flattened(&xml.data) {
                    quick += 1;
                    assert_same(ours, theirs);
                }
            }
        }
    }
    // The quick one would not be worth its lines if it left many events to the other.
    assert!(all > 3000 && quick * 100 >= all * 99, "{quick} of {all}");
}

/// A log of that many chunks: those of the real logs, one behind the other, a few of them damaged.
fn large_log(folder: &Path, chunks: usize) -> Vec<u8> {
    let all: Vec<Vec<u8>> =
        logs(folder).iter().map(|path| std::fs::read(path).expect("it can be read")).collect();
    let good = all.iter().flat_map(|log| log[4096..].chunks_exact(64 << 10));
    let good: Vec<_> = good.filter(|chunk| chunk.starts_with(b"ElfChnk\0")).collect();
    let mut log = all[0][..4096].to_vec();
    log[42..44].copy_from_slice(&(chunks as u16).to_le_bytes());
    for (number, chunk) in good.iter().cycle().take(chunks).enumerate() {
        let begin = log.len();
        log.extend_from_slice(chunk);
        match number % 50 {
            7 => log[begin..begin + 8].fill(0),
            23 => log[begin + 600..begin + 700].fill(0x55),
            31 => log[begin + 128..begin + 384].fill(0xff),
            _ => {}
        }
    }
    log.truncate(log.len() - 1000);
    log
}

#[test]
fn any_number_of_threads_reads_the_same() {
    let Some(folder) = kit("windows_evtx") else { return };
    let place = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(place.path(), large_log(&folder, 400)).expect("it can be written");
    let read = |threads: usize, selection: Selection| {
        let receivers = (0..threads).map(|_| KeptWhole::default()).collect();
        let inputs = [input(place.path())];
        let all = read_all(&inputs, &Arc::new(selection), receivers, &|_| {}).expect("no panic");
        let shares: Vec<usize> = all.receivers.iter().map(|kept| kept.records.len()).collect();
        let rows: usize = all.receivers.iter().map(|kept| kept.rows).sum();
        let mut records: Vec<_> = all.receivers.into_iter().flat_map(|kept| kept.records).collect();
        records.sort_by_key(|record| record.offset);
        (records, rows, all.tallies, shares)
    };
    let (alone, _, tallies, _) = read(1, all_whole());
    assert!(alone.len() > 5000, "{}", alone.len());
    assert!(tallies[0].tally.faults.iter().count() >= 2);
    for threads in [2, 4] {
        let (shared, _, shared_tallies, shares) = read(threads, all_whole());
        assert_eq!(shared, alone);
        assert_eq!(shared_tallies, tallies);
        assert!(shares.iter().filter(|share| **share > 0).count() > 1, "{shares:?}");
    }
    // What was read of a log that is still written does not depend on who read it.
    let resumable = || Selection::everything().resumable(crate::Ending::LeftOut);
    let (_, rows, tallies, _) = read(1, resumable());
    let (_, shared_rows, shared_tallies, _) = read(4, resumable());
    assert_eq!((shared_rows, shared_tallies), (rows, tallies));
}

/// An event with everything that names are made of.
const EVENT: &str = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
    <Provider Name='Application Error' Guid='{1}' EventSourceName='Source'/>\
    <EventID Qualifiers='7'>1000</EventID><Version>0</Version><Level> 2 </Level>\
    <TimeCreated SystemTime='2024-05-01T10:00:01.5000000Z'/><Correlation/>\
    <Execution ProcessID='4' ThreadID='8'/><Channel>Application</Channel>\
    <Computer>WS01.example</Computer><Security UserID='S-1-5-18'/></System>\
    <EventData Name='CRASH'><Data Name='Source Name'>a &amp; b</Data><Data>first</Data>\
    <Data>second</Data><Data Name='Empty'/><Binary>0AFF</Binary></EventData>\
    <RenderingInfo Culture='en-US'><Message>It crashed.</Message><Level>Error</Level>\
    </RenderingInfo></Event>";

/// The names and values of that event.
const PAIRS: [(&str, &str); 20] = [
    ("Provider_Name", "Application Error"),
    ("Provider_Guid", "{1}"),
    ("Provider_EventSourceName", "Source"),
    ("EventID_Qualifiers", "7"),
    ("EventID", "1000"),
    ("Version", "0"),
    ("Level", "2"),
    ("TimeCreated_SystemTime", "2024-05-01T10:00:01.5000000Z"),
    ("Correlation", ""),
    ("Execution_ProcessID", "4"),
    ("Execution_ThreadID", "8"),
    ("Channel", "Application"),
    ("Computer", "WS01.example"),
    ("Security_UserID", "S-1-5-18"),
    ("EventData_Name", "CRASH"),
    ("SourceName", "a & b"),
    ("Data", "first"),
    ("Data", "second"),
    ("Empty", ""),
    ("Binary", "0AFF"),
];

fn pairs(record: &KeptRecord) -> Vec<(&str, &str)> {
    record.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[test]
fn names_of_xml() {
    let (kept, tally) = read_whole(EVENT.as_bytes());
    let record = &kept.records[0];
    assert_eq!(anomalies(&tally), []);
    assert_eq!(
        (record.format, record.offset, record.length),
        ("windows-xml", 0, EVENT.len() as u64)
    );
    assert_eq!(record.moment, Some(1_714_557_601_500_000));
    let event = record.windows.as_ref().expect("an event");
    assert_eq!((event.channel.as_ref(), event.event_id), ("Application", 1000));
    assert_eq!(
        (event.provider.as_ref(), event.computer.as_ref()),
        ("Application Error", "WS01.example")
    );
    let expected: Vec<_> = PAIRS.into_iter().chain([("Message", "It crashed.")]).collect();
    assert_eq!(pairs(record), expected);

    let plain = EVENT.replace('\'', "\"");
    let ours = rendered::flattened(&plain).expect("plain XML");
    assert_same(ours, xml::flattened(&plain).expect("XML"));
}

#[test]
fn xml_inside_json_is_the_event() {
    for object in [json!({ "message": EVENT }), json!({ "properties": { "RawXml": EVENT } })] {
        let (kept, _) = read_whole(object.to_string().as_bytes());
        assert_eq!(kept.records.len(), 1, "{object}");
        assert_eq!(kept.records[0].all("SourceName"), ["a & b"]);
    }
}

#[test]
fn names_of_evtx_dump() {
    let object = json!({ "Event": { "#attributes": { "xmlns": "x" }, "System": {
        "Provider": { "#attributes": { "Name": "Application Error", "Guid": "{1}", "EventSourceName": "Source" } },
        "EventID": { "#attributes": { "Qualifiers": 7 }, "#text": 1000 }, "Version": 0, "Level": 2,
        "TimeCreated": { "#attributes": { "SystemTime": "2024-05-01T10:00:01.5000000Z" } },
        "Correlation": null,
        "Execution": { "#attributes": { "ProcessID": 4, "ThreadID": 8 } },
        "Channel": "Application", "Computer": "WS01.example",
        "Security": { "#attributes": { "UserID": "S-1-5-18" } } },
        "EventData": { "#attributes": { "Name": "CRASH" }, "Source Name": "a & b",
            "Data": { "#text": ["first", "second"] }, "Empty": null, "Binary": "0AFF" } } });
    let (kept, _) = read_whole(object.to_string().as_bytes());
    let (mut ours, mut expected) = (pairs(&kept.records[0]), PAIRS.to_vec());
    ours.sort_unstable();
    expected.sort_unstable();
    assert_eq!(ours, expected);
    assert_eq!(kept.records[0].object.as_ref(), object.as_object());
}

#[test]
fn names_below_user_data_are_those_of_the_leaves() {
    let xml = "<Event><System><EventID>104</EventID></System>\n<UserData>\n <LogFileCleared \
        xmlns:auto-ns3='x' xmlns='y'>\n  <SubjectUserName>ann</SubjectUserName>\n  <Deep><Channel \
        kind='k'>System</Channel></Deep>\n </LogFileCleared>\n</UserData></Event>";
    let (kept, tally) = read_whole(xml.as_bytes());
    let expected = [
        ("EventID", "104"),
        ("SubjectUserName", "ann"),
        ("Channel_kind", "k"),
        ("Channel", "System"),
    ];
    assert_eq!(pairs(&kept.records[0]), expected);
    // The channel of the event is what the system says, which is nothing here.
    assert_eq!(kept.records[0].windows.as_ref().expect("an event").channel, "");
    assert_eq!(anomalies(&tally), [(Anomaly::MissingTimestamp, 1)]);
}

#[test]
fn collectors_say_the_same_by_names_of_their_own() {
    let winlog = json!({ "@timestamp": "2024-05-01T10:00:02Z", "message": "It crashed.", "winlog": {
        "provider_name": "Application Error", "provider_guid": "{1}", "event_id": "1000", "version": 0,
        "channel": "Application", "computer_name": "WS01.example", "record_id": 5,
        "time_created": "2024-05-01T10:00:01.5Z", "process": { "pid": 4, "thread": { "id": 8 } },
        "user": { "identifier": "S-1-5-18" }, "activity_id": "{2}",
        "event_data": { "Source Name": "a & b", "param1": ["first", "second"] } } });
    let nxlog = json!({ "EventTime": "2024-05-01T10:00:01.5Z", "Hostname": "WS01.example",
        "SourceName": "Application Error", "ProviderGuid": "{1}", "EventID": 1000, "Version": 0,
        "Channel": "Application", "RecordNumber": 5, "ExecutionProcessID": 4, "ThreadID": 8,
        "UserID": "S-1-5-18", "ActivityID": "{2}", "Message": "It crashed.", "Severity": "ERROR",
        "SourceModuleName": "in", "Source Name": "a & b", "param1": ["first", "second"] });
    let sentinel = json!({ "TimeGenerated": "2024-05-01T10:00:01.5Z", "Computer": "WS01.example",
        "Provider": "Application Error", "EventID": 1000, "Version": 0, "Channel": "Application",
        "EventRecordId": 5, "SystemProcessId": 4, "SystemThreadId": 8, "SystemUserId": "S-1-5-18",
        "ProviderGuid": "{1}", "ActivityID": "{2}", "Message": "It crashed.", "EventData":
        json!({ "Source Name": "a & b", "param1": ["first", "second"] }).to_string() });
    let mut expected = vec![
        ("Provider_Name", "Application Error"),
        ("Provider_Guid", "{1}"),
        ("EventID", "1000"),
        ("Version", "0"),
        ("EventRecordID", "5"),
        ("Correlation_ActivityID", "{2}"),
        ("Execution_ProcessID", "4"),
        ("Execution_ThreadID", "8"),
        ("Security_UserID", "S-1-5-18"),
        ("TimeCreated_SystemTime", "2024-05-01T10:00:01.5Z"),
        ("Channel", "Application"),
        ("Computer", "WS01.example"),
        ("Message", "It crashed."),
        ("SourceName", "a & b"),
        ("param1", "first"),
        ("param1", "second"),
    ];
    expected.sort_unstable();
    for object in [winlog, nxlog, sentinel] {
        let (kept, tally) = read_whole(object.to_string().as_bytes());
        assert_eq!(anomalies(&tally), [], "{object}");
        let mut ours = pairs(&kept.records[0]);
        ours.sort_unstable();
        assert_eq!(ours, expected, "{object}");
        assert_eq!(kept.records[0].moment, Some(1_714_557_601_500_000), "{object}");
    }
}

#[test]
fn a_sysmon_event_that_lost_its_system_is_told_by_its_values() {
    let object = json!({ "UtcTime": "2024-05-01 10:00:00.250", "ProcessGuid": "{5}", "QueryName": "a.example" });
    let (kept, _) = read_whole(object.to_string().as_bytes());
    let event = kept.records[0].windows.as_ref().expect("an event");
    assert_eq!((event.provider.as_ref(), event.event_id), ("Microsoft-Windows-Sysmon", 22));
    assert_eq!(kept.records[0].all("QueryName"), ["a.example"]);
}

#[test]
fn a_record_with_too_many_fields_keeps_the_first_and_says_so() {
    let many: String =
        (0..100_000).map(|number| format!("<Data Name='n{number}'>v</Data>")).collect();
    let attributes: String = (0..100_000).map(|number| format!(" a{number}='v'")).collect();
    let long = format!("<Data Name='{}'>v</Data>", "n".repeat(1 << 20));
    let deep = "<a>".repeat(100_000) + &"</a>".repeat(100_000);
    let event = |data: &str| {
        format!(
            "<Event><System><EventID>1</EventID><TimeCreated SystemTime='2024-05-01T10:00:01Z'/>\
             </System><EventData>{data}</EventData></Event>"
        )
    };
    for (data, count, found) in [
        (many.as_str(), 4096, vec![(Anomaly::TooManyFields, 1)]),
        (&format!("<Data{attributes}/>"), 4096, vec![(Anomaly::TooManyFields, 1)]),
        (&long, 3, vec![]),
        (&deep, 3, vec![]),
    ] {
        let text = event(data);
        let (kept, tally) = read_whole(text.as_bytes());
        assert_eq!(kept.records[0].pairs.len(), count);
        assert_eq!(anomalies(&tally), found);
        if let Some(quick) = rendered::flattened(&text.replace('\'', "\"")) {
            assert_eq!(quick.pairs.into_kept().len(), count);
        }
    }
    let object: Value = (0..20_000).map(|number| (format!("n{number}"), json!("v"))).collect();
    let dump = json!({ "Event": { "System": { "EventID": 1 }, "EventData": object } });
    let (kept, tally) = read_whole(dump.to_string().as_bytes());
    assert_eq!(kept.records[0].pairs.len(), 4096);
    assert!(anomalies(&tally).contains(&(Anomaly::TooManyFields, 1)));
}

#[test]
fn what_is_no_event_is_counted_and_not_passed_on() {
    for text in ["<Event><System/></Event>", "<Event><System><EventID>x</EventID></System></Event>"]
    {
        let (kept, tally) = read_whole(text.as_bytes());
        assert_eq!(kept.records, [], "{text}");
        assert_eq!(anomalies(&tally), [(Anomaly::InvalidXml, 1)], "{text}");
        assert!(rendered::flattened(text).is_none(), "{text}");
    }
    for odd in [
        "<Event><System><EventID>1</EventID / ></System></Event>",
        "<a /b>",
        "<a b=\"",
        "",
        "<",
        "</a>",
    ] {
        assert!(rendered::flattened(odd).is_none(), "{odd}");
    }
}

proptest! {
    /// Puts something into an event, or cuts something out.
    #[test]
    fn the_quick_reader_says_nothing_that_the_other_one_does_not(
        start in 0usize..1000,
        length in 0usize..40,
        filling in "[ a-c<>/='\"&;:#x0-9!?\n-]{0,12}|</?[A-Z][a-z]{3,9}( Name=\"[a-z ]*\")?/?>",
    ) {
        let mut damaged = EVENT.replace('\'', "\"");
        let start = start.min(damaged.len());
        let end = (start + length).min(damaged.len());
        damaged.replace_range(start..end, &filling);
        if let Some(ours) = rendered::flattened(&damaged) {
            match xml::flattened(&damaged) {
                Ok(theirs) => assert_same(ours, theirs),
                Err(fault) => prop_assert!(false, "{} in {}", fault, damaged),
            }
        }
    }
}

/// How many events of binary logs one thread passes on in a second; to be looked at, in release.
#[test]
#[ignore = "it measures"]
fn events_a_second() {
    struct Count(u64, u64);
    impl Receiver for Count {
        fn receive(&mut self, _: Table, _: RecordBatch) -> Result<(), Stopped> {
            Ok(())
        }
        fn receive_whole(&mut self, record: crate::WholeRecord<'_>) -> Result<(), Stopped> {
            self.0 += 1;
            self.1 += record.pairs.len() as u64;
            Ok(())
        }
    }
    let Some(folder) = kit("windows_evtx") else { return };
    let place = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(place.path(), large_log(&folder, 4000)).expect("it can be written");
    for threads in [1, 2] {
        let receivers = (0..threads).map(|_| Count(0, 0)).collect();
        let begun = std::time::Instant::now();
        let inputs = [input(place.path())];
        let selection = Arc::new(all_whole());
        let all = read_all(&inputs, &selection, receivers, &|_| {}).expect("no panic");
        let seconds = begun.elapsed().as_secs_f64();
        let events: u64 = all.receivers.iter().map(|count| count.0).sum();
        let pairs: u64 = all.receivers.iter().map(|count| count.1).sum();
        println!(
            "{threads}: {events} events, {pairs} pairs, {:.0} a second",
            events as f64 / seconds
        );
    }
}
