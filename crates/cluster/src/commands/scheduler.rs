use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Args;
use coldtrail_cluster::scheduler::{self, Settings};

use super::{Guard, Openness};
use crate::say;

const EXAMPLES: &str = "\
Examples:
  coldtrail-cluster scheduler                                      on this machine alone
  coldtrail-cluster scheduler --key cluster.pem --listen 10.0.0.1:50050";

/// Run the scheduler, which cuts the work into parts. A cluster has one.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Scheduler {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:50050")]
    listen: SocketAddr,

    #[command(flatten)]
    guard: Guard,

    #[command(flatten)]
    openness: Openness,
}

impl Scheduler {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let door = self.guard.door()?;
        let build = door.build().to_string();
        let open_to_network = self.openness.open_to_network;
        let settings = Settings { listen: self.listen, door, open_to_network };
        let scheduler = scheduler::Scheduler::bind(settings).await?;
        say(&format!("scheduler of build {build} at {}", scheduler.address()));
        scheduler.serve(told_to_end()).await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Comes to its end with an interrupt, or the signal by which services are stopped.
async fn told_to_end() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ended = interrupted.await;
}
