//! Values rounded down to bins.
//!
//! <https://learn.microsoft.com/kusto/query/bin-function>

use super::Function;

/// The functions.
pub(super) const FUNCTIONS: &[Function] = &[];
