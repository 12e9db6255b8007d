//! From one type to another: `tostring`, `tolong`, `todatetime` and their like.

use super::Function;

/// The functions.
pub(super) const FUNCTIONS: &[Function] = &[];
