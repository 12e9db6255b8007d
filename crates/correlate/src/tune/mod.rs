//! Tuning from one's own data: which entries of `sanctioned.csv` would spare work, and what any entry
//! would take away.
//!
//! [`proposals`] looks for what repeats over hosts or days; [`effects`] tells of each entry of a list,
//! proposed or written by hand, which findings it covers, what becomes of them, and what speaks against
//! it. Nothing is decided here: a proposal has no owner until a person gives it one.

mod effect;
mod proposal;

pub use effect::{Covered, Effect, effects};
pub use proposal::{Proposal, proposals};

use coldtrail_model::{Conversation, Finding};

/// What a finding is about; its signals speak about one conversation.
fn conversation(finding: &Finding) -> Option<&Conversation> {
    finding.signals.first().map(|signal| &signal.conversation)
}

/// Whether a contribution of that name is among those of a finding.
fn has_contribution(finding: &Finding, name: &str) -> bool {
    finding.contributions.iter().any(|contribution| contribution.name == name)
}

/// Whether a detection says something in a finding.
fn has_signal(finding: &Finding, detection: &str) -> bool {
    finding.signals.iter().any(|signal| signal.detection == detection)
}
