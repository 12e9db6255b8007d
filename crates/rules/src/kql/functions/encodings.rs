//! Encodings, hashes and compression: base64, URLs, hexadecimal, punycode.

use super::Function;

/// The functions.
pub(super) const FUNCTIONS: &[Function] = &[];
