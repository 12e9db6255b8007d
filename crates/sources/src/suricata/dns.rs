//! `dns`: a row of `dns` for each query and for each answer.
//!
//! Three versions of the event are in use. The first has an event for each record of an answer; its
//! question is not told, and `rrname` is that of the record. The second has all records of an answer
//! in `answers`, or by their type in `grouped`, or both. The third calls queries requests and lists
//! the questions. <https://docs.suricata.io/en/latest/output/eve/eve-json-format.html>

use coldtrail_model::Field;
use serde_json::Value;

use crate::filling::Filling;

use super::event::{Event, scalar};

/// More records than any answer has. What lies beyond is left out.
const MOST_RECORDS: usize = 65_536;

/// In which order records that are grouped by their type come: the chain before what it leads to.
const TYPES: [&str; 3] = ["CNAME", "A", "AAAA"];

/// Where the question is: in alerts, the second version lists queries, too.
const QUESTIONS: [(&str, &str); 4] = [
    ("dns", "rrname"),
    ("dns.queries", "rrname"),
    ("dns.query", "rrname"),
    ("dns.answer", "rrname"),
];

/// Fills a row of `dns`.
pub(super) fn columns(record: &mut Filling<'_, '_, '_>, event: Event<'_>) {
    let question = QUESTIONS.iter().filter_map(|(place, name)| first(event.get(place)?, name));
    if let Some(question) = question.into_iter().next() {
        let text = |name: &str| question.get(name).and_then(Value::as_str).unwrap_or_default();
        let (name, kind) = (text("rrname"), text("rrtype"));
        record.row().domain(Field::DnsQuestionName, name).text(Field::DnsQuestionType, kind);
    }
    if event.str("dns.type").is_none_or(|kind| !matches!(kind, "query" | "request")) {
        record
            .text(Field::DnsResponseCode, "dns.rcode")
            .text(Field::DnsResponseCode, "dns.answer.rcode");
    }
    record.text(Field::EventAction, "dns.type");
    answers(record, event);
}

/// The object itself, or the first of a list, if it has that member.
fn first<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let value = value.as_array().map_or(Some(value), |values| values.first())?;
    value.get(name).map(|_| value)
}

fn answers(record: &mut Filling<'_, '_, '_>, event: Event<'_>) {
    let list =
        ["dns.answers", "dns.answer.answers"].iter().find_map(|path| event.get(path)?.as_array());
    let row = record.row();
    if let Some(records) = list {
        let records = || records.iter().filter(|it| it.get("rdata").is_some()).take(MOST_RECORDS);
        let data: Vec<_> = records().filter_map(|it| scalar(it.get("rdata")?)).collect();
        if !data.is_empty() {
            row.texts(Field::DnsAnswersData, data.iter().map(|data| without_dot(data)));
            row.numbers(Field::DnsAnswersTtl, records().map(|it| it.get("ttl")?.as_i64()));
        }
        return;
    }
    if let Some(data) = event.get("dns.rdata").and_then(scalar) {
        row.texts(Field::DnsAnswersData, [without_dot(&data)].into_iter());
        let time_to_live = event.get("dns.ttl").and_then(Value::as_i64);
        if time_to_live.is_some() {
            row.numbers(Field::DnsAnswersTtl, [time_to_live].into_iter());
        }
        return;
    }
    let grouped =
        ["dns.grouped", "dns.answer.grouped"].iter().find_map(|path| event.get(path)?.as_object());
    let Some(groups) = grouped else { return };
    let others = groups.keys().map(String::as_str).filter(|name| !TYPES.contains(name));
    let records = TYPES.into_iter().chain(others).filter_map(|name| groups.get(name)?.as_array());
    let data: Vec<_> = records.flatten().filter_map(scalar).take(MOST_RECORDS).collect();
    if !data.is_empty() {
        row.texts(Field::DnsAnswersData, data.iter().map(|data| without_dot(data)));
    }
}

/// A name without the dot of the root.
fn without_dot(data: &str) -> &str {
    data.strip_suffix('.').filter(|name| !name.is_empty()).unwrap_or(data)
}
