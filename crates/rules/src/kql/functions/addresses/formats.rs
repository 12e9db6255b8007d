//! Addresses as numbers and text, networks as text.

use std::net::Ipv4Addr;

use super::super::arguments::{Arguments, array, long, text};
use super::super::{Accepts, Function, Type, Value};
use super::matches::prefix;
use super::network::{MAPPED, Network};
use crate::kql::Dynamic;

const STRING: Accepts = Accepts::Only(Type::String);
const LONG: Accepts = Accepts::Only(Type::Long);

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("parse_ipv4", &[STRING], Type::Long, |arguments| {
        number(Network::v4(arguments.text(0)))
    }),
    Function::define("parse_ipv4_mask", &[STRING, LONG], Type::Long, |arguments| {
        number(masked(arguments, Network::v4, 32))
    }),
    Function::define("parse_ipv6", &[STRING], Type::String, |arguments| {
        canonical(Network::any(arguments.text(0)))
    }),
    Function::define("parse_ipv6_mask", &[STRING, LONG], Type::String, |arguments| {
        canonical(masked(arguments, Network::any, 128))
    }),
    Function::define("format_ipv4", &[Accepts::Any, LONG], Type::String, |arguments| {
        Value::String(
            formatted(arguments).map_or_else(String::new, |(address, _)| address.to_string()),
        )
    })
    .with_optional(1),
    Function::define("format_ipv4_mask", &[Accepts::Any, LONG], Type::String, |arguments| {
        Value::String(
            formatted(arguments)
                .map_or_else(String::new, |(address, prefix)| format!("{address}/{prefix}")),
        )
    })
    .with_optional(1),
    Function::define("ipv4_netmask_suffix", &[STRING], Type::Long, |arguments| {
        let network = Network::v4(arguments.text(0));
        long(network.map(|network| i64::from(network.prefix() - MAPPED)))
    }),
    Function::define("ipv4_range_to_cidr_list", &[STRING, STRING], Type::Dynamic, |arguments| {
        range_to_networks(arguments).map_or(Value::Null, array)
    }),
];

fn number(network: Option<Network>) -> Value {
    long(network.map(|network| i64::from(network.masked_v4().to_bits())))
}

fn canonical(network: Option<Network>) -> Value {
    Value::String(network.map_or_else(String::new, Network::canonical))
}

/// An address with no more bits than its own prefix and the one that is asked for leave.
fn masked(arguments: &[Value], parse: fn(&str) -> Option<Network>, most: u8) -> Option<Network> {
    arguments.long(1)?;
    Some(parse(arguments.text(0))?.within(prefix(arguments, 1, most)?))
}

/// The first address of a network that text or a number says, and its prefix.
fn formatted(arguments: &[Value]) -> Option<(Ipv4Addr, u8)> {
    let network = match arguments.at(0) {
        Value::String(text) | Value::Dynamic(Dynamic::String(text)) => Network::v4(text)?,
        _ => Network::of(Ipv4Addr::from_bits(u32::try_from(arguments.long(0)?).ok()?), 32),
    };
    let network = network.within(prefix(arguments, 1, 32)?);
    Some((network.masked_v4(), network.prefix() - MAPPED))
}

/// The fewest networks that hold all addresses from the first to the last, and no others.
fn range_to_networks(arguments: &[Value]) -> Option<Vec<Dynamic>> {
    let mut first = u64::from(Network::v4(arguments.text(0))?.masked_v4().to_bits());
    let last = u64::from(Network::v4(arguments.text(1))?.masked_v4().to_bits());
    let mut networks = Vec::new();
    while first <= last {
        let aligned = first.trailing_zeros().min(32);
        let fitting = (last - first + 1).ilog2();
        let bits = aligned.min(fitting);
        networks.push(text(format!("{}/{}", Ipv4Addr::from_bits(first as u32), 32 - bits)));
        first += 1 << bits;
    }
    Some(networks)
}

#[cfg(test)]
mod tests {
    use super::super::super::dynamics::tests::check;

    #[test]
    fn formats_as_documented() {
        check(&[
            ("parse_ipv4", &["\"192.168.1.1\""], "3232235777"),
            ("parse_ipv4", &["\"192.168.1.1/24\""], "3232235776"),
            ("parse_ipv4", &["\"255.255.255.255/31\""], "4294967294"),
            ("parse_ipv4", &["\"255.255.255.256\""], "null"),
            ("parse_ipv4_mask", &["\"192.168.1.1\"", "24"], "3232235776"),
            ("parse_ipv4_mask", &["\"192.168.1.1\"", "-1"], "null"),
            (
                "parse_ipv6",
                &["\"192.168.255.255/24\""],
                "\"0000:0000:0000:0000:0000:ffff:c0a8:ff00\"",
            ),
            ("parse_ipv6", &["\"127.0.0.1.2\""], "\"\""),
            (
                "parse_ipv6_mask",
                &["\"fe80::85d:e82c:9446:7994/120\"", "124"],
                "\"fe80:0000:0000:0000:085d:e82c:9446:7900\"",
            ),
            (
                "parse_ipv6_mask",
                &["\"::192.168.255.255/24\"", "128"],
                "\"0000:0000:0000:0000:0000:ffff:c0a8:ff00\"",
            ),
            ("format_ipv4", &["\"192.168.1.1\"", "24"], "\"192.168.1.0\""),
            ("format_ipv4", &["\"192.168.1.1/24\"", "32"], "\"192.168.1.0\""),
            ("format_ipv4", &["3232236031"], "\"192.168.1.255\""),
            ("format_ipv4", &["\"192.168.1.1/24\"", "-1"], "\"\""),
            ("format_ipv4_mask", &["\"192.168.1.1/24\"", "32"], "\"192.168.1.0/24\""),
            ("format_ipv4_mask", &["3232236031", "24"], "\"192.168.1.0/24\""),
            ("ipv4_netmask_suffix", &["\"127.0.0.1/16\""], "16"),
            ("ipv4_netmask_suffix", &["\"10.1.2.3\""], "32"),
            (
                "ipv4_range_to_cidr_list",
                &["\"1.1.128.0\"", "\"1.1.140.255\""],
                r#"["1.1.128.0/21","1.1.136.0/22","1.1.140.0/24"]"#,
            ),
            (
                "ipv4_range_to_cidr_list",
                &["\"0.0.0.0\"", "\"255.255.255.255\""],
                r#"["0.0.0.0/0"]"#,
            ),
            ("ipv4_range_to_cidr_list", &["\"10.0.0.2\"", "\"10.0.0.1\""], "[]"),
        ]);
    }
}
