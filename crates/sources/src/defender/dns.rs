//! `DeviceEvents` of the kind `DnsQueryResponse`: what a process asked the resolver of Windows.

use coldtrail_model::Field;
use serde_json::Value;

use super::actor;
use super::additional::Additional;
use crate::filling::{Filling, Values};

/// Whether there is a question in the additional fields.
pub(super) fn asks(additional: &Additional) -> bool {
    additional.text("DnsQueryString").is_some()
}

pub(super) fn columns(record: &mut Filling<'_, '_, '_>, additional: &Additional) {
    actor::device(record);
    actor::initiating_process(record);
    record
        .from(additional)
        .domain(Field::DnsQuestionName, "DnsQueryString")
        .text(Field::DnsQuestionType, "DnsQueryType");
    let answers = additional.objects("DnsQueryResult");
    let results: Vec<&str> =
        answers.iter().filter_map(|answer| answer.get("Result").and_then(Value::as_str)).collect();
    if !results.is_empty() {
        record.row().texts(Field::DnsAnswersData, results.into_iter());
    }
}
