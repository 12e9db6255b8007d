//! What the people of the place know and no log tells: which uses of serverless platforms somebody
//! answers for, what hosts are for, when something was changed, what others have seen attackers use.
//!
//! A context is a folder of plain files (`docs/context.md`). It is read once into a [`Context`], which
//! answers questions about a [`Contact`] without files and without a clock. What is wrong with the files
//! is told as [`Problem`]s with line and column; a bad entry never takes its neighbours with it.
//!
//! ```
//! use coldtrail_triage::Context;
//!
//! // Nothing is known about a place without a context, and nothing is assumed.
//! assert!(!Context::default().lists_sanctions());
//! ```

mod assets;
mod changes;
mod contact;
mod context;
mod endpoint_pattern;
mod intel;
mod moment;
mod name;
mod platforms;
mod problems;
mod profile;
mod role;
mod sanctioned;
mod settings;
mod sheet;

pub use assets::{Asset, Criticality};
pub use changes::Change;
pub use coldtrail_diagnostics::{Problem, ProblemKind};
pub use contact::Contact;
pub use context::{Context, SANCTIONED_FILE, SETTINGS_FILE, faults};
pub use intel::Indicator;
pub use platforms::Platforms;
pub use problems::nearest;
pub use profile::{Lower, Profile};
pub use role::Role;
pub use sanctioned::{Sanction, Sanctioned};
pub use settings::GivenSetting;
