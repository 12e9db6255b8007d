//! Operators between values: comparison, arithmetic, logic, and matching of text.

use super::Function;

/// The functions.
pub(super) const FUNCTIONS: &[Function] = &[];
