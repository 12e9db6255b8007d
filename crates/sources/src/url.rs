//! Takes a URL apart as logs write it: whole, or without scheme, or as nothing but a host.
//!
//! This is no validator. A log may hold whatever a client sent, and a detection needs the host even
//! of a URL that no browser would accept.

use coldtrail_model::Field;

use crate::Row;

/// The parts of a URL, each as written; an absent one is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Url<'u> {
    /// `https`.
    pub(crate) scheme: &'u str,
    /// The host without user, port and brackets.
    pub(crate) host: &'u str,
    /// The path, from its `/`.
    pub(crate) path: &'u str,
    /// What stands between `?` and `#`.
    pub(crate) query: &'u str,
}

impl<'u> Url<'u> {
    /// Takes `https://host/path?query`, `host/path`, `host:443`, `host` or `\\host\path` apart.
    pub(crate) fn parse(text: &'u str) -> Self {
        if let Some(share) = text.trim().strip_prefix(r"\\") {
            return Self::parse_share(share);
        }
        let (scheme, rest) = split_scheme(text.trim());
        let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        Self { scheme, host: host(authority), ..Self::parse_target(target) }
    }

    /// Takes `host@SSL@8443\DavWWWRoot\file` apart: Windows reaches WebDAV servers by such names, and
    /// says behind the host how.
    fn parse_share(text: &'u str) -> Self {
        let end = text.find(['/', '\\']).unwrap_or(text.len());
        let (server, path) = text.split_at(end);
        Self { host: server.split('@').next().unwrap_or(server), path, ..Self::default() }
    }

    /// Takes a request target without host apart: `/path?query`.
    pub(crate) fn parse_target(text: &'u str) -> Self {
        let unmarked = text.split('#').next().unwrap_or(text);
        let (path, query) = unmarked.split_once('?').unwrap_or((unmarked, ""));
        Self { path, query, ..Self::default() }
    }

    /// Whether there is more than a host.
    pub(crate) fn has_target(&self) -> bool {
        !self.path.is_empty() || !self.query.is_empty()
    }

    /// Sets the columns of host, path and query; `written` is the whole URL, where it was whole.
    pub(crate) fn fill(&self, row: &mut Row<'_, '_>, written: &str) {
        if !self.scheme.is_empty() {
            row.text(Field::UrlFull, written);
        }
        row.domain(Field::UrlDomain, self.host)
            .text(Field::UrlPath, self.path)
            .text(Field::UrlQuery, self.query);
    }
}

/// Sets the columns of a request's target in the four forms of RFC 9112, 3.2: a path, a whole URL to a
/// proxy, host and port of `CONNECT`, and the `*` of `OPTIONS`. What it sets goes before the Host header.
pub(crate) fn fill_request_target(row: &mut Row<'_, '_>, target: &str) {
    if target.starts_with('/') {
        Url::parse_target(target).fill(row, target);
    } else if target.contains("://") {
        Url::parse(target).fill(row, target);
    } else if is_authority(target) {
        row.domain(Field::UrlDomain, host(target));
    } else if target != "*" {
        Url::parse_target(target).fill(row, target);
    }
}

fn is_authority(target: &str) -> bool {
    let port = target.rsplit_once(':').map_or("", |(_, port)| port);
    !port.is_empty() && is_port(port) && !target.contains('/')
}

/// The host of `user@host:port`, `[2001:db8::1]:443` or a bare IPv6 address.
pub(crate) fn host(authority: &str) -> &str {
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    if let Some(bracketed) = place.strip_prefix('[') {
        return bracketed.split(']').next().unwrap_or(bracketed);
    }
    match place.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') && is_port(port) => host,
        _ => place,
    }
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn split_scheme(text: &str) -> (&str, &str) {
    match text.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) => (scheme, rest),
        _ => ("", text),
    }
}

fn is_scheme(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Url, host, is_authority};

    #[test]
    fn a_url_is_taken_apart_as_written() {
        let url =
            Url::parse("https://user@Bot.Example.workers.dev:8443/api/Poll?id=1&u=http://x/#top");
        assert_eq!(url.scheme, "https");
        assert_eq!(url.host, "Bot.Example.workers.dev");
        assert_eq!(url.path, "/api/Poll");
        assert_eq!(url.query, "id=1&u=http://x/");
    }

    #[test]
    fn less_than_a_url_is_enough() {
        assert_eq!(Url::parse("a.example"), Url { host: "a.example", ..Url::default() });
        assert_eq!(Url::parse("a.example:443").host, "a.example");
        assert_eq!(Url::parse("a.example/x?u=https://b.example/").host, "a.example");
        assert_eq!(Url::parse("https://a.example?q").query, "q");
        assert_eq!(Url::parse_target("/x?q#f").path, "/x");
        assert!(!Url::parse("https://a.example").has_target());
    }

    #[test]
    fn a_share_is_reached_over_the_web() {
        let share = Url::parse(r"\\a.workers.dev@SSL\DavWWWRoot\x.lnk");
        assert_eq!((share.host, share.path), ("a.workers.dev", r"\DavWWWRoot\x.lnk"));
    }

    #[test]
    fn addresses_are_hosts() {
        assert_eq!(host("[2001:db8::1]:443"), "2001:db8::1");
        assert_eq!(host("2001:db8::1"), "2001:db8::1");
        assert_eq!(host("192.0.2.7:8080"), "192.0.2.7");
        assert_eq!(host("a.example:http"), "a.example:http");
    }

    #[test]
    fn host_and_port_are_no_path() {
        assert!(is_authority("a.example:443"));
        assert!(is_authority("[2001:db8::1]:443"));
        assert!(!is_authority("a.example:"));
        assert!(!is_authority("info?a:1/2:3"));
    }

    proptest! {
        #[test]
        fn nothing_is_invented(text in "\\PC{0,60}") {
            let url = Url::parse(&text);
            for part in [url.scheme, url.host, url.path, url.query] {
                prop_assert!(text.contains(part));
            }
        }
    }
}
