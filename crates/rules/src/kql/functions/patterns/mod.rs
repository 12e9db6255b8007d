//! .
use super::Function;
/// The functions.
pub(super) const FUNCTIONS: &[Function] = &[];

pub(crate) enum Kind { Simple, Relaxed, Regex }
pub(crate) enum Part { Star, Text(String), Column(crate::kql::Type) }
pub(crate) struct Pattern;
impl Pattern {
    pub(crate) fn new(_: Vec<Part>, _: Kind, _: &str) -> Result<Pattern, String> { Err("not yet".into()) }
    pub(crate) fn literal(&self) -> crate::kql::Value { crate::kql::Value::Null }
}
