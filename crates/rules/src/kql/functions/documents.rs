//! Text with an inner form: JSON, XML, CSV, URLs, paths, versions, command lines, user agents.

use super::Function;

/// The functions.
pub(super) const FUNCTIONS: &[Function] = &[];
