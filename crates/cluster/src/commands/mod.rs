//! The commands, one file each.

mod executor;
mod hunt;
mod key;
mod scheduler;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use coldtrail_cluster::{ClusterError, Door, Key};

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Hunt in a store on a cluster, or in a store or logs in this process.
    Hunt(hunt::Hunt),
    /// Run the scheduler, which cuts the work into parts. A cluster has one.
    Scheduler(scheduler::Scheduler),
    /// Run an executor, which does the work. A cluster has as many as you like.
    Executor(executor::Executor),
    /// Make the key that the nodes of a cluster know each other by.
    Key(key::Key),
}

/// Runs a command.
pub(crate) async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Hunt(hunt) => hunt.run().await,
        Command::Scheduler(scheduler) => scheduler.run().await,
        Command::Executor(executor) => executor.run().await,
        Command::Key(key) => key.run(),
    }
}

/// How a node knows the others.
#[derive(Debug, Args)]
pub(crate) struct Guard {
    /// The key of the cluster: all nodes have the same file, and connections are encrypted.
    #[arg(long, value_name = "FILE", env = "COLDTRAIL_CLUSTER_KEY")]
    key: Option<PathBuf>,
}

impl Guard {
    fn door(&self) -> Result<Door, ClusterError> {
        Ok(Door::new(self.key.as_deref().map(Key::read).transpose()?))
    }
}

/// Listen without a key where others can reach it.
#[derive(Debug, Args)]
pub(crate) struct Openness {
    /// Listen on a network without a key. Whoever reaches the port can then run plans, which read
    /// whatever the executors can read: fence it off by other means (docs/cluster.md).
    #[arg(long)]
    open_to_network: bool,
}
