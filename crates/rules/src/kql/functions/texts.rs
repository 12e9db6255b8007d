//! Text: cutting, joining, searching, replacing.

use super::Function;

/// The functions.
pub(super) const FUNCTIONS: &[Function] = &[];
