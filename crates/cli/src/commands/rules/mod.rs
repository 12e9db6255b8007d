//! `coldtrail rules`: rules that people wrote, in Sigma and in KQL.

mod beside;
mod choice;
mod explain;
mod lint;
mod list;
mod run;

use clap::Subcommand;

pub(crate) use self::beside::{Beside, queried};
pub(crate) use self::run::told_by_rules;
use crate::Outcome;

/// Run rules that people wrote, and say what is wrong with them.
#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// Run rules over logs, and report what they say.
    Run(Box<run::Run>),
    /// Say what is wrong with Sigma rules, with line and column.
    Lint(lint::Lint),
    /// List Sigma rules, and whether logs can feed them.
    List(list::List),
    /// Say why a Sigma rule matches an event, or does not.
    Explain(explain::Explain),
}

impl RulesCommand {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        match self {
            RulesCommand::Run(run) => run.run(),
            RulesCommand::Lint(lint) => lint.run(),
            RulesCommand::List(list) => list.run(),
            RulesCommand::Explain(explain) => explain.run(),
        }
    }
}
