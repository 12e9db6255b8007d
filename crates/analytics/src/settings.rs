//! What can be set about the rhythm measures, each with the value that is used when nobody says.

/// Settings of [`rhythm`](crate::rhythm()).
///
/// A value that makes no sense (a negative gap, not a number) switches off what it governs; it
/// never breaks a measure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RhythmSettings {
    /// With fewer polls than this there is no rhythm to speak of. Default 5.
    pub minimum_polls: u64,
    /// Requests no further apart than this are always one poll, in seconds. Default 2.
    pub burst_floor_seconds: f64,
    /// Requests further apart than this are never one poll, in seconds, unless the floor says so.
    /// Default 10.
    pub burst_ceiling_seconds: f64,
    /// How many times longer the intervals between polls must be than those within a poll for the
    /// burst gap to adapt. Default 3.
    pub burst_ratio: f64,
    /// An interval of more periods than this is a gap, not a row of missed polls. Default 4.
    pub gap_factor: u32,
    /// The probability with which polls at random may show a phase by luck, all trial periods
    /// together. Default 0.001.
    pub phase_significance: f64,
    /// Strength is regularity times polls / (polls + shrinkage). Default 6: with weaker shrinkage,
    /// five-event coincidences rank first in real logs.
    pub shrinkage: f64,
}

impl Default for RhythmSettings {
    fn default() -> Self {
        RhythmSettings {
            minimum_polls: 5,
            burst_floor_seconds: 2.0,
            burst_ceiling_seconds: 10.0,
            burst_ratio: 3.0,
            gap_factor: 4,
            phase_significance: 1e-3,
            shrinkage: 6.0,
        }
    }
}
