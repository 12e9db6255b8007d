//! Regular expressions: `extract`, `replace_regex` and their like.

use super::Function;

/// The functions.
pub(super) const FUNCTIONS: &[Function] = &[];
