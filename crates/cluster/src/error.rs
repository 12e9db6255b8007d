use std::io;

use coldtrail_engine::EngineError;

use crate::{Address, BuildIdentity};

/// Why a node could not do its part.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// An address of a scheduler is not one.
    #[error("{0:?} is not the address of a scheduler: write df://HOST:PORT")]
    Address(String),
    /// The location of a store is not one.
    #[error("{0:?} is no place for a store: write s3://bucket/prefix, gs://…, az://… or a folder")]
    Location(String),
    /// A client for an object store could not be made of the environment's settings.
    #[error("cannot reach {url}: its settings in the environment are not right")]
    ObjectStore {
        /// The store.
        url: String,
        /// What is wrong with them.
        source: object_store::Error,
    },
    /// The files of a store could not be listed.
    #[error("cannot list the files below {url}")]
    List {
        /// The store.
        url: String,
        /// What the store said.
        source: object_store::Error,
    },
    /// An object store gave no answer.
    #[error("cannot list the files below {url}: no answer within {seconds} s")]
    Silent {
        /// The store.
        url: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// There is no store at that place.
    #[error(
        "{0} is no store: make one with `coldtrail ingest PATH… --store DIR`, and copy it there"
    )]
    Empty(String),
    /// A store is damaged, of a newer version, or cannot be written.
    #[error("the store at {url} cannot be used")]
    Store {
        /// The store.
        url: String,
        /// What is wrong with it.
        source: coldtrail_pipeline::store::StoreError,
    },
    /// The scheduler could not be reached.
    #[error(
        "cannot reach the scheduler at {address}: is it up, and has it the same --key, or none?"
    )]
    Unreachable {
        /// Where it should be.
        address: Address,
        /// What went wrong.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The scheduler refuses this build.
    #[error("the scheduler at {address} refuses build {ours}: {reason}")]
    Refused {
        /// Where it is.
        address: Address,
        /// Our build.
        ours: BuildIdentity,
        /// What it said; it names its own build.
        reason: String,
    },
    /// Nobody does the work.
    #[error(
        "no executor serves the scheduler at {0}: start one with `coldtrail-cluster executor \
         --scheduler {0}`"
    )]
    NoExecutor(Address),
    /// The scheduler went away while an executor served it.
    #[error("lost the scheduler at {address} for {seconds} s")]
    LostScheduler {
        /// Where it was.
        address: Address,
        /// How long it was waited for.
        seconds: u64,
    },
    /// A node would be open to a network without a key.
    #[error(
        "{0} is open to the network, and without a key whoever reaches it can run plans: give \
         --key FILE, or --open-to-network if something else fences it off"
    )]
    Unguarded(std::net::SocketAddr),
    /// A node that listens on all addresses has not said which one others should use.
    #[error("{0} is no address that other nodes can reach: name one with --advertise HOST")]
    Unspecified(std::net::SocketAddr),
    /// A port could not be had.
    #[error("cannot listen on {address}")]
    Listen {
        /// The wanted address.
        address: std::net::SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// A folder for tables, or for rows between stages, could not be made.
    #[error("cannot make a folder in {folder}")]
    Folder {
        /// Where it should be.
        folder: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A key could not be read or written.
    #[error("cannot {verb} the key in {path}")]
    KeyFile {
        /// `read` or `write`.
        verb: &'static str,
        /// The file.
        path: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A file is no key.
    #[error("{0} is no key of a cluster: make one with `coldtrail-cluster key FILE`")]
    NotAKey(String),
    /// A key could not be made.
    #[error("cannot make a key")]
    MakeKey(#[source] rcgen::Error),
    /// The settings of TLS were refused.
    #[error("cannot use the key")]
    Tls(#[source] tonic::transport::Error),
    /// A server ended early.
    #[error("cannot go on serving")]
    Serve(#[source] tonic::transport::Error),
    /// Ballista could not start or go on.
    #[error("cannot run the {role}")]
    Ballista {
        /// `scheduler` or `executor`.
        role: &'static str,
        /// Its reason.
        source: Box<ballista_core::error::BallistaError>,
    },
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The hunt failed.
    #[error(transparent)]
    Hunt(#[from] coldtrail_pipeline::HuntError),
}
