//! The patterns of `parse`, `parse-where` and `parse-kv`.

use super::Function;

/// The functions.
pub(super) const FUNCTIONS: &[Function] = &[];
