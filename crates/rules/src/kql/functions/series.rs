//! Arithmetic on arrays of numbers: `series_fill_linear`, `series_stats` and their like.

use super::Function;

/// The functions.
pub(super) const FUNCTIONS: &[Function] = &[];
