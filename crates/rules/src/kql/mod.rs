//! The Kusto Query Language: text → tokens → syntax → typed plan.
//!
//! * [`lexer`] cuts the text into [`token`]s, and [`parser`] makes them into [`syntax`]; every part knows its
//!   [`Span`].
//! * [`bind`] gives names and types to it, with what an [`Environment`] knows of tables, and makes it into
//!   a [`plan`].
//! * [`Value`] is what a cell may hold, and [`functions`] compute with them a row at a time. That is what a
//!   constant is folded with, and the honest twin of whatever computes faster.
//! * [`dialects`] are the tables that hunting queries name, themselves texts over ours.
//!
//! Semantics are those of Microsoft's documentation:
//! <https://learn.microsoft.com/kusto/query/>.

pub mod aggregates;
pub mod bind;
pub mod dialects;
mod environment;
pub mod evaluate;
pub mod functions;
pub mod lexer;
pub mod matching;
pub mod parser;
pub mod plan;
mod problem;
mod rule;
mod span;
pub mod syntax;
pub mod token;
mod types;
mod value;

pub use environment::Environment;
pub use problem::{Gravity, Problem};
pub use rule::{Entity, Rule, Severity, Threshold, stored_functions};
pub use span::Span;
pub use types::{Column, Schema, Type};
pub use value::{DateTime, Dynamic, Guid, TimeSpan, Value};
