//! Addresses within text. One counts if neither a letter nor a digit stands right before or behind it.

use std::net::Ipv4Addr;

use super::super::arguments::{Arguments, listed};
use super::super::{Accepts, Function, Type, Value};

const STRING: Accepts = Accepts::Only(Type::String);

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("has_ipv4", &[STRING, STRING], Type::Bool, has),
    Function::define("has_any_ipv4", &[STRING, Accepts::Any], Type::Bool, has)
        .with_rest(Accepts::Any),
    Function::define("has_ipv4_prefix", &[STRING, STRING], Type::Bool, has_prefix),
    Function::define("has_any_ipv4_prefix", &[STRING, Accepts::Any], Type::Bool, has_prefix)
        .with_rest(Accepts::Any),
];

fn has(arguments: &[Value]) -> Value {
    let wanted: Vec<Ipv4Addr> = listed(arguments.get(1..).unwrap_or_default())
        .filter_map(|address| address.parse().ok())
        .collect();
    Value::Bool(mentions(arguments.text(0)).any(|(address, _)| wanted.contains(&address)))
}

/// A prefix is an address, or the beginning of one that ends with a dot.
fn has_prefix(arguments: &[Value]) -> Value {
    let wanted: Vec<&str> = listed(arguments.get(1..).unwrap_or_default())
        .filter(|prefix| prefix.ends_with('.') || prefix.parse::<Ipv4Addr>().is_ok())
        .collect();
    let is_wanted = |text: &str| {
        wanted.iter().any(|prefix| {
            if prefix.ends_with('.') { text.starts_with(prefix) } else { text == *prefix }
        })
    };
    Value::Bool(mentions(arguments.text(0)).any(|(_, text)| is_wanted(text)))
}

/// The addresses that a text has, and how it writes them.
fn mentions(text: &str) -> impl Iterator<Item = (Ipv4Addr, &str)> {
    let bytes = text.as_bytes();
    let begins = move |at: &usize| {
        bytes.get(*at).is_some_and(u8::is_ascii_digit)
            && !text.get(..*at).is_some_and(|before| before.ends_with(char::is_alphanumeric))
    };
    (0..bytes.len()).filter(begins).filter_map(|at| address(text.get(at..)?))
}

/// The address that a text begins with: four numbers with dots between them.
fn address(text: &str) -> Option<(Ipv4Addr, &str)> {
    let mut dots = 0;
    let end = text.find(|letter: char| match letter {
        '.' => {
            dots += 1;
            dots == 4
        }
        other => !other.is_ascii_digit(),
    });
    let (address, behind) = text.split_at(end.unwrap_or(text.len()));
    if behind.starts_with(char::is_alphanumeric) {
        return None;
    }
    Some((address.parse().ok()?, address))
}

#[cfg(test)]
mod tests {
    use super::super::super::dynamics::tests::check;

    #[test]
    fn mentions_as_documented() {
        let line = "\"05:04:54 127.0.0.1 GET /favicon.ico 404\"";
        let glued = "\"05:04:54127.0.0.1 GET /favicon.ico 404\"";
        let beyond = "\"05:04:54 127.0.0.256 GET /favicon.ico 404\"";
        check(&[
            ("has_ipv4", &[line, "\"127.0.0.1\""], "true"),
            ("has_ipv4", &[beyond, "\"127.0.0.256\""], "false"),
            ("has_ipv4", &[glued, "\"127.0.0.1\""], "false"),
            ("has_ipv4", &["\"to 192.0.2.1.\"", "\"192.0.2.1\""], "true"),
            ("has_ipv4", &["\"é192.0.2.1\"", "\"192.0.2.1\""], "false"),
            ("has_ipv4", &["\"192.0.2.11\"", "\"192.0.2.1\""], "false"),
            ("has_any_ipv4", &[line, "\"127.0.0.1\"", "\"127.0.0.2\""], "true"),
            ("has_any_ipv4", &[beyond, r#"["127.0.0.256","192.168.1.1"]"#], "false"),
            ("has_ipv4_prefix", &[line, "\"127.0.\""], "true"),
            ("has_ipv4_prefix", &[line, "\"127.0\""], "false"),
            ("has_ipv4_prefix", &[beyond, "\"127.0.\""], "false"),
            ("has_ipv4_prefix", &[glued, "\"127.0.\""], "false"),
            ("has_any_ipv4_prefix", &[line, r#"["192.168.","127.0."]"#], "true"),
            ("has_any_ipv4_prefix", &[glued, "\"127.0.\"", "\"192.\""], "false"),
        ]);
    }
}
