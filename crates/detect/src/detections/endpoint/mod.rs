//! What kind of process reaches for a serverless endpoint.

pub(crate) mod dropped_script;
pub(crate) mod mention;
pub(crate) mod non_browser;
pub(crate) mod program_elsewhere;
pub(crate) mod rare_program;
pub(crate) mod script_host;
pub(crate) mod user_writable;

use coldtrail_model::Conversation;

use crate::{Baseline, Need};

/// Why a detection about processes cannot run, if no record names one.
pub(super) fn no_process(baseline: &Baseline) -> Option<String> {
    let add = Need::PROCESSES.add;
    (baseline.process_rows == 0).then(|| format!("no record names the process: add {add}"))
}

/// Who did it, for a sentence: `powershell.exe on ws-07`.
pub(super) fn who(conversation: &Conversation) -> String {
    let process = conversation.actor.process.as_deref().unwrap_or("a process that was not named");
    format!("{process} on {}", conversation.actor.host)
}
