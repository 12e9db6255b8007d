//! Records that collectors wrapped.

use coldtrail_diagnostics::Anomaly;
use serde_json::json;

use crate::received::{Received, connection};

#[test]
fn records_are_unwrapped() {
    let record = connection("C1");
    let as_text = json!({ "message": record }).to_string();
    for wrapped in [
        format!("{{\"records\":[{record}]}}"),
        format!("{{\"count\":1,\"Results\":[{record}],\"more\":{{}}}}"),
        format!("{{\"records\":[{{\"events\":[{record}]}}]}}"),
        format!("[[{record}]]"),
        format!("{{\"_index\":\"zeek\",\"_source\":{record}}}"),
        format!("{{\"input\":{{\"_source\":{record}}}}}"),
        json!({ "event": { "original": record } }).to_string(),
        json!({ "event.original": format!(" {record}\n") }).to_string(),
        as_text.clone(),
        json!({ "message": as_text }).to_string(),
    ] {
        let received = Received::from(wrapped.as_bytes());
        assert_eq!(received.uids(), ["C1"], "{wrapped}");
        assert_eq!(received.sources(), [("input", Some("zeek-json"))]);
        assert_eq!(received.tallies[0].tally.records, 1);
        assert!(received.faults().is_empty());
    }
}

#[test]
fn an_element_of_an_envelope_has_a_place_of_its_own() {
    let record = connection("C1");
    let wrapped = format!("\n{{\"records\":[ {record} ]}}");
    let reference = &Received::from(wrapped.as_bytes()).references()[0];
    assert_eq!((reference.offset, reference.length), (14, record.len() as u64));
}

#[test]
fn an_array_of_texts_is_no_envelope() {
    let received = Received::from(&br#"{"events":["one","two"],"value":[1]}"#[..]);
    assert_eq!(received.tallies[0].tally.records, 1);
    assert_eq!(received.faults(), [("input", Anomaly::UnknownFormat, 1)]);
    let received = Received::from(&br#"{"@odata.context":"any","value":[]}"#[..]);
    assert_eq!(received.tallies[0].tally.records, 0);
    assert!(received.faults().is_empty());
}

#[test]
fn wrapping_without_end_is_given_up() {
    let mut record = connection("C1");
    for _ in 0..4 {
        record = format!("{{\"input\":{record}}}");
    }
    assert_eq!(Received::from(record.as_bytes()).uids(), ["C1"]);
    let record = format!("{{\"input\":{record}}}");
    assert!(Received::from(record.as_bytes()).uids().is_empty());
}

#[test]
fn xml_inside_a_field_is_read_as_such() {
    let event = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
        <Provider Name='Microsoft-Windows-Sysmon'/><EventID>3</EventID>\
        <TimeCreated SystemTime='2020-09-21T05:27:12.123456Z'/><Computer>HOST</Computer></System>\
        <EventData><Data Name='UtcTime'>2020-09-21 05:27:12.123</Data>\
        <Data Name='DestinationIp'>192.0.2.1</Data></EventData></Event>";
    let received = Received::from(json!({ "message": event, "a": 1 }).to_string().as_bytes());
    let ip = received.texts(coldtrail_model::Field::DestinationIp);
    assert_eq!(ip, ["192.0.2.1"], "{:?}", received.faults());
}

#[test]
fn json_that_no_shape_knows_is_said_with_its_keys() {
    let received = Received::from(&b"{\"one\":1,\"two\":{}}\n{\"three\":3}\n"[..]);
    assert_eq!(received.sources(), [("input", Some("json"))]);
    assert_eq!(received.tallies[0].tally.records, 2);
    assert_eq!(received.faults(), [("input", Anomaly::UnknownFormat, 1)]);
    assert_eq!(received.detail(), "JSON without a known shape; its keys are one, two");
}

#[test]
fn records_without_a_shape_among_others_are_only_counted() {
    let input = format!("{{\"one\":1}}\n{}\n", connection("C1"));
    let received = Received::from(input.as_bytes());
    assert_eq!(received.tallies[0].tally.records, 2);
    assert!(received.faults().is_empty());
}

#[test]
fn a_broken_record_is_counted_where_it_is() {
    let input = format!("{}\n{{\"a\":nothing}}\n{}\n", connection("C1"), connection("C2"));
    let received = Received::from(input.as_bytes());
    assert_eq!(received.uids(), ["C1", "C2"]);
    let faults: Vec<_> = received.tallies[0].tally.faults.iter().collect();
    assert_eq!(faults[0].anomaly, Anomaly::InvalidJson);
    assert_eq!(faults[0].offset, Some(connection("C1").len() as u64 + 1));
}

#[test]
fn deep_nesting_is_a_broken_record() {
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let input = format!("{deep}\n{}", connection("C1"));
    let received = Received::from(input.as_bytes());
    assert_eq!(received.uids(), ["C1"]);
    assert_eq!(received.faults(), [("input", Anomaly::InvalidJson, 1)]);
}
