//! Operators between values: comparison, arithmetic, logic, and matching of text. Each is a function named by
//! its sign.
//!
//! <https://learn.microsoft.com/kusto/query/scalar-data-types/null-values>

pub(super) mod arithmetic;
pub(super) mod comparison;
pub(super) mod logic;
pub(super) mod matching;
pub(super) mod membership;
