//! The maths of beacons: pure functions on slices, with no clock, no randomness and no input.
//!
//! An implant that waits for orders asks for them again and again. [`rhythm()`] measures how
//! regular that is; [`size_mode()`] how alike the questions are; [`upload_ratio()`] which way the
//! bytes go; [`prevalence()`] how many others talk to the same tenant. None of them is a verdict: a
//! dashboard polls as regularly as an implant.
//!
//! Every score starts from what chance reaches, not from 0 on its own scale; every rhythm lists the
//! terms it is made of. Hostile timestamps give a dull answer, never a panic or a NaN.
//!
//! ```
//! use coldtrail_analytics::{RhythmSettings, rhythm};
//!
//! // Every five minutes for two hours, one poll missed, each poll followed by a redirect.
//! let polls = (0..25).filter(|poll| *poll != 7).map(|poll| poll * 300_000_000);
//! let requests: Vec<i64> = polls.flat_map(|poll| [poll, poll + 400_000]).collect();
//!
//! let rhythm = rhythm(&requests, &RhythmSettings::default()).unwrap();
//! assert_eq!(rhythm.polls, 24);
//! assert_eq!(rhythm.period_seconds, 300.0);
//! assert_eq!(rhythm.miss_rate, 1.0 / 25.0);
//! assert!(rhythm.strength > 0.75);
//!
//! for term in &rhythm.terms {
//!     println!("{}: {:.2}, by chance {:.2}", term.name, term.value, term.chance);
//! }
//! ```

mod burst;
mod chance;
mod concentration;
mod dispersion;
mod duty;
mod evenness;
mod gap_share;
mod histogram;
mod median;
mod miss_rate;
mod period;
mod phase;
mod randomness;
mod rarity;
mod rhythm;
mod settings;
mod size_mode;
mod surge;
mod upload_ratio;

pub use histogram::IntervalCount;
pub use randomness::randomness;
pub use rarity::prevalence;
pub use rhythm::{Rhythm, Term, rhythm};
pub use settings::RhythmSettings;
pub use size_mode::{SizeMode, size_mode};
pub use surge::{Surge, surge};
pub use upload_ratio::upload_ratio;
