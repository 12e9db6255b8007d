use std::net::SocketAddr;
use std::num::NonZero;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread::available_parallelism;

use clap::Args;
use coldtrail_cluster::Address;
use coldtrail_cluster::executor::{self, Settings};

use super::{Guard, Openness};
use crate::say;

const EXAMPLES: &str = "\
Examples:
  coldtrail-cluster executor --scheduler df://127.0.0.1:50050      on the scheduler's machine
  coldtrail-cluster executor --scheduler df://10.0.0.1:50050 --key cluster.pem --listen 10.0.0.2:0
  coldtrail-cluster executor --scheduler df://10.0.0.1:50050 --work-dir /scratch --cores 8";

const OBJECT_STORES: &str = "\
Object stores are set up by the environment of each node: AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT, AWS_ALLOW_HTTP; GOOGLE_SERVICE_ACCOUNT;
AZURE_STORAGE_ACCOUNT_NAME, AZURE_STORAGE_ACCOUNT_KEY and their kin. No secret travels between nodes.";

/// Run an executor, which does the work. A cluster has as many as you like.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, after_help = OBJECT_STORES)]
pub(crate) struct Executor {
    /// The scheduler to serve.
    #[arg(long, value_name = "df://HOST:PORT")]
    scheduler: Address,

    /// Where to listen for those who fetch rows; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,

    /// The host by which other nodes reach this one; by default the address it listens on.
    #[arg(long, value_name = "HOST")]
    advertise: Option<String>,

    /// The folder for rows between stages; by default the system's for temporary files.
    #[arg(long, value_name = "DIR")]
    work_dir: Option<PathBuf>,

    /// How many parts of a plan run at the same time; all cores by default.
    #[arg(long, value_name = "COUNT")]
    cores: Option<NonZero<usize>>,

    #[command(flatten)]
    guard: Guard,

    #[command(flatten)]
    openness: Openness,
}

impl Executor {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let door = self.guard.door()?;
        let build = door.build().to_string();
        let cores = self.cores.or(available_parallelism().ok()).map_or(1, NonZero::get);
        let executor = executor::Executor::bind(Settings {
            scheduler: self.scheduler.clone(),
            listen: self.listen,
            advertise: self.advertise,
            work_folder: self.work_dir.unwrap_or_else(std::env::temp_dir),
            cores,
            door,
            open_to_network: self.openness.open_to_network,
        })?;
        say(&format!(
            "executor of build {build} at {} serves {} with {cores} cores",
            executor.address(),
            self.scheduler,
        ));
        executor.work().await?;
        Ok(ExitCode::SUCCESS)
    }
}
