//! Compressed text in Base64, as gzip (RFC 1952) and zlib (RFC 1950).
//!
//! What is read may be hostile: a text that would become larger than a bound is none.

use std::io::{self, Read, Write};

use flate2::read::{GzDecoder, ZlibDecoder};
use flate2::write::{DeflateEncoder, ZlibEncoder};
use flate2::{Compression, Crc};

use super::super::{Accepts, Function, Type, Value};
use super::alphabet::{decode, encode};
use crate::kql::functions::arguments::Arguments;

const TEXT: &[Accepts] = &[Accepts::Only(Type::String)];
/// The most bytes that a text becomes.
const MOST_BYTES: u64 = 16 << 20;
/// The start of a gzip file: deflated, no name, no time, of no known system.
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// The functions. What is no compressed text is the empty one.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("gzip_compress_to_base64_string", TEXT, Type::String, |given| {
        compressed(given.text(0), gzip)
    }),
    Function::define("zlib_compress_to_base64_string", TEXT, Type::String, |given| {
        compressed(given.text(0), zlib)
    }),
    Function::define("gzip_decompress_from_base64_string", TEXT, Type::String, |given| {
        decompressed(given.text(0), |bytes| read(GzDecoder::new(bytes)))
    }),
    Function::define("zlib_decompress_from_base64_string", TEXT, Type::String, |given| {
        decompressed(given.text(0), |bytes| read(ZlibDecoder::new(bytes)))
    }),
];

fn compressed(text: &str, compress: fn(&[u8], Compression) -> io::Result<Vec<u8>>) -> Value {
    let bytes = text.as_bytes();
    Value::String(
        compress(bytes, level(bytes)).map_or_else(|_| String::new(), |bytes| encode(&bytes)),
    )
}

/// Text that does not become shorter is stored as it is.
fn level(bytes: &[u8]) -> Compression {
    match deflate(bytes, Compression::default()) {
        Ok(deflated) if deflated.len() < bytes.len() => Compression::default(),
        _ => Compression::none(),
    }
}

fn deflate(bytes: &[u8], level: Compression) -> io::Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), level);
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn gzip(bytes: &[u8], level: Compression) -> io::Result<Vec<u8>> {
    let mut check = Crc::new();
    check.update(bytes);
    let mut file = GZIP_HEADER.to_vec();
    file.extend(deflate(bytes, level)?);
    file.extend(check.sum().to_le_bytes());
    file.extend(check.amount().to_le_bytes());
    Ok(file)
}

fn zlib(bytes: &[u8], level: Compression) -> io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), level);
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn decompressed(text: &str, decompress: fn(&[u8]) -> Option<String>) -> Value {
    let text = decode(text).and_then(|bytes| decompress(&bytes));
    Value::String(text.unwrap_or_default())
}

fn read(decoder: impl Read) -> Option<String> {
    let mut bytes = Vec::new();
    let length = decoder.take(MOST_BYTES + 1).read_to_end(&mut bytes).ok()?;
    let is_bounded = u64::try_from(length).is_ok_and(|length| length <= MOST_BYTES);
    if is_bounded { String::from_utf8(bytes).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::super::super::function;
    use super::*;

    fn call(name: &str, text: &str) -> String {
        (function(name).unwrap().call)(&[Value::String(text.to_owned())]).text()
    }

    #[test]
    fn texts_go_there_and_back() {
        let long = "höle ".repeat(500);
        for text in ["short", &long] {
            for kind in ["gzip", "zlib"] {
                let compressed = call(&format!("{kind}_compress_to_base64_string"), text);
                assert!(compressed.len() < text.len() + 40);
                assert_eq!(
                    call(&format!("{kind}_decompress_from_base64_string"), &compressed),
                    text
                );
            }
        }
    }

    #[test]
    fn a_text_that_does_not_become_shorter_is_stored() {
        assert_eq!(call("zlib_compress_to_base64_string", "abc"), "eAEBAwD8/2FiYwJNASc=");
        let gzip = call("gzip_compress_to_base64_string", "abc");
        assert_eq!(gzip, "H4sIAAAAAAAA/wEDAPz/YWJjwkEkNQMAAAA=");
    }

    #[test]
    fn what_is_not_compressed_or_too_large_is_empty() {
        assert_eq!(call("gzip_decompress_from_base64_string", "x0x0x0"), "");
        assert_eq!(call("zlib_decompress_from_base64_string", "eJwL"), "");
        let bomb = call("zlib_compress_to_base64_string", &"a".repeat(17 << 20));
        assert_eq!(call("zlib_decompress_from_base64_string", &bomb), "");
    }
}
