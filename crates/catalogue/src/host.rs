//! Host names as logs write them, brought to one form without copying where possible.

use std::borrow::Cow;

use crate::shape::{LONGEST_LABEL, is_label_byte};

/// The longest host name, in bytes, without the root's dot (RFC 1035, section 2.3.4).
const LONGEST_HOST: usize = 253;

/// Removes what may stand around a name (spaces, a port, the root's dot, the `*.` of a
/// certificate) and turns a name outside ASCII into its Punycode form. Letters keep their case.
///
/// `None` if IDNA does not allow the name. Whether the name is well formed otherwise is a question
/// for [`is_well_formed`], asked only about the few names that match a pattern.
#[inline]
pub(crate) fn normalise(host: &str) -> Option<Cow<'_, str>> {
    let bare = bare(host);
    if bare.is_ascii() { Some(Cow::Borrowed(bare)) } else { to_ascii(bare).map(Cow::Owned) }
}

#[cold]
fn to_ascii(host: &str) -> Option<String> {
    // The longest host takes at most four bytes for each of its characters.
    if host.len() > 4 * LONGEST_HOST {
        return None;
    }
    let ascii = idna::domain_to_ascii(host).ok()?;
    Some(bare(&ascii).to_owned())
}

/// Whether `host` could exist in DNS: labels of letters, digits, dashes and underscores, none of
/// them empty or over-long.
pub(crate) fn is_well_formed(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=LONGEST_LABEL).contains(&label.len()) && label.bytes().all(is_label_byte)
    };
    host.len() <= LONGEST_HOST && host.split('.').all(is_label)
}

#[inline]
fn bare(host: &str) -> &str {
    // Nearly all names begin with a letter or a digit and end with a letter: nothing to remove.
    match host.as_bytes() {
        [first, .., last] if first.is_ascii_alphanumeric() && last.is_ascii_alphabetic() => host,
        _ => without_decoration(host),
    }
}

#[cold]
fn without_decoration(host: &str) -> &str {
    let host = host.trim_ascii();
    let host = match host.rsplit_once(':') {
        Some((name, port)) if is_port(port) => name,
        _ => host,
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    host.strip_prefix("*.").unwrap_or(host)
}

fn is_port(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_ports_and_stars_go() {
        for host in [
            "a.workers.dev",
            "a.workers.dev.",
            "a.workers.dev:443",
            "*.a.workers.dev.:8443",
            " a.workers.dev\t",
        ] {
            assert_eq!(normalise(host).as_deref(), Some("a.workers.dev"), "{host}");
        }
    }

    #[test]
    fn only_names_outside_ascii_are_copied() {
        assert!(matches!(normalise("A.Workers.dev"), Some(Cow::Borrowed("A.Workers.dev"))));
        assert_eq!(normalise("bücher.workers.dev").as_deref(), Some("xn--bcher-kva.workers.dev"));
        assert_eq!(normalise("a。ｗorkers.dev").as_deref(), Some("a.workers.dev"));
        assert_eq!(normalise(&"ü".repeat(4000)), None);
    }

    #[test]
    fn junk_is_not_well_formed() {
        assert!(is_well_formed("_dmarc.a_b.workers.dev"));
        let long = format!("{}.workers.dev", "a".repeat(64));
        for host in ["", "a..b", ".a", "a.", "a b.c", "a/b.c", long.as_str(), &"a.".repeat(130)] {
            assert!(!is_well_formed(host), "{host}");
        }
    }
}
