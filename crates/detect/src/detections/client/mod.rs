//! Whether the program that speaks is the one that it seems to be.

pub(crate) mod host_mismatch;
pub(crate) mod tls_fingerprint;
pub(crate) mod user_agent;
