//! What other crates bring along to compute with, over Arrow alone: DataFusion's traits stay in here.
//!
//! * [`ScalarGuest`]: a column made of columns.
//! * [`AggregateGuest`]: many groups of rows folded at once.
//! * [`Stage`]: batches made of batches, between two plans, for what no plan says.
//!
//! A guest lives in this process: a plan with one in it does not travel to another machine.

mod aggregate;
mod scalar;
mod stage;

pub use aggregate::{AggregateGuest, Groups};
pub use scalar::ScalarGuest;
pub use stage::{Passing, Stage, Staging};

pub use aggregate::call as aggregate_guest;
pub use scalar::call as scalar_guest;
pub(crate) use stage::StagedTable;

/// Why a guest could not go on.
pub type GuestError = Box<dyn std::error::Error + Send + Sync>;
