//! Signals in, findings out: what belongs together, how much it weighs, and why.
//!
//! Pure: no clock, no files, no randomness. A finding is about one actor and one tenant. Its score is
//! a list of named contributions that sum to it, in two parts: `rhythm` (up to 40 points) and
//! `context` (up to 60). Legitimate pollers beat just as regularly as implants, so severity is read
//! from a matrix of the two, and the corner of strong rhythm without context is low. What the people of
//! the place know ([`coldtrail_triage::Context`]) is part of the context score, each piece by its name.

mod advice;
mod circumstances;
mod deed;
mod finding;
mod questions;
mod rule_hits;
mod score;
pub mod tune;

pub use finding::{KnownService, findings};
