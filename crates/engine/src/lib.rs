//! Runs plans over event tables: DataFusion behind one small door.
//!
//! * [`functions`] holds our own scalar and aggregate functions, one file each.
//! * [`RawLogs`] makes tables of log files, read once and in parallel.
//! * [`Session`] turns tables into plans and plans into rows. Another engine (Ballista, in
//!   `crates/cluster`) runs the same plans by implementing [`Engine`].
//! * [`guests`] are functions and stages that other crates bring along.
//! * [`plan`] is what detections build plans from; DataFusion's types stay behind it.

mod census;
mod engine;
mod error;
pub mod functions;
pub mod guests;
pub mod plan;
mod raw_logs;
mod session;

pub use census::Census;
pub use engine::{Engine, Rows};
pub use error::EngineError;
pub use raw_logs::{Progress, RawLogs, Reading};
pub use session::{ACTIVITY, Session};
