//! Coldtrail with Ballista as its engine.
//!
//! A plan is registered functions over Parquet tables, with no nodes of our own, so it travels to
//! executors as it is: functions go by name, their settings as literals. [`standalone`] runs the
//! scheduler and an executor in this process, behind the same Flight and gRPC doors on loopback that
//! a cluster has. `docs/decisions/0003-ballista.md` tells what it took.

mod standalone;
mod tables;

pub use standalone::standalone;
pub use tables::write_tables;
