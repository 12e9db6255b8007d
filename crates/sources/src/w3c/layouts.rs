//! The columns that products write unless they are told otherwise, for lines whose header is lost:
//! syslog carries none, and some files name other columns than their lines have.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::kinds;
use super::product::Product;
use crate::framing::w3c;

/// A product's columns.
pub(super) struct Layout {
    pub(super) product: Product,
    pub(super) names: Vec<&'static str>,
    /// Whether further columns may stand behind them.
    goes_on: bool,
}

/// The columns of each, and whether more may follow. What sets them apart is looked at by [`kinds`].
const LAYOUTS: [(Product, bool, &str); 14] = [
    // IIS since 6.0, with what is often added.
    (
        Product::Iis,
        false,
        "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) \
         sc-status sc-substatus sc-win32-status time-taken",
    ),
    (
        Product::Iis,
        false,
        "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) \
         cs(Referer) sc-status sc-substatus sc-win32-status time-taken",
    ),
    (
        Product::Iis,
        false,
        "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) \
         cs(Referer) sc-status sc-substatus sc-win32-status time-taken X-Forwarded-For",
    ),
    (
        Product::Iis,
        false,
        "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) \
         cs(Cookie) cs(Referer) sc-status sc-substatus sc-win32-status time-taken",
    ),
    (
        Product::Iis,
        false,
        "date time s-sitename s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip \
         cs-version cs(User-Agent) cs(Cookie) cs(Referer) sc-status sc-substatus sc-win32-status \
         sc-bytes cs-bytes time-taken",
    ),
    (
        Product::Iis,
        false,
        "date time s-sitename cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip \
         cs(User-Agent) cs(Cookie) cs(Referer) cs-host sc-status sc-substatus sc-win32-status \
         sc-bytes cs-bytes time-taken",
    ),
    (
        Product::Iis,
        false,
        "date time s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port \
         cs-username c-ip cs-version cs(User-Agent) cs(Cookie) cs(Referer) cs-host sc-status \
         sc-substatus sc-win32-status sc-bytes cs-bytes time-taken",
    ),
    (
        Product::Iis,
        false,
        "date time s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port \
         cs-username c-ip cs-version cs(User-Agent) cs(Cookie) cs(Referer) cs-host sc-status \
         sc-substatus sc-win32-status sc-bytes cs-bytes time-taken X-Forwarded-For",
    ),
    // The error log of Windows' HTTP server, without and with the stream of HTTP/2.
    (
        Product::HttpApi,
        false,
        "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason \
         s-queuename",
    ),
    (
        Product::HttpApi,
        false,
        "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status s-siteid \
         s-reason s-queuename",
    ),
    // Blue Coat's `main`, `main` with a user agent and what is often added, and `bcreportermain_v1`.
    (
        Product::ProxySg,
        true,
        "date time time-taken c-ip sc-status s-action sc-bytes cs-bytes cs-method cs-uri-scheme \
         cs-host cs-uri-path cs-uri-query cs-username s-hierarchy s-supplier-name rs(Content-Type) \
         cs(User-Agent) sc-filter-result",
    ),
    (
        Product::ProxySg,
        true,
        "date time time-taken c-ip sc-status s-action sc-bytes cs-bytes cs-method cs-uri-scheme \
         cs-host cs-uri-port cs-uri-path cs-uri-query cs-username cs-auth-group s-supplier-name \
         rs(Content-Type) cs(Referer) cs(User-Agent) sc-filter-result cs-categories x-virus-id s-ip",
    ),
    (
        Product::ProxySg,
        true,
        "date time time-taken c-ip cs-username cs-auth-group x-exception-id sc-filter-result \
         cs-categories cs(Referer) sc-status s-action cs-method rs(Content-Type) cs-uri-scheme \
         cs-host cs-uri-port cs-uri-path cs-uri-query cs-uri-extension cs(User-Agent) s-ip sc-bytes \
         cs-bytes x-virus-id",
    ),
    // Netskope's transaction events, format 3.
    (
        Product::Netskope,
        true,
        "date time time-taken cs-bytes sc-bytes bytes c-ip s-ip cs-username cs-method cs-uri-scheme \
         cs-uri-query cs-user-agent cs-content-type sc-status sc-content-type cs-dns cs-host cs-uri \
         cs-uri-port cs-referer x-cs-session-id x-cs-access-method x-cs-app x-s-country x-s-latitude \
         x-s-longitude x-s-location x-s-region x-s-zipcode x-c-country x-c-latitude x-c-longitude \
         x-c-location x-c-region x-c-zipcode x-c-os x-c-browser x-c-browser-version x-c-device \
         x-cs-site x-cs-timestamp x-cs-page-id x-cs-userip x-cs-traffic-type x-cs-tunnel-id \
         x-category x-other-category x-type x-server-ssl-err x-client-ssl-err x-transaction-id \
         x-request-id x-cs-sni x-cs-domain-fronted-sni x-category-id x-other-category-id \
         x-sr-headers-name x-sr-headers-value x-cs-ssl-ja3 x-sr-ssl-ja3s x-ssl-bypass \
         x-ssl-bypass-reason x-r-cert-subject-cn x-r-cert-issuer-cn x-r-cert-startdate \
         x-r-cert-enddate x-r-cert-valid x-r-cert-expired x-r-cert-untrusted-root \
         x-r-cert-incomplete-chain x-r-cert-self-signed x-r-cert-revoked x-r-cert-revocation-check \
         x-r-cert-mismatch x-cs-ssl-fronting-error x-cs-ssl-handshake-error x-sr-ssl-handshake-error \
         x-sr-ssl-client-certificate-error x-sr-ssl-malformed-ssl x-s-custom-signing-ca-error \
         x-cs-ssl-engine-action x-cs-ssl-engine-action-reason x-sr-ssl-engine-action \
         x-sr-ssl-engine-action-reason x-ssl-policy-src-ip x-ssl-policy-dst-ip x-ssl-policy-dst-host \
         x-ssl-policy-dst-host-source x-ssl-policy-categories x-ssl-policy-action x-ssl-policy-name \
         x-cs-ssl-version x-cs-ssl-cipher x-sr-ssl-version x-sr-ssl-cipher x-cs-src-ip-egress \
         x-s-dp-name x-cs-src-ip x-cs-src-port x-cs-dst-ip x-cs-dst-port x-sr-src-ip x-sr-src-port \
         x-sr-dst-ip x-sr-dst-port x-cs-ip-connect-xff x-cs-ip-xff x-cs-connect-host \
         x-cs-connect-port x-cs-connect-user-agent x-cs-url x-cs-uri-path x-cs-http-version rs-status \
         x-cs-app-category x-cs-app-cci x-cs-app-ccl x-cs-app-tags x-cs-app-suite \
         x-cs-app-instance-id x-cs-app-instance-name x-cs-app-instance-tag x-cs-app-activity \
         x-cs-app-from-user x-cs-app-to-user x-cs-app-object-type x-cs-app-object-name \
         x-cs-app-object-id x-rs-file-type x-rs-file-category x-rs-file-language x-rs-file-size \
         x-rs-file-md5 x-rs-file-sha256 x-error x-c-local-time x-policy-action x-policy-name",
    ),
];

