//! From one unit of measure to another: `convert_length` and its like.

use super::Function;

/// The functions.
pub(super) const FUNCTIONS: &[Function] = &[];
