//! An address with a prefix. Those of version 4 are held as those of version 6 into which they are mapped,
//! so that all of them compare alike.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Bits that stand before an address of version 4.
pub(super) const MAPPED: u8 = 96;

/// An address with a prefix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Network {
    bits: u128,
    prefix: u8,
}

impl Network {
    /// An address of version 4 with or without a prefix of up to 32 bits.
    pub(super) fn v4(text: &str) -> Option<Network> {
        let (address, prefix) = cut(text, 32)?;
        Some(Network::of(address.parse::<Ipv4Addr>().ok()?, prefix))
    }

    /// An address of either version. One that is written with dots has the prefix of version 4, if that is
    /// what it may be: `::192.0.2.1/24` is `192.0.2.1/24`.
    pub(super) fn any(text: &str) -> Option<Network> {
        if let Some(network) = Network::v4(text) {
            return Some(network);
        }
        let (address, prefix) = cut(text, 128)?;
        let bits = address.parse::<Ipv6Addr>().ok()?;
        if !address.contains('.') {
            return Some(Network { bits: bits.to_bits(), prefix });
        }
        let prefix = if prefix <= 32 { prefix + MAPPED } else { prefix };
        let mapped = bits.to_ipv4().map_or(bits, |address| address.to_ipv6_mapped());
        Some(Network { bits: mapped.to_bits(), prefix })
    }

    /// An address of version 4 with a prefix of up to 32 bits.
    pub(super) fn of(address: Ipv4Addr, prefix: u8) -> Network {
        Network { bits: address.to_ipv6_mapped().to_bits(), prefix: prefix.saturating_add(MAPPED) }
    }

    /// How many bits count.
    pub(super) fn prefix(self) -> u8 {
        self.prefix.min(128)
    }

    /// The same with no more bits than that.
    pub(super) fn within(self, prefix: u8) -> Network {
        Network { bits: self.bits, prefix: self.prefix().min(prefix) }
    }

    /// The bits that count, the others zero.
    pub(super) fn masked(self) -> u128 {
        let mask = match self.prefix() {
            0 => 0,
            prefix => u128::MAX << (128 - prefix),
        };
        self.bits & mask
    }

    /// The lower half of it, as an address of version 4.
    pub(super) fn masked_v4(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.masked() as u32)
    }

    /// Whether the address is in the other network.
    pub(super) fn is_in(self, range: Network) -> bool {
        Network { bits: self.masked(), prefix: range.prefix }.masked() == range.masked()
    }

    /// Whether the address is one that RFC 1918 sets aside.
    pub(super) fn is_private(self) -> bool {
        self.masked_v4().is_private()
    }

    /// All of the address, four digits a group.
    pub(super) fn canonical(self) -> String {
        let groups = Ipv6Addr::from_bits(self.masked()).segments();
        groups.map(|group| format!("{group:04x}")).join(":")
    }
}

/// The address and its prefix; without one, all bits count.
fn cut(text: &str, most: u8) -> Option<(&str, u8)> {
    let text = text.trim();
    let Some((address, prefix)) = text.split_once('/') else { return Some((text, most)) };
    let prefix = prefix.parse().ok().filter(|prefix| *prefix <= most)?;
    Some((address, prefix))
}
