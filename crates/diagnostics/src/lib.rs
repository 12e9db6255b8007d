//! What can be wrong with the things that people hand us: logs today, rules and queries beside them.
//!
//! A parser never fails on a bad record. It names an [`Anomaly`], and the run goes on; [`Faults`]
//! keeps, per source and anomaly, how often it was met and where it was met first, so that a file of
//! a billion bad lines costs one entry.
//!
//! A [`Problem`] is about a file that a person wrote by hand: it has line and column, and says what to
//! write instead.
//!
//! ```
//! use coldtrail_diagnostics::{Anomaly, Faults};
//!
//! let mut faults = Faults::default();
//! faults.add("conn.log", Anomaly::InvalidTimestamp, Some(120), "`yesterday` is no time");
//! faults.add("conn.log", Anomaly::InvalidTimestamp, Some(180), "`-` is no time");
//! let fault = faults.iter().next().expect("one entry");
//! assert_eq!((fault.count, fault.offset), (2, Some(120)));
//! ```

mod anomaly;
mod faults;
mod problem;

pub use anomaly::Anomaly;
pub use faults::{Fault, Faults};
pub use problem::{Problem, ProblemKind};
