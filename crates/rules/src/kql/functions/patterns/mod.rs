//! What `parse`, `parse-where` and `parse-kv` take text apart by.
//!
//! The binder makes a [`Pattern`] or [`KeyValues`] of the operator, writes it down as a literal, and calls
//! `parse_pattern(text, literal)` or `parse_kv(text, literal)` for every row.
//!
//! <https://learn.microsoft.com/kusto/query/parse-operator>,
//! <https://learn.microsoft.com/kusto/query/parse-kv-operator>

mod cache;
mod key_values;
mod pattern;
mod scanner;

pub use key_values::KeyValues;
pub use pattern::{Part, Pattern, PatternKind};

use super::{Accepts, Function, Type};

/// The functions, which only a binder calls.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::define(
        "parse_pattern",
        &[Accepts::Only(Type::String), Accepts::Literal],
        Type::Dynamic,
        pattern::parse,
    ),
    Function::define(
        "parse_kv",
        &[Accepts::Only(Type::String), Accepts::Literal],
        Type::Dynamic,
        key_values::parse,
    ),
];
