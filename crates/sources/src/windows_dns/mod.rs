//! The DNS server of Windows.
//!
//! It logs every packet, if asked to, as text ([`debug`]) or as events ([`server`]), so that one question
//! may be four rows: asked by a client, passed on to another server, answered by that one, answered to the
//! client. In all of them the source is whoever asked and the destination whoever was asked; which of the
//! four it is stands in `event_action`.

mod debug;
pub(crate) mod server;
mod wire;

#[cfg(test)]
mod kit_tests;

pub(crate) use self::debug::WindowsDnsDebug;
pub(crate) use self::server::response_code_of;
