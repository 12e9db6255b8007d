//! Text: its parts, its letters, and places in it. Places and lengths count letters, which are code points.

pub(super) mod cutting;
pub(super) mod joining;
pub(super) mod letters;
pub(super) mod places;
pub(super) mod replacing;
pub(super) mod sizes;
