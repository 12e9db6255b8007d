//! Numbers: elementary functions, rounding, bits, and distributions.

pub(super) mod bits;
pub(super) mod distributions;
pub(super) mod elementary;
pub(super) mod rounding;
