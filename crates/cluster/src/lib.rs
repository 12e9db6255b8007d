//! Coldtrail on many machines, with Ballista as its engine.
//!
//! A plan is registered functions over Parquet tables, with no nodes of our own, so it travels to
//! executors as it is: functions go by name, their settings as literals.
//!
//! * A [`Store`] is where the tables lie: a folder, or a bucket that every node reaches.
//! * [`scheduler`] and [`executor`] are the nodes of a cluster; a [`Cluster`] is an engine whose plans
//!   run there. [`standalone`] gives a session whose plans run in this process, and [`embedded`] one
//!   without Ballista.
//! * [`hunt`] is the same on all of them. The engine folds the events of the store to
//!   conversations, which is the work; they are few, and are judged here.
//! * A [`Door`] is what a node opens to others: only nodes of the same build come in, and with a
//!   [`Key`] only those that hold it, over TLS.
//!
//! `docs/cluster.md` tells how to run it, `docs/decisions/0007-cluster.md` why it is so.

mod address;
mod build_identity;
mod cluster;
mod door;
mod embedded;
mod error;
pub mod executor;
mod greeting;
mod hunt;
mod key;
mod losses;
mod node;
mod object_stores;
pub mod scheduler;
mod standalone;
mod store;
mod tables;

pub use address::Address;
pub use build_identity::BuildIdentity;
pub use cluster::{Cluster, connect};
pub use door::Door;
pub use embedded::embedded;
pub use error::ClusterError;
pub use hunt::hunt;
pub use key::Key;
pub use standalone::standalone;
pub use store::Store;
pub use tables::write_store;
