//! The `coldtrail` binary: arguments in, exit code out.
//!
//! Data goes to standard output, talk to standard error. The exit code is 0 when nothing was found,
//! 1 when something was, and 2 when the command could not run.

mod commands;
mod mapping;
mod moment;
mod output;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use crate::commands::Command;

/// Hunts command-and-control behind serverless platforms in the logs you already have.
#[derive(Debug, Parser)]
#[command(name = "coldtrail", version, before_help = EXAMPLES, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  coldtrail hunt examples/                        hunt in a folder of logs
  coldtrail hunt zeek/ sysmon.evtx exports.zip    any mix of formats, archives too
  zcat ssl.log.gz | coldtrail hunt -              or standard input
  coldtrail ingest zeek/ --store history          keep what is new in logs, with history
  coldtrail catalogue identify https://a.b.workers.dev/x    what is this host?";

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// It ran, and found nothing.
    Clean,
    /// It ran, and found something.
    Found,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match commands::run(arguments.command) {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::from(1),
        Err(error) if output::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::say(&format!("error: {error:#}"));
            ExitCode::from(2)
        }
    }
}
