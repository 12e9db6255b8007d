//! Addresses of the web.
//!
//! <https://learn.microsoft.com/kusto/query/parse-url-function>

use indexmap::IndexMap;

use super::super::arguments::{Arguments, bag_of, text};
use super::super::{Accepts, Function, Type, Value};
use crate::kql::Dynamic;

const STRING: Accepts = Accepts::Only(Type::String);

const URL: Function = Function::define("parse_url", &[STRING], Type::Dynamic, |arguments| {
    Value::Dynamic(url(arguments.text(0)))
});

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    URL,
    URL.also("parseurl"),
    Function::define("parse_urlquery", &[STRING], Type::Dynamic, |arguments| {
        let query = arguments.text(0);
        Value::Dynamic(bag_of([(QUERY, parameters(query.strip_prefix('?').unwrap_or(query)))]))
    }),
];

/// The name of the bag of a query's parameters.
const QUERY: &str = "Query Parameters";

/// The parts of an address. One that is not absolute has neither scheme nor host: all before its query is
/// its path. Nothing is decoded.
fn url(url: &str) -> Dynamic {
    let (rest, fragment) = url.split_once('#').unwrap_or((url, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (scheme, rest) = scheme(rest);
    let (authority, path) = match rest.strip_prefix("//").filter(|_| !scheme.is_empty()) {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => ("", rest),
    };
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let (host, port) = host_and_port(host);
    bag_of([
        ("Scheme", text(scheme)),
        ("Host", text(host)),
        ("Port", text(port)),
        ("Path", text(path)),
        ("Username", text(name)),
        ("Password", text(password)),
        (QUERY, parameters(query)),
        ("Fragment", text(fragment)),
    ])
}

/// The scheme, if there is one, and what stands behind its colon.
fn scheme(url: &str) -> (&str, &str) {
    let is_of_scheme = |letter: char| letter.is_ascii_alphanumeric() || "+-.".contains(letter);
    match url.split_once(':') {
        Some((scheme, rest))
            if scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
                && scheme.chars().all(is_of_scheme)
                // `localhost:8080/path` is a host with its port.
                && !rest.starts_with(|letter: char| letter.is_ascii_digit()) =>
        {
            (scheme, rest)
        }
        _ => ("", url),
    }
}

/// A port stands behind the last colon, unless that is one of an address in brackets.
fn host_and_port(host: &str) -> (&str, &str) {
    match host.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (host, ""),
    }
}

/// A query's parameters. One that occurs again has the value that it has last.
fn parameters(query: &str) -> Dynamic {
    let mut parameters = IndexMap::new();
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        parameters.insert(name.to_owned(), text(value));
    }
    Dynamic::Bag(parameters)
}

#[cfg(test)]
mod tests {
    use super::super::super::dynamics::tests::{call, check};
    use super::*;

    #[test]
    fn an_address_is_taken_apart() {
        let address = "scheme://username:password@host:1234/this/is/a/path?k1=v1&k2=v2#fragment";
        let parts = call("parse_url", &[Value::String(address.to_owned())]).text();
        assert_eq!(
            parts,
            concat!(
                r#"{"Scheme":"scheme","Host":"host","Port":"1234","Path":"/this/is/a/path","#,
                r#""Username":"username","Password":"password","#,
                r#""Query Parameters":{"k1":"v1","k2":"v2"},"Fragment":"fragment"}"#
            )
        );
    }

    #[test]
    fn what_is_missing_is_empty() {
        let part = |address: &str, name: &str| {
            let parts = call("parse_url", &[Value::String(address.to_owned())]);
            call(".", &[parts, Value::String(name.to_owned())]).text()
        };
        assert_eq!(part("https://[2001:db8::1]:8443/a", "Host"), "[2001:db8::1]");
        assert_eq!(part("https://[2001:db8::1]/a", "Port"), "");
        assert_eq!(part("https://example.com", "Path"), "");
        assert_eq!(part("https://example.com?x=https://a@example.org/", "Host"), "example.com");
        assert_eq!(part("www.example.com/a", "Host"), "");
        assert_eq!(part("www.example.com/a?b=c", "Path"), "www.example.com/a");
        assert_eq!(part("", "Scheme"), "");
    }

    #[test]
    fn a_query_is_taken_apart() {
        let expected = r#"{"Query Parameters":{"k1":"v1","k2":"","k3":"a=b"}}"#;
        check(&[
            ("parse_urlquery", &["\"k1=v1&k2&k3=a=b\""], expected),
            ("parse_urlquery", &["\"?k1=v1&k2=&k3=a=b&\""], expected),
            ("parse_urlquery", &["\"\""], r#"{"Query Parameters":{}}"#),
        ]);
    }
}
