//! Host names, brought to one form and compared label by label.

/// The longest host name, in bytes (RFC 1035, section 2.3.4).
const LONGEST_HOST: usize = 253;

/// The longest label of one.
const LONGEST_LABEL: usize = 63;

/// A host name in lower case, without port or final dot, in Punycode where it is not ASCII; none where
/// the text is no host name.
pub(crate) fn host(text: &str) -> Option<String> {
    let text = text.trim();
    let text = match text.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => text,
    };
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.len() > 4 * LONGEST_HOST {
        return None;
    }
    let host = if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        idna::domain_to_ascii(text).ok()?
    };
    let is_label = |label: &str| {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (1..=LONGEST_LABEL).contains(&label.len()) && label.bytes().all(is_letter)
    };
    (host.len() <= LONGEST_HOST && host.split('.').all(is_label)).then_some(host)
}

/// A name and all names above it: `a.b.c`, `b.c`, `c`.
pub(crate) fn and_above(host: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(host), |name| name.split_once('.').map(|(_, above)| above))
}

/// The first label.
pub(crate) fn first_label(host: &str) -> &str {
    host.split_once('.').map_or(host, |(first, _)| first)
}

#[cfg(test)]
mod tests {
    use super::{and_above, host};

    #[test]
    fn names_have_one_form() {
        for text in
            ["Sync.Acme.workers.dev", " sync.acme.workers.dev. ", "sync.acme.workers.dev:443"]
        {
            assert_eq!(host(text).as_deref(), Some("sync.acme.workers.dev"));
        }
        assert_eq!(host("bücher.example").as_deref(), Some("xn--bcher-kva.example"));
        for junk in ["", ".", "a..b", "a b.example", "*.example.com", "a/b", &"a.".repeat(200)] {
            assert_eq!(host(junk), None, "{junk}");
        }
    }

    #[test]
    fn names_above_are_whole_labels() {
        let above: Vec<&str> = and_above("a.b.example").collect();
        assert_eq!(above, ["a.b.example", "b.example", "example"]);
    }
}
