//! Makes tokens into syntax.

use super::Problem;
use super::syntax::Query;

/// Parses a query.
///
/// # Errors
///
/// Everything that was found wrong with it; there is at least one error among it.
pub fn parse(_text: &str) -> Result<Query, Vec<Problem>> {
    Err(Vec::new())
}
