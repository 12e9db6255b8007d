use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::say;

const EXAMPLES: &str = "\
Examples:
  coldtrail-cluster key cluster.pem
  scp cluster.pem executor-1:        every node gets the same file, and nobody else does";

/// Make the key that the nodes of a cluster know each other by.
///
/// The file holds a certificate and its private key. Who has it belongs to the cluster.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Key {
    /// The file to write; it must not exist.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Key {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        coldtrail_cluster::Key::make()?.write(&self.file)?;
        say(&format!("wrote {}; give it to every node, and to nobody else", self.file.display()));
        Ok(ExitCode::SUCCESS)
    }
}
