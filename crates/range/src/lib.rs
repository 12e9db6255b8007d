//! A telemetry simulator: one simulated enterprise, told consistently in the native formats of
//! several products.
//!
//! Real logs of serverless C2 are not public, and logs that are public cannot be shipped. So the
//! range makes its own: a [`Scenario`] says as data who runs what and talks to whom; [`simulate`]
//! turns it into a [`Timeline`] of processes and exchanges; [`render`] writes down what each sensor
//! would have recorded of it. The same exchange appears in Zeek, Sysmon and Defender with the same
//! time, ports and process, or does not appear where a sensor is blind.
//!
//! For measurements, a [`corpus`] has logs of any size and no story.
//!
//! The range writes log records and nothing else: it opens no socket and resolves no name, and
//! every name in it is reserved or our own (see [`names`]).
//!
//! ```
//! let scenario = coldtrail_range::scenario("poller").expect("it is built in");
//! let timeline = coldtrail_range::simulate(&scenario, 1);
//! let files = coldtrail_range::render(&timeline).expect("memory can be written to");
//! assert!(files.iter().any(|file| file.path == "zeek/conn.log.gz"));
//! ```

pub mod corpus;
pub mod enterprise;
pub mod names;
mod network;
mod processes;
mod programs;
mod random;
mod render;
mod scenario;
mod timeline;
mod timing;

pub use network::{Exchange, Lookup};
pub use processes::RunningProcess;
pub use programs::{Account, Program, Start, TlsClient};
pub use random::Random;
pub use render::{RenderError, RenderedFile, render};
pub use scenario::{
    Activity, Host, Intent, Request, Scenario, Sensor, Tap, Visit, Wire, scenario, scenarios,
};
pub use timeline::{Timeline, Truth, simulate};
pub use timing::Timing;
