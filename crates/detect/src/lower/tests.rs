//! The engine and the language's own evaluation over the same plans: they must give the same rows.

mod differential;
mod nodes;
mod surroundings;
