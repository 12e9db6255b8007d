//! Text as something else: Base64, addresses, digests, and compressed bytes.

pub(super) mod addresses;
mod alphabet;
pub(super) mod base64;
pub(super) mod compression;
pub(super) mod digests;
