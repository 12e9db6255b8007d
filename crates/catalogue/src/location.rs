//! Taking host and path out of whatever an analyst or a log calls an address: a host, a host with a
//! port, a URL, or the Windows spellings of WebDAV shares.

/// The parts of an address that identify an endpoint. User information, query and fragment are left
/// out: they are not needed, and often secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location<'a> {
    /// The host as written, without brackets around an IPv6 address.
    pub host: &'a str,
    /// The port, where one is written.
    pub port: Option<u16>,
    /// The path without its query, beginning with its slash (or backslash), where there is one.
    pub path: Option<&'a str>,
}

/// Splits an address. `None` if no host is named, as in `/path` or `data:text/plain,x`.
///
/// Understood are `host`, `host:port`, `host/path`, `scheme://user@host:port/path?query`,
/// `//host/path`, `[2001:db8::1]:443`, and the WebDAV forms `\\host@SSL@443\DavWWWRoot\path` and
/// `host@SSL\path`.
///
/// ```
/// use coldtrail_catalogue::split_url;
///
/// let location = split_url(r"\\x.trycloudflare.com@SSL\DavWWWRoot\a.lnk").unwrap();
/// assert_eq!(location.host, "x.trycloudflare.com");
/// assert_eq!(location.path, Some(r"\DavWWWRoot\a.lnk"));
/// ```
pub fn split_url(text: &str) -> Option<Location<'_>> {
    let text = text.trim();
    let text = text.split(['?', '#']).next().unwrap_or(text);
    let address = after_scheme(text)?;
    let authority_end = address.find(['/', '\\']).unwrap_or(address.len());
    let (authority, path) = address.split_at_checked(authority_end)?;
    let (host, port) = split_authority(authority);
    let plausible = !host.is_empty() && !host.contains(char::is_whitespace);
    let path = (!path.is_empty()).then_some(path);
    plausible.then_some(Location { host, port, path })
}

/// What follows `scheme://`, `//` or `\\`; all of it if none of them is there.
fn after_scheme(text: &str) -> Option<&str> {
    if let Some(address) = text.strip_prefix("//").or_else(|| text.strip_prefix(r"\\")) {
        return Some(address);
    }
    if let Some((scheme, address)) = text.split_once("://")
        && is_scheme(scheme)
    {
        return Some(address);
    }
    // A colon which is neither before a port nor within an IPv6 address ends a scheme without a host.
    let first = text.split(['/', '\\']).next()?;
    let opaque = |(scheme, rest): (&str, &str)| {
        is_scheme(scheme)
            && !scheme.contains('.')
            && !rest.contains(['@', ':'])
            && !rest.bytes().all(|b| b.is_ascii_digit())
    };
    (!first.split_once(':').is_some_and(opaque)).then_some(text)
}

fn is_scheme(text: &str) -> bool {
    text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

/// Host and port of `user:password@host:port` or `host@SSL@port`.
fn split_authority(authority: &str) -> (&str, Option<u16>) {
    if let Some((host, port)) = split_webdav(authority) {
        return (host, port);
    }
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Some(literal) = host.strip_prefix('[') {
        let (address, behind) = literal.split_once(']').unwrap_or((literal, ""));
        return (address, behind.strip_prefix(':').and_then(|port| port.parse().ok()));
    }
    match host.split_once(':') {
        // More than one colon is an IPv6 address without brackets.
        Some((name, port)) if !port.contains(':') => (name, port.parse().ok()),
        _ => (host, None),
    }
}

/// The Windows WebDAV redirector writes `host@SSL`, `host@8080` or `host@SSL@8443`.
fn split_webdav(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, suffix) = authority.split_once('@')?;
    let port = |text: &str| text.parse::<u16>().ok();
    match suffix.split_once('@') {
        None if suffix.eq_ignore_ascii_case("ssl") => Some((host, None)),
        None => port(suffix).map(|number| (host, Some(number))),
        Some((ssl, number)) if ssl.eq_ignore_ascii_case("ssl") => Some((host, port(number))),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Option<(&str, Option<u16>, Option<&str>)> {
        split_url(text).map(|location| (location.host, location.port, location.path))
    }

    #[test]
    fn hosts_and_urls() {
        assert_eq!(split("a.workers.dev"), Some(("a.workers.dev", None, None)));
        assert_eq!(split("a.workers.dev:8443"), Some(("a.workers.dev", Some(8443), None)));
        assert_eq!(split("a.workers.dev/x"), Some(("a.workers.dev", None, Some("/x"))));
        assert_eq!(split("//a.workers.dev/x"), Some(("a.workers.dev", None, Some("/x"))));
        assert_eq!(
            split("https://me:secret@hooks.zapier.com:443/hooks/catch/1/2/?key=secret#top"),
            Some(("hooks.zapier.com", Some(443), Some("/hooks/catch/1/2/")))
        );
        assert_eq!(split("wss://a.workers.dev?x=/y@z"), Some(("a.workers.dev", None, None)));
        assert_eq!(split("me:secret@a.workers.dev/x"), Some(("a.workers.dev", None, Some("/x"))));
    }

    #[test]
    fn addresses() {
        assert_eq!(split("http://[2001:db8::1]:80/x"), Some(("2001:db8::1", Some(80), Some("/x"))));
        assert_eq!(split("2001:db8::1"), Some(("2001:db8::1", None, None)));
        assert_eq!(split("[::1"), Some(("::1", None, None)));
        assert_eq!(split("192.0.2.1:53"), Some(("192.0.2.1", Some(53), None)));
    }

    #[test]
    fn webdav() {
        assert_eq!(
            split(r"\\a.trycloudflare.com@SSL@8443\DavWWWRoot\x"),
            Some(("a.trycloudflare.com", Some(8443), Some(r"\DavWWWRoot\x")))
        );
        assert_eq!(split(r"a.workers.dev@SSL\x"), Some(("a.workers.dev", None, Some(r"\x"))));
        assert_eq!(
            split(r"\\a.workers.dev@8080\x"),
            Some(("a.workers.dev", Some(8080), Some(r"\x")))
        );
    }

    #[test]
    fn no_host() {
        for text in ["", " ", "/x", "?x", "mailto:me", "data:text/plain,x", "http:///x", "a b/c"] {
            assert_eq!(split(text), None, "{text}");
        }
    }
}
