//! Gives names and types to what a query says.
