//! Records by kind, in every way in which they come.

use std::io::Write;
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::file::properties::WriterProperties;
use arrow_array::cast::AsArray;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Int32Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{RecordReference, Table};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{KnownKinds, Records};
use crate::collector::{Collector, Output};
use crate::csv::Csv;
use crate::format::Format;
use crate::kept_rows::kit;
use crate::{
    Input, Origin, Receiver, Selection, SourceTally, Stopped, read, read_all, read_stream_of,
};

/// The records that came, each as its fields with bars between them, `~` for null.
#[derive(Default)]
struct Kept(Vec<String>);

impl Receiver for Kept {
    fn receive(&mut self, table: Table, _: RecordBatch) -> Result<(), Stopped> {
        panic!("a row of {table:?}");
    }

    fn receive_records(&mut self, batch: RecordBatch) -> Result<(), Stopped> {
        for row in 0..batch.num_rows() {
            let cells = batch.columns().iter().map(|column| {
                let texts = column.as_string::<i32>();
                if texts.is_null(row) { "~" } else { texts.value(row) }
            });
            self.0.push(cells.collect::<Vec<_>>().join("|"));
        }
        Ok(())
    }
}

const NETWORK: [&str; 12] = [
    "Timestamp",
    "DeviceId",
    "DeviceName",
    "ActionType",
    "RemoteIP",
    "RemotePort",
    "RemoteUrl",
    "LocalIP",
    "Protocol",
    "InitiatingProcessFileName",
    "InitiatingProcessCommandLine",
    "AdditionalFields",
];

/// Three tables with columns in common.
fn known() -> Arc<KnownKinds> {
    let process = [
        "Timestamp",
        "DeviceId",
        "DeviceName",
        "ActionType",
        "FileName",
        "ProcessCommandLine",
        "AccountName",
        "InitiatingProcessFileName",
        "InitiatingProcessCommandLine",
    ];
    let events = [&NETWORK[..], &process[4..7], &["FolderPath", "SHA1"]].concat();
    let sign_ins = ["TimeGenerated", "UserPrincipalName", "IPAddress", "AppDisplayName", "Type"];
    Arc::new(KnownKinds::new([
        ("DeviceNetworkEvents", NETWORK.to_vec()),
        ("DeviceProcessEvents", process.to_vec()),
        ("DeviceEvents", events),
        ("SigninLogs", sign_ins.to_vec()),
    ]))
}

fn wanted(kind: &str, fields: &[&str]) -> Records {
    let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
    Records::new(kind, &fields).among(known())
}

/// The records of a file of that name.
fn of_file(name: &str, content: &[u8], records: Records) -> (Vec<String>, Vec<SourceTally>) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("it is written");
    let input = Input { name: path.display().to_string(), origin: Origin::File(path) };
    let selection = Arc::new(Selection::of_records(Arc::new(records)));
    let receivers = vec![Kept::default(), Kept::default()];
    let all = read_all(&[input], &selection, receivers, &|_| {}).expect("no thread dies");
    let mut rows: Vec<String> = all.receivers.into_iter().flat_map(|kept| kept.0).collect();
    rows.sort();
    (rows, all.tallies)
}

fn rows(name: &str, content: &str, records: Records) -> Vec<String> {
    of_file(name, content.as_bytes(), records).0
}

