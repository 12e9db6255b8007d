//! `http`: a row of `web` for each request.

use coldtrail_model::Field;

use crate::filling::Filling;
use crate::url;

/// Fills a row of `web`.
pub(super) fn columns(record: &mut Filling<'_, '_, '_>) {
    record
        .text(Field::HttpRequestMethod, "http.http_method")
        .number(Field::HttpResponseStatusCode, "http.status")
        .number(Field::HttpResponseBodyBytes, "http.length")
        .text(Field::HttpResponseMimeType, "http.http_content_type")
        .text(Field::UserAgentOriginal, "http.http_user_agent")
        .text(Field::HttpRequestReferrer, "http.http_refer");
    if let Some(target) = record.value("http.url") {
        url::fill_request_target(record.row(), &target);
    }
    if let Some(header) = record.value("http.hostname") {
        record.row().domain(Field::UrlDomain, url::host(&header));
    }
}
