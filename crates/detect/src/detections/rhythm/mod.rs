//! What the timing tells.

pub(super) mod beacon;
