//! Makes tokens into syntax.
//!
//! Recursive descent over the tokens, with one loop of binding strengths for scalar expressions. Keywords
//! are told by their place. Nothing is ever read twice but the few tokens behind an opening bracket, so
//! that time is proportional to the text.
//!
//! A mistake ends the operator or the statement that it is in; parsing goes on behind the next pipe or
//! semicolon, so that a person sees several mistakes at once.

mod columns;
mod combining;
mod cursor;
mod expanding;
mod expressions;
mod grouping;
mod json;
mod literals;
mod names;
mod operators;
mod parsing;
mod pipelines;
mod statements;
mod tables;

#[cfg(test)]
mod tests;

use super::syntax::{Function, Query};
use super::{Problem, Span};
use cursor::Parser;

/// How long a query may be, in bytes.
pub const MOST_TEXT: usize = 16 << 20;

/// Parses a query.
///
/// # Errors
///
/// Everything that was found wrong with it; there is at least one error among it.
pub fn parse(text: &str) -> Result<Query, Vec<Problem>> {
    let mut parser = parser(text)?;
    let query = parser.query();
    parser.finish(query)
}

/// Parses a stored function: `(parameters) { body }`, or a body alone, which has no parameters.
///
/// # Errors
///
/// Everything that was found wrong with it; there is at least one error among it.
pub fn parse_function(text: &str) -> Result<Function, Vec<Problem>> {
    let mut parser = parser(text)?;
    if parser.begins_function() {
        let function = parser.function(false).ok();
        let function = function.filter(|_| parser.expect_end().is_ok());
        return match (function, parser.finish(())) {
            (Some(function), Ok(())) => Ok(function),
            (_, outcome) => Err(outcome.err().unwrap_or_default()),
        };
    }
    let body = parser.query();
    let span = Span::new(0, text.len());
    let function = Function { parameters: Vec::new(), is_view: false, body, span };
    parser.finish(function)
}

fn parser(text: &str) -> Result<Parser<'_>, Vec<Problem>> {
    if text.len() > MOST_TEXT {
        let reason = format!("the query has {} bytes; at most {MOST_TEXT} are read", text.len());
        return Err(vec![Problem::error(Span::new(MOST_TEXT, text.len()), reason)]);
    }
    Ok(Parser::new(text))
}