#[test]
fn a_table_is_what_the_record_says() {
    let said = |name: &str, table: &str| {
        json!({name: table, "Timestamp": "2024-05-04T00:00:00Z",
        "DeviceName": "ws01", "RemotePort": 443, "AdditionalFields": {"a": [1, true]}})
    };
    let streamed = json!({"time": "t", "tenantId": "7", "category": "AdvancedHunting-DeviceNetworkEvents",
        "properties": {"DeviceName": "ws02", "RemotePort": 8443, "AdditionalFields": "{}"}});
    let log = [
        said("$table", "DeviceNetworkEvents"),
        said("Type", "DeviceNetworkEvents"),
        said("TableName", "DeviceProcessEvents"),
        streamed,
    ];
    let log = log.map(|record| record.to_string()).join("\n");
    let fields = ["DeviceName", "RemotePort", "AdditionalFields", "tenantId", "AdditionalFields.a"];
    assert_eq!(
        rows("x.json", &log, wanted("DeviceNetworkEvents", &fields)),
        [
            r#"ws01|443|{"a":[1,true]}|~|[1,true]"#,
            r#"ws01|443|{"a":[1,true]}|~|[1,true]"#,
            "ws02|8443|{}|7|~"
        ]
    );
    assert_eq!(rows("x.json", &log, wanted("DeviceProcessEvents", &["DeviceName"])), ["ws01"]);
}

#[test]
fn a_silent_record_is_told_by_its_action_and_its_columns() {
    let record = |columns: Value| {
        let mut record = json!({"Timestamp": "2024-05-04T00:00:00Z", "DeviceName": "ws01"});
        record.as_object_mut().expect("an object").extend(columns.as_object().cloned().unwrap());
        record.to_string()
    };
    for (kind, columns) in [
        (
            "DeviceNetworkEvents",
            json!({"ActionType": "ConnectionSuccess", "FileName": "x", "SHA1": "0"}),
        ),
        ("DeviceProcessEvents", json!({"ActionType": "ProcessCreated", "RemoteIP": "192.0.2.7"})),
        // The columns of the first seed's query: some are of another table, one is of none.
        (
            "DeviceNetworkEvents",
            json!({"AccountName": "jane", "RemoteUrl": "a.example", "Platform": "x"}),
        ),
        (
            "DeviceProcessEvents",
            json!({"FileName": "a", "ProcessCommandLine": "b", "AccountName": "c",
            "InitiatingProcessFileName": "d"}),
        ),
        (
            "SigninLogs",
            json!({"TimeGenerated": "t", "UserPrincipalName": "a@b.example",
            "IPAddress": "192.0.2.7", "AppDisplayName": "x"}),
        ),
    ] {
        let log = record(columns);
        for asked in ["DeviceNetworkEvents", "DeviceProcessEvents", "DeviceEvents", "SigninLogs"] {
            let found = rows("x.json", &log, wanted(asked, &["DeviceName"]));
            assert_eq!(found.len(), usize::from(asked == kind), "{asked}: {log}");
        }
    }
}

#[test]
fn the_name_of_a_file_is_the_last_resort() {
    let log = "TimeGenerated,Colour\n2024-05-04T00:00:00Z,blue\n";
    let of = |name: &str| rows(name, log, wanted("Paint_CL", &["Colour"]));
    assert_eq!(of("Paint_CL-2024.csv"), ["blue"]);
    assert_eq!(of("paint.csv"), [""; 0]);
    let said = "TimeGenerated,Colour,Type\n2024-05-04T00:00:00Z,blue,Paint_CL\n\
                2024-05-04T00:00:00Z,red,SigninLogs\n";
    assert_eq!(rows("x.csv", said, wanted("Paint_CL", &["Colour", "Type"])), ["blue|Paint_CL"]);
}

const EXPORT: &str = "Timestamp [UTC],DeviceId,DeviceName,ActionType,RemoteIP,RemotePort,RemoteUrl,LocalIP,\
    Protocol,InitiatingProcessFileName,InitiatingProcessCommandLine,AdditionalFields\n\
    2024-05-04T00:00:00.1234567Z,1,ws01,ConnectionSuccess,192.0.2.7,443,A.workers.dev,,Tcp,x.exe,\
    \"x \"\"a, b\"\"\r\n-c\",\"{\"\"a\"\":1}\"\n\
    2024-05-04T00:00:01Z,1,ws02,ConnectionFailed,192.0.2.8,80,b.example,,Tcp,y.exe,y,\n";

