//! `http`: a row of `web` for each request.

use coldtrail_model::Field;

use crate::filling::Filling;
use crate::url;

use super::connection;

/// Fills a row of `web`.
pub(crate) fn columns(record: &mut Filling<'_, '_, '_>) {
    connection(record);
    record
        .text(Field::UserName, "username")
        .text(Field::HttpRequestMethod, "method")
        .number(Field::HttpResponseStatusCode, "status_code")
        .text(Field::UserAgentOriginal, "user_agent")
        .text(Field::HttpRequestReferrer, "referrer")
        .number(Field::HttpRequestBodyBytes, "request_body_len")
        .number(Field::HttpResponseBodyBytes, "response_body_len");
    // A target that names a host goes before the Host header (RFC 9112, 3.2.2).
    if let Some(target) = record.value("uri") {
        url::fill_request_target(record.row(), &target);
    }
    if let Some(header) = record.value("host") {
        record.row().domain(Field::UrlDomain, url::host(&header));
    }
}