/// The layout that a line fits, with the line's cells.
pub(super) fn of(line: &str) -> Option<(&'static Layout, Vec<Cow<'_, str>>)> {
    static KNOWN: LazyLock<Vec<Layout>> = LazyLock::new(|| {
        let layout = |(product, goes_on, names): (Product, bool, &'static str)| Layout {
            product,
            names: names.split_ascii_whitespace().collect(),
            goes_on,
        };
        LAYOUTS.into_iter().map(layout).collect()
    });
    let begins = line.get(..19).is_some_and(|time| kinds::has_pattern(time, "0000-00-00 00:00:00"));
    if !begins {
        return None;
    }
    let cells = cells(line, ' ', None);
    let fits = |layout: &&Layout| {
        let count = layout.names.len();
        let counts = if layout.goes_on { cells.len() >= count } else { cells.len() == count };
        counts && kinds::fit(&layout.names, &cells)
    };
    let layout = KNOWN.iter().find(fits)?;
    Some((layout, cells))
}

/// The cells of a line. Some writers put two spaces where they have nothing to write, others a
/// space too many: an empty cell counts only if there are as many cells as there have to be.
pub(super) fn cells(line: &str, delimiter: char, count: Option<usize>) -> Vec<Cow<'_, str>> {
    let mut cells = w3c::cells(line, delimiter);
    if delimiter == ' ' && count != Some(cells.len()) {
        cells.retain(|cell| !cell.is_empty());
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_line_tells_its_columns() {
        let names = |line: &str| of(line).map(|(layout, _)| layout.names.len());
        let iis = "2024-05-04 10:00:00 192.0.2.7 GET /a - 443 - 10.0.0.5 curl/8";
        assert_eq!(names(&format!("{iis} 200 0 0 5")), Some(14));
        assert_eq!(names(&format!("{iis} http://b.example/ 200 0 0 5")), Some(15));
        assert_eq!(names(&format!("{iis} - 200 0 0 5 10.0.0.9")), Some(16));
        assert_eq!(names("2024-05-04 10:00:00 fw something else"), None);
        assert_eq!(names("May  4 10:00:00"), None);
    }
}
