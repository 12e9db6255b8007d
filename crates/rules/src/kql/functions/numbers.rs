//! Arithmetic on numbers: rounding, logarithms, angles, bits.

use super::Function;

/// The functions.
pub(super) const FUNCTIONS: &[Function] = &[];
