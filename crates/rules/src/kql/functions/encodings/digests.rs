//! Digests of values.
//!
//! The cryptographic ones are of the value as text; `hash` is xxHash64 of the bytes as they lie in a column.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use twox_hash::XxHash64;

use super::super::{Accepts, Function, Type, Value};
use crate::kql::functions::arguments::Arguments;

const TEXT: &[Accepts] = &[Accepts::Only(Type::String)];

const HASH: Function =
    Function::define("hash", &[Accepts::Any, Accepts::Only(Type::Long)], Type::Long, hash)
        .with_optional(1);

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    HASH,
    HASH.also("hash_xxhash64"),
    Function::define("hash_md5", TEXT, Type::String, |given| digest::<Md5>(given.text(0))),
    Function::define("hash_sha1", TEXT, Type::String, |given| digest::<Sha1>(given.text(0))),
    Function::define("hash_sha256", TEXT, Type::String, |given| digest::<Sha256>(given.text(0))),
];

/// The digest in hexadecimal digits; the empty text has none.
fn digest<D: Digest>(text: &str) -> Value {
    if text.is_empty() {
        return Value::String(String::new());
    }
    Value::String(D::digest(text).iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The hash, or what remains of it divided by a modulus.
fn hash(arguments: &[Value]) -> Value {
    let bytes = match arguments.at(0) {
        Value::Null => return Value::Null,
        Value::Bool(value) => vec![u8::from(*value)],
        Value::Int(number) => number.to_le_bytes().to_vec(),
        Value::Long(number) => number.to_le_bytes().to_vec(),
        Value::Real(number) => number.to_le_bytes().to_vec(),
        Value::DateTime(moment) => moment.0.to_le_bytes().to_vec(),
        Value::TimeSpan(length) => length.0.to_le_bytes().to_vec(),
        value => value.text().into_bytes(),
    };
    let hash = XxHash64::oneshot(0, &bytes).cast_signed();
    match arguments.get(1) {
        None => Value::Long(hash),
        Some(_) => match arguments.long(1) {
            Some(modulus) if modulus != 0 => Value::Long(hash.wrapping_rem_euclid(modulus)),
            _ => Value::Null,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::function;
    use super::*;
    use crate::kql::DateTime;

    fn call(name: &str, arguments: &[Value]) -> Value {
        (function(name).unwrap().call)(arguments)
    }

    #[test]
    fn a_hash_is_of_the_bytes_in_a_column() {
        let world = Value::String("World".to_owned());
        let hash = call("hash", std::slice::from_ref(&world));
        assert_eq!(hash, Value::Long(1_846_988_464_401_551_951));
        assert_eq!(call("hash", &[world, Value::Long(100)]), Value::Long(51));
        let moment = Value::DateTime(DateTime::parse("2015-01-01").unwrap());
        assert_eq!(call("hash_xxhash64", &[moment]), Value::Long(1_380_966_698_541_616_202));
    }

    #[test]
    fn the_empty_text_has_no_digest() {
        let text = |text: &str| [Value::String(text.to_owned())];
        assert_eq!(call("hash_md5", &text("")).text(), "");
        assert_eq!(call("hash_md5", &text("World")).text(), "f5a7924e621e84c9280a9a27e1bcb7f6");
        assert_eq!(
            call("hash_sha1", &text("abc")).text(),
            "a9993e364706816aba3e25717850c26c9cd0d89d"
        );
        assert_eq!(call("hash_sha256", &text("abc")).text().len(), 64);
    }
}
