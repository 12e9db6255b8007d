//! One end of a connection, as messages of ASA write it.

use crate::filling::address;

/// One end of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Endpoint<'l> {
    /// The interface that it is behind; empty if none is named.
    pub(super) interface: &'l str,
    /// The address, or the name that the firewall was told to write in place of it.
    pub(super) host: &'l str,
    /// The port; empty if none is named.
    pub(super) port: &'l str,
}

impl<'l> Endpoint<'l> {
    /// The end that a text begins with: `outside:192.0.2.7/443`, without interface, without port, or in
    /// brackets, whatever stands behind.
    pub(super) fn of(text: &'l str) -> Option<Self> {
        let word = text.split([' ', ',']).next()?.trim_start_matches('(');
        let word = word.split(['(', ')']).next()?;
        let (place, port) = match word.rsplit_once('/') {
            Some((place, port)) if is_number(port) => (place, port),
            _ => (word, ""),
        };
        let (interface, host) = match place.split_once(':') {
            Some((interface, host)) if address(place).is_none() => (interface, host),
            _ => ("", place),
        };
        (!host.is_empty()).then_some(Self { interface, host, port })
    }

    /// The end that a word of an access list is: `inside/10.0.0.5(49200)`.
    pub(super) fn listed(word: &'l str) -> Option<Self> {
        let (interface, place) = word.split_once('/')?;
        let (host, behind) = place.split_once('(').unwrap_or((place, ""));
        let port = behind.split(')').next()?;
        (!host.is_empty()).then_some(Self { interface, host, port })
    }

    /// Whether the port is one of those that services are found at.
    pub(super) fn is_service(&self) -> bool {
        self.port.parse::<u16>().is_ok_and(|port| (1..1024).contains(&port))
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::Endpoint;

    fn parts(
        endpoint: Option<Endpoint<'static>>,
    ) -> Option<(&'static str, &'static str, &'static str)> {
        endpoint.map(|endpoint| (endpoint.interface, endpoint.host, endpoint.port))
    }

    #[test]
    fn every_way_of_writing() {
        for (text, expected) in [
            ("out:192.0.2.7/443 (192.0.2.7/443)", ("out", "192.0.2.7", "443")),
            ("out:192.0.2.7/443(LOCAL\\jane) dst", ("out", "192.0.2.7", "443")),
            ("out:2001:db8::7/443 to", ("out", "2001:db8::7", "443")),
            ("2001:db8::7/443 to", ("", "2001:db8::7", "443")),
            ("(0.0.0.0) to", ("", "0.0.0.0", "")),
            ("in:web_server dst", ("in", "web_server", "")),
            ("10.0.0.5, x", ("", "10.0.0.5", "")),
        ] {
            assert_eq!(parts(Endpoint::of(text)), Some(expected), "{text}");
        }
        assert_eq!(
            parts(Endpoint::listed("in/10.0.0.5(49200)(LOCAL\\jane)")),
            Some(("in", "10.0.0.5", "49200"))
        );
        assert_eq!(parts(Endpoint::of("")), None);
    }
}
