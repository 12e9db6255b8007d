//! `http`: a row of `web` for each request.

use coldtrail_model::Field;

use crate::filling::Filling;
use crate::url::{self, Url};

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
        request_target(record, &target);
    }
    if let Some(header) = record.value("host") {
        record.row().domain(Field::UrlDomain, url::host(&header));
    }
}

/// The four forms of RFC 9112, 3.2: a path, a whole URL to a proxy, host and port of `CONNECT`, and
/// the `*` of `OPTIONS`.
fn request_target(record: &mut Filling<'_, '_, '_>, target: &str) {
    let row = record.row();
    if target.starts_with('/') {
        Url::parse_target(target).fill(row, target);
    } else if target.contains("://") {
        Url::parse(target).fill(row, target);
    } else if is_authority(target) {
        row.domain(Field::UrlDomain, url::host(target));
    } else if target != "*" {
        Url::parse_target(target).fill(row, target);
    }
}

fn is_authority(target: &str) -> bool {
    let port = target.rsplit_once(':').map_or("", |(_, port)| port);
    !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) && !target.contains('/')
}

#[cfg(test)]
mod tests {
    use super::is_authority;

    #[test]
    fn host_and_port_are_no_path() {
        assert!(is_authority("a.example:443"));
        assert!(is_authority("[2001:db8::1]:443"));
        assert!(!is_authority("a.example:"));
        assert!(!is_authority("info?a:1/2:3"));
    }
}
