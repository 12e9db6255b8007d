use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Thresholds of the detections, by name.
///
/// A threshold is a number. Its comment is what `coldtrail detections explain` says about it, and its
/// range is what `settings.toml` may set it to ([`Settings::set`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Fewer polls than this have no rhythm (`beacon.md` §4: at least 5).
    #[schemars(range(min = 3, max = 100000))]
    pub rhythm_minimum_polls: u32,
    /// A rhythm weaker than this, from 0 to 1, is not told.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub rhythm_minimum_strength: f64,
    /// Rotation is told where all tenants together are more regular than the most regular one by this.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub rotation_minimum_gain: f64,
    /// Connections of an hour and more are idle with at most so many bytes an hour.
    #[schemars(range(min = 0.0))]
    pub keep_alive_most_bytes_an_hour: f64,
    /// Polls go on around the clock where so large a share of the hours has one that could have.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub around_the_clock_minimum_duty: f64,
    /// Polls further apart than this, in seconds, say half as much about nights.
    #[schemars(range(min = 0.0))]
    pub around_the_clock_short_period_seconds: f64,
    /// A tenant is rare when at most this share of the active hosts talk to it. RITA v5 calls a
    /// destination rare up to the same 2 %.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub rare_share: f64,
    /// At most this share of the active hosts are few.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub few_share: f64,
    /// With fewer active hosts than this, prevalence says nothing.
    #[schemars(range(min = 1))]
    pub rare_minimum_active_hosts: u64,
    /// A program on one host alone is rare where at least so many hosts show their programs.
    #[schemars(range(min = 1))]
    pub rare_program_minimum_hosts: i64,
    /// A tenant is new when it was first seen after this many hours of telemetry without it.
    #[schemars(range(min = 0.0))]
    pub new_after_hours: f64,
    /// Less than so many bytes sent are no upload worth telling.
    pub upload_minimum_bytes: u64,
    /// An upload sends at least this share of all bytes.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub upload_ratio: f64,
    /// Whoever deploys on so many days does so regularly.
    #[schemars(range(min = 1))]
    pub cloud_regular_days: u64,
    /// Whoever deploys in so many different hours does so regularly, too: builds run many times a day.
    #[schemars(range(min = 1))]
    pub cloud_regular_hours: u64,
    /// Fewer runs of a function in a day than this are no rate worth telling.
    #[schemars(range(min = 1))]
    pub cloud_minimum_runs: u64,
    /// A function runs at a new rate when it runs so many times as often as on any day before.
    #[schemars(range(min = 1))]
    pub cloud_runs_gain: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rhythm_minimum_polls: 5,
            rhythm_minimum_strength: 0.35,
            rotation_minimum_gain: 0.1,
            keep_alive_most_bytes_an_hour: 2e6,
            around_the_clock_minimum_duty: 0.75,
            around_the_clock_short_period_seconds: 10_000.0,
            rare_share: 0.02,
            few_share: 0.05,
            rare_minimum_active_hosts: 2,
            rare_program_minimum_hosts: 10,
            new_after_hours: 24.0,
            upload_minimum_bytes: 1_000_000,
            upload_ratio: 0.8,
            cloud_regular_days: 3,
            cloud_regular_hours: 8,
            cloud_minimum_runs: 100,
            cloud_runs_gain: 5,
        }
    }
}
