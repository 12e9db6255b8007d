//! An executor: asks the scheduler for work, and serves the rows it made.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arrow_flight::flight_service_server::FlightServiceServer;
use ballista_core::config::TaskSchedulingPolicy;
use ballista_core::error::BallistaError;
use ballista_core::registry::BallistaFunctionRegistry;
use ballista_executor::ArrowFlightServerProvider;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use ballista_executor::flight_service::BallistaFlightService;
use ballista_executor::health::ExecutorHealth;
use coldtrail_engine::functions;
use datafusion::functions_nested::all_default_nested_functions;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};
use tonic::service::interceptor::InterceptedService;
use tonic::transport::server::TcpIncoming;

use crate::greeting::greet_patiently;
use crate::scheduler::bracketed;
use crate::{Address, ClusterError, Door, node};

/// An executor waits this long for its scheduler to appear, and, once lost, to come back.
const PATIENCE: Duration = Duration::from_secs(60);

/// Results that nobody cleaned up are removed after an hour.
const RESULTS_LIVE_SECONDS: u64 = 3600;

/// How often it is looked for such results.
const CLEAN_UP_SECONDS: u64 = 600;

/// What an executor is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The scheduler to serve.
    pub scheduler: Address,
    /// Where to listen for those who fetch rows; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The host by which others reach this node, where it is not the one it listens on.
    pub advertise: Option<String>,
    /// Where rows between stages are kept; a folder of its own is made in it, and removed at the end.
    pub work_folder: PathBuf,
    /// How many parts of a plan run at the same time.
    pub cores: usize,
    /// Who comes in.
    pub door: Door,
    /// Whether to listen on a network without a key.
    pub open_to_network: bool,
}

/// An executor that has its port, and does not work yet.
pub struct Executor {
    listener: TcpListener,
    address: SocketAddr,
    work_folder: TempDir,
    settings: Settings,
}

impl Executor {
    /// Takes the port and makes the folder.
    ///
    /// # Errors
    ///
    /// When they may not or cannot be had.
    pub fn bind(settings: Settings) -> Result<Self, ClusterError> {
        settings.door.may_listen(settings.listen, settings.open_to_network)?;
        if settings.listen.ip().is_unspecified() && settings.advertise.is_none() {
            return Err(ClusterError::Unspecified(settings.listen));
        }
        let failed = |source| ClusterError::Listen { address: settings.listen, source };
        let listener = TcpListener::bind(settings.listen).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        // Ballista empties the folder it works in, so it must be nobody else's.
        let work_folder = tempfile::Builder::new()
            .prefix("coldtrail-executor-")
            .tempdir_in(&settings.work_folder)
            .map_err(|source| ClusterError::Folder {
                folder: settings.work_folder.display().to_string(),
                source,
            })?;
        Ok(Self { listener, address, work_folder, settings })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Works until the process is told to end.
    ///
    /// # Errors
    ///
    /// When the scheduler refuses this build, does not appear, or is lost for a minute.
    pub async fn work(self) -> Result<(), ClusterError> {
        let Settings { scheduler, door, .. } = &self.settings;
        greet_patiently(scheduler, door, PATIENCE, false).await?;
        let health = ExecutorHealth::new();
        let lost = lost(scheduler.clone(), health.clone());
        let folder = self.work_folder;
        let config = config(&self.settings, self.address, self.listener, &folder, health);
        tokio::select! {
            ended = start_executor_process(Arc::new(config)) => ended.map_err(|source| {
                ClusterError::Ballista { role: "executor", source: Box::new(source) }
            }),
            error = lost => Err(error),
        }
    }
}

/// Comes to its end when the scheduler was gone for too long.
async fn lost(address: Address, health: ExecutorHealth) -> ClusterError {
    let mut last_heard = Instant::now();
    loop {
        sleep(Duration::from_secs(1)).await;
        if health.is_ready() {
            last_heard = Instant::now();
        } else if last_heard.elapsed() > PATIENCE {
            return ClusterError::LostScheduler { address, seconds: PATIENCE.as_secs() };
        }
    }
}

fn config(
    settings: &Settings,
    address: SocketAddr,
    listener: TcpListener,
    folder: &TempDir,
    health: ExecutorHealth,
) -> ExecutorProcessConfig {
    let advertised = settings.advertise.clone().unwrap_or_else(|| bracketed(address));
    let (door, cores) = (settings.door.clone(), settings.cores.max(1));
    let spill = folder.path().to_owned();
    ExecutorProcessConfig {
        bind_host: bracketed(address),
        external_host: Some(advertised),
        port: address.port(),
        // Nothing listens there: see the policy.
        grpc_port: address.port(),
        scheduler_host: settings.scheduler.host().to_owned(),
        scheduler_port: settings.scheduler.port(),
        vcores: cores,
        task_scheduling_policy: TaskSchedulingPolicy::PullStaged,
        work_dir: Some(folder.path().to_string_lossy().into_owned()),
        job_data_ttl_seconds: RESULTS_LIVE_SECONDS,
        job_data_clean_up_interval_seconds: CLEAN_UP_SECONDS,
        grpc_max_decoding_message_size: node::MESSAGE_BYTES,
        grpc_max_encoding_message_size: node::MESSAGE_BYTES,
        override_function_registry: Some(Arc::new(registry())),
        override_runtime_producer: Some(Arc::new(move |_config| node::runtime(Some(&spill)))),
        override_config_producer: Some(Arc::new(move || node::config(&door, cores))),
        override_arrow_flight_service: Some(flight(settings.door.clone(), listener)),
        override_create_grpc_client_endpoint: Some(settings.door.endpoints()),
        health,
        ..ExecutorProcessConfig::default()
    }
}

/// DataFusion's functions and ours, by name.
fn registry() -> BallistaFunctionRegistry {
    let mut registry = BallistaFunctionRegistry::default();
    // Those on lists are not among the ones that Ballista knows by itself.
    for function in all_default_nested_functions() {
        registry.scalar_functions.insert(function.name().to_owned(), function);
    }
    for function in functions::scalar_functions() {
        registry.scalar_functions.insert(function.name().to_owned(), function);
    }
    for function in functions::aggregate_functions() {
        registry.aggregate_functions.insert(function.name().to_owned(), function);
    }
    registry
}

/// Serves rows to those who come in at the door.
fn flight(door: Door, listener: TcpListener) -> Arc<ArrowFlightServerProvider> {
    let listener = Mutex::new(Some(listener));
    Arc::new(move |work_folder, address, mut shutdown, _config| {
        let listener = listener.lock().unwrap_or_else(PoisonError::into_inner).take();
        let door = door.clone();
        tokio::spawn(async move {
            let failed = |reason: String| BallistaError::Configuration(reason);
            let listener = listener.ok_or_else(|| failed(format!("{address} is taken")))?;
            let listener = tokio::net::TcpListener::from_std(listener)?;
            let service = FlightServiceServer::new(BallistaFlightService::new(work_folder))
                .max_decoding_message_size(node::MESSAGE_BYTES as usize)
                .max_encoding_message_size(node::MESSAGE_BYTES as usize);
            let server = door.server().map_err(|error| failed(error.to_string()))?;
            let guard = move |request| door.admit(request);
            server
                .clone()
                .add_service(InterceptedService::new(service, guard))
                .serve_with_incoming_shutdown(
                    TcpIncoming::from(listener).with_nodelay(Some(true)),
                    shutdown.recv(),
                )
                .await
                .map_err(BallistaError::TonicError)
        })
    })
}
