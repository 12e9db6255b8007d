//! How a node greets the scheduler.

use std::time::Duration;

use ballista_core::serde::protobuf::GetJobStatusParams;
use ballista_core::serde::protobuf::scheduler_grpc_client::SchedulerGrpcClient;
use log::debug;
use tokio::time::{Instant, sleep};
use tonic::metadata::MetadataValue;
use tonic::transport::Endpoint;
use tonic::{Code, Request};

use crate::{Address, ClusterError, Door};

/// The header by which a client asks, in its greeting, whether anybody serves.
pub(crate) const ASKS_FOR_EXECUTORS: &str = "coldtrail-asks-for-executors";

/// How long one greeting may take.
const GREETING: Duration = Duration::from_secs(5);

const BETWEEN_GREETINGS: Duration = Duration::from_millis(250);

/// Greets until the scheduler answers well, or patience ends. A refusal is final at once.
pub(crate) async fn greet_patiently(
    address: &Address,
    door: &Door,
    patience: Duration,
    asks_for_executors: bool,
) -> Result<(), ClusterError> {
    let end = Instant::now() + patience;
    loop {
        match greet(address, door, asks_for_executors).await {
            Err(ClusterError::Unreachable { .. } | ClusterError::NoExecutor(_))
                if Instant::now() < end =>
            {
                debug!("{address} is not ready");
                sleep(BETWEEN_GREETINGS).await;
            }
            ended => return ended,
        }
    }
}

/// Asks the scheduler about a job that there is not. What matters is whether it lets us in.
async fn greet(
    address: &Address,
    door: &Door,
    asks_for_executors: bool,
) -> Result<(), ClusterError> {
    let unreachable = |source: tonic::transport::Error| ClusterError::Unreachable {
        address: address.clone(),
        source: Box::new(source),
    };
    let endpoint = Endpoint::from_shared(address.http()).map_err(unreachable)?;
    let endpoint = door.endpoint(&endpoint).map_err(unreachable)?.timeout(GREETING);
    let mut scheduler = SchedulerGrpcClient::new(endpoint.connect().await.map_err(unreachable)?);
    let mut request = Request::new(GetJobStatusParams { job_id: String::new() });
    if asks_for_executors {
        request.metadata_mut().insert(ASKS_FOR_EXECUTORS, MetadataValue::from_static("1"));
    }
    let Err(status) = scheduler.get_job_status(request).await else { return Ok(()) };
    let address = address.clone();
    let reason = status.message().to_owned();
    Err(match status.code() {
        Code::FailedPrecondition => {
            ClusterError::Refused { address, ours: door.build().clone(), reason }
        }
        Code::ResourceExhausted => ClusterError::NoExecutor(address),
        // One side talks TLS and the other does not, or the scheduler went away just now.
        _ => ClusterError::Unreachable { address, source: reason.into() },
    })
}
