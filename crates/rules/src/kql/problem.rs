//! What is wrong with a query.

use std::fmt;

use super::Span;

/// How grave a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gravity {
    /// The query runs; its answer may not be what its author meant.
    Warning,
    /// The query cannot run.
    Error,
}

/// Something wrong with a query: where, what, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How grave it is.
    pub gravity: Gravity,
    /// Where it stands.
    pub span: Span,
    /// What is wrong, quoting the query.
    pub reason: String,
    /// What to write instead, or to do about it; may be empty.
    pub help: String,
}

impl Problem {
    /// A problem that keeps the query from running.
    pub fn error(span: Span, reason: impl Into<String>) -> Self {
        Self { gravity: Gravity::Error, span, reason: reason.into(), help: String::new() }
    }

    /// A problem that the query runs with.
    pub fn warning(span: Span, reason: impl Into<String>) -> Self {
        Self { gravity: Gravity::Warning, ..Self::error(span, reason) }
    }

    /// With what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.reason)?;
        if !self.help.is_empty() {
            write!(formatter, "; {}", self.help)?;
        }
        Ok(())
    }
}
