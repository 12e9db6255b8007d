//! How addresses relate to one another and to networks.

use super::super::arguments::{Arguments, bool, listed};
use super::super::{Accepts, Function, Type, Value};
use super::network::{MAPPED, Network};

const STRING: Accepts = Accepts::Only(Type::String);
const LONG: Accepts = Accepts::Only(Type::Long);

/// The functions. `ipv4_is_in_range` and `ipv6_is_in_range` are also what the plugins `ipv4_lookup` and
/// `ipv6_lookup` match an address with a network by.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("ipv4_compare", &[STRING, STRING, LONG], Type::Long, |arguments| {
        compare(arguments, Network::v4, 32)
    })
    .with_optional(1),
    Function::define("ipv6_compare", &[STRING, STRING, LONG], Type::Long, |arguments| {
        compare(arguments, Network::any, 128)
    })
    .with_optional(1),
    Function::define("ipv4_is_match", &[STRING, STRING, LONG], Type::Bool, |arguments| {
        is_match(compare(arguments, Network::v4, 32))
    })
    .with_optional(1),
    Function::define("ipv6_is_match", &[STRING, STRING, LONG], Type::Bool, |arguments| {
        is_match(compare(arguments, Network::any, 128))
    })
    .with_optional(1),
    Function::define("ipv4_is_in_range", &[STRING, STRING], Type::Bool, |arguments| {
        is_in_range(arguments, Network::v4)
    }),
    Function::define("ipv6_is_in_range", &[STRING, STRING], Type::Bool, |arguments| {
        is_in_range(arguments, Network::any)
    }),
    Function::define("ipv4_is_in_any_range", &[STRING, Accepts::Any], Type::Bool, |arguments| {
        is_in_any_range(arguments, Network::v4)
    })
    .with_rest(Accepts::Any),
    Function::define("ipv6_is_in_any_range", &[STRING, Accepts::Any], Type::Bool, |arguments| {
        is_in_any_range(arguments, Network::any)
    })
    .with_rest(Accepts::Any),
    Function::define("ipv4_is_private", &[STRING], Type::Bool, |arguments| {
        bool(Network::v4(arguments.text(0)).map(Network::is_private))
    }),
];

/// Less, equal or greater, as -1, 0 or 1, as far as the shortest of the prefixes goes.
fn compare(arguments: &[Value], parse: fn(&str) -> Option<Network>, most: u8) -> Value {
    let (Some(left), Some(right)) = (parse(arguments.text(0)), parse(arguments.text(1))) else {
        return Value::Null;
    };
    let Some(prefix) = prefix(arguments, 2, most) else { return Value::Null };
    let shortest = prefix.min(left.prefix()).min(right.prefix());
    let order = left.within(shortest).masked().cmp(&right.within(shortest).masked());
    Value::Long(order as i64)
}

/// The prefix that an argument says, as one of version 6; all bits if it says none.
pub(super) fn prefix(arguments: &[Value], place: usize, most: u8) -> Option<u8> {
    let prefix = match arguments.at(place) {
        Value::Null => most,
        _ => u8::try_from(arguments.long(place)?).ok().filter(|prefix| *prefix <= most)?,
    };
    Some(if most == 32 { prefix + MAPPED } else { prefix })
}

fn is_match(order: Value) -> Value {
    match order {
        Value::Long(order) => Value::Bool(order == 0),
        _ => Value::Null,
    }
}

fn is_in_range(arguments: &[Value], parse: fn(&str) -> Option<Network>) -> Value {
    let address = parse(arguments.text(0));
    let range = parse(arguments.text(1));
    bool(address.zip(range).map(|(address, range)| address.is_in(range)))
}

/// Ranges that are none, such as those of the other version, hold no address.
fn is_in_any_range(arguments: &[Value], parse: fn(&str) -> Option<Network>) -> Value {
    let address = parse(arguments.text(0));
    bool(address.map(|address| {
        listed(arguments.get(1..).unwrap_or_default())
            .any(|range| parse(range).is_some_and(|range| address.is_in(range)))
    }))
}

#[cfg(test)]
mod tests {
    use super::super::super::dynamics::tests::check;

    #[test]
    fn addresses_of_version_4_as_documented() {
        check(&[
            ("ipv4_compare", &["\"192.168.1.1/24\"", "\"192.168.1.255\""], "0"),
            ("ipv4_compare", &["\"192.168.1.1\"", "\"192.168.1.0\""], "1"),
            ("ipv4_compare", &["\"192.168.1.1\"", "\"192.168.1.0\"", "31"], "0"),
            ("ipv4_compare", &["\"192.168.1.1\"", "\"192.168.1.0\"", "33"], "null"),
            ("ipv4_compare", &["\"10.0.0.1\"", "\"192.0.2.1\""], "-1"),
            ("ipv4_is_match", &["\"192.168.1.1\"", "\"192.168.1.255/24\""], "true"),
            ("ipv4_is_match", &["\"192.168.1.1\"", "\"x\""], "null"),
            ("ipv4_is_in_range", &["\"192.168.1.6\"", "\"192.168.1.1/24\""], "true"),
            ("ipv4_is_in_range", &["\"192.168.2.6\"", "\"192.168.1.1/24\""], "false"),
            ("ipv4_is_in_range", &["\"203.0.113.9\"", "\"0.0.0.0/0\""], "true"),
            ("ipv4_is_in_range", &["\"2001:db8::1\"", "\"192.168.1.1/24\""], "null"),
            ("ipv4_is_in_any_range", &["\"10.1.2.3\"", r#"["127.0.0.1/8","10.0.0.1/8"]"#], "true"),
            ("ipv4_is_in_any_range", &["\"10.1.2.3\"", "\"127.0.0.1/8\"", "\"10.1.2.3\""], "true"),
            ("ipv4_is_in_any_range", &["\"1.1.1.1\"", r#"["2001:db8::/32",7]"#], "false"),
            ("ipv4_is_in_any_range", &["\"\"", r#"["10.0.0.1/8"]"#], "null"),
            ("ipv4_is_private", &["\"192.168.1.1/24\""], "true"),
            ("ipv4_is_private", &["\"172.32.0.1\""], "false"),
            ("ipv4_is_private", &["\"127.0.0.1\""], "false"),
            ("ipv4_is_private", &["\"host\""], "null"),
        ]);
    }

    #[test]
    fn version_4_compares_with_version_6() {
        check(&[
            (
                "ipv6_compare",
                &["\"fe80::85d:e82c:9446:7994\"", "\"fe80::85d:e82c:9446:7995\""],
                "-1",
            ),
            (
                "ipv6_compare",
                &["\"fe80::85d:e82c:9446:7994/120\"", "\"fe80::85d:e82c:9446:7998\""],
                "0",
            ),
            (
                "ipv6_compare",
                &["\"fe80::85d:e82c:9446:7994\"", "\"fe80::85d:e82c:9446:7995\"", "127"],
                "0",
            ),
            ("ipv6_is_match", &["\"192.168.1.1\"", "\"::ffff:c0a8:0101\""], "true"),
            ("ipv6_is_match", &["\"192.168.1.1/24\"", "\"::ffff:c0a8:01ff\""], "true"),
            ("ipv6_is_match", &["\"::192.168.1.1/30\"", "\"192.168.1.255/24\"", "127"], "true"),
            ("ipv6_is_in_range", &["\"2001:db8::1\"", "\"2001:db8::/32\""], "true"),
            ("ipv6_is_in_any_range", &["\"2001:db9::1\"", r#"["2001:db8::/32"]"#], "false"),
        ]);
    }
}
