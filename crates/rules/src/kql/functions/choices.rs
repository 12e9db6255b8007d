//! Choosing between values: `iff`, `case`, `coalesce`, `max_of`, and whether there is a value at all.

use super::Function;

/// The functions.
pub(super) const FUNCTIONS: &[Function] = &[];
