//! `dns`: a row of `dns` for each query, with the answers in their order.

use coldtrail_model::Field;

use crate::filling::Filling;

use super::connection;

/// Fills a row of `dns`.
pub(crate) fn columns(record: &mut Filling<'_, '_, '_>) {
    connection(record);
    record
        .domain(Field::DnsQuestionName, "query")
        .text(Field::DnsQuestionType, "qtype_name")
        .text(Field::DnsResponseCode, "rcode_name")
        .texts(Field::DnsAnswersData, "answers")
        .numbers(Field::DnsAnswersTtl, "TTLs");
}
