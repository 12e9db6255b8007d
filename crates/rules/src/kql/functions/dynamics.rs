//! Dynamic values: members, arrays, property bags, sets.

use super::Function;

/// The functions.
pub(super) const FUNCTIONS: &[Function] = &[];
