//! Which log sources a record is of, and what its fields are called in rules.
//!
//! The names of log sources and fields are SigmaHQ's
//! (<https://sigmahq.io/docs/basics/log-sources.html>,
//! <https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-appendix-taxonomy.md>); which
//! channel of Windows is which service, which format of ours is which product, and which column of our tables
//! is which field, is data: `crates/rules/taxonomy/*.toml`.

mod derivation;
mod formats;
mod log_source;
mod meaning;
mod platform;
mod tables;
mod telemetry;
mod vocabulary;
mod windows;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use thiserror::Error;

pub use self::derivation::{Derivation, Way};
use self::formats::Formats;
pub use self::log_source::LogSource;
pub use self::meaning::Meaning;
pub use self::platform::Platform;
use self::tables::Tables;
pub use self::telemetry::Telemetry;
use self::windows::Windows;

/// The data files, as they were when this was built.
const FORMATS: &str = include_str!("../../../taxonomy/formats.toml");
const TABLES: &str = include_str!("../../../taxonomy/tables.toml");
const WINDOWS: &str = include_str!("../../../taxonomy/windows.toml");

/// What is known of log sources.
#[derive(Debug, Default)]
pub struct Taxonomy {
    windows: Windows,
    formats: Formats,
    tables: Tables,
}

/// Why a data file cannot be read.
#[derive(Debug, Error)]
enum Unreadable {
    #[error("{0}")]
    Invalid(#[from] toml::de::Error),
    #[error("there is no vocabulary `{0}`")]
    UnknownVocabulary(String),
}

impl Taxonomy {
    /// The taxonomy that comes with Coldtrail.
    pub fn builtin() -> &'static Taxonomy {
        // The files are part of the program, and a test reads them.
        static BUILTIN: LazyLock<Taxonomy> = LazyLock::new(|| Taxonomy::read().unwrap_or_default());
        &BUILTIN
    }

    fn read() -> Result<Self, Unreadable> {
        Ok(Self {
            windows: Windows::read(WINDOWS)?,
            formats: Formats::read(FORMATS)?,
            tables: Tables::read(TABLES)?,
        })
    }

    /// What an event of Windows is, by its channel, its provider (where the channel is empty) and its number.
    pub fn windows(&self, channel: &str, provider: &str, event_id: u32) -> Arc<Telemetry> {
        self.windows.telemetry(channel, provider, event_id)
    }

    /// What a record of a format is, by the name that `coldtrail sources list` has for the format, given its
    /// fields; `None` for a format whose records are known by their rows in our tables alone.
    pub fn record<'f>(
        &self,
        format: &str,
        field: &dyn Fn(&str) -> Option<&'f str>,
    ) -> Option<Arc<Telemetry>> {
        self.formats.telemetry(format, field)
    }

    /// The formats whose records rules can be run over as they are, in order of name: those of
    /// [`record`](Self::record), and the framings of events of Windows.
    pub fn whole_formats(&self) -> Vec<&'static str> {
        let names: BTreeSet<&'static str> =
            self.formats.names().chain(self.windows.framings()).collect();
        names.into_iter().collect()
    }

    /// What a row of one of our tables is, by the name of the table and the row's `event_dataset`.
    ///
    /// Where the dataset does not tell the platform, it is that of any; [`row_of`](Self::row_of) tells more.
    pub fn row(&self, table: &str, dataset: &str) -> Option<Arc<Telemetry>> {
        self.tables.telemetry(table, dataset, None)
    }

    /// What a row of one of our tables is whose [platform](Platform::of) shows in the path of its process or
    /// file.
    pub fn row_of(&self, table: &str, dataset: &str, platform: Platform) -> Option<Arc<Telemetry>> {
        self.tables.telemetry(table, dataset, Some(platform))
    }

    /// Every telemetry that can feed a rule of a log source, whatever the logs at hand.
    pub fn feeding(&self, log_source: &LogSource) -> Vec<Arc<Telemetry>> {
        let all = self.windows.all().chain(self.formats.all()).chain(self.tables.all());
        let mut seen = BTreeSet::new();
        let feeding = all.filter(|telemetry| telemetry.feeds(log_source));
        // A kind of records that comes in several formats is told once.
        feeding.filter(|telemetry| seen.insert(telemetry.name.as_str())).cloned().collect()
    }
}
