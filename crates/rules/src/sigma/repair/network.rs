//! Networks are found in every spelling of an address.
//!
//! The library knows no network without a length, such as `10.0.0.1`, and does not find an address of version 4 that
//! is written as one of version 6, as Windows does: `::ffff:10.0.0.1`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use coldtrail_diagnostics::ProblemKind;
use rsigma_ir::IrMatcher;

use super::super::document::Fault;

/// The comparison with a network.
pub(in super::super) fn matcher(text: &str) -> Result<IrMatcher, Fault> {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address.parse(), Some(length.parse::<u8>())),
        None => (text.parse(), None),
    };
    let wrong = || {
        let reason = format!("`{}` is no network", super::super::detection::beginning(text));
        let help = "write one such as `10.0.0.0/8` or `fe80::/10`";
        Fault::new(ProblemKind::InvalidValue, reason, help)
    };
    let address: IpAddr = address.map_err(|_| wrong())?;
    let most: u8 = if address.is_ipv4() { 32 } else { 128 };
    let length = length.unwrap_or(Ok(most)).ok().filter(|length| *length <= most);
    let length = length.ok_or_else(wrong)?;
    let network = |network: String| IrMatcher::Cidr { network };
    Ok(match address {
        IpAddr::V6(address) => network(format!("{}/{length}", first_v6(address, length))),
        IpAddr::V4(address) => {
            let first = first_v4(address, length);
            let mapped = first.to_ipv6_mapped();
            IrMatcher::AnyOf(vec![
                network(format!("{first}/{length}")),
                network(format!("{mapped}/{}", length + 96)),
            ])
        }
    })
}

/// The first address of a network.
fn first_v4(address: Ipv4Addr, length: u8) -> Ipv4Addr {
    let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or_default();
    Ipv4Addr::from_bits(address.to_bits() & mask)
}

fn first_v6(address: Ipv6Addr, length: u8) -> Ipv6Addr {
    let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or_default();
    Ipv6Addr::from_bits(address.to_bits() & mask)
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{holds, problem};

    #[test]
    fn an_address_is_found_in_its_network() {
        for (network, address, expected) in [
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.1.2.3", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3/16", "10.1.9.9", true),
            ("0.0.0.0/0", "1.2.3.4", true),
            ("0.0.0.0/0", "::1", false),
            ("fe80::/10", "FE80::1", true),
            ("::1/128", "::1", true),
            ("::/0", "2001:db8::1", true),
            ("10.0.0.0/8", "10.1.2", false),
            ("10.0.0.0/8", "", false),
        ] {
            let detection = format!("{{s: {{Ip|cidr: '{network}'}}, condition: s}}");
            assert_eq!(holds(&detection, &[("Ip", address)]), expected, "{network} {address}");
        }
    }

    #[test]
    fn what_is_no_network_is_told() {
        for network in ["10.0.0.0/33", "10.0.0/8", "x", "::/129", "10.0.0.0/", "1.2.3.4/-1"] {
            let told = problem(&format!("{{s: {{Ip|cidr: '{network}'}}, condition: s}}"));
            assert!(told.reason.contains("is no network"), "{told:?}");
        }
    }
}
