//! What the timing tells.

pub(super) mod beacon;
pub(super) mod rotation;
