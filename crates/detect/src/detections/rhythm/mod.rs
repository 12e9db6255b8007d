//! What the timing tells.

pub(super) mod around_the_clock;
pub(super) mod beacon;
pub(super) mod keep_alive;
pub(super) mod lone_poller;
pub(super) mod rotation;
