//! The words and signs of a query.
