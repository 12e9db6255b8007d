//! Text in text, as the operators of KQL look for it: `has` and its kin by terms, `contains`, `startswith` and
//! `endswith` anywhere. What is looked for is prepared once; looking allocates nothing, so that a column can
//! be gone through as fast as a row.

mod search;
mod terms;
mod text;

pub use search::equals_ignoring_case;
pub use terms::{Edge, TermMatcher};
pub use text::{Place, TextMatcher};
