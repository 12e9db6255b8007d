//! Addresses of the web, with and without percent signs.

use super::super::{Accepts, Function, Type, Value};
use crate::kql::functions::arguments::Arguments;

const TEXT: &[Accepts] = &[Accepts::Only(Type::String)];
/// What stands for itself beside letters and digits.
const PLAIN: &[u8] = b"-_.!*()";

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("url_encode", TEXT, Type::String, |given| encode(given.text(0), "+")),
    Function::define("url_encode_component", TEXT, Type::String, |given| {
        encode(given.text(0), "%20")
    }),
    Function::define("url_decode", TEXT, Type::String, |given| decode(given.text(0))),
];

fn encode(text: &str, blank: &str) -> Value {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push_str(blank),
            byte if byte.is_ascii_alphanumeric() || PLAIN.contains(&byte) => {
                encoded.push(char::from(byte));
            }
            byte => encoded.push_str(&format!("%{byte:02x}")),
        }
    }
    Value::String(encoded)
}

/// What is no percent sign with two digits stays as it is; a plus sign is a blank.
fn decode(text: &str) -> Value {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        rest = behind;
        match (first, behind) {
            (b'%', [high, low, after @ ..]) => match digit(*high).zip(digit(*low)) {
                Some((high, low)) => {
                    bytes.push(high << 4 | low);
                    rest = after;
                }
                None => bytes.push(b'%'),
            },
            (b'+', _) => bytes.push(b' '),
            (byte, _) => bytes.push(*byte),
        }
    }
    Value::String(String::from_utf8_lossy(&bytes).into_owned())
}

fn digit(letter: u8) -> Option<u8> {
    char::from(letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::super::super::function;
    use super::*;

    #[test]
    fn addresses_go_there_and_back() {
        let call = |name: &str, text: &str| {
            (function(name).unwrap().call)(&[Value::String(text.to_owned())]).text()
        };
        let address = "https://example.com/hello wörld";
        let encoded = "https%3a%2f%2fexample.com%2fhello+w%c3%b6rld";
        assert_eq!(call("url_encode", address), encoded);
        assert_eq!(call("url_encode_component", "a b"), "a%20b");
        assert_eq!(call("url_decode", encoded), address);
        assert_eq!(call("url_decode", "100%, %4, %zz %41"), "100%, %4, %zz A");
    }
}
