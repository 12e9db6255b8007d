//! .
use super::Function;
/// The functions.
pub(super) const FUNCTIONS: &[Function] = &[];
