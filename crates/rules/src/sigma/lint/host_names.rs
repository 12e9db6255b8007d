//! Which fields hold names of hosts, and which texts are such names.

/// Fields that hold the name of a host that something talks to, or asks for, in small letters.
const FIELDS: &[&str] = &[
    "c-dns",
    "cs-host",
    "destination.domain",
    "destinationhostname",
    "dns.question.name",
    "dns.question.registered_domain",
    "dst_host",
    "host.header",
    "query",
    "queryname",
    "r-dns",
    "remoteurl",
    "server.domain",
    "server_name",
    "tls.client.server_name",
    "tls.server_name",
    "tls_sni",
    "url.domain",
];

/// Fields that hold an address of the web, a name of a host in it, in small letters.
const ADDRESS_FIELDS: &[&str] = &[
    "c-uri",
    "cs-uri",
    "c-referer",
    "cs-referer",
    "url",
    "url.full",
    "url.original",
    "commandline",
    "parentcommandline",
    "scriptblocktext",
];

/// Whether a field holds the name of a host, and nothing else.
pub(super) fn is_name_field(field: &str) -> bool {
    FIELDS.contains(&field.to_ascii_lowercase().as_str())
}

/// Whether a field may hold the name of a host among other things.
pub(super) fn may_hold_name(field: &str) -> bool {
    is_name_field(field) || ADDRESS_FIELDS.contains(&field.to_ascii_lowercase().as_str())
}

/// Whether a text is a name of a host: labels with dots between them, the last one of letters.
pub(super) fn is_name(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let labels = text.rsplit_once('.');
    labels.is_some_and(|(rest, last)| {
        last.len() >= 2
            && last.bytes().all(|byte| byte.is_ascii_alphabetic())
            && rest.split('.').all(is_label)
    })
}

/// Whether anybody could register a name that ends with this one: it has two labels, or three of which the
/// last two are such as `co.uk`.
pub(super) fn is_registrable(name: &str) -> bool {
    let labels: Vec<&str> = name.split('.').collect();
    match labels.as_slice() {
        [_, _] => true,
        [_, second, last] => last.len() == 2 && second.len() <= 3,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_by_their_form() {
        for name in ["workers.dev", "a-b.example.com", "X.CO.UK"] {
            assert!(is_name(name), "{name}");
        }
        for other in ["workers", ".workers.dev", "a b.dev", "workers.dev/", "10.0.0.1", "a..b", ""]
        {
            assert!(!is_name(other), "{other}");
        }
        assert!(is_registrable("workers.dev") && is_registrable("example.co.uk"));
        assert!(!is_registrable("api.example.com"));
        assert!(is_name_field("QueryName") && !is_name_field("Image"));
        assert!(may_hold_name("c-uri") && !may_hold_name("Image"));
    }
}
