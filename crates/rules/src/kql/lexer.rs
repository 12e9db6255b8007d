//! Cuts a query's text into tokens.
