//! Base64 of text, bytes and identifiers.

use super::super::{Accepts, Function, Type, Value};
use super::alphabet::{decode, encode};
use crate::kql::functions::arguments::{Arguments, array};
use crate::kql::{Dynamic, Guid};

const TEXT: &[Accepts] = &[Accepts::Only(Type::String)];

const ENCODE: Function =
    Function::define("base64_encode_tostring", TEXT, Type::String, |arguments| {
        Value::String(encode(arguments.text(0).as_bytes()))
    });

/// Bytes that are no UTF-8 are the empty text.
const DECODE: Function =
    Function::define("base64_decode_tostring", TEXT, Type::String, |arguments| {
        let text = decode(arguments.text(0)).and_then(|bytes| String::from_utf8(bytes).ok());
        Value::String(text.unwrap_or_default())
    });

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    ENCODE,
    ENCODE.also("base64_encodestring"),
    DECODE,
    DECODE.also("base64_decodestring"),
    Function::define("base64_decode_toarray", TEXT, Type::Dynamic, |arguments| {
        decode(arguments.text(0)).map_or(Value::Null, |bytes| {
            array(bytes.into_iter().map(|byte| Dynamic::Long(byte.into())).collect())
        })
    }),
    Function::define(
        "base64_encode_fromarray",
        &[Accepts::Only(Type::Dynamic)],
        Type::String,
        |arguments| {
            let bytes = arguments.array(0).and_then(bytes);
            Value::String(bytes.map_or_else(String::new, |bytes| encode(&bytes)))
        },
    ),
    Function::define("base64_decode_toguid", TEXT, Type::Guid, |arguments| {
        let bytes = decode(arguments.text(0)).and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
        bytes.map_or(Value::Null, |bytes| Value::Guid(Guid(u128::from_be_bytes(swapped(bytes)))))
    }),
    Function::define(
        "base64_encode_fromguid",
        &[Accepts::Only(Type::Guid)],
        Type::String,
        |arguments| match arguments.at(0) {
            Value::Guid(Guid(bits)) => Value::String(encode(&swapped(bits.to_be_bytes()))),
            _ => Value::String(String::new()),
        },
    ),
];

/// The bytes that an array of numbers says, if each is one.
fn bytes(elements: &[Dynamic]) -> Option<Vec<u8>> {
    let byte = |element: &Dynamic| match element {
        Dynamic::Long(number) => u8::try_from(*number).ok(),
        _ => None,
    };
    elements.iter().map(byte).collect()
}

/// An identifier's bytes as they lie in memory instead of as they are written, and back: the first three
/// groups are turned around.
fn swapped(bytes: [u8; 16]) -> [u8; 16] {
    let [a, b, c, d, e, f, g, h, rest @ ..] = bytes;
    let [i, j, k, l, m, n, o, p] = rest;
    [d, c, b, a, f, e, h, g, i, j, k, l, m, n, o, p]
}

#[cfg(test)]
mod tests {
    use super::super::super::function;
    use super::*;

    fn call(name: &str, argument: Value) -> String {
        (function(name).unwrap().call)(&[argument]).text()
    }

    fn text(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    #[test]
    fn text_that_is_no_utf_8_is_empty() {
        assert_eq!(call("base64_decode_tostring", text("aMO2bGU=")), "höle");
        assert_eq!(call("base64_decode_tostring", text("/w==")), "");
        assert_eq!(call("base64_decode_toarray", text("/w==")), "[255]");
        assert_eq!(call("base64_decode_toarray", text("/w")), "");
    }

    #[test]
    fn identifiers_lie_in_memory_with_turned_groups() {
        let guid = Guid::parse("00112233-4455-6677-8899-aabbccddeeff").unwrap();
        let encoded = call("base64_encode_fromguid", Value::Guid(guid));
        assert_eq!(encoded, "MyIRAFVEd2aImaq7zN3u/w==");
        assert_eq!(call("base64_decode_toguid", text(&encoded)), guid.to_string());
    }
}
