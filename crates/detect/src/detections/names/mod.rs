//! What the contacted names tell.

pub(super) mod cname;
pub(super) mod connection_after;
pub(super) mod dns_volume;
pub(super) mod nxdomain;
pub(super) mod random_label;
pub(in crate::detections) mod rare_tenant;
pub(super) mod resolution_only;
mod resolved;
pub(super) mod taken_down;
