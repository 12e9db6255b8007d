//! Addresses of the Internet Protocol, alone, with a prefix, and within text.
//!
//! <https://learn.microsoft.com/kusto/query/scalar-functions#ipv4ipv6-functions>

pub(super) mod formats;
pub(super) mod matches;
pub(super) mod mentions;
mod network;
