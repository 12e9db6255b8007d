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
    /// A program's fingerprint of TLS is usual when at least so many hosts show it.
    pub fingerprint_usual_hosts: u64,
    /// What hosts usually do shows among at least so many of them.
    pub role_minimum_hosts: u64,
    /// A host is unlike the others when at most this share of them is like it.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub role_unusual_share: f64,
    /// A file that was written runs and contacts an endpoint within so many minutes.
    pub dropped_within_minutes: f64,
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
    /// Fewer DNS queries an hour are no surge.
    pub dns_volume_minimum_queries: u32,
    /// A surge has at least so many times the queries of the busiest hour of days before.
    pub dns_volume_minimum_growth: f64,
    /// So many bits of evidence that a label was drawn are worth telling; twice as many are full strength.
    pub random_label_minimum_bits: f64,
    /// So many tenants of one platform that do not exist are probing.
    pub nxdomain_minimum_tenants: u32,
    /// A tenant that existed is gone after so many answers that it does not exist.
    pub taken_down_minimum_answers: u32,
    /// A name is resolved again and again from so many occasions on.
    pub resolution_minimum_occasions: u32,
    /// A path is asked for again and again from so many requests on.
    pub few_functions_minimum_requests: u32,
    /// More paths than this are no narrow concentration, up to seven.
    pub few_functions_most_paths: u32,
    /// Fewer small exchanges than this set no pattern that a large one could break.
    pub unexpected_minimum_exchanges: u32,
    /// So many large exchanges at most are an exception among small ones.
    pub unexpected_most_exchanges: u32,
    /// A large exchange with fewer bytes than this is not worth telling.
    pub unexpected_minimum_bytes: u64,
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
            fingerprint_usual_hosts: 3,
            role_minimum_hosts: 10,
            role_unusual_share: 0.1,
            dropped_within_minutes: 10.0,
            cloud_regular_days: 3,
            cloud_regular_hours: 8,
            cloud_minimum_runs: 100,
            cloud_runs_gain: 5,
            dns_volume_minimum_queries: 100,
            dns_volume_minimum_growth: 5.0,
            random_label_minimum_bits: 16.0,
            nxdomain_minimum_tenants: 12,
            taken_down_minimum_answers: 6,
            resolution_minimum_occasions: 12,
            few_functions_minimum_requests: 50,
            few_functions_most_paths: 2,
            unexpected_minimum_exchanges: 20,
            unexpected_most_exchanges: 3,
            unexpected_minimum_bytes: 262_144,
        }
    }
}
