//! Moments and lengths of time: parts, begins and ends, formats.

use super::Function;

/// The functions.
pub(super) const FUNCTIONS: &[Function] = &[];
