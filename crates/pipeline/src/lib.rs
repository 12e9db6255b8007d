//! Where the stages meet: logs in, a report out.
//!
//! Nothing is decided here; each step is one call into the crate that owns it, in the order that
//! data flows.

mod all_contacts;
mod context;
mod error;
mod evidence;
mod hunt;
mod in_memory;
mod parts;
mod platforms;
mod profiles;
pub mod query;
mod raw;
mod rule_files;
mod rule_hits;
mod rule_signal;
pub mod sigma;
pub mod store;
mod stored;
mod tune;

pub use all_contacts::all_conversations;
pub use coldtrail_correlate::tune::{Covered, Effect, Proposal};
pub use coldtrail_detect::{DETECTIONS, Detection, Setting, Settings};
pub use coldtrail_engine::Progress;
pub use coldtrail_sources::{
    ExplainedColumn, Explanation, Input, KnownFormat, Mapping, discover, explain, formats,
};
pub use coldtrail_triage::{Context, Problem, ProblemKind, faults as context_faults};
pub use context::Known;
pub use error::HuntError;
pub use hunt::{Hunt, Read, Stage, Stages, Terms, Within, hunt, report};
pub use in_memory::InMemory;
pub use platforms::BuiltinPlatforms;
pub use raw::{Prepared, RawHunt};
pub use rule_files::{RuleFiles, are_rules};
pub use rule_hits::RuleHits;
pub use stored::{StoreHunt, StoreTables};
pub use tune::{Tuning, proposed, tried};