#[test]
fn a_table_of_values_has_cells_as_they_are_written() {
    let fields = [
        "Timestamp",
        "DeviceName",
        "RemotePort",
        "LocalIP",
        "InitiatingProcessCommandLine",
        "AdditionalFields",
        "Absent",
    ];
    let records = wanted("DeviceNetworkEvents", &fields);
    assert_eq!(
        rows("x.csv", EXPORT, records.clone()),
        [
            "2024-05-04T00:00:00.1234567Z|ws01|443|~|x \"a, b\"\n-c|{\"a\":1}|~",
            "2024-05-04T00:00:01Z|ws02|80|~|y|~|~",
        ]
    );
    let needles = records.with_needles("RemoteUrl", &["WORKERS.dev".to_owned()]);
    let (found, tallies) = of_file("x.csv", EXPORT.as_bytes(), needles);
    assert_eq!((found.len(), tallies[0].tally.records), (1, 2));
}

#[test]
fn a_record_is_found_again_by_its_place() {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(EXPORT.as_bytes()).expect("it is written");
    let name = file.path().display().to_string();
    let fields =
        [super::RECORD_SOURCE, super::RECORD_OFFSET, super::RECORD_LENGTH].map(str::to_owned);
    let records = Records::new("DeviceNetworkEvents", &fields).among(known());
    let mut kept = Kept::default();
    let input = Input { name: name.clone(), origin: Origin::File(file.path().into()) };
    read(&input, Selection::of_records(Arc::new(records)), &mut kept, &|_| {});
    let place: Vec<&str> = kept.0[1].split('|').collect();
    let fetched = crate::fetch(&[RecordReference {
        source: place[0].to_owned(),
        offset: place[1].parse().expect("a number"),
        length: place[2].parse().expect("a number"),
        sha256: None,
    }]);
    assert!(fetched[0].as_deref().is_some_and(|it| it.starts_with(b"2024-05-04T00:00:01Z,1,ws02")));
}

