//! Points, lines and areas on the globe.

use super::Function;

/// The functions.
pub(super) const FUNCTIONS: &[Function] = &[];
