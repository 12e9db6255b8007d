//! The scheduler: cuts plans into stages, and hands them to executors that ask for work.

use std::net::SocketAddr;
use std::sync::Arc;

use ballista_core::config::TaskSchedulingPolicy;
use ballista_core::serde::protobuf::scheduler_grpc_server::SchedulerGrpcServer;
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::scheduler_process::create_scheduler;
use datafusion::common::DataFusionError;
use tokio::net::TcpListener;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Status};

use crate::greeting::ASKS_FOR_EXECUTORS;
use crate::losses::{self, Watch};
use crate::{Address, ClusterError, Door, node};

/// What a scheduler is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Who comes in.
    pub door: Door,
    /// Whether to listen on a network without a key.
    pub open_to_network: bool,
}

/// A scheduler that has its port, and does not serve yet.
pub struct Scheduler {
    incoming: TcpIncoming,
    address: SocketAddr,
    door: Door,
}

impl Scheduler {
    /// Takes the port.
    ///
    /// # Errors
    ///
    /// When it may not or cannot be had.
    pub async fn bind(settings: Settings) -> Result<Self, ClusterError> {
        let Settings { listen, door, open_to_network } = settings;
        door.may_listen(listen, open_to_network)?;
        let failed = |source| ClusterError::Listen { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        Ok(Self { incoming, address, door })
    }

    /// Where it listens.
    pub fn address(&self) -> Address {
        Address::new(&bracketed(self.address), self.address.port())
    }

    /// Serves until `stop` comes to its end.
    ///
    /// # Errors
    ///
    /// When Ballista cannot start, or serving fails.
    pub async fn serve(self, stop: impl Future<Output = ()>) -> Result<(), ClusterError> {
        let failed =
            |source| ClusterError::Ballista { role: "scheduler", source: Box::new(source) };
        let config = Arc::new(config(&self.door, self.address));
        let cluster = BallistaCluster::new_from_config(&config).await.map_err(failed)?;
        let watch = Watch::over(&cluster);
        let scheduler: losses::Scheduler =
            create_scheduler(cluster, config).await.map_err(failed)?;
        let watching = tokio::spawn(watch.clone().keep(scheduler.clone()));
        let door = self.door.clone();
        let guard = move |request: Request<()>| -> Result<Request<()>, Status> {
            let request = door.admit(request)?;
            if request.metadata().contains_key(ASKS_FOR_EXECUTORS) && !watch.sees_executors() {
                return Err(Status::resource_exhausted("no executor has registered"));
            }
            Ok(request)
        };
        let service = SchedulerGrpcServer::new(scheduler)
            .max_decoding_message_size(node::MESSAGE_BYTES as usize)
            .max_encoding_message_size(node::MESSAGE_BYTES as usize);
        let served = self
            .door
            .server()?
            .add_service(InterceptedService::new(service, guard))
            .serve_with_incoming_shutdown(self.incoming, stop)
            .await;
        watching.abort();
        served.map_err(ClusterError::Serve)
    }
}

/// Executors pull their work. Under the other policy each executor would have a second door, which
/// takes orders, and which Ballista opens itself without asking who comes in.
fn config(door: &Door, address: SocketAddr) -> SchedulerConfig {
    let of_sessions = door.clone();
    SchedulerConfig {
        bind_host: address.ip().to_string(),
        bind_port: address.port(),
        external_host: bracketed(address),
        scheduling_policy: TaskSchedulingPolicy::PullStaged,
        executor_timeout_seconds: losses::TOO_LATE_SECONDS,
        expire_dead_executor_interval_seconds: losses::LEAVE_SECONDS,
        no_executors_grace_period_seconds: losses::TOO_LATE_SECONDS,
        executor_termination_grace_period: losses::LEAVE_SECONDS,
        stage_max_failures: losses::STAGE_FAILURES,
        grpc_server_max_decoding_message_size: node::MESSAGE_BYTES,
        grpc_server_max_encoding_message_size: node::MESSAGE_BYTES,
        override_config_producer: Some(Arc::new(move || node::config(&of_sessions, 1))),
        override_session_builder: Some(Arc::new(|config| {
            node::state(config).map_err(|error| DataFusionError::External(Box::new(error)))
        })),
        override_create_grpc_client_endpoint: Some(door.endpoints()),
        ..SchedulerConfig::default()
    }
}

/// A host as it stands in a URL.
pub(crate) fn bracketed(address: SocketAddr) -> String {
    match address {
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    }
}