#[test]
fn an_event_of_windows_has_all_its_fields_whatever_its_framing() {
    let xml = "<Event xmlns='x'><System><Provider Name='P'/><EventID>7</EventID><Version>2</Version>\
        <Level>4</Level><Task>1</Task><Opcode>3</Opcode><Keywords>0x80</Keywords>\
        <TimeCreated SystemTime='2024-05-01T10:00:01.5Z'/><EventRecordID>99</EventRecordID>\
        <Execution ProcessID='5' ThreadID='6'/><Channel>C</Channel><Computer>WS01</Computer>\
        <Security UserID='S-1-5-18'/></System><EventData><Data Name='b'>1</Data><Data Name='a'>\"x\"\
        </Data><Data>u</Data><Data>v</Data></EventData></Event>";
    let dump = json!({"Event": {"System": {"Provider": {"#attributes": {"Name": "P"}}, "EventID": 7,
        "Version": 2, "Level": 4, "Task": 1, "Opcode": 3, "Keywords": "0x80",
        "TimeCreated": {"#attributes": {"SystemTime": "2024-05-01T10:00:01.5Z"}},
        "EventRecordID": 99, "Execution": {"#attributes": {"ProcessID": 5, "ThreadID": 6}},
        "Channel": "C", "Computer": "WS01", "Security": {"#attributes": {"UserID": "S-1-5-18"}}},
        "EventData": {"b": 1, "a": "\"x\""}}});
    let system = [
        "Provider",
        "EventID",
        "Version",
        "Level",
        "Task",
        "Opcode",
        "Keywords",
        "TimeCreated",
        "EventRecordID",
        "ProcessID",
        "ThreadID",
        "Channel",
        "Computer",
        "UserID",
        "EventData.b",
        "EventData.z",
        "UserData",
    ];
    let expected = "P|7|2|4|1|3|0x80|2024-05-01T10:00:01.5Z|99|5|6|C|WS01|S-1-5-18|1|~|~";
    assert_eq!(rows("x", xml, wanted("windows", &system)), [expected]);
    assert_eq!(rows("x", &dump.to_string(), wanted("windows", &system)), [expected]);
    assert_eq!(
        rows("x", xml, wanted("windows", &["EventData", "EventData.Data"])),
        [r#"{"b":"1","a":"\"x\"","Data":["u","v"]}|["u","v"]"#]
    );
    let flat = json!({"EventID": 7, "SourceName": "P", "Channel": "C", "Hostname": "WS01", "a": "1",
        "EventTime": "2024-05-01 10:00:01", "RecordNumber": 99});
    let fields = ["Provider", "Computer", "EventRecordID", "EventData", "EventData.a"];
    assert_eq!(
        rows("x", &flat.to_string(), wanted("windows", &fields)),
        [r#"P|WS01|99|{"a":"1"}|1"#]
    );
    let user =
        xml.replace("<EventData>", "<UserData><A>").replace("</EventData>", "</A></UserData>");
    assert_eq!(
        rows("x", &user, wanted("windows", &["EventData", "UserData", "UserData.Data"])),
        [r#"~|{"Data":["1","\"x\"","u","v"]}|["1","\"x\"","u","v"]"#]
    );
}

#[test]
fn binary_logs_are_events_of_windows() {
    let Some(kit) = kit("windows_evtx/winlogbeat") else { return };
    let log = std::fs::read(kit.join("sysmon-10.2-dns.evtx")).expect("the log can be read");
    let fields = ["EventID", "Provider", "Level", "EventData.QueryName", "EventData.Absent"];
    let (found, _) = of_file("x", &log, wanted("windows", &fields));
    assert!(found.iter().any(|row| row.starts_with("22|Microsoft-Windows-Sysmon|4|")), "{found:?}");
    let (other, tallies) = of_file("x", &log, wanted("DeviceNetworkEvents", &fields));
    assert_eq!((other.len(), tallies[0].bytes), (0, 0));
}

#[test]
fn a_union_of_tables_is_told_apart_by_its_actions() {
    let Some(kit) = kit("defender/dafneb+defender_hunting") else { return };
    let log = std::fs::read(kit.join("advanced_hunting_test.csv")).expect("the log can be read");
    let of = |kind: &str| of_file("x.csv", &log, wanted(kind, &["ActionType"])).0;
    assert_eq!(of("DeviceProcessEvents"), vec!["ProcessCreated"; 1]);
    let connections = of("DeviceNetworkEvents");
    assert_eq!(connections.len(), 8);
    assert!(connections.iter().all(|action| action.contains("Connection")), "{connections:?}");
}

#[test]
fn logs_of_zeek_are_the_same_in_tabs_and_in_json() {
    let tabs = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tdns\n\
        #fields\tts\tid.orig_h\tquery\trejected\tanswers\tTTLs\n\
        #types\ttime\taddr\tstring\tbool\tvector[string]\tvector[interval]\n\
        1.5\t10.0.0.5\ta.example\tF\tx\\x2cy,z\t60.0,5.0\n1.5\t10.0.0.6\t-\tT\t(empty)\t-\n";
    let json = "{\"_path\":\"dns\",\"ts\":1.5,\"id.orig_h\":\"10.0.0.5\",\"query\":\"a.example\",\
        \"rejected\":false,\"answers\":[\"x,y\",\"z\"],\"TTLs\":[60.0,5.0]}\n\
        {\"_path\":\"dns\",\"ts\":1.5,\"id.orig_h\":\"10.0.0.6\",\"rejected\":true,\"answers\":[]}\n";
    let fields = ["ts", "id.orig_h", "query", "rejected", "answers", "TTLs"];
    let expected =
        ["1.5|10.0.0.5|a.example|false|[\"x,y\",\"z\"]|[60.0,5.0]", "1.5|10.0.0.6|~|true|[]|~"];
    for log in [tabs, json] {
        assert_eq!(rows("x", log, wanted("zeek:dns", &fields)), expected);
        assert_eq!(rows("x", log, wanted("zeek:conn", &fields)), [""; 0]);
    }
}

#[test]
fn other_formats_go_by_their_names() {
    let trail = json!({"Records": [{"eventVersion": "1.08", "eventName": "Invoke", "awsRegion": "a",
        "eventSource": "lambda.amazonaws.com", "eventTime": "2024-05-04T00:00:00Z", "eventID": "x",
        "userIdentity": {"arn": "b"}, "readOnly": true}]});
    let fields = ["eventName", "userIdentity.arn", "readOnly", "userIdentity", "absent"];
    assert_eq!(
        rows("x", &trail.to_string(), wanted("aws-cloudtrail", &fields)),
        [r#"Invoke|b|true|{"arn":"b"}|~"#]
    );
    let squid =
        "1714780800.000 5 10.0.0.5 TCP_MISS/200 5 GET http://a.example/ - DIRECT/192.0.2.7 -\n";
    assert_eq!(rows("x", squid, wanted("squid", &["message"])), [squid.trim_end()]);
    assert_eq!(rows("x", squid, wanted("gcp", &["message"])), [""; 0]);
}

#[test]
fn formats_that_are_excepted_make_no_rows_of_tables() {
    #[derive(Default)]
    struct Count(usize);
    impl Receiver for Count {
        fn receive(&mut self, _: Table, batch: RecordBatch) -> Result<(), Stopped> {
            self.0 += batch.num_rows();
            Ok(())
        }
    }
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(EXPORT.as_bytes()).expect("it is written");
    let input = Input { name: "x".to_owned(), origin: Origin::File(file.path().into()) };
    for (selection, expected) in [
        (Selection::everything(), 2),
        (Selection::everything().except_formats(&["defender"]), 0),
        (Selection::everything().except_formats(&["evtx"]), 2),
    ] {
        let mut count = Count::default();
        let tallies = read(&input, selection, &mut count, &|_| {});
        assert_eq!((count.0, tallies[0].tally.records), (expected, 2));
    }
}

/// What the rows of a table are, read one by one as objects.
fn by_objects(name: &str, text: &str, records: Records) -> (Vec<String>, Vec<(Anomaly, u64)>) {
    let mut kept = Kept::default();
    let mut output = Output::new(Arc::new(Selection::of_records(Arc::new(records))));
    let mut collector = Collector::new(name, &mut output, &mut kept);
    Csv.read(&mut text.as_bytes(), &mut collector).expect("the receiver takes everything");
    let tally = collector.finish();
    output.finish(&mut kept).expect("the receiver takes everything");
    kept.0.sort();
    (kept.0, anomalies(&tally))
}

fn anomalies(tally: &crate::Tally) -> Vec<(Anomaly, u64)> {
    let mut faults: Vec<_> = tally.faults.iter().map(|it| (it.anomaly, it.count)).collect();
    faults.sort();
    faults
}

/// A file of connections, with three rows in a group.
fn parquet() -> Vec<u8> {
    let urls = (0..10).map(|it| (it % 4 != 0).then(|| format!("h{}.Workers.dev", it % 2)));
    let actions = (0..10).map(|it| if it == 9 { "ProcessCreated" } else { "ConnectionSuccess" });
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("Timestamp", Arc::new(TimestampMicrosecondArray::from(vec![1_714_780_800_123_456; 10]))),
        ("DeviceName", Arc::new(StringArray::from(vec!["ws01"; 10]))),
        ("ActionType", Arc::new(StringArray::from_iter_values(actions))),
        ("RemotePort", Arc::new(Int32Array::from_iter_values(0..10))),
        ("RemoteUrl", Arc::new(urls.collect::<StringArray>())),
        ("Colour", Arc::new(BooleanArray::from(vec![true; 10]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).expect("a batch");
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(3)).build();
    let mut bytes = Vec::new();
    let mut writer =
        ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).expect("a writer");
    writer.write(&batch).expect("it is written");
    writer.close().expect("it is closed");
    bytes
}

#[test]
fn columns_of_a_file_are_the_records_of_its_rows() {
    let file = parquet();
    let fields = ["RemotePort", "RemoteUrl", "ActionType", "Colour", "Absent"];
    let records = wanted("DeviceNetworkEvents", &fields);
    let (found, tallies) = of_file("x.parquet", &file, records.clone());
    assert_eq!((found.len(), tallies[0].tally.records), (9, 10));
    assert_eq!(
        found[..2],
        ["0|~|ConnectionSuccess|true|~", "1|h1.Workers.dev|ConnectionSuccess|true|~"]
    );
    let mut kept = Kept::default();
    let selection = |records: &Records| Selection::of_records(Arc::new(records.clone()));
    read_stream_of("x", &mut file.as_slice(), selection(&records), &mut kept);
    kept.0.sort();
    assert_eq!(kept.0, found);
    let needles = records.with_needles("RemoteUrl", &["H1.workers".to_owned()]);
    assert_eq!(of_file("x.parquet", &file, needles).0.len(), 4);
    let times = wanted("DeviceProcessEvents", &["Timestamp"]);
    assert_eq!(of_file("x.parquet", &file, times).0, ["2024-05-04T00:00:00.1234560Z"]);
}

#[test]
fn a_damaged_file_is_told() {
    let mut file = parquet();
    let page = file.windows(4).position(|it| it == b"ws01").expect("a value");
    file[page - 30..page].fill(0xff);
    let (_, tallies) = of_file("x.parquet", &file, wanted("DeviceNetworkEvents", &["DeviceName"]));
    assert!(!tallies[0].tally.faults.is_empty());
}

proptest! {
    /// Bytes are looked at before records, and make no difference to what is found.
    #[test]
    fn needles_only_spare_work(
        urls in prop::collection::vec("(a|b|/|\\u0061|\\/|\\\\u|A)\\PC{0,2}b?", 0..12),
        is_wrapped in any::<bool>(),
    ) {
        let record = |url: &String| {
            let record = format!(
                "{{\"Timestamp\":\"t\",\"DeviceName\":\"ws\",\"ActionType\":\"ConnectionSuccess\",\
                 \"RemoteUrl\":\"{}\"}}",
                url.replace('"', "'")
            );
            if is_wrapped { json!({ "_raw": record }).to_string() } else { record }
        };
        let log = urls.iter().map(record).collect::<Vec<_>>().join("\n");
        let records = wanted("DeviceNetworkEvents", &["RemoteUrl"]);
        let all = rows("x.json", &log, records.clone());
        let holds = |url: &&String| ["a/", "ab"].iter().any(|it| url.to_ascii_lowercase().contains(it));
        let expected: Vec<String> = all.iter().filter(holds).cloned().collect();
        let needles = records.with_needles("RemoteUrl", &["A/".to_owned(), "ab".to_owned()]);
        prop_assert_eq!(rows("x.json", &log, needles), expected);
    }

    /// However a table is damaged, its blocks hold the records that its rows do.
    #[test]
    fn blocks_are_read_as_rows_are(
        lines in prop::collection::vec("[a-c,\"\r]{0,12}|ws,ConnectionSuccess,\"[a-c,\n]{0,8}\",[a-c]{1,3}|ws,[a-zA-Z]{0,4},Workers.DEV,b", 0..24),
        needles in any::<bool>(),
    ) {
        let header = "Timestamp,ActionType,RemoteUrl,DeviceName\n";
        let text = format!("{header}0:0,ConnectionSuccess,a,b\n{}", lines.join("\n"));
        let records = wanted("DeviceNetworkEvents", &["Timestamp", "ActionType", "RemoteUrl", "DeviceName"]);
        let plain = by_objects("x", &text, records.clone());
        let records = if needles {
            records.with_needles("RemoteUrl", &["workers.dev".to_owned(), "a".to_owned()])
        } else {
            records
        };
        let (found, tallies) = of_file("x", text.as_bytes(), records.clone());
        prop_assert_eq!(&found, &by_objects("x", &text, records).0);
        if !needles {
            prop_assert_eq!((found, anomalies(&tallies[0].tally)), plain);
        }
    }
}
