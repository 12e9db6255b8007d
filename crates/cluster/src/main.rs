//! The `coldtrail-cluster` binary: every role of a cluster, and the hunt.
//!
//! Reports go to standard output, talk to standard error. The exit code is 0 when nothing was found
//! or a node ended in order, 1 when something was found, and 2 when the command could not run.

mod commands;
mod moment;
mod output;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::commands::Command;

/// Hunts command-and-control behind serverless platforms, on many machines.
#[derive(Debug, Parser)]
#[command(name = "coldtrail-cluster", version, before_help = EXAMPLES, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  coldtrail-cluster key cluster.pem
  coldtrail-cluster scheduler --key cluster.pem --listen 10.0.0.1:50050
  coldtrail-cluster executor --key cluster.pem --scheduler df://10.0.0.1:50050 --listen 10.0.0.2:0
  coldtrail-cluster hunt --key cluster.pem --cluster df://10.0.0.1:50050 --store s3://logs/coldtrail
  coldtrail-cluster hunt examples/        the same engine, all in this process";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // What a hunt fails of is said once, by us; and nobody can act on metrics that do not match.
    let quiet = "warn,ballista=error,ballista_scheduler::display=off,\
                 ballista_core::execution_plans::distributed_query=off";
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or(quiet)).init();
    match commands::run(arguments.command).await {
        Ok(code) => code,
        Err(error) => {
            say(&format!("error: {}", in_one_line(&error)));
            ExitCode::from(2)
        }
    }
}

/// An error and its causes. Clients of object stores quote their causes, which then are not told
/// again.
fn in_one_line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain().map(|cause| cause.to_string()) {
        if line.is_empty() {
            line = cause;
        } else if !line.contains(&cause) {
            line = format!("{line}: {cause}");
        }
    }
    line
}

/// Writes a line to standard error. A closed standard error is nobody's fault and no reason to stop.
fn say(line: &str) {
    let _closed = writeln!(io::stderr().lock(), "{line}");
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::in_one_line;

    #[test]
    fn a_cause_is_told_once() {
        let error = anyhow!("connection refused").context("no answer: connection refused");
        assert_eq!(
            in_one_line(&error.context("cannot list")),
            "cannot list: no answer: connection refused"
        );
    }
}
